//! The Helm chart, and the manifests that it becomes with the values of
//! `deploy/manifests`, for clusters without Helm. Helm renders them: a package of PyPI
//! has its code as a library.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::Release;
use super::archive::Tree;
use super::sbom::Component;
use crate::command::{self, command};
use crate::progress::Progress;
use crate::{places, setup};

/// Writes the chart and the manifests, which name the image by its digest.
pub(super) fn write(progress: &Progress, release: &Release, image: &str) -> Result<()> {
    let python = setup::helm(progress)?;
    let source = places::root().join("deploy/chart");
    let described = fs::read_to_string(source.join("Chart.yaml"))?;
    for field in
        [format!("version: {}", release.version), format!("appVersion: {}", release.version)]
    {
        if !described.lines().any(|line| line == field) {
            bail!("deploy/chart/Chart.yaml must have the line `{field}`");
        }
    }
    let folder = release.folder.join("helm");
    fs::create_dir_all(&folder)?;
    let mut tree = Tree::new(0);
    tree.copy(&source, "exchequer", &|_| true)?;
    let chart = folder.join(format!("exchequer-{}.tgz", release.version));
    fs::write(&chart, tree.tar_gz()?)?;
    release.bill_of_file(
        "exchequer-chart",
        &chart,
        "generic",
        "exchequer-chart",
        vec![Component::new(
            "container",
            "exchequer",
            &release.version,
            format!("pkg:oci/exchequer@{image}"),
        )],
    )?;

    let manifests = release.folder.join("manifests");
    fs::create_dir_all(&manifests)?;
    let overriding = json!({ "image": { "digest": image } }).to_string();
    progress.step("manifests", || {
        for entry in fs::read_dir(places::root().join("deploy/manifests"))?.flatten() {
            let values = entry.path();
            let mut render = command(&python);
            render.arg(places::root().join("xtask/render.py")).args([&chart, &values]);
            let rendered = command::stdout(render.arg(&overriding))?;
            let name = values.file_name().context("a file of values has no name")?;
            fs::write(manifests.join(name), rendered)?;
        }
        Ok(String::new())
    })
}
