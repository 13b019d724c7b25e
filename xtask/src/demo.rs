//! `cargo xtask demo`: one real exchange between real servers. It builds what
//! that takes, and no more.

use std::process::ExitCode;

use anyhow::Result;

use crate::artifacts;
use crate::command::{self, node};
use crate::places;
use crate::progress::Progress;

/// Builds, makes the exchange, and keeps serving unless `once`.
pub(crate) fn run(progress: &Progress, once: bool) -> Result<ExitCode> {
    // With `--once` nobody can look at the console.
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
