//! The JavaScript runtimes that the npm package is tested in, and what each of
//! them needs on this machine.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::{places, setup};

/// A suite in `tests/runtimes`.
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    files: &'static [&'static str],
    needs: Needs,
}

enum Needs {
    /// No more than what npm installs everywhere.
    Nothing,
    /// A package that npm has for some platforms: the scope it is in.
    Platform(&'static str),
    Chromium,
}

pub(crate) const RUNTIMES: &[Runtime] = &[
    suite("npm package", &["package"], Needs::Nothing),
    suite("packed, in Node", &["node"], Needs::Nothing),
    suite("vectors in Bun", &["bun"], Needs::Platform("@oven")),
    suite("vectors in Deno", &["deno"], Needs::Platform("@deno")),
    suite("vectors in workerd", &["workerd"], Needs::Platform("@cloudflare")),
    suite("vectors in an edge VM", &["edge"], Needs::Nothing),
    suite("vectors in Chromium", &["chromium"], Needs::Chromium),
    suite("vectors through Vite", &["vite"], Needs::Chromium),
    suite(
        "Worker",
        &["stores", "worker", "worker-state", "worker-example"],
        Needs::Platform("@cloudflare"),
    ),
];

const fn suite(name: &'static str, files: &'static [&'static str], needs: Needs) -> Runtime {
    Runtime { name, files, needs }
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
            Needs::Platform(scope) => {
                if !places::runtimes().join("node_modules").join(scope).exists() {
                    bail!("npm has no package of {scope} for this platform");
                }
                Ok(())
            }
        }
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.files.iter().map(|name| places::runtimes().join(format!("{name}.test.mjs"))).collect()
    }
}
