//! `cargo xtask release`: everything that is released, in `target/release-artifacts`.
//!
//! | folder | what | by |
//! |---|---|---|
//! | `npm`, `crates`, `jsr` | the packages of registries | [`packages`] |
//! | `oci/server` | the image of the server | [`server`], [`debian`] |
//! | `oci/envoy-filter`, `oci/component-*`, `oci/wit` | modules and components | [`wasm`] |
//! | `helm`, `manifests` | the chart, and what it becomes | [`chart`] |
//! | `sbom` | a bill of materials for each artifact | [`sbom`] |
//! | `RELEASE_NOTES.md`, `SHA256SUMS` | | [`notes`], [`digest`] |
//!
//! Two releases of one commit are the same bytes, in whichever folder they are made.

mod archive;
mod chart;
mod check;
mod debian;
mod digest;
mod notes;
mod oci;
mod packages;
mod platform;
mod sbom;
mod server;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use self::platform::Platform;
use self::sbom::Component;
use crate::command::{self, command};
use crate::progress::Progress;
use crate::{artifacts, components, places};

pub(crate) use self::packages::CRATES;

/// What was asked for.
#[derive(Default)]
pub(crate) struct Request {
    /// Packs what `cargo xtask build` built before.
    pub(crate) built: bool,
    pub(crate) check: bool,
    /// Writes the pins of Debian's packages, and nothing else.
    pub(crate) pin: bool,
}

/// A release that is being written.
struct Release {
    version: String,
    /// The commit.
    revision: String,
    /// When it was made, which stands for when the release is.
    created: String,
    folder: PathBuf,
}

pub(crate) fn run(progress: &Progress, request: &Request) -> Result<()> {
    if request.pin {
        return debian::pin(progress);
    }
    if !request.built {
        artifacts::build(progress)?;
        components::build(progress)?;
    }
    let release = write(progress, &folder(), &Platform::all())?;
    if request.check {
        check::check(progress, &release)?;
    }
    println!("{}", release.folder.display());
    Ok(())
}

/// A release for this machine of what was built, for the suite `release`.
///
/// # Errors
/// Why it cannot be made, on this machine or at all.
pub(crate) fn for_tests(progress: &Progress) -> Result<PathBuf> {
    let folder = places::target().join("release-test");
    write(progress, &folder, &[Platform::here()?])?;
    Ok(folder)
}

/// The tests of a release, which get its folder in `EXCHEQUER_RELEASE`.
pub(crate) fn tests() -> Vec<PathBuf> {
    let names = ["artifacts", "chart", "image"];
    names.map(|name| places::root().join(format!("tests/release/{name}.test.mjs"))).to_vec()
}

fn folder() -> PathBuf {
    places::target().join("release-artifacts")
}

fn write(progress: &Progress, folder: &Path, platforms: &[Platform]) -> Result<Release> {
    let release = Release::of_commit(folder)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder.join("sbom"))?;
    artifacts::licenses()?;
    packages::npm_package(progress, &release)?;
    packages::crates(progress, &release)?;
    packages::jsr(&release)?;
    let image = server::write(progress, &release, platforms)?;
    wasm::write(&release)?;
    chart::write(progress, &release, &image)?;
    let changelog = fs::read_to_string(places::root().join("CHANGELOG.md"))?;
    let notes = notes::notes(&changelog, &release.version)?;
    fs::write(folder.join("RELEASE_NOTES.md"), notes)?;
    digest::write_list(folder)?;
    Ok(release)
}

impl Release {
    fn of_commit(folder: &Path) -> Result<Self> {
        let git = |words: &[&str]| {
            let said = command::stdout(command("git").args(words).env("TZ", "UTC"))
                .context("a release is made of a commit")?;
            anyhow::Ok(said.trim().to_owned())
        };
        if !git(&["status", "--porcelain"])?.is_empty() {
            eprintln!("warning: the checkout has changes that are in no commit");
        }
        let package = fs::read(places::root().join("pkg/package.json"))?;
        let package: Value = serde_json::from_slice(&package)?;
        let version = package.get("version").and_then(Value::as_str);
        let version = version.context("pkg/package.json has no version")?;
        if version != env!("CARGO_PKG_VERSION") {
            bail!("pkg/package.json and Cargo.toml have different versions");
        }
        Ok(Self {
            version: version.to_owned(),
            revision: git(&["rev-parse", "HEAD"])?,
            created: git(&["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"])?,
            folder: folder.to_owned(),
        })
    }

    /// What every image says of itself.
    fn annotations(&self, title: &str) -> Value {
        json!({
            "org.opencontainers.image.title": title,
            "org.opencontainers.image.description":
                "OAuth 2.0 token exchange that runs anywhere WebAssembly runs",
            "org.opencontainers.image.version": self.version,
            "org.opencontainers.image.revision": self.revision,
            "org.opencontainers.image.created": self.created,
            "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        })
    }

    /// Writes the bill of materials of an artifact.
    fn bill(&self, name: &str, artifact: &Component, parts: Vec<Component>) -> Result<()> {
        let text = serde_json::to_string_pretty(&sbom::bill(artifact, parts))?;
        let path = self.folder.join("sbom").join(format!("{name}.cdx.json"));
        fs::write(path, text + "\n").context("a bill of materials cannot be written")
    }

    /// That of a file, which it names by its digest.
    fn bill_of_file(
        &self,
        name: &str,
        file: &Path,
        registry: &str,
        package: &str,
        parts: Vec<Component>,
    ) -> Result<()> {
        let purl = format!("pkg:{registry}/{package}@{}", self.version);
        let artifact = Component::new("library", package, &self.version, purl.clone())
            .with_sha256(&digest::sha256(&fs::read(file)?))
            .with("bom-ref", format!("{purl}#artifact").into());
        self.bill(name, &artifact, parts)
    }
}
