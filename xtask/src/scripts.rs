//! Tasks that one script or one command does.

use anyhow::{Result, bail};

use crate::artifacts;
use crate::command::{self, cargo, node};
use crate::places;
use crate::progress::Progress;
use crate::setup;

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
/// docs/ about the engine, the standards and the commands.
pub(crate) fn docs(progress: &Progress) -> Result<()> {
    let tests = ["test", "--package", "exchequer", "--features", "schema"];
    let pages = ["--test", "reference", "--test", "standards"];
    succeed(cargo().args(tests).args(pages).env("BLESS", "1"))?;
    setup::npm_packages(progress)?;
    progress.step("types from the schemas", artifacts::types)?;
    artifacts::build(progress)?;
    let test = places::root().join("tests/node/commands.test.mjs");
    succeed(command::command("node").arg("--test").arg(test).env("BLESS", "1"))
}

/// Runs a command that must succeed and that a person watches.
pub(crate) fn succeed(command: &mut std::process::Command) -> Result<()> {
    let status = command::attach(command)?;
    if !status.success() {
        bail!("it failed");
    }
    Ok(())
}
