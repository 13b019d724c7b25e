//! The suites of `cargo xtask test`: their names, the artifacts that they need,
//! and how they run.

use std::path::PathBuf;

use crate::command::{cargo, node};
use crate::progress::Progress;
use crate::runners::NATIVE;
use crate::running::{Artifact, Run};
use crate::runtimes::{RUNTIMES, Runtime};
use crate::summary::Runner;
use crate::{artifacts, components, demo, places, release, setup, supply};

/// A suite.
pub(crate) struct Suite {
    /// Its name on the command line.
    pub(crate) word: &'static str,
    /// Its name in the report.
    pub(crate) name: &'static str,
    pub(crate) needs: &'static [Artifact],
    pub(crate) lane: Lane,
    pub(crate) run: Work,
}

/// Suites of one lane run in sequence; the lanes run in parallel. This keeps two cores
/// busy: optimising a module of WebAssembly uses one thread, and a test often waits.
/// [`prepare`] comes before the lanes of servers and browsers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Cargo for WebAssembly. It locks the directory of a target and a profile, so it does
    /// not wait for the next lane.
    Builds,
    /// Cargo for this machine.
    Compiles,
    /// Servers and their clients.
    Serves,
    /// Browsers in which people work.
    Browses,
}

#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// A function.
    Own(fn(&mut Run<'_>)),
    /// The npm package in a JavaScript runtime.
    In(&'static Runtime),
}

const PACKAGE: &[Artifact] = &[Artifact::Package];
const FILTER: &[Artifact] = &[Artifact::Package, Artifact::Filter];
const ALL: &[Artifact] = &[Artifact::Package, Artifact::Filter, Artifact::Components];

/// All suites, in the order of the report and of each lane.
pub(crate) fn all() -> Vec<Suite> {
    use Lane::{Browses, Builds, Compiles, Serves};
    let own = |word, name, lane, needs, run: fn(&mut Run<'_>)| Suite {
        word,
        name,
        needs,
        lane,
        run: Work::Own(run),
    };
    let mut suites = vec![
        own("fmt", "rustfmt", Serves, &[], fmt),
        own("build", "build", Builds, &[], build),
        own("components", "components", Builds, &[], build_components),
        own("clippy", "clippy", Compiles, &[], clippy),
        own("clippy-lean", "clippy without admin", Compiles, &[], clippy_lean),
        own("engine", "engine", Compiles, &[], engine),
        own("doctest", "documentation", Compiles, &[], documentation),
        own("engine-lean", "engine without admin", Compiles, &[], engine_lean),
        own("xtask", "commands", Compiles, &[], commands),
        own("native", "Rust example", Compiles, &[], native),
        own("paths", "paths", Compiles, &[], paths),
        own("fuzz", "fuzz", Compiles, &[], fuzz),
        own("crates", "crates to publish", Compiles, &[], crates),
        own("supply", "supply chain", Compiles, &[], |run| run.holds(supply::problems())),
        own("vectors", "vectors in Node", Serves, PACKAGE, vectors),
        own("node", "package", Serves, PACKAGE, package),
        own("clients", "clients in Python", Serves, PACKAGE, clients),
        own("demo", "demo", Serves, PACKAGE, demonstration),
        own("envoy", "filter in Envoy", Serves, FILTER, envoy),
        own("pkcs11", "key in SoftHSM", Serves, PACKAGE, pkcs11),
    ];
    // These run `npm pack`, so pkg/dist has to be complete.
    suites.extend(RUNTIMES.iter().map(|runtime| Suite {
        word: runtime.word,
        name: runtime.name,
        needs: ALL,
        lane: Serves,
        run: Work::In(runtime),
    }));
    suites.extend([
        own("console", "console in browsers", Browses, ALL, console),
        own("jco", "vectors in jco", Serves, ALL, jco),
        own("wasmtime", "wasmtime", Serves, ALL, wasmtime),
        own("benches", "benchmarks", Serves, ALL, benches),
        own("budgets", "budgets", Serves, ALL, budgets),
        own("release", "release", Serves, ALL, released),
    ]);
    suites
}

fn fmt(run: &mut Run<'_>) {
    run.check(cargo().args(["fmt", "--all", "--check"]));
}

fn build(run: &mut Run<'_>) {
    run.build(&[Artifact::Package, Artifact::Filter]);
}

fn build_components(run: &mut Run<'_>) {
    run.build(&[Artifact::Components]);
}

fn clippy(run: &mut Run<'_>) {
    run.check(
        cargo()
            .args(["clippy", "--workspace", "--all-targets", "--all-features"])
            .args(["--", "--deny", "warnings"]),
    );
}

/// The filter is built without the administration API.
fn clippy_lean(run: &mut Run<'_>) {
    run.check(
        cargo()
            .args(["clippy", "--all-targets", "--no-default-features"])
            .args(["--package", "exchequer", "--package", "exchequer-envoy"])
            .args(["--", "--deny", "warnings"]),
    );
}

/// The crates as they are published hold what they need, and need no std: the target has none.
/// Without administration the engine needs fewer crates, and no other.
fn crates(run: &mut Run<'_>) {
    const TARGET: &str = "wasm32v1-none";
    if let Err(error) = setup::targets(run.progress, &[TARGET]) {
        return run.fail(&format!("{error:#}"));
    }
    let packages = release::CRATES.iter().flat_map(|name| ["--package", name]);
    let package = ["package", "--allow-dirty", "--quiet", "--target", TARGET];
    run.check(cargo().args(package).args(packages));
}

/// The tests of the engine, and the unit tests of all packages.
fn engine(run: &mut Run<'_>) {
    let mut test = run.native("tests", &["--lib", "--bins"]);
    run.command(Runner::CargoTest, &mut test);
}

/// The examples in the documentation of the crates.
fn documentation(run: &mut Run<'_>) {
    let mut test = cargo();
    test.args(["test", "--no-fail-fast"]).args(NATIVE).args(["--doc", "--"]).args(run.filter());
    run.command(Runner::CargoTest, &mut test);
}

/// What requests are answered. Keys, key sets and the configuration are the same without
/// administration; clippy compiles their tests.
fn engine_lean(run: &mut Run<'_>) {
    const TESTS: [&str; 8] =
        ["accounts", "dpop", "engine", "explain", "gateway", "limits", "vectors", "without_admin"];
    let targets: Vec<_> = TESTS.into_iter().flat_map(|name| ["--test", name]).collect();
    let packages = ["--package", "exchequer", "--no-default-features"];
    let mut test = run.cargo_test("tests", &packages, &[&["--lib"][..], &targets].concat());
    run.command(Runner::CargoTest, &mut test);
}

/// These commands. Their dependencies are compiled already, for this very program.
fn commands(run: &mut Run<'_>) {
    run.command(
        Runner::CargoTest,
        cargo().args(["test", "--package", "xtask", "--"]).args(run.filter()),
    );
}

fn native(run: &mut Run<'_>) {
    let mut test = run.native("examples/native/tests", &[]);
    run.command(Runner::CargoTest, &mut test);
}

/// The seeds of the fuzzer and mutants of them. Nothing is built with coverage here.
fn fuzz(run: &mut Run<'_>) {
    let mut test = run.native("tests/fuzz/tests", &[]);
    run.command(Runner::CargoTest, &mut test);
}

/// Paths that the gateway lets pass, before real servers. The test of a server
/// that is not there is skipped, and fails in CI.
fn paths(run: &mut Run<'_>) {
    let servers = [
        ("python", "paths before Python", setup::python_servers(run.progress)),
        ("nginx", "paths before nginx", setup::nginx(run.progress)),
        ("envoy", "paths before Envoy", setup::envoy(run.progress)),
    ];
    let mut search = run.native("tests/paths/tests", &[]);
    for (test, name, found) in servers {
        if let Err(error) = found {
            search.args(["--skip", test]);
            run.lack_of(name, format!("{error:#}"));
        }
    }
    run.command(Runner::CargoTest, &mut search);
}

/// The tests that need Redis, PostgreSQL or nginx skip themselves without it, and fail in CI.
fn package(run: &mut Run<'_>) {
    if let Err(error) = setup::redis(run.progress) {
        run.skip_of("stores in Redis", format!("{error:#}"));
    }
    if let Err(error) = setup::postgres(run.progress) {
        run.skip_of("stores in PostgreSQL", format!("{error:#}"));
    }
    if let Err(error) = setup::nginx(run.progress) {
        run.skip_of("certificates of nginx", format!("{error:#}"));
    }
    run.node("tests/node");
}

fn vectors(run: &mut Run<'_>) {
    run.node("tests/vectors");
}

/// The packed package in a JavaScript runtime.
pub(crate) fn in_runtime(run: &mut Run<'_>, runtime: &Runtime) {
    match runtime.check(run.progress) {
        Ok(()) => run.tap(&runtime.files()),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

/// Every page of the console in Chromium, the walks of people in Firefox, too, and the
/// console of every host. Without Firefox or a host its test skips itself, and fails in CI.
fn console(run: &mut Run<'_>) {
    if let Err(error) = setup::chromium(run.progress) {
        return run.lack(format!("{error:#}"));
    }
    if let Err(error) = setup::firefox(run.progress) {
        run.lack_of("console in Firefox", format!("{error:#}"));
    }
    let hosts = [
        ("console of a Worker", setup::runtimes(run.progress)),
        ("console of wasmtime", setup::wasmtime(run.progress).map(drop)),
        ("console of Envoy", setup::envoy(run.progress)),
    ];
    for (name, found) in hosts {
        if let Err(error) = found {
            run.skip_of(name, format!("{error:#}"));
        }
    }
    run.node("tests/console");
}

/// OAuth clients of others, in Python.
fn clients(run: &mut Run<'_>) {
    match setup::python(run.progress) {
        Ok(python) => run.unittest(&python, "tests/clients"),
        Err(error) => run.fail(&format!("{error:#}")),
    }
}

/// The filter in a real Envoy. Without one this is skipped, and fails in CI.
fn envoy(run: &mut Run<'_>) {
    match setup::envoy(run.progress) {
        Ok(()) => run.node("tests/envoy"),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

/// The example with a key in an HSM. Without SoftHSM this is skipped, and fails in CI.
fn pkcs11(run: &mut Run<'_>) {
    match setup::pkcs11(run.progress) {
        Ok(()) => run.node("tests/pkcs11"),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

fn demonstration(run: &mut Run<'_>) {
    run.check(node(demo::script()).arg("--once"));
}

/// A document's commands, carried out beside the vectors, need wasmtime; they
/// skip themselves without it.
fn jco(run: &mut Run<'_>) {
    let _ = setup::wasmtime(run.progress);
    run.node("tests/component");
}

fn wasmtime(run: &mut Run<'_>) {
    match setup::wasmtime(run.progress) {
        Ok(python) => run.unittest(&python, "tests/component"),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

/// The rows of the benchmark that need nothing installed, with few iterations.
fn benches(run: &mut Run<'_>) {
    run.tap(&["measure.test.mjs", "rows.test.mjs"].map(of_benches));
}

/// The budgets of instructions and bytes.
fn budgets(run: &mut Run<'_>) {
    match setup::wasmtime(run.progress) {
        Ok(_) => run.tap(&[of_benches("budgets.test.mjs")]),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

/// A release for this machine, used as a person would use it.
fn released(run: &mut Run<'_>) {
    if let Err(error) = setup::podman(run.progress) {
        run.skip_of("image in podman", format!("{error:#}"));
    }
    let made = setup::schemas(run.progress).and_then(|()| release::for_tests(run.progress));
    match made {
        Ok(folder) => run.tap_with(&release::tests(), &[("EXCHEQUER_RELEASE", &folder)]),
        Err(error) => run.lack(format!("{error:#}")),
    }
}

fn of_benches(name: &str) -> PathBuf {
    places::root().join("tests/benches").join(name)
}

/// Installs the dependencies of the suites of [`Lane::Serves`] during the first
/// builds. A suite reports a failed installation itself.
pub(crate) fn prepare(progress: &Progress) {
    let _ = setup::npm_packages(progress);
    let _ = setup::runtimes(progress);
    let _ = setup::python(progress).map(drop);
    let _ = setup::wasmtime(progress).map(drop);
    let _ = setup::envoy(progress);
    let _ = setup::python_servers(progress);
    let _ = setup::redis(progress);
    let _ = setup::postgres(progress);
    let _ = setup::chromium(progress);
    let _ = setup::firefox(progress);
    let _ = setup::nginx(progress);
    let _ = setup::podman(progress);
    let _ = setup::pkcs11(progress);
    let _ = setup::helm(progress).map(drop);
}

impl Artifact {
    pub(crate) fn build(self, progress: &Progress) -> anyhow::Result<()> {
        match self {
            Self::Package => artifacts::package(progress),
            Self::Filter => artifacts::filter(progress),
            Self::Components => components::build(progress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::places;

    /// The workflow is not run where it is written.
    #[test]
    fn the_workflow_names_suites_and_the_oldest_rust() {
        let read = |name| std::fs::read_to_string(places::root().join(name)).unwrap();
        let workflow = read(".github/workflows/ci.yml");
        let called = workflow.split("cargo xtask test ").skip(1);
        let called: Vec<_> = called.filter_map(|rest| rest.split_whitespace().next()).collect();
        assert!(!called.is_empty());
        for word in called {
            assert!(all().iter().any(|suite| suite.word == word), "there is no suite {word}");
        }
        let manifest = read("Cargo.toml");
        let oldest = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
        let oldest = oldest.unwrap();
        assert!(workflow.contains(&format!("rust: [stable, {oldest}]")), "{oldest}");
    }

    #[test]
    fn every_suite_has_a_word_of_its_own() {
        let mut words: Vec<_> = all().iter().map(|suite| suite.word).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair.first() != pair.last()), "{words:?}");
    }
}
