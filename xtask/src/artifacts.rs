//! Builds `pkg/dist`, the npm package: the engine as WebAssembly, the
//! TypeScript around it, the console, the schema of the configuration, and the
//! filter for Envoy. Steps whose results are up to date are skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::callbacks;
use crate::command::{self, cargo, node, npm, npm_bin};
use crate::fresh::{self, Files};
use crate::places;
use crate::progress::Progress;
use crate::setup;

/// The cargo profile of published artifacts.
const RELEASE: &str = "release";
/// The cargo profile that compiles fastest.
const QUICK: &str = "demo";

/// Installs what is needed and builds everything.
pub(crate) fn build(progress: &Progress) -> Result<()> {
    package(progress)?;
    filter(progress)
}

/// Builds the package without the filter.
pub(crate) fn package(progress: &Progress) -> Result<()> {
    setup::targets(progress, &[TARGET])?;
    beside(|| setup::npm_packages(progress), || compile(progress, RELEASE))?;
    fresh::step(progress, "JavaScript bindings and wasm-opt", &bound(RELEASE), || {
        bind(RELEASE)?;
        let output = optimise()?;
        inline()?;
        Ok(output)
    })?;
    scripts(progress)?;
    console(progress)?;
    licenses()
}

/// Builds only what `cargo xtask demo` runs, with an unoptimised engine.
pub(crate) fn quick(progress: &Progress, with_console: bool) -> Result<()> {
    if compiled(RELEASE).exists() {
        // An incremental release build is faster than a first build of another profile.
        return package(progress);
    }
    eprintln!(
        "The demo compiles the engine without optimisation, because that is faster to build; \
         `cargo xtask build` builds the published package."
    );
    setup::targets(progress, &[TARGET])?;
    beside(|| setup::packages_of_the_demo(progress, with_console), || compile(progress, QUICK))?;
    fresh::step(progress, "JavaScript bindings", &bound(QUICK), || {
        bind(QUICK)?;
        fs::rename(bound_wasm(), wasm())?;
        inline()?;
        Ok(String::new())
    })?;
    scripts(progress)?;
    if with_console { console(progress) } else { Ok(()) }
}

/// Runs both at once and waits for both.
fn beside(
    install: impl FnOnce() -> Result<()> + Send,
    work: impl FnOnce() -> Result<()> + Send,
) -> Result<()> {
    thread::scope(|scope| {
        let installed = scope.spawn(install);
        let worked = work();
        installed.join().unwrap_or_else(|_| Err(anyhow!("the installation stopped")))?;
        worked
    })
}

const TARGET: &str = "wasm32-unknown-unknown";

fn compile(progress: &Progress, profile: &str) -> Result<()> {
    progress.step("engine to WebAssembly", || {
        command::run(
            cargo()
                .args(["build", "--profile", profile, "--package", "exchequer-js"])
                .args(["--target", TARGET]),
        )
    })
}

/// The engine as compiled by cargo.
fn compiled(profile: &str) -> PathBuf {
    places::target().join(TARGET).join(profile).join("exchequer_js.wasm")
}

/// The inputs and outputs of `wasm-bindgen` and `wasm-opt`.
fn bound(profile: &str) -> Files {
    let names = ["exchequer.wasm", "glue.js", "glue.d.ts", "glue.inline.js", "glue.inline.d.ts"];
    Files::new(from_wasm(compiled(profile)), names.map(|name| places::dist().join(name)))
}

/// A compiled module, and what decides how it is processed.
fn from_wasm(module: PathBuf) -> [PathBuf; 3] {
    [module, places::root().join(file!()), places::root().join("package-lock.json")]
}

/// Makes `glue.js` and `glue.d.ts`, which `pkg/src/engine.ts` imports.
fn bind(profile: &str) -> Result<()> {
    let dist = places::dist();
    fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    Bindgen::new()
        .input_path(compiled(profile))
        .web(true)
        .map_err(|error| anyhow!(error))?
        .out_name("glue")
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&dist)
        .map_err(|error| anyhow!(error))?;
    // Declares the module that is bound, which nobody imports.
    fs::remove_file(dist.join("glue_bg.wasm.d.ts"))?;
    Ok(())
}

/// The engine after `wasm-bindgen`.
fn bound_wasm() -> PathBuf {
    places::dist().join("glue_bg.wasm")
}

/// Makes `exchequer.wasm` of what the bindings left.
fn optimise() -> Result<String> {
    let output = wasm_opt(&bound_wasm(), &wasm(), &[])?;
    fs::remove_file(bound_wasm())?;
    Ok(output)
}

/// Makes `exchequer-envoy.wasm`. It keeps its names, so that the backtrace
/// which Envoy prints when it traps says where.
pub(crate) fn filter(progress: &Progress) -> Result<()> {
    let target = "wasm32-wasip1";
    setup::targets(progress, &[target])?;
    progress.step("filter for Envoy", || {
        command::run(
            cargo()
                .args(["build", "--release", "--package", "exchequer-envoy"])
                .args(["--target", target]),
        )
    })?;
    let built = places::target().join(target).join("release/exchequer_envoy.wasm");
    let files = Files::new(from_wasm(built.clone()), [envoy_wasm()]);
    fresh::step(progress, "wasm-opt of the filter", &files, || {
        fs::create_dir_all(places::dist())?;
        let called = built.with_extension("called.wasm");
        callbacks::keep_needed(&built, &called)?;
        wasm_opt(&called, &envoy_wasm(), &["--debuginfo"])
    })
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
fn inline() -> Result<()> {
    let text = STANDARD.encode(fs::read(wasm())?);
    fs::write(places::dist().join("glue.inline.js"), format!("export default \"{text}\"\n"))?;
    let types = "/** The engine as WebAssembly, in base64. */\ndeclare const wasm: string\nexport default wasm\n";
    fs::write(places::dist().join("glue.inline.d.ts"), types)?;
    Ok(())
}

/// The TypeScript of the package, and the schema of the configuration.
fn scripts(progress: &Progress) -> Result<()> {
    let dist = places::dist();
    let made = "config.schema.json";
    fs::copy(generated(made), dist.join(made))
        .with_context(|| format!("{made} cannot be copied"))?;
    let package = places::root().join("pkg");
    let bundle = places::root().join("xtask/bundle.mjs");
    let sources = ["src", "tsconfig.json", "dist/glue.d.ts", "dist/glue.inline.d.ts"];
    let others = [places::root().join("package-lock.json"), bundle.clone()];
    let files =
        Files::new(sources.map(|name| package.join(name)).into_iter().chain(others), [dist])
            .without(|path| !is_of_typescript(path));
    fresh::step(progress, "TypeScript", &files, || {
        remove_stale(&places::dist())?;
        let mut output = command::run(npm_bin("tsc").arg("--project").arg(&package))?;
        // The entries, each with what it imports.
        output += &command::run(node(&bundle).arg(places::dist()))?;
        executable(&places::dist().join("cli.js"))?;
        Ok(output)
    })
}

/// Whether the TypeScript compiler wrote this entry of `pkg/dist`.
fn is_of_typescript(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_script = name.ends_with(".js") || name.ends_with(".d.ts");
    if path.is_dir() { name != "console" } else { is_script && !name.starts_with("glue.") }
}

/// The console and the playground, as static files.
fn console(progress: &Progress) -> Result<()> {
    let dist = places::dist();
    let lock = places::root().join("package-lock.json");
    // The playground holds the package's modules.
    let package = places::root().join("pkg/src");
    let from = [places::root().join("www"), package, wasm(), dist.join("glue.js"), lock];
    let files = Files::new(from, [dist.join("console")]);
    fresh::step(progress, "console", &files, || {
        command::run(npm().args(["run", "--workspace", "www", "build"]))
    })
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
        if !is_of_typescript(&path) {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Makes the TypeScript types of `pkg/src/generated` from the schemas there.
pub(crate) fn types() -> Result<String> {
    let schemas = [generated("config.schema.json"), generated("results.schema.json")];
    command::run(node(places::root().join("xtask/types.mjs")).args(schemas))
}

/// A checked-in file that `cargo xtask docs` generates from the engine.
fn generated(name: &str) -> PathBuf {
    places::root().join("pkg/src/generated").join(name)
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
    places::dist().join("exchequer.wasm")
}

/// The filter as Envoy loads it.
pub(crate) fn envoy_wasm() -> PathBuf {
    places::dist().join("exchequer-envoy.wasm")
}
