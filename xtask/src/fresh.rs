//! Skips a build step whose result is up to date.
//!
//! After a step, a stamp in cargo's target directory records a digest of its
//! inputs and outputs. The step runs again when either has changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::places;
use crate::progress::Progress;

/// The inputs and outputs of a step: files, and folders with their contents.
pub(crate) struct Files {
    from: Vec<PathBuf>,
    to: Vec<PathBuf>,
    /// Which entries of the folders that come out belong to other steps.
    foreign: fn(&Path) -> bool,
}

impl Files {
    pub(crate) fn new(
        from: impl IntoIterator<Item = PathBuf>,
        to: impl IntoIterator<Item = PathBuf>,
    ) -> Self {
        Self { from: from.into_iter().collect(), to: to.into_iter().collect(), foreign: |_| false }
    }

    /// Ignores these direct entries of the folders that come out.
    pub(crate) fn without(self, foreign: fn(&Path) -> bool) -> Self {
        Self { foreign, ..self }
    }
}

/// Runs a step unless its inputs and outputs are unchanged since it last ran.
pub(crate) fn step(
    progress: &Progress,
    name: &str,
    files: &Files,
    work: impl FnOnce() -> Result<String>,
) -> Result<()> {
    let stamp = places::target().join("xtask").join(name.replace(' ', "-"));
    if fs::read_to_string(&stamp).is_ok_and(|made| made == digest(files)) {
        return Ok(());
    }
    // Even a step that fails half-way may have changed its outputs.
    let _ = fs::remove_file(&stamp);
    progress.step(name, work)?;
    fs::create_dir_all(stamp.parent().unwrap_or(&stamp))?;
    fs::write(&stamp, digest(files)).with_context(|| stamp.display().to_string())
}

fn digest(files: &Files) -> String {
    let mut hasher = DefaultHasher::new();
    // Another checkout may share the target directory.
    places::root().hash(&mut hasher);
    files.from.iter().for_each(|path| add_all(path, is_installed, &mut hasher));
    files.to.iter().for_each(|path| add_all(path, files.foreign, &mut hasher));
    format!("{:016x}", hasher.finish())
}

fn is_installed(path: &Path) -> bool {
    path.ends_with("node_modules")
}

/// Adds a file, or a folder without these direct entries.
fn add_all(path: &Path, without: fn(&Path) -> bool, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    match inside(path) {
        Some(entries) => {
            entries.iter().filter(|path| !without(path)).for_each(|path| add(path, hasher));
        }
        None => add(path, hasher),
    }
}

/// Adds a file or a folder. A missing file counts as different from an empty one.
fn add(path: &Path, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    match inside(path) {
        Some(entries) => entries.iter().for_each(|path| add(path, hasher)),
        None => fs::read(path).ok().hash(hasher),
    }
}

/// The entries of a folder, in order.
fn inside(path: &Path) -> Option<Vec<PathBuf>> {
    let mut entries: Vec<_> =
        fs::read_dir(path).ok()?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::{Files, fs, places, step};
    use crate::progress::Progress;

    /// Whether a step ran, which is called so and does this.
    fn ran(name: &str, files: &Files, make: impl FnOnce()) -> bool {
        let mut ran = false;
        let work = || {
            ran = true;
            make();
            Ok(String::new())
        };
        step(&Progress::new(false), name, files, work).unwrap();
        ran
    }

    #[test]
    fn a_source_counts_though_what_comes_out_is_called_otherwise() {
        let folder = places::target().join("xtask/test-of-foreign");
        let (from, to) = (folder.join("from"), folder.join("to"));
        for folder in [&from, &to] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(from.join("source.ts"), "one").unwrap();
        let files = Files::new([from.clone()], [to.clone()])
            .without(|path| path.extension().is_none_or(|ending| ending != "js"));
        let run = || ran("test of foreign steps", &files, || ());
        run();
        fs::write(to.join("other.wasm"), "").unwrap();
        assert!(!run(), "another step made this");
        fs::write(from.join("source.ts"), "two").unwrap();
        assert!(run(), "the source has changed");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_step_runs_again_when_what_goes_in_or_comes_out_has_changed() {
        let folder = places::target().join("xtask/test-of-fresh");
        let (from, to) = (folder.join("from/deep"), folder.join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::write(from.join("source"), "one").unwrap();
        let files = Files::new([folder.join("from")], [to.clone()]);
        let run = || ran("test of fresh steps", &files, || fs::write(&to, "result").unwrap());
        run();
        assert!(!run(), "nothing has changed");
        fs::write(from.join("source"), "two").unwrap();
        assert!(run(), "the source has changed");
        fs::remove_file(&to).unwrap();
        assert!(run(), "the result is gone");
        fs::write(from.join("another"), "").unwrap();
        assert!(run(), "there is another source");
        fs::remove_dir_all(&folder).unwrap();
    }
}
