//! Image layouts as the Open Container Initiative describes them: a folder with
//! `oci-layout`, `index.json`, and a blob for each digest. No container engine is
//! needed; `skopeo`, `podman` and `oras` copy them to a registry.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::digest::sha256;

/// The media types that every image has.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A blob that was written: what others refer to it by.
#[derive(Clone)]
pub(super) struct Descriptor(Value);

impl Descriptor {
    pub(super) fn digest(&self) -> &str {
        self.0.get("digest").and_then(Value::as_str).unwrap_or_default()
    }

    /// The same with one more field.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(fields) = &mut self.0 {
            fields.insert(name.to_owned(), value);
        }
        self
    }

    pub(super) fn value(&self) -> Value {
        self.0.clone()
    }
}

/// A layout that is being written.
pub(super) struct Layout {
    folder: PathBuf,
    tagged: Vec<Value>,
}

impl Layout {
    /// In an empty folder.
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("blobs/sha256"))
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { folder, tagged: Vec::new() })
    }

    pub(super) fn blob(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor> {
        let digest = sha256(bytes);
        fs::write(self.folder.join("blobs/sha256").join(&digest), bytes)?;
        Ok(Descriptor(json!({
            "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len(),
        })))
    }

    pub(super) fn json(&self, media_type: &str, value: &Value) -> Result<Descriptor> {
        self.blob(media_type, &serde_json::to_vec(value)?)
    }

    /// A manifest of a configuration and layers.
    pub(super) fn manifest(
        &self,
        config: &Descriptor,
        layers: &[Descriptor],
        annotations: &Value,
    ) -> Result<Descriptor> {
        let layers: Vec<Value> = layers.iter().map(Descriptor::value).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config.value(), "layers": layers,
            "annotations": annotations,
        });
        self.json(MANIFEST, &manifest)
    }

    /// Several images under one name, one for each platform.
    pub(super) fn index(
        &self,
        manifests: &[Descriptor],
        annotations: &Value,
    ) -> Result<Descriptor> {
        let manifests: Vec<Value> = manifests.iter().map(Descriptor::value).collect();
        let index = json!({
            "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests,
            "annotations": annotations,
        });
        self.json(INDEX, &index)
    }

    /// Gives a manifest or an index a name by which tools find it.
    pub(super) fn tag(&mut self, name: &str, target: &Descriptor) {
        let annotations = json!({ "org.opencontainers.image.ref.name": name });
        self.tagged.push(target.clone().with("annotations", annotations).value());
    }

    /// Writes what makes the folder a layout.
    pub(super) fn finish(self) -> Result<()> {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": self.tagged });
        fs::write(self.folder.join("index.json"), serde_json::to_vec(&index)?)?;
        fs::write(self.folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
        Ok(())
    }
}
