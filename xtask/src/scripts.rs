//! Tasks that one script or one command does.

use anyhow::{Result, bail};

use crate::artifacts;
use crate::command::{self, cargo, node};
use crate::places;
use crate::progress::Progress;

/// Measures, and writes benches/RESULTS.md.
pub(crate) fn bench(progress: &Progress) -> Result<()> {
    artifacts::build(progress)?;
    let script = places::root().join("benches/exchange.mjs");
    if !script.exists() {
        bail!("there are no benchmarks yet: {} is missing", script.display());
    }
    succeed(node(script).args(["--write", "benches/RESULTS.md"]))
}

/// Writes the expected outputs of the tests anew.
pub(crate) fn bless(_progress: &Progress) -> Result<()> {
    succeed(cargo().args(["test", "--package", "exchequer"]).env("BLESS", "1"))
}

/// Says how large the artifacts are, as they are and as they travel.
pub(crate) fn size(progress: &Progress) -> Result<()> {
    artifacts::build(progress)?;
    succeed(node(places::root().join("xtask/size.mjs")).arg(artifacts::wasm()))
}

fn succeed(command: &mut std::process::Command) -> Result<()> {
    let status = command::attach(command)?;
    if !status.success() {
        bail!("it failed");
    }
    Ok(())
}
