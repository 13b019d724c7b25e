//! Tasks that one script or one command does.

use anyhow::{Result, bail};

use crate::artifacts;
use crate::command::{self, cargo, node};
use crate::components;
use crate::lean;
use crate::places;
use crate::progress::Progress;
use crate::setup;

/// Measures, and writes the section of benches/RESULTS.md.
pub(crate) fn bench(progress: &Progress, scale: bool) -> Result<()> {
    artifacts::build(progress)?;
    let name = if scale { "scale" } else { "exchange" };
    let script = places::root().join("benches").join(name).with_extension("mjs");
    if !script.exists() {
        bail!("there are no benchmarks yet: {} is missing", script.display());
    }
    succeed(node(script).args(["--write", "benches/RESULTS.md"]))
}

/// Makes the tokens of the test vectors and writes expected outputs anew. The
/// tests that were wrong fail once more while they are blessed; what counts is
/// that they pass afterwards, and the diff.
pub(crate) fn bless(progress: &Progress) -> Result<()> {
    artifacts::build(progress)?;
    succeed(&mut node(places::root().join("tests/vectors/forge/main.mjs")))?;
    let tests = ["test", "--package", "exchequer", "--test", "vectors", "--test", "config"];
    command::attach(cargo().args(tests).env("BLESS", "1"))?;
    succeed(cargo().args(tests))
}

/// Writes what is made from the code and checked in: the schemas, types and
/// reason codes of `pkg/src/generated` and `www/src/generated`, and the pages of
/// docs/ about the engine and the commands.
pub(crate) fn docs(progress: &Progress) -> Result<()> {
    let tests = ["test", "--package", "exchequer", "--features", "schema", "--test", "reference"];
    succeed(cargo().args(tests).env("BLESS", "1"))?;
    setup::npm_packages(progress)?;
    progress.step("types from the schemas", artifacts::types)?;
    artifacts::build(progress)?;
    let test = places::root().join("tests/node/commands.test.mjs");
    succeed(command::command("node").arg("--test").arg(test).env("BLESS", "1"))
}

/// Says how large the artifacts are, as they are and as they travel.
pub(crate) fn size(progress: &Progress) -> Result<()> {
    artifacts::build(progress)?;
    components::build(progress)?;
    let script = places::root().join("xtask/size.mjs");
    let modules = [artifacts::wasm(), lean::wasm(), artifacts::envoy_wasm()];
    succeed(node(script).args(modules).args(components::files()))
}

fn succeed(command: &mut std::process::Command) -> Result<()> {
    let status = command::attach(command)?;
    if !status.success() {
        bail!("it failed");
    }
    Ok(())
}
