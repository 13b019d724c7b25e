//! The lean entry of the npm package, `pkg/dist/lean`: the engine without
//! administration, and the JavaScript that drives it.
//!
//! The modules of a package share one engine. The lean one therefore has modules
//! of its own: copies of those that the entries need. Their types are the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use crate::engine::{Engine, wasm_in};
use crate::places;

/// The entries of `exchequer` that `exchequer/lean` has as well, in `pkg/dist`.
const ENTRIES: [&str; 5] =
    ["entry/browser.js", "entry/edge.js", "entry/inline.js", "entry/node.js", "entry/workerd.js"];

/// The engine, and where it is made.
pub(crate) fn engine() -> Engine {
    Engine::lean(folder())
}

/// Makes the modules anew, out of what TypeScript became.
pub(crate) fn modules() -> Result<()> {
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if name.ends_with(".js") && !name.starts_with("glue.") {
            fs::remove_file(path)?;
        }
    }
    copy(&places::dist(), &folder())
}

/// Copies the entries and everything that they import. What is there already
/// belongs to the engine and is kept.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut left: Vec<PathBuf> = ENTRIES.iter().map(PathBuf::from).collect();
    let mut seen = BTreeSet::new();
    while let Some(module) = left.pop() {
        if to.join(&module).exists() || !seen.insert(module.clone()) {
            continue;
        }
        let source = from.join(&module);
        let text = fs::read_to_string(&source)
            .with_context(|| format!("{} cannot be read", source.display()))?;
        let beside = module.parent().unwrap_or(Path::new(""));
        left.extend(imported(&text).map(|name| beside.join(name)).map(|path| normal(&path)));
        let target = to.join(&module);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::write(target, text)?;
    }
    Ok(())
}

/// The modules of the package that a module imports.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    ["from '", "import '", "import('"]
        .into_iter()
        .flat_map(|before| text.split(before).skip(1))
        .filter_map(|rest| rest.split_once('\'').map(|(name, _)| name))
        .filter(|name| name.starts_with('.') && name.ends_with(".js"))
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::Normal(name) => normal.push(name),
            _ => {}
        }
    }
    normal
}

/// The engine as the lean entry loads it.
pub(crate) fn wasm() -> PathBuf {
    wasm_in(&folder())
}

/// The folder of its entries.
pub(crate) fn entries() -> PathBuf {
    folder().join("entry")
}

/// What decides how its modules are made.
pub(crate) fn source() -> PathBuf {
    places::root().join(file!())
}

pub(crate) fn folder() -> PathBuf {
    places::dist().join("lean")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_imports_is_found() {
        let text = "import { a,\n  b } from './a.js'\nexport * from '../b/c.js'\nimport './d.js'\n\
                    import fs from 'node:fs'\nimport wasm from '../e.wasm'\nawait import('./f.js')\n";
        let mut found: Vec<_> = imported(text).collect();
        found.sort_unstable();
        assert_eq!(found, ["../b/c.js", "./a.js", "./d.js", "./f.js"]);
        assert_eq!(normal(Path::new("entry/../b/./c.js")), Path::new("b/c.js"));
    }
}
