//! The JavaScript runtimes that the npm package is tested in, and what each of
//! them needs on this machine.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::{places, setup};

/// A suite in `tests/runtimes`.
pub(crate) struct Runtime {
    /// On the command line.
    pub(crate) word: &'static str,
    /// In the report.
    pub(crate) name: &'static str,
    files: &'static [&'static str],
    needs: Needs,
}

enum Needs {
    /// No more than what npm installs everywhere.
    Nothing,
    /// A package that npm has for some platforms: what their names begin with.
    Platform(&'static str),
    Chromium,
}

pub(crate) const RUNTIMES: &[Runtime] = &[
    suite("npm", "npm package", &["package"], Needs::Nothing),
    suite("packed", "packed, in Node", &["node"], Needs::Nothing),
    suite("bun", "vectors in Bun", &["bun"], Needs::Platform("@oven/bun-")),
    suite("deno", "vectors in Deno", &["deno"], Needs::Platform("@deno/")),
    suite("workerd", "vectors in workerd", &["workerd"], Needs::Platform("@cloudflare/workerd-")),
    suite("lean", "lean package", &["lean"], Needs::Platform("@cloudflare/workerd-")),
    suite("causes", "causes in runtimes", &["causes"], Needs::Platform("@cloudflare/workerd-")),
    suite("edge", "vectors in an edge VM", &["edge"], Needs::Nothing),
    suite("chromium", "vectors in Chromium", &["chromium"], Needs::Chromium),
    suite("vite", "vectors through Vite", &["vite"], Needs::Chromium),
    suite(
        "worker",
        "Worker",
        &[
            "stores",
            "worker",
            "worker-faults",
            "worker-limits",
            "worker-once-races",
            "worker-state",
            "worker-console",
            "worker-example",
            "worker-tutorial",
            "worker-cross-app",
        ],
        Needs::Platform("@cloudflare/workerd-"),
    ),
];

const fn suite(
    word: &'static str,
    name: &'static str,
    files: &'static [&'static str],
    needs: Needs,
) -> Runtime {
    Runtime { word, name, files, needs }
}

impl Runtime {
    /// Whether it can run here.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn check(&self, progress: &Progress) -> Result<()> {
        setup::runtimes(progress)?;
        match self.needs {
            Needs::Nothing => Ok(()),
            Needs::Chromium => setup::chromium(progress),
            Needs::Platform(packages) => brought(packages),
        }
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.files.iter().map(|name| places::runtimes().join(format!("{name}.test.mjs"))).collect()
    }
}

/// Whether npm brought a package whose name begins so; all of them are optional.
pub(crate) fn brought(packages: &str) -> Result<()> {
    let (scope, beginning) = packages.split_once('/').unwrap_or((packages, ""));
    let scope = places::runtimes().join("node_modules").join(scope);
    let mut found = fs::read_dir(scope).into_iter().flatten().flatten();
    if !found.any(|package| package.file_name().to_string_lossy().starts_with(beginning)) {
        bail!("npm has no package {packages}… for this platform");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{RUNTIMES, Runtime, brought, fs, places};

    #[test]
    fn every_suite_has_its_files() {
        for file in RUNTIMES.iter().flat_map(Runtime::files) {
            assert!(file.exists(), "{} is missing", file.display());
        }
    }

    /// A file that no suite names would never run, and nobody would miss it.
    #[test]
    fn every_file_has_its_suite() {
        let run: Vec<_> = RUNTIMES.iter().flat_map(Runtime::files).collect();
        for entry in fs::read_dir(places::runtimes()).expect("the tests are there") {
            let file = entry.expect("the entry can be read").path();
            let is_test = file.to_string_lossy().ends_with(".test.mjs");
            assert!(!is_test || run.contains(&file), "{} runs in no suite", file.display());
        }
    }

    #[test]
    fn what_npm_did_not_bring_is_named() {
        assert!(brought("@nobody/has-").unwrap_err().to_string().contains("@nobody/has-"));
    }
}
