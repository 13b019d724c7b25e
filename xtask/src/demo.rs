//! `cargo xtask demo`: one real exchange between real servers. It builds only
//! what this exchange needs.

use std::process::ExitCode;

use anyhow::Result;

use crate::artifacts;
use crate::command::{self, node};
use crate::places;
use crate::progress::Progress;

/// Builds, makes the exchange, and keeps serving unless `once`.
pub(crate) fn run(progress: &Progress, once: bool) -> Result<ExitCode> {
    // With `--once` the server stops before anybody can open the console.
    artifacts::quick(progress, !once)?;
    let mut demo = node(script());
    demo.arg("--tethered");
    if once {
        demo.arg("--once");
    }
    let status = command::tethered(&mut demo)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What tells the story.
pub(crate) fn script() -> std::path::PathBuf {
    places::root().join("examples/demo/demo.mjs")
}
