//! What goes to package registries: the npm package, the crates, and the folder for
//! JSR, as `npm publish`, `cargo publish` and `deno publish` take them; and trying to
//! publish them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Release;
use super::archive::Tree;
use super::sbom::{self, Component};
use crate::command::{self, cargo, npm};
use crate::progress::Progress;
use crate::{engine, places};

/// 1985-10-26, which npm writes into every package.
const MODIFIED: u64 = 499_162_500;

/// The crates that are published, the first before the one that needs it.
pub(crate) const CRATES: [&str; 2] = ["exchequer-scim", "exchequer"];

/// Writes the npm package. npm says which files are in it; it does not write the
/// archive, because its compressor depends on the processor.
pub(super) fn npm_package(progress: &Progress, release: &Release) -> Result<()> {
    let folder = release.folder.join("npm");
    fs::create_dir_all(&folder)?;
    let name = format!("exchequer-{}.tgz", release.version);
    progress.step("npm package", || {
        let package = places::root().join("pkg");
        let mut pack = npm();
        pack.args(["pack", "--dry-run", "--json", "--ignore-scripts"]).current_dir(&package);
        let said: Value = serde_json::from_str(&command::stdout(&mut pack)?)?;
        let files = said.pointer("/0/files").or_else(|| said.pointer("/exchequer/files"));
        let files = files.and_then(Value::as_array).context("`npm pack` names no files")?;
        let mut tree = Tree::new(MODIFIED);
        for file in files {
            let path = file.get("path").and_then(Value::as_str).context("a file has no path")?;
            let bytes = fs::read(package.join(path))
                .with_context(|| format!("pkg/{path} cannot be read"))?;
            let to = format!("package/{path}");
            if path == "dist/cli.js" { tree.program(&to, bytes) } else { tree.file(&to, bytes) }
        }
        fs::write(folder.join(&name), tree.tar_gz()?)?;
        Ok(String::new())
    })?;
    let mut parts = sbom::console()?;
    for (package, target) in [
        ("exchequer-js", engine::TARGET),
        ("exchequer-envoy", "wasm32-wasip1"),
        ("exchequer-component-http", "wasm32-wasip2"),
        ("exchequer-component-authority", engine::TARGET),
        ("exchequer-component-engine", engine::TARGET),
    ] {
        parts.extend(sbom::crates(package, target, &[])?);
    }
    release.bill_of_file("exchequer-npm", &folder.join(name), "npm", "exchequer", parts)
}

/// Writes the crates.
pub(super) fn crates(progress: &Progress, release: &Release) -> Result<()> {
    let folder = release.folder.join("crates");
    fs::create_dir_all(&folder)?;
    // The suite `crates`, which compiles what they hold, may run at the same time.
    let scratch = places::target().join("xtask/crates");
    progress.step("crates", || {
        let mut package = cargo();
        package.args(["package", "--locked", "--no-verify", "--quiet", "--allow-dirty"]);
        package.arg("--target-dir").arg(&scratch);
        command::run(package.args(CRATES.iter().flat_map(|name| ["--package", name])))
    })?;
    for name in CRATES {
        let file = format!("{name}-{}.crate", release.version);
        let from = scratch.join("package").join(&file);
        fs::copy(&from, folder.join(&file))
            .with_context(|| format!("{} cannot be copied", from.display()))?;
        let parts: Vec<Component> = sbom::crates(name, "all", &[])?;
        release.bill_of_file(&format!("{name}-crate"), &folder.join(file), "cargo", name, parts)?;
    }
    Ok(())
}

/// Writes what JSR gets: the modules that run in every runtime, with their types. The
/// registry wants each module to name its own.
pub(super) fn jsr(release: &Release) -> Result<()> {
    let folder = release.folder.join("jsr");
    let package = places::root().join("pkg");
    let mut tree = Tree::new(0);
    let wanted = |path: &str| {
        let is_module = path.ends_with(".js") || path.ends_with(".d.ts");
        let is_of_others =
            ["console/", "lean/", "cli", "node/"].iter().any(|name| path.starts_with(name));
        is_module && !is_of_others
    };
    tree.copy(&places::dist(), "dist", &wanted)?;
    for name in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        tree.file(name, fs::read(package.join(name))?);
    }
    let description = json!({
        "name": "@exchequer/exchequer", "version": release.version, "license": "MIT OR Apache-2.0",
        "exports": {
            ".": "./dist/entry/inline.js",
            "./stores/memory": "./dist/stores/memory.js",
        },
        "publish": { "include": ["jsr.json", "dist", "README.md", "LICENSE-*"] },
    });
    tree.file("jsr.json", serde_json::to_string_pretty(&description)? + "\n");
    let with_types = |path: &str, bytes: &[u8]| {
        let types = path.strip_suffix(".js").map(|stem| format!("{stem}.d.ts"));
        let types = types.filter(|types| tree.has(types));
        let name = types.as_deref().and_then(|types| types.rsplit('/').next()).unwrap_or_default();
        let line = format!("/* @ts-self-types=\"./{name}\" */\n");
        if name.is_empty() { bytes.to_vec() } else { [line.as_bytes(), bytes].concat() }
    };
    for (path, bytes) in tree.files() {
        let target = folder.join(path);
        fs::create_dir_all(target.parent().unwrap_or(&folder))?;
        fs::write(target, with_types(path, bytes))?;
    }
    Ok(())
}

/// Does what publishing does, up to the upload.
pub(super) fn try_to_publish(progress: &Progress, release: &Release) -> Result<()> {
    let package = release.folder.join("npm").join(format!("exchequer-{}.tgz", release.version));
    progress.step("npm publish --dry-run", || {
        // A tag, because npm takes no version for the newest that is older than another.
        let mut publish = npm();
        publish.args(["publish", "--dry-run", "--access", "public", "--tag", "latest"]);
        command::run(publish.arg(&package))
    })?;
    progress.step("cargo publish --dry-run", || {
        let mut publish = cargo();
        publish.args(["publish", "--dry-run", "--locked", "--quiet", "--allow-dirty"]);
        command::run(publish.args(CRATES.iter().flat_map(|name| ["--package", name])))
    })?;
    progress.step("deno publish --dry-run", || {
        let mut publish = command::command(deno());
        publish.args(["publish", "--dry-run", "--allow-dirty", "--quiet"]);
        command::run(publish.current_dir(release.folder.join("jsr")))
    })
}

fn deno() -> PathBuf {
    places::runtimes().join("node_modules/.bin/deno")
}
