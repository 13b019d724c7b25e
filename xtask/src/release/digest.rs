//! SHA-256 of what is released, and the list of it that `sha256sum --check` reads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The name of the list.
pub(super) const LIST: &str = "SHA256SUMS";

/// In hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes the list of every file below a folder but itself.
pub(super) fn write_list(folder: &Path) -> Result<()> {
    let list = list(folder)?;
    fs::write(folder.join(LIST), list).context("the checksums cannot be written")
}

/// The list as `sha256sum` would write it, in the order of the paths.
pub(super) fn list(folder: &Path) -> Result<String> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    let mut list = String::new();
    for path in paths {
        let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
        if name != LIST {
            let _ = writeln!(list, "{}  {name}", sha256(&fs::read(&path)?));
        }
    }
    Ok(list)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), known);
    }
}
