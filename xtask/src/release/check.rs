//! `cargo xtask release --check`: whether the artifacts are good. A second release, from
//! a fresh clone in another folder, must have the same bytes; publishing is tried; and
//! the tests of `tests/release` use the artifacts as a person would.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Release, digest, packages};
use crate::command::{self, cargo, command};
use crate::progress::Progress;
use crate::{places, setup};

/// Runs all of it.
pub(super) fn check(progress: &Progress, release: &Release) -> Result<()> {
    setup::runtimes(progress)?;
    setup::schemas(progress)?;
    setup::podman(progress)?;
    packages::try_to_publish(progress, release)?;
    test(progress, &release.folder)?;
    progress.step("the same release in another folder", || again(release))
}

/// The tests of what was written.
fn test(progress: &Progress, folder: &Path) -> Result<()> {
    progress.step("tests of the artifacts", || {
        let mut tests = command("node");
        tests.arg("--test").args(super::tests());
        command::run(tests.env("EXCHEQUER_RELEASE", folder))
    })
}

/// Clones the commit, makes a release there, and compares.
fn again(release: &Release) -> Result<String> {
    // Not below the target directory, whose name would be part of both paths.
    let elsewhere = std::env::temp_dir().join(format!("exchequer-{}", release.revision));
    if elsewhere.exists() {
        fs::remove_dir_all(&elsewhere)?;
    }
    let mut clone = command("git");
    clone.args(["clone", "--quiet"]).arg(places::root()).arg(&elsewhere);
    let mut output = command::run(&mut clone)?;
    let git = |words: &[&str]| command::run(command("git").current_dir(&elsewhere).args(words));
    output += &git(&["checkout", "--quiet", &release.revision])?;
    let mut other = cargo();
    other.args(["xtask", "release"]).current_dir(&elsewhere).env_remove("CARGO_TARGET_DIR");
    output += &command::run(&mut other)?;
    let lists = [release.folder.clone(), elsewhere.join("target/release-artifacts")];
    let lists = lists.map(|folder| digest::list(&folder));
    let [here, there] = lists;
    let (here, there) = (here?, there.context("the second release has no artifacts")?);
    let differing: Vec<&str> = here.lines().filter(|line| !there.contains(line)).collect();
    if here != there {
        bail!("these differ from a release in {}:\n{}", elsewhere.display(), differing.join("\n"));
    }
    fs::remove_dir_all(&elsewhere)?;
    Ok(output)
}
