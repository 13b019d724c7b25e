//! Compiles modules that are the same bytes wherever they are compiled.
//!
//! The compiler writes the paths of sources into a module, for the messages of
//! panics. Here they begin with fixed names, so that a module names neither the
//! folder of a checkout nor a person's home.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::command::{self, cargo, command};
use crate::places;

/// Cargo for another target, whose modules have no path of this machine.
pub(crate) fn portable_cargo() -> Result<Command> {
    static FLAGS: OnceLock<Result<String, String>> = OnceLock::new();
    let flags = FLAGS.get_or_init(|| flags().map_err(|error| format!("{error:#}")));
    let mut cargo = cargo();
    // With a `--target`, build scripts and macros are compiled without these.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.as_ref().map_err(|error| anyhow!("{error}"))?);
    Ok(cargo)
}

/// The flags, separated as cargo wants them. A later one wins where two match.
fn flags() -> Result<String> {
    let mut renamed = vec![(places::root().display().to_string(), "/exchequer".to_owned())];
    renamed.extend(registries()?.into_iter().map(|folder| (folder, "/crates".to_owned())));
    renamed.push(standard_library()?);
    let flags = renamed.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    Ok(flags.collect::<Vec<_>>().join("\u{1f}"))
}

/// The folders that hold the crates of registries. Fetches the crates, because the
/// first ones make the folder.
fn registries() -> Result<BTreeSet<String>> {
    let metadata =
        command::stdout(cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("`cargo metadata` names no packages")?.iter();
    let foreign = packages.filter(|package| package.get("source").is_some_and(Value::is_string));
    let manifests = foreign.filter_map(|package| package.get("manifest_path")?.as_str());
    // …/registry/src/INDEX/CRATE/Cargo.toml
    let folders = manifests.filter_map(|manifest| Path::new(manifest).ancestors().nth(2));
    Ok(folders.map(|folder| folder.display().to_string()).collect())
}

/// The component `rust-src` brings sources, which the compiler then names instead
/// of where they were compiled.
fn standard_library() -> Result<(String, String)> {
    let rustc = || command(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let sysroot = command::stdout(rustc().args(["--print", "sysroot"]))?;
    let version = command::stdout(rustc().arg("-vV"))?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let from = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
    Ok((from.display().to_string(), format!("/rustc/{}", commit.unwrap_or("unknown"))))
}

#[cfg(test)]
mod tests {
    use super::{flags, places};

    #[test]
    fn the_checkout_the_registry_and_the_standard_library_are_renamed() {
        let flags = flags().unwrap();
        assert!(flags.contains(&format!("={}=/exchequer", places::root().display())), "{flags}");
        for name in ["=/crates", "=/rustc/"] {
            assert!(flags.contains(name), "{flags}");
        }
    }
}
