//! Where things are.

use std::env;
use std::path::PathBuf;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The npm package as it is published.
pub(crate) fn dist() -> PathBuf {
    root().join("pkg/dist")
}

/// The tests in JavaScript runtimes, with packages of their own.
pub(crate) fn runtimes() -> PathBuf {
    root().join("tests/runtimes")
}
