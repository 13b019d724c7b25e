//! Builds the components of `pkg/dist`: the step API, the service that calls
//! its imports, and the HTTP service.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::{self, node};
use crate::fresh::{self, Files};
use crate::places;
use crate::portable::portable_cargo;
use crate::progress::Progress;
use crate::setup;

/// The components of `wit/`, by package and file. They import what `wit/` says
/// and nothing of WASI, which is why they are made for no system at all.
const OURS: [(&str, &str); 2] = [
    ("exchequer-component-engine", "exchequer-engine.component.wasm"),
    ("exchequer-component-authority", "exchequer-authority.component.wasm"),
];

/// The component of `wasi:http`.
const HTTP: (&str, &str) = ("exchequer-component-http", "exchequer-component.wasm");

/// Builds all of them.
pub(crate) fn build(progress: &Progress) -> Result<()> {
    setup::targets(progress, &["wasm32-unknown-unknown", "wasm32-wasip2"])?;
    setup::npm_packages(progress)?;
    fs::create_dir_all(places::dist())?;
    ours(progress)?;
    progress.step("component of wasi:http", http)
}

fn ours(progress: &Progress) -> Result<()> {
    let packages = OURS.map(|(package, _)| package);
    progress.step("components", || compile(&packages, "wasm32-unknown-unknown"))?;
    let script = places::root().join("xtask/component.mjs");
    for (package, file) in OURS {
        let (built, made) =
            (compiled(package, "wasm32-unknown-unknown"), places::dist().join(file));
        let files = Files::new([built.clone(), script.clone()], [made.clone()]);
        fresh::step(progress, file, &files, || command::run(node(&script).arg(&built).arg(&made)))?;
    }
    Ok(())
}

fn http() -> Result<String> {
    let (package, file) = HTTP;
    let output = compile(&[package], "wasm32-wasip2")?;
    let built = compiled(package, "wasm32-wasip2");
    fs::copy(&built, places::dist().join(file))
        .with_context(|| format!("{} cannot be copied", built.display()))?;
    Ok(output)
}

fn compile(packages: &[&str], target: &str) -> Result<String> {
    let mut command = portable_cargo()?;
    command.args(["build", "--release", "--target", target]);
    for package in packages {
        command.args(["--package", package]);
    }
    command::run(&mut command)
}

fn compiled(package: &str, target: &str) -> PathBuf {
    let file = format!("{}.wasm", package.replace('-', "_"));
    places::target().join(target).join("release").join(file)
}
