//! How a suite calls the runners of tests, with the filter of the command line: cargo,
//! node:test and unittest.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, command};
use crate::places;
use crate::running::Run;
use crate::summary::Runner;

/// A file of node:test that takes longer, in milliseconds, has hung: a test of it waits,
/// or a server that it did not stop keeps it from ending.
const FILE_LIMIT: &str = "--test-timeout=600000";

impl Run<'_> {
    /// Runs the tests of cargo packages, or one file of `directory` if the filter
    /// is its name.
    pub(crate) fn cargo_test(&mut self, directory: &str, packages: &[&str], options: &[&str]) {
        self.cargo_test_of(directory, packages, options, &[]);
    }

    /// The same of some targets, unless the filter is the name of a file.
    pub(crate) fn cargo_test_of(
        &mut self,
        directory: &str,
        packages: &[&str],
        options: &[&str],
        targets: &[&str],
    ) {
        let mut test = cargo();
        test.args(["test", "--no-fail-fast"]).args(packages).args(options);
        match self.filter() {
            Some(name) if file(directory, &format!("{name}.rs")).exists() => {
                test.args(["--test", name]);
            }
            filter => {
                test.args(targets).arg("--").args(filter);
            }
        }
        self.command(Runner::CargoTest, &mut test);
    }

    /// Runs the node:test files of a directory.
    pub(crate) fn node(&mut self, directory: &str) {
        let files = files(directory, ".test.mjs");
        if files.is_empty() {
            return self.fail(&format!("there is no test in {directory}"));
        }
        self.tap(&files);
    }

    /// Runs node:test files, or one of them if the filter is its name.
    pub(crate) fn tap(&mut self, files: &[PathBuf]) {
        self.tap_with(files, &[]);
    }

    /// The same with variables of the environment.
    pub(crate) fn tap_with(&mut self, files: &[PathBuf], variables: &[(&str, &Path)]) {
        let mut command = command("node");
        command.envs(variables.iter().copied());
        command.args(["--test", "--test-reporter=tap", FILE_LIMIT]);
        let named = |word: &&str| {
            let name = format!("{word}.test.mjs");
            files.iter().find(|file| file.ends_with(&name))
        };
        match (self.filter(), self.filter().as_ref().and_then(named)) {
            (_, Some(file)) => command.arg(file),
            (Some(pattern), None) => {
                command.arg(format!("--test-name-pattern={pattern}")).args(files)
            }
            (None, None) => command.args(files),
        };
        self.command(Runner::Tap, &mut command);
    }

    /// Runs the unittest files of a directory, or one if the filter is its name.
    pub(crate) fn unittest(&mut self, python: &Path, directory: &str) {
        let mut command: Command = command(python);
        command.args(["-m", "unittest", "discover", "--start-directory", directory]);
        match self.filter() {
            Some(name) if file(directory, &format!("{name}.py")).exists() => {
                command.args(["--pattern", &format!("{name}.py")]);
            }
            Some(pattern) => {
                command.args(["-k", pattern]);
            }
            None => {}
        }
        self.command(Runner::Unittest, &mut command);
    }
}

fn file(directory: &str, name: &str) -> PathBuf {
    places::root().join(directory).join(name)
}

/// The files of a directory that end like this, in order.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(places::root().join(directory)).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}
