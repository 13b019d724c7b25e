//! Builds `pkg/dist`, the npm package: the engine as WebAssembly, the
//! TypeScript around it, the console, the schema of the configuration, and the
//! filter for Envoy. Steps whose results are up to date are skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::callbacks;
use crate::command::{self, node, npm, npm_bin};
use crate::engine::{self, Engine, from_wasm, wasm_in, wasm_opt};
use crate::fresh::{self, Files};
use crate::lean;
use crate::names;
use crate::places;
use crate::portable::portable_cargo;
use crate::progress::Progress;
use crate::setup;

/// Installs what is needed and builds everything.
pub(crate) fn build(progress: &Progress) -> Result<()> {
    package(progress)?;
    filter(progress)
}

/// Builds the package without the filter.
pub(crate) fn package(progress: &Progress) -> Result<()> {
    let (published, lean) = (Engine::published(), lean::engine());
    setup::targets(progress, &[engine::TARGET])?;
    beside(|| setup::npm_packages(progress), || published.compile(progress))?;
    published.bind(progress)?;
    lean.compile(progress)?;
    lean.bind(progress)?;
    scripts(progress)?;
    console(progress)?;
    licenses()
}

/// Builds only what `cargo xtask demo` runs, with an unoptimised engine.
pub(crate) fn quick(progress: &Progress, with_console: bool) -> Result<()> {
    if Engine::published().is_compiled() {
        // An incremental release build is faster than a first build of another profile.
        return package(progress);
    }
    eprintln!(
        "The demo compiles the engine without optimisation, because that is faster to build; \
         `cargo xtask build` builds the published package."
    );
    let engine = Engine::quick();
    setup::targets(progress, &[engine::TARGET])?;
    beside(|| setup::packages_of_the_demo(progress, with_console), || engine.compile(progress))?;
    engine.bind(progress)?;
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

/// Makes `exchequer-envoy.wasm`, and the same module with the names of its
/// functions beside it. The backtrace that Envoy prints when it traps has the
/// numbers of functions, which are the same in both.
pub(crate) fn filter(progress: &Progress) -> Result<()> {
    let target = "wasm32-wasip1";
    setup::targets(progress, &[target])?;
    progress.step("filter for Envoy", || {
        command::run(
            portable_cargo()?
                .args(["build", "--release", "--package", "exchequer-envoy"])
                .args(["--target", target]),
        )
    })?;
    let built = places::target().join(target).join("release/exchequer_envoy.wasm");
    let named = envoy_wasm().with_extension("names.wasm");
    let files = Files::new(from_wasm(built.clone(), file!()), [envoy_wasm(), named.clone()]);
    fresh::step(progress, "wasm-opt of the filter", &files, || {
        fs::create_dir_all(places::dist())?;
        let called = built.with_extension("called.wasm");
        callbacks::keep_needed(&built, &called)?;
        let output = wasm_opt(&called, &named, &["--debuginfo"])?;
        fs::write(envoy_wasm(), names::without(&fs::read(&named)?)?)?;
        Ok(output)
    })
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
    let others =
        [places::root().join("package-lock.json"), bundle.clone(), lean::wasm(), lean::source()];
    let made = [dist, lean::entries()];
    let files = Files::new(sources.map(|name| package.join(name)).into_iter().chain(others), made)
        .without(|path| !is_of_typescript(path));
    fresh::step(progress, "TypeScript", &files, || {
        remove_stale(&places::dist())?;
        let mut output = command::run(npm_bin("tsc").arg("--project").arg(&package))?;
        let mut folders = vec![places::dist()];
        if lean::wasm().exists() {
            // Out of what TypeScript made, before that is bundled.
            lean::modules()?;
            folders.push(lean::folder());
        }
        // The entries, each with what it imports.
        output += &command::run(node(&bundle).args(folders))?;
        executable(&places::dist().join("cli.js"))?;
        Ok(output)
    })
}

/// Whether the TypeScript compiler wrote this entry of `pkg/dist`.
fn is_of_typescript(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_script = name.ends_with(".js") || name.ends_with(".d.ts");
    if path.is_dir() {
        name != "console" && name != "lean"
    } else {
        is_script && !name.starts_with("glue.")
    }
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
pub(crate) fn licenses() -> Result<()> {
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

/// The filter as Envoy loads it.
pub(crate) fn envoy_wasm() -> PathBuf {
    places::dist().join("exchequer-envoy.wasm")
}
