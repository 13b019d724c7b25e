//! Modules and components as images: the filter for Envoy, which proxies load from a
//! registry; the components, as the CNCF's format for WebAssembly says; and the package
//! of WIT by itself, in the same format.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};

use super::Release;
use super::archive::{Tree, compress};
use super::digest::sha256;
use super::oci::{CONFIG, LAYER, Layout};
use super::sbom::{self, Component};
use crate::{artifacts, places};

const WASM: &str = "application/wasm";
const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// A component: its name, its file in `pkg/dist`, and what it is compiled from.
const COMPONENTS: [(&str, &str, &str, &str); 3] = [
    ("component-http", "exchequer-component.wasm", "exchequer-component-http", "wasm32-wasip2"),
    (
        "component-authority",
        "exchequer-authority.component.wasm",
        "exchequer-component-authority",
        "wasm32-unknown-unknown",
    ),
    (
        "component-engine",
        "exchequer-engine.component.wasm",
        "exchequer-component-engine",
        "wasm32-unknown-unknown",
    ),
];

/// Writes all of them.
pub(super) fn write(release: &Release) -> Result<()> {
    filter(release)?;
    for (name, file, package, target) in COMPONENTS {
        let path = places::dist().join(file);
        let component =
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let digest = layout(release, name, &component)?;
        bill(release, name, &digest, sbom::crates(package, target, &[])?)?;
    }
    let package = wit_package()?;
    fs::create_dir_all(release.folder.join("wit"))?;
    fs::write(
        release.folder.join(format!("wit/exchequer-sts-{}.wasm", release.version)),
        &package,
    )?;
    let digest = layout(release, "wit", &package)?;
    bill(release, "wit", &digest, Vec::new())
}

/// The variant that Envoy Gateway and Istio call `compat`: one layer, and in it
/// `plugin.wasm`.
fn filter(release: &Release) -> Result<()> {
    let mut tree = Tree::new(0);
    tree.file("plugin.wasm", fs::read(artifacts::envoy_wasm())?);
    let tar = tree.tar()?;
    let mut layout = Layout::new(release.folder.join("oci/envoy-filter"))?;
    let layer = layout.blob(LAYER, &compress(&tar)?)?;
    let config = json!({
        // The format wants a processor; a module has none.
        "architecture": "amd64", "os": "linux", "created": release.created, "config": {},
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&tar))] },
        "history": [{ "created": release.created, "created_by": "plugin.wasm" }],
    });
    let config = layout.json(CONFIG, &config)?;
    let mut annotations = release.annotations("Exchequer, filter for Envoy");
    if let Value::Object(fields) = &mut annotations {
        fields.insert("module.wasm.image/variant".to_owned(), "compat".into());
    }
    let manifest = layout.manifest(&config, &[layer], &annotations)?;
    layout.tag(&release.version, &manifest);
    layout.finish()?;
    let crates = sbom::crates("exchequer-envoy", "wasm32-wasip1", &[])?;
    bill(release, "envoy-filter", manifest.digest(), crates)
}

/// A layout with one component; returns the digest of its manifest.
fn layout(release: &Release, name: &str, component: &[u8]) -> Result<String> {
    let mut layout = Layout::new(release.folder.join("oci").join(name))?;
    let layer = layout.blob(WASM, component)?;
    let (imports, exports) = surface(component)?;
    let config = json!({
        "created": release.created, "architecture": "wasm", "os": "wasip2",
        "layerDigests": [layer.digest()],
        "component": { "imports": imports, "exports": exports },
    });
    let config = layout.json(WASM_CONFIG, &config)?;
    let annotations = release.annotations(&format!("Exchequer, {name}"));
    let manifest = layout.manifest(&config, &[layer], &annotations)?;
    layout.tag(&release.version, &manifest);
    layout.finish()?;
    Ok(manifest.digest().to_owned())
}

/// The names that a component imports and exports; of a package, what it declares.
fn surface(component: &[u8]) -> Result<(Vec<String>, Vec<String>)> {
    Ok(match wit_component::decode(component)? {
        DecodedWasm::Component(resolve, world) => of_world(&resolve, world)?,
        DecodedWasm::WitPackage(resolve, package) => {
            let package = resolve.packages.get(package).context("the package is missing")?;
            let names = package.interfaces.keys().chain(package.worlds.keys());
            (Vec::new(), names.map(|name| package.name.interface_id(name)).collect())
        }
    })
}

fn of_world(resolve: &Resolve, world: WorldId) -> Result<(Vec<String>, Vec<String>)> {
    let world = resolve.worlds.get(world).context("the world is missing")?;
    let names = |items: Vec<_>| items.into_iter().map(|key| resolve.name_world_key(key)).collect();
    Ok((names(world.imports.keys().collect()), names(world.exports.keys().collect())))
}

/// `wit/` in the binary form that registries keep.
fn wit_package() -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(places::root().join("wit"))?;
    wit_component::encode(&resolve, package)
}

fn bill(release: &Release, name: &str, digest: &str, parts: Vec<Component>) -> Result<()> {
    let purl = format!("pkg:oci/exchequer-{name}@{digest}");
    let artifact = Component::new("library", &format!("exchequer-{name}"), &release.version, purl);
    release.bill(&format!("exchequer-{name}"), &artifact, parts)
}
