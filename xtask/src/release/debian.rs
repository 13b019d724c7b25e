//! The libraries of the server's image: packages of Debian, in the versions and with
//! the digests that `deploy/image/debian.json` names. `apt-get` of the machine fetches
//! them for both architectures, with lists of its own, so that the machine is not
//! changed. Debian keeps only the newest version of a package: `cargo xtask release
//! --pin` writes the file anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use super::archive::{Content, Tree, each_of};
use super::digest::sha256;
use super::platform::Platform;
use super::sbom::Component;
use crate::command::{self, command};
use crate::places;
use crate::progress::Progress;

/// A package, and the files of it that the image needs.
struct Package {
    name: &'static str,
    wanted: fn(&str) -> bool,
}

/// Node needs the libraries; scanners and people who use the system's certificates
/// the rest.
const PACKAGES: [Package; 6] = [
    Package { name: "base-files", wanted: |path| path == "usr/lib/os-release" },
    Package { name: "ca-certificates", wanted: |path| path.ends_with(".crt") },
    Package { name: "gcc-12-base", wanted: |_| false },
    Package { name: "libc6", wanted: is_library },
    Package { name: "libgcc-s1", wanted: is_library },
    Package { name: "libstdc++6", wanted: is_library },
];

/// Modules of the character converter (`gconv`) and of a debugger are not needed.
fn is_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_library = name.contains(".so") && !path.ends_with(".py");
    is_library && !path.contains("/gconv/")
}

/// The licence of every package stays with it. It may be a link to that of another.
fn is_licence(path: &str) -> bool {
    path.starts_with("usr/share/doc/")
        && (path.ends_with("/copyright") || path.matches('/').count() == 3)
}

/// Adds the packages to the image.
pub(super) fn install(
    progress: &Progress,
    platform: &Platform,
    image: &mut Tree,
) -> Result<Vec<Component>> {
    let pins = Pins::read()?;
    let files = fetch(progress, platform, &pins)?;
    let mut components = Vec::new();
    let mut certificates = String::new();
    for (package, file) in PACKAGES.iter().zip(&files) {
        let name = package.name;
        let data = command::bytes(command("dpkg-deb").arg("--fsys-tarfile").arg(file))?;
        each_of(data.as_slice(), |path, content, executable| {
            let wanted = (package.wanted)(path);
            match content {
                Content::Bytes(bytes) if wanted && path.ends_with(".crt") => {
                    certificates += std::str::from_utf8(&bytes)?;
                }
                Content::Bytes(bytes) if wanted && executable => image.program(path, bytes),
                Content::Bytes(bytes) if wanted || is_licence(path) => image.file(path, bytes),
                Content::Link(target) if wanted || is_licence(path) => image.link(path, &target),
                _ => {}
            }
            Ok(())
        })
        .with_context(|| format!("{name} cannot be unpacked"))?;
        // Where scanners look for the packages of an image without dpkg.
        let control = command::stdout(command("dpkg-deb").arg("--field").arg(file))?;
        image.file(&format!("var/lib/dpkg/status.d/{name}"), control);
        let (version, digest) = pins.of(name, platform)?;
        let purl = format!("pkg:deb/debian/{name}@{version}?arch={}", platform.debian);
        components
            .push(Component::library(name, version, purl.replace('+', "%2B")).with_sha256(digest));
    }
    image.file("etc/ssl/certs/ca-certificates.crt", certificates);
    image.link("etc/os-release", "../usr/lib/os-release");
    Ok(components)
}

/// The packages as files, verified.
fn fetch(progress: &Progress, platform: &Platform, pins: &Pins) -> Result<Vec<PathBuf>> {
    let files = PACKAGES.iter().map(|package| pins.file(package.name, platform));
    let files = files.collect::<Result<Vec<_>>>()?;
    let is_there = |(package, file): (&Package, &PathBuf)| {
        let found = fs::read(file).is_ok_and(|bytes| {
            pins.of(package.name, platform).is_ok_and(|(_, digest)| digest == sha256(&bytes))
        });
        found.then_some(())
    };
    if PACKAGES.iter().zip(&files).try_for_each(|pair| is_there(pair).ok_or(())).is_ok() {
        return Ok(files);
    }
    let title = format!("packages of Debian for {}", platform.debian);
    progress.step(&title, || {
        let versioned = PACKAGES
            .iter()
            .map(|package| Ok(format!("{}={}", package.name, pins.of(package.name, platform)?.0)));
        download(platform, &versioned.collect::<Result<Vec<_>>>()?)
    })?;
    for (package, file) in PACKAGES.iter().zip(&files) {
        let bytes = fs::read(file).with_context(|| format!("{} is missing", file.display()))?;
        let (_, expected) = pins.of(package.name, platform)?;
        if sha256(&bytes) != expected {
            fs::remove_file(file)?;
            bail!(
                "{} has not the digest that deploy/image/debian.json names; it was removed",
                file.display()
            );
        }
    }
    Ok(files)
}

/// Writes the versions that Debian has now, and their digests, into the file.
pub(super) fn pin(progress: &Progress) -> Result<()> {
    let mut pins = Map::new();
    for platform in Platform::all() {
        let folder = folder(&platform);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let names: Vec<String> = PACKAGES.iter().map(|package| package.name.to_owned()).collect();
        progress.step(&format!("newest packages for {}", platform.debian), || {
            download(&platform, &names)
        })?;
        for entry in fs::read_dir(&folder)?.flatten() {
            let file = entry.path();
            if file.extension().is_none_or(|extension| extension != "deb") {
                continue;
            }
            let field = |name: &str| {
                let field =
                    command::stdout(command("dpkg-deb").arg("--field").arg(&file).arg(name));
                field.map(|text| text.trim().to_owned())
            };
            let package = pins.entry(field("Package")?).or_insert_with(|| json!({}));
            if let Value::Object(fields) = package {
                fields.insert("version".to_owned(), field("Version")?.into());
                fields.insert(platform.debian.to_owned(), sha256(&fs::read(&file)?).into());
            }
        }
    }
    let text = serde_json::to_string_pretty(&Value::Object(pins))?;
    Ok(fs::write(Pins::path(), text + "\n")?)
}

/// Downloads packages into the folder of their architecture.
fn download(platform: &Platform, packages: &[String]) -> Result<String> {
    let folder = folder(platform);
    for name in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(name))?;
    }
    let apt = || {
        let mut apt: Command = command("apt-get");
        let option = |name: &str, value: &Path| format!("{name}={}", value.display());
        let architecture = platform.debian;
        apt.current_dir(&folder).args(["-o", &format!("APT::Architecture={architecture}")]);
        apt.args(["-o", &format!("APT::Architectures={architecture}")]);
        apt.args(["-o", &option("Dir::State", &folder)]);
        apt.args(["-o", &option("Dir::State::lists", &folder.join("lists"))]);
        apt.args(["-o", "Dir::State::status=/dev/null"]);
        apt.args(["-o", &option("Dir::Cache", &folder.join("cache"))]);
        apt
    };
    let mut output = command::run(apt().arg("update"))?;
    output += &command::run(apt().arg("download").args(packages)).context(
        "Debian may have newer versions than deploy/image/debian.json names; \
         `cargo xtask release --pin` writes them there",
    )?;
    fs::remove_dir_all(folder.join("lists"))?;
    Ok(output)
}

fn folder(platform: &Platform) -> PathBuf {
    places::target().join("xtask/debian").join(platform.debian)
}

/// Versions and digests by package.
struct Pins(Value);

impl Pins {
    fn path() -> PathBuf {
        places::root().join("deploy/image/debian.json")
    }

    fn read() -> Result<Self> {
        let path = Self::path();
        let text = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self(serde_json::from_slice(&text)?))
    }

    /// The version and the digest of a package.
    fn of(&self, name: &str, platform: &Platform) -> Result<(&str, &str)> {
        let field = |field: &str| {
            let value = self.0.get(name).and_then(|package| package.get(field)?.as_str());
            value.ok_or_else(|| anyhow!("deploy/image/debian.json has no {field} of {name}"))
        };
        Ok((field("version")?, field(platform.debian)?))
    }

    /// Where `apt-get download` puts it.
    fn file(&self, name: &str, platform: &Platform) -> Result<PathBuf> {
        let (version, _) = self.of(name, platform)?;
        let version = version.replace(':', "%3a");
        let folder = folder(platform);
        let own = folder.join(format!("{name}_{version}_{}.deb", platform.debian));
        let shared = folder.join(format!("{name}_{version}_all.deb"));
        Ok(if name == "ca-certificates" { shared } else { own })
    }
}

#[cfg(test)]
mod tests {
    use super::{is_library, is_licence};

    #[test]
    fn libraries_and_licences_are_taken_and_nothing_else() {
        for path in ["lib/x86_64-linux-gnu/libc.so.6", "lib64/ld-linux-x86-64.so.2"] {
            assert!(is_library(path), "{path}");
        }
        for path in [
            "usr/lib/x86_64-linux-gnu/gconv/BIG5.so",
            "usr/bin/ldd",
            "usr/share/gcc/auto-load/libstdc++.so.6.0.30-gdb.py",
        ] {
            assert!(!is_library(path), "{path}");
        }
        assert!(is_licence("usr/share/doc/libc6/copyright"));
        assert!(is_licence("usr/share/doc/libgcc-s1"), "a link to another's");
        assert!(!is_licence("usr/share/doc/libc6/changelog.Debian.gz"));
    }
}
