//! Builds `pkg/dist`, the npm package: the engine as WebAssembly, the
//! TypeScript around it, the console, the schema of the configuration, and the
//! filter for Envoy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{self, cargo, node, npm, npm_bin};
use crate::lean;
use crate::names;
use crate::places;
use crate::progress::Progress;
use crate::setup;

/// The engine, in the folder of the JavaScript that drives it.
const WASM: &str = "exchequer.wasm";

/// Installs what is needed and builds everything.
pub(crate) fn build(progress: &Progress) -> Result<()> {
    setup::run(progress)?;
    let dist = places::dist();
    fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    progress.step("engine to WebAssembly", || engine(&dist, &[]))?;
    progress.step("TypeScript", typescript)?;
    // Afterwards, because it is made of what TypeScript became.
    progress.step("lean engine", lean::build)?;
    progress.step("reason codes", reasons)?;
    progress.step("console", console)?;
    progress.step("schemas", schemas)?;
    progress.step("filter for Envoy", envoy)?;
    licenses()
}

/// Makes the engine for JavaScript in this folder: `exchequer.wasm`, `glue.js`
/// with its types, and `glue.inline.js`.
pub(crate) fn engine(folder: &Path, options: &[&str]) -> Result<String> {
    let mut output = compile(options)?;
    bind(folder)?;
    output += &optimise(folder)?;
    inline(folder)?;
    Ok(output)
}

fn compile(options: &[&str]) -> Result<String> {
    command::run(
        cargo()
            .args(["build", "--release", "--package", "exchequer-js"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(options),
    )
}

/// Makes `glue.js` and `glue.d.ts`, which `pkg/src/engine.ts` imports.
fn bind(folder: &Path) -> Result<()> {
    let input = places::target().join("wasm32-unknown-unknown/release/exchequer_js.wasm");
    Bindgen::new()
        .input_path(input)
        .web(true)
        .map_err(|error| anyhow!(error))?
        .out_name("glue")
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .map_err(|error| anyhow!(error))
}

/// Makes `exchequer.wasm` of what the bindings left.
fn optimise(folder: &Path) -> Result<String> {
    let bound = folder.join("glue_bg.wasm");
    let output = wasm_opt(&bound, &wasm_in(folder), &[])?;
    fs::remove_file(&bound)?;
    // Declares the module that is bound, which nobody imports.
    fs::remove_file(folder.join("glue_bg.wasm.d.ts"))?;
    Ok(output)
}

/// Makes `exchequer-envoy.wasm`, and the same module with the names of its
/// functions beside it. The backtrace that Envoy prints when it traps has the
/// numbers of functions, which are the same in both.
fn envoy() -> Result<String> {
    let target = "wasm32-wasip1";
    let mut output = command::run(
        cargo()
            .args(["build", "--release", "--package", "exchequer-envoy"])
            .args(["--target", target]),
    )?;
    let built = places::target().join(target).join("release/exchequer_envoy.wasm");
    let named = envoy_wasm().with_extension("names.wasm");
    output += &wasm_opt(&built, &named, &["--debuginfo"])?;
    fs::write(envoy_wasm(), names::without(&fs::read(named)?)?)?;
    Ok(output)
}

fn wasm_opt(from: &Path, to: &Path, options: &[&str]) -> Result<String> {
    let optimised = to.with_extension("opt.wasm");
    let output = command::run(
        node(places::root().join("node_modules/binaryen/bin/wasm-opt"))
            .arg("-Os")
            .args([
                "--enable-bulk-memory",
                "--enable-nontrapping-float-to-int",
                "--enable-sign-ext",
            ])
            .args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"])
            .args(options)
            .arg(from)
            .arg("--output")
            .arg(&optimised),
    )?;
    // At once, for whoever loads it meanwhile.
    fs::rename(&optimised, to)?;
    Ok(output)
}

/// Makes `glue.inline.js`: the module as text, for runtimes that may not read
/// files.
fn inline(folder: &Path) -> Result<()> {
    let text = STANDARD.encode(fs::read(wasm_in(folder))?);
    fs::write(folder.join("glue.inline.js"), format!("export default \"{text}\"\n"))?;
    let types = "/** The engine as WebAssembly, in base64. */\ndeclare const wasm: string\nexport default wasm\n";
    fs::write(folder.join("glue.inline.d.ts"), types)?;
    Ok(())
}

fn typescript() -> Result<String> {
    remove_stale(&places::dist())?;
    let output = command::run(npm_bin("tsc").arg("--project").arg(places::root().join("pkg")))?;
    executable(&places::dist().join("cli.js"))?;
    Ok(output)
}

/// The console and the playground, as static files.
fn console() -> Result<String> {
    command::run(npm().args(["run", "--workspace", "www", "build"]))
}

/// npm makes commands executable when it installs them, which in a checkout
/// is before they are built.
fn executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    let _ = path;
    Ok(())
}

/// Removes what a source file that is gone now once became.
fn remove_stale(dist: &Path) -> Result<()> {
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else if !name.starts_with("glue.") && (name.ends_with(".js") || name.ends_with(".d.ts")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Makes `www/generated/reasons.json`, which the console imports.
fn reasons() -> Result<String> {
    let generated = places::root().join("www/generated");
    fs::create_dir_all(&generated)?;
    fs::write(generated.join("reasons.json"), printed(&["reasons"])?)?;
    Ok(String::new())
}

/// Makes the JSON Schemas of the configuration document and of the results.
fn schemas() -> Result<String> {
    fs::write(config_schema(), printed(&["schema", "config"])?)?;
    fs::write(results_schema(), printed(&["schema", "results"])?)?;
    Ok(String::new())
}

/// The output of a program of this package that is built with the engine.
fn printed(program: &[&str]) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "xtask", "--features", "schema"]);
    command::stdout(command.arg("--bin").args(program))
}

/// Writes the TypeScript types that are made from the schemas anew. They are
/// sources: the package is compiled with them, so this comes before.
pub(crate) fn types(progress: &Progress) -> Result<()> {
    setup::run(progress)?;
    fs::create_dir_all(places::dist())?;
    progress.step("schemas", schemas)?;
    progress.step("types from the schemas", || {
        command::run(
            node(places::root().join("xtask/types.mjs")).args([config_schema(), results_schema()]),
        )
    })
}

fn config_schema() -> PathBuf {
    places::dist().join("config.schema.json")
}

/// Not part of the package: its types are.
fn results_schema() -> PathBuf {
    places::dist().join("results.schema.json")
}

/// npm packs only what is in the folder of the package.
fn licenses() -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(places::root().join(name), places::root().join("pkg").join(name))
            .with_context(|| format!("{name} cannot be copied"))?;
    }
    Ok(())
}

/// The engine as JavaScript loads it.
pub(crate) fn wasm() -> PathBuf {
    wasm_in(&places::dist())
}

/// The engine that is driven by the JavaScript in this folder.
pub(crate) fn wasm_in(folder: &Path) -> PathBuf {
    folder.join(WASM)
}

/// The filter as Envoy loads it.
pub(crate) fn envoy_wasm() -> PathBuf {
    places::dist().join("exchequer-envoy.wasm")
}
