//! `cargo xtask bench`: which rows are measured, and what each of them needs.
//! `benches/main.mjs` measures them.

use anyhow::{Result, bail};

use crate::command::{self, cargo, node};
use crate::progress::Progress;
use crate::runtimes::brought;
use crate::scripts::succeed;
use crate::{artifacts, components, places, setup};

/// A file in benches/rows.
pub(crate) struct Row {
    name: &'static str,
    /// Whether it is measured only when it is named.
    slow: bool,
    needs: &'static [Needs],
}

/// What a row needs besides the package.
enum Needs {
    Components,
    /// A runtime that npm has for some platforms: what the names of its packages
    /// begin with.
    Runtime(&'static str),
    Envoy,
    Wasmtime,
    /// The program in benches/native.
    Native,
}

use Needs::{Components, Envoy, Native, Runtime, Wasmtime};

const ROWS: &[Row] = &[
    row("node", &[]),
    row("bun", &[Runtime("@oven/bun-")]),
    row("deno", &[Runtime("@deno/")]),
    row("workerd", &[Runtime("@cloudflare/workerd-")]),
    row("worker", &[Runtime("@cloudflare/workerd-")]),
    row("isolate", &[Runtime("@cloudflare/workerd-")]),
    row("bound", &[Runtime("@cloudflare/workerd-")]),
    row("start", &[]),
    row("http", &[]),
    row("envoy", &[Envoy]),
    row("native", &[Native]),
    row("wasmtime", &[Components, Wasmtime]),
    row("wasmtime-serve", &[Components, Wasmtime]),
    row("configuration", &[]),
    row("sizes", &[Components]),
    slow("memory", &[]),
    slow("soak", &[Envoy, Runtime("@cloudflare/workerd-")]),
    slow("scale", &[]),
];

const fn row(name: &'static str, needs: &'static [Needs]) -> Row {
    Row { name, slow: false, needs }
}

const fn slow(name: &'static str, needs: &'static [Needs]) -> Row {
    Row { name, slow: true, needs }
}

/// What was asked for.
#[derive(Default)]
pub(crate) struct Request {
    /// The rows, or all that are not slow.
    pub(crate) names: Vec<String>,
    /// Few iterations, and nothing is written.
    pub(crate) smoke: bool,
    /// Budgets are set anew.
    pub(crate) write: bool,
    /// What is built already is measured.
    pub(crate) built: bool,
}

/// Measures, and writes the sections of benches/RESULTS.md.
pub(crate) fn run(progress: &Progress, request: &Request) -> Result<()> {
    if request.names.iter().any(|name| name == "budgets") {
        return budgets(progress, request);
    }
    if request.write {
        bail!("`--write` goes with `budgets`; rows are written unless `--smoke` is said");
    }
    let rows = request.rows()?;
    if request.built {
        setup::npm_packages(progress)?;
    } else {
        artifacts::build(progress)?;
        // Once for all the rows that need them.
        if rows.iter().any(|row| row.needs.iter().any(|need| matches!(need, Components))) {
            components::build(progress)?;
        }
    }
    let mut names = Vec::new();
    for row in rows {
        match row.prepare(progress) {
            Ok(()) => names.push(row.name),
            // Who asked for everything gets what this machine can measure.
            Err(error) if request.names.is_empty() => {
                eprintln!("{} is not measured: {error:#}", row.name);
            }
            Err(error) => return Err(error.context(format!("`{}` cannot be measured", row.name))),
        }
    }
    let mut measure = node(places::root().join("benches/main.mjs"));
    measure.arg(if request.smoke { "--smoke" } else { "--write" }).args(names);
    succeed(&mut measure)
}

/// Says how large the artifacts are, as they are and as they travel.
pub(crate) fn size(progress: &Progress) -> Result<()> {
    run(progress, &Request { names: vec!["sizes".into()], smoke: true, ..Request::default() })
}

/// Compares instructions and sizes with benches/budgets.json, or sets it anew.
fn budgets(progress: &Progress, request: &Request) -> Result<()> {
    if request.names.len() > 1 || request.smoke {
        bail!("`budgets` is measured alone");
    }
    if request.built {
        setup::npm_packages(progress)?;
    } else {
        artifacts::build(progress)?;
        components::build(progress)?;
    }
    setup::wasmtime(progress)?;
    let mut compare = node(places::root().join("benches/budgets.mjs"));
    if request.write {
        compare.arg("--write");
    }
    succeed(&mut compare)
}

impl Request {
    fn rows(&self) -> Result<Vec<&'static Row>> {
        if self.names.is_empty() {
            return Ok(ROWS.iter().filter(|row| !row.slow).collect());
        }
        self.names.iter().map(|name| named(name)).collect()
    }
}

fn named(name: &str) -> Result<&'static Row> {
    ROWS.iter().find(|row| row.name == name).map_or_else(
        || {
            let rows: Vec<_> = ROWS.iter().map(|row| row.name).collect();
            bail!("there is no row `{name}`; there are {}, and `budgets`", rows.join(", "))
        },
        Ok,
    )
}

impl Row {
    fn prepare(&self, progress: &Progress) -> Result<()> {
        for need in self.needs {
            match need {
                // They are built before.
                Components => {}
                Runtime(packages) => {
                    setup::runtimes(progress)?;
                    brought(packages)?;
                }
                Envoy => setup::envoy(progress)?,
                Wasmtime => drop(setup::wasmtime(progress)?),
                Native => progress.step("native program", || {
                    let manifest = places::root().join("benches/native/Cargo.toml");
                    command::run(
                        cargo()
                            .args(["build", "--profile", "native", "--manifest-path"])
                            .arg(manifest)
                            .arg("--target-dir")
                            .arg(places::target()),
                    )
                })?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{ROWS, Request, named, places};

    #[test]
    fn every_row_has_its_file_and_every_file_its_row() {
        let entries =
            fs::read_dir(places::root().join("benches/rows")).expect("the rows are there");
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("the entry can be read").file_name())
            .map(|name| name.to_string_lossy().replace(".mjs", ""))
            .collect();
        let mut rows: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        files.sort();
        rows.sort_unstable();
        assert_eq!(rows, files);
    }

    #[test]
    fn what_is_slow_is_measured_only_by_name() {
        let names = |names: &[&str]| {
            let names = names.iter().map(|name| String::from(*name)).collect();
            let rows = Request { names, ..Request::default() }.rows().expect("they are known");
            rows.iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert!(!names(&[]).contains(&"scale"));
        assert_eq!(names(&["scale", "node"]), ["scale", "node"]);
    }

    #[test]
    fn a_row_that_is_not_there_is_answered_with_those_that_are() {
        let Err(error) = named("nodes") else { panic!("there is no such row") };
        assert!(error.to_string().contains("node, bun"));
    }
}
