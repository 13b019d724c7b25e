//! `cargo xtask demo`: one real exchange between real servers.

use std::process::{ExitCode, Stdio};

use anyhow::Result;

use crate::artifacts;
use crate::command::{self, node};
use crate::places;
use crate::progress::Progress;

/// Builds, makes the exchange, and keeps serving unless `once`.
pub(crate) fn run(progress: &Progress, once: bool) -> Result<ExitCode> {
    artifacts::build(progress)?;
    let mut demo = node(script());
    // The demo stops when this end of the pipe is closed, so it ends with this
    // process, however that ends.
    demo.arg("--tethered").stdin(Stdio::piped());
    if once {
        demo.arg("--once");
    }
    let status = command::attach(&mut demo)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What tells the story.
pub(crate) fn script() -> std::path::PathBuf {
    places::root().join("examples/demo/demo.mjs")
}
