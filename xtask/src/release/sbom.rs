//! The software bill of materials of an artifact, as CycloneDX 1.6 in JSON: what was
//! compiled or copied into it, with versions, licences and digests. It has no time and
//! no serial number, so that it is the same in every run.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::command::{self, cargo};
use crate::places;

/// A part of an artifact, or the artifact.
#[derive(Clone)]
pub(super) struct Component(Value);

impl Component {
    pub(super) fn library(name: &str, version: &str, purl: String) -> Self {
        Self::new("library", name, version, purl)
    }

    pub(super) fn new(kind: &str, name: &str, version: &str, purl: String) -> Self {
        let reference = purl.clone();
        Self(json!({
            "type": kind, "name": name, "version": version, "purl": purl, "bom-ref": reference,
        }))
    }

    pub(super) fn with_sha256(self, digest: &str) -> Self {
        self.with("hashes", json!([{ "alg": "SHA-256", "content": digest }]))
    }

    /// A licence expression of SPDX. Cargo once allowed a slash between two.
    fn with_licence(self, expression: &str) -> Self {
        let expression = expression.replace('/', " OR ");
        self.with("licenses", json!([{ "expression": expression }]))
    }

    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(fields) = &mut self.0 {
            fields.insert(name.to_owned(), value);
        }
        self
    }

    fn key(&self) -> &str {
        self.0.get("purl").and_then(Value::as_str).unwrap_or_default()
    }
}

/// The document.
pub(super) fn bill(artifact: &Component, parts: Vec<Component>) -> Value {
    let parts: BTreeMap<String, Value> =
        parts.into_iter().map(|part| (part.key().to_owned(), part.0)).collect();
    let names: Vec<&String> = parts.keys().collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": artifact.0 },
        "dependencies": [{ "ref": artifact.key(), "dependsOn": names }],
        "components": parts.values().collect::<Vec<_>>(),
    })
}

/// The crates that are compiled into a package of the workspace.
pub(super) fn crates(package: &str, target: &str, features: &[&str]) -> Result<Vec<Component>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package, "--target", target]).args(features);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}"]);
    let tree = command::stdout(&mut tree)?;
    let digests = digests(&fs::read_to_string(places::root().join("Cargo.lock"))?);
    let parts = tree.lines().filter_map(|line| {
        let (words, licence) = line.trim_end_matches(" (*)").split_once('|')?;
        let mut words = words.split(' ');
        let (name, version) = (words.next()?, words.next()?.trim_start_matches('v'));
        let purl = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"));
        let part = Component::library(name, version, purl).with_licence(licence);
        let digest = digests.get(&(name.to_owned(), version.to_owned()));
        Some(match digest {
            Some(digest) => part.with_sha256(digest),
            None => part,
        })
    });
    Ok(parts.collect())
}

/// The digests of crates in a lock file, which cargo writes in one form.
fn digests(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]");
    blocks
        .filter_map(|block| {
            let name = (field(block, "name")?, field(block, "version")?);
            Some((name, field(block, "checksum")?))
        })
        .collect()
}

/// Packages of an npm lock file, those that are wanted by their place in it.
pub(super) fn npm(lock: &Value, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Component>> {
    let packages = lock.get("packages").and_then(Value::as_object);
    let packages = packages.context("the lock file of npm names no packages")?;
    let mut parts = Vec::new();
    for (place, package) in packages {
        let Some((_, name)) = place.rsplit_once("node_modules/") else { continue };
        if wanted(place) {
            parts.push(npm_package(name, package)?);
        }
    }
    Ok(parts)
}

fn npm_package(name: &str, package: &Value) -> Result<Component> {
    let field = |field: &str| package.get(field).and_then(Value::as_str);
    let version = field("version").with_context(|| format!("{name} has no version"))?;
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    let mut part = Component::library(name, version, purl);
    if let Some(licence) = field("license") {
        part = part.with_licence(licence);
    }
    if let Some(digest) = field("integrity").and_then(|text| text.strip_prefix("sha512-")) {
        let digest = STANDARD.decode(digest)?;
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        part = part.with("hashes", json!([{ "alg": "SHA-512", "content": digest }]));
    }
    Ok(part)
}

/// What the console's pages are bundled from: these packages, and what they need.
pub(super) fn console() -> Result<Vec<Component>> {
    let lock = fs::read(places::root().join("package-lock.json"))?;
    let lock: Value = serde_json::from_slice(&lock)?;
    let mut places = Vec::new();
    let mut left: Vec<String> = BUNDLED.iter().map(|name| (*name).to_owned()).collect();
    while let Some(name) = left.pop() {
        let place = format!("node_modules/{name}");
        let package = lock.get("packages").and_then(|packages| packages.get(&place));
        let package = package.with_context(|| format!("package-lock.json has no {name}"))?;
        if places.contains(&place) {
            continue;
        }
        places.push(place);
        let needed = package.get("dependencies").and_then(Value::as_object);
        left.extend(needed.into_iter().flatten().map(|(name, _)| name.clone()));
    }
    npm(&lock, &|place| places.iter().any(|wanted| wanted == place))
}

/// Of the devDependencies of `www`, those that its pages import.
const BUNDLED: [&str; 3] = ["@picocss/pico", "@preact/signals", "preact"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BUNDLED, Component, bill, digests, fs, npm, places};

    #[test]
    fn a_bill_has_each_part_once_in_order() {
        let part = |name| Component::library(name, "1.0.0", format!("pkg:cargo/{name}@1.0.0"));
        let bill = bill(&part("whole"), vec![part("b"), part("a"), part("b")]);
        let names: Vec<_> =
            bill["components"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_package_of_npm_keeps_its_scope_and_its_digest() {
        let lock = json!({ "packages": {
            "": {}, "node_modules/@a/b": { "version": "1.2.3", "integrity": "sha512-AAE=", "license": "MIT" },
        } });
        let parts = npm(&lock, &|_| true).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].0["purl"], "pkg:npm/%40a/b@1.2.3");
        assert_eq!(parts[0].0["hashes"][0]["content"], "0001");
    }

    #[test]
    fn digests_are_found_in_a_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1\"\nchecksum = \"cafe\"\n\n[[package]]\nname = \"own\"\nversion = \"1\"\n";
        assert_eq!(digests(lock).len(), 1);
    }

    /// Whoever adds a package to the console has to add it to its bill.
    #[test]
    fn the_console_is_bundled_from_what_the_bill_says() {
        let package = fs::read_to_string(places::root().join("www/package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&package).unwrap();
        let named = package["devDependencies"].as_object().unwrap().keys();
        let bundled: Vec<_> = named.filter(|name| *name != "vite").collect();
        assert_eq!(bundled, BUNDLED);
        assert!(package.get("dependencies").is_none());
    }
}
