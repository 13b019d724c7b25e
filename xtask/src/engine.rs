//! The engine for JavaScript: the WebAssembly module, and the modules that bind
//! it. What else is in the package is made by `artifacts`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{self, node};
use crate::fresh::{self, Files};
use crate::places;
use crate::portable::portable_cargo;
use crate::progress::Progress;

/// The target that JavaScript runs.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The engine, in the folder of the JavaScript that drives it.
const WASM: &str = "exchequer.wasm";

/// An engine for JavaScript, and the folder that it is made in.
pub(crate) struct Engine {
    name: &'static str,
    package: &'static str,
    folder: PathBuf,
    /// The cargo profile.
    profile: &'static str,
    is_optimised: bool,
}

impl Engine {
    /// What is published.
    pub(crate) fn published() -> Self {
        Self {
            name: "engine",
            package: "exchequer-js",
            folder: places::dist(),
            profile: "release",
            is_optimised: true,
        }
    }

    /// The same without administration.
    pub(crate) fn lean(folder: PathBuf) -> Self {
        let (name, package) = ("lean engine", "exchequer-js-lean");
        Self { name, package, folder, ..Self::published() }
    }

    /// What compiles fastest.
    pub(crate) fn quick() -> Self {
        Self { name: "quick engine", profile: "demo", is_optimised: false, ..Self::published() }
    }

    /// Whether it was compiled before.
    pub(crate) fn is_compiled(&self) -> bool {
        self.compiled().exists()
    }

    pub(crate) fn compile(&self, progress: &Progress) -> Result<()> {
        progress.step(&format!("{} to WebAssembly", self.name), || {
            command::run(
                portable_cargo()?
                    .args(["build", "--profile", self.profile, "--package", self.package])
                    .args(["--target", TARGET]),
            )
        })
    }

    /// Makes `exchequer.wasm` of what was compiled, and the modules that bind it:
    /// `glue.js` with its types, and `glue.inline.js`.
    pub(crate) fn bind(&self, progress: &Progress) -> Result<()> {
        let names = [WASM, "glue.js", "glue.d.ts", "glue.inline.js", "glue.inline.d.ts"];
        let made = names.map(|name| self.folder.join(name));
        let files = Files::new(from_wasm(self.compiled(), file!()), made);
        fresh::step(progress, &format!("bindings of the {}", self.name), &files, || {
            self.bindings()?;
            let bound = self.folder.join("glue_bg.wasm");
            let module = wasm_in(&self.folder);
            let output = if self.is_optimised {
                let output = wasm_opt(&bound, &module, &[])?;
                fs::remove_file(bound)?;
                output
            } else {
                fs::rename(bound, module)?;
                String::new()
            };
            self.inline()?;
            Ok(output)
        })
    }

    /// As cargo compiled it.
    fn compiled(&self) -> PathBuf {
        let module = format!("{}.wasm", self.package.replace('-', "_"));
        places::target().join(TARGET).join(self.profile).join(module)
    }

    /// Makes `glue.js` and `glue.d.ts`, which `pkg/src/engine.ts` imports.
    fn bindings(&self) -> Result<()> {
        let folder = &self.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Bindgen::new()
            .input_path(self.compiled())
            .web(true)
            .map_err(|error| anyhow!(error))?
            .out_name("glue")
            .typescript(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(folder)
            .map_err(|error| anyhow!(error))?;
        // Declares the module that is bound, which nobody imports.
        fs::remove_file(folder.join("glue_bg.wasm.d.ts"))?;
        Ok(())
    }

    /// Makes `glue.inline.js`: the module as text, for runtimes that may not read
    /// files.
    fn inline(&self) -> Result<()> {
        let text = STANDARD.encode(fs::read(wasm_in(&self.folder))?);
        let [module, types] =
            ["glue.inline.js", "glue.inline.d.ts"].map(|name| self.folder.join(name));
        fs::write(module, format!("export default \"{text}\"\n"))?;
        let declared = "/** The engine as WebAssembly, in base64. */\ndeclare const wasm: string\nexport default wasm\n";
        Ok(fs::write(types, declared)?)
    }
}

/// The engine that is driven by the JavaScript in this folder.
pub(crate) fn wasm_in(folder: &Path) -> PathBuf {
    folder.join(WASM)
}

/// A compiled module, and what decides how it is processed.
pub(crate) fn from_wasm(module: PathBuf, source: &str) -> [PathBuf; 3] {
    [module, places::root().join(source), places::root().join("package-lock.json")]
}

/// Makes a module smaller and faster.
pub(crate) fn wasm_opt(from: &Path, to: &Path, options: &[&str]) -> Result<String> {
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
    // A rename is atomic: a process that loads the module meanwhile gets a whole one.
    fs::rename(&optimised, to)?;
    Ok(output)
}
