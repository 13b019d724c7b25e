//! Archives that are the same bytes in every run: entries in order, one time for all
//! of them, no names of people or machines, and a compressor without options of the
//! machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// The user of the server's image, and of what it may write. Others use the same
/// number for a user that is not root.
pub(super) const NONROOT: u32 = 65_532;

/// The files of an archive, by path.
#[derive(Default)]
pub(super) struct Tree {
    nodes: BTreeMap<String, Node>,
    /// Seconds since 1970, of every entry.
    modified: u64,
}

enum Node {
    File { bytes: Vec<u8>, executable: bool },
    Folder { mode: u32, owner: u32 },
    Link(String),
}

impl Tree {
    pub(super) fn new(modified: u64) -> Self {
        Self { nodes: BTreeMap::new(), modified }
    }

    pub(super) fn file(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.put(path, Node::File { bytes: bytes.into(), executable: false });
    }

    pub(super) fn program(&mut self, path: &str, bytes: Vec<u8>) {
        self.put(path, Node::File { bytes, executable: true });
    }

    pub(super) fn link(&mut self, path: &str, target: &str) {
        self.put(path, Node::Link(target.to_owned()));
    }

    /// A folder that has to be there when it is empty, or that others may write to.
    pub(super) fn folder(&mut self, path: &str, mode: u32, owner: u32) {
        self.put(path, Node::Folder { mode, owner });
    }

    /// The folders that hold the entries.
    pub(super) fn with_folders(mut self) -> Self {
        let paths: Vec<String> = self.nodes.keys().cloned().collect();
        for path in paths {
            let mut rest = path.as_str();
            while let Some((folder, _)) = rest.rsplit_once('/') {
                let plain = Node::Folder { mode: 0o755, owner: 0 };
                self.nodes.entry(folder.to_owned()).or_insert(plain);
                rest = folder;
            }
        }
        self
    }

    /// Adds the files below a folder that are wanted. The judge gets their path in it.
    pub(super) fn copy(
        &mut self,
        from: &Path,
        to: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        self.copy_below(from, "", to, wanted)
    }

    fn copy_below(
        &mut self,
        root: &Path,
        below: &str,
        to: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        let folder = root.join(below);
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let inside = if below.is_empty() { name } else { format!("{below}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.copy_below(root, &inside, to, wanted)?;
            } else if !wanted(&inside) {
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                self.link(&format!("{to}/{inside}"), &target.to_string_lossy());
            } else {
                let bytes = fs::read(entry.path())?;
                let executable = is_executable(&entry.metadata()?);
                self.put(&format!("{to}/{inside}"), Node::File { bytes, executable });
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &str, node: Node) {
        self.nodes.insert(path.trim_matches('/').to_owned(), node);
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    /// The files, in order.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.nodes.iter().filter_map(|(path, node)| match node {
            Node::File { bytes, .. } => Some((path.as_str(), bytes.as_slice())),
            _ => None,
        })
    }

    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<&str> {
        self.nodes.keys().map(String::as_str).collect()
    }

    /// The archive, not compressed.
    pub(super) fn tar(&self) -> Result<Vec<u8>> {
        let mut archive = Builder::new(Vec::new());
        for (path, node) in &self.nodes {
            let mut header = Header::new_gnu();
            header.set_mtime(self.modified);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(0);
            match node {
                Node::File { bytes, executable } => {
                    header.set_mode(if *executable { 0o755 } else { 0o644 });
                    header.set_entry_type(EntryType::Regular);
                    header.set_size(bytes.len().try_into()?);
                    archive.append_data(&mut header, path, bytes.as_slice())?;
                }
                Node::Folder { mode, owner } => {
                    header.set_mode(*mode);
                    header.set_uid((*owner).into());
                    header.set_gid((*owner).into());
                    header.set_entry_type(EntryType::Directory);
                    archive.append_data(&mut header, format!("{path}/"), std::io::empty())?;
                }
                Node::Link(target) => {
                    header.set_mode(0o777);
                    header.set_entry_type(EntryType::Symlink);
                    archive.append_link(&mut header, path, target)?;
                }
            }
        }
        Ok(archive.into_inner()?)
    }

    pub(super) fn tar_gz(&self) -> Result<Vec<u8>> {
        compress(&self.tar()?)
    }
}

/// gzip without a time, a name or a system.
pub(super) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer =
        GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(6));
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// The files of an archive that are wanted, with what they link to.
pub(super) fn each_of(
    archive: impl std::io::Read,
    mut found: impl FnMut(&str, Content, bool) -> Result<()>,
) -> Result<()> {
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        let executable = entry.header().mode()? & 0o100 != 0;
        let content = match entry.header().entry_type() {
            EntryType::Regular => {
                let mut bytes = Vec::new();
                std::io::copy(&mut entry, &mut bytes)?;
                Content::Bytes(bytes)
            }
            EntryType::Symlink => {
                let target = entry.link_name()?.context("a link leads nowhere")?;
                Content::Link(target.to_string_lossy().into_owned())
            }
            EntryType::Directory => continue,
            other => bail!("{path} is neither a file nor a link, but {other:?}"),
        };
        found(&path, content, executable)?;
    }
    Ok(())
}

/// What an entry of an archive is.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Link(String),
}

#[cfg(test)]
mod tests {
    use super::{Tree, compress};

    /// Neither the order in which files are found, nor when, nor whose they are, is in
    /// the archive.
    #[test]
    fn two_archives_of_the_same_files_are_the_same_bytes() {
        let one = |names: &[&str]| {
            let mut tree = Tree::new(0);
            for name in names {
                tree.file(name, name.as_bytes());
            }
            tree.with_folders().tar_gz().unwrap()
        };
        assert_eq!(one(&["a/b/c", "a/d", "e"]), one(&["e", "a/d", "a/b/c"]));
        assert_ne!(one(&["a"]), one(&["b"]));
    }

    #[test]
    fn folders_come_before_what_they_hold() {
        let mut tree = Tree::new(0);
        tree.file("etc/ssl/certs", "x");
        tree.folder("etc", 0o700, 5);
        let tree = tree.with_folders();
        assert_eq!(tree.paths(), ["etc", "etc/ssl", "etc/ssl/certs"]);
        let bytes = tree.tar().unwrap();
        let modes: Vec<u32> = tar::Archive::new(bytes.as_slice())
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().header().mode().unwrap())
            .collect();
        assert_eq!(modes, [0o700, 0o755, 0o644]);
    }

    #[test]
    fn a_compressed_file_has_no_time_and_no_system() {
        let bytes = compress(b"x").unwrap();
        assert_eq!(bytes.get(3..10).unwrap(), [0, 0, 0, 0, 0, 0, 255]);
    }
}
