//! The suite `supply`: what the project is made from. Every crate, npm package, Python
//! wheel and action is pinned, comes from where it should, and has a licence that
//! `xtask/supply.json` allows; and what is shipped has no crate in two versions. Nothing
//! here asks the network.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::command::{self, cargo};
use crate::{engine, places};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What is compiled for the users: a package and its target.
const SHIPPED: [(&str, &str); 5] = [
    ("exchequer-js", engine::TARGET),
    ("exchequer-envoy", "wasm32-wasip1"),
    ("exchequer-component-http", "wasm32-wasip2"),
    ("exchequer-component-engine", "wasm32-wasip2"),
    ("exchequer-component-authority", "wasm32-wasip2"),
];

/// The workspaces, each with a lock file.
const WORKSPACES: [&str; 3] = [".", "fuzz", "benches/native"];

/// The lock files of npm, and whether what they bring is shipped.
const NPM: [(&str, bool); 6] = [
    ("package-lock.json", false),
    ("deploy/image/package-lock.json", true),
    ("examples/pkcs11/package-lock.json", false),
    ("examples/worker/package-lock.json", false),
    ("tests/release/package-lock.json", false),
    ("tests/runtimes/package-lock.json", false),
];

/// The licences that are allowed.
struct Policy {
    shipped: BTreeSet<String>,
    tools: BTreeSet<String>,
}

impl Policy {
    fn read() -> Result<Self> {
        let text = fs::read_to_string(places::root().join("xtask/supply.json"))?;
        Self::parse(&serde_json::from_str(&text)?)
    }

    fn parse(document: &Value) -> Result<Self> {
        let list = |name: &str| -> Result<BTreeSet<String>> {
            let names = document.get(name).and_then(Value::as_array);
            let names = names.with_context(|| format!("supply.json has no list `{name}`"))?;
            Ok(names.iter().filter_map(Value::as_str).map(String::from).collect())
        };
        let shipped = list("shipped")?;
        let tools = list("tools")?.union(&shipped).cloned().collect();
        Ok(Self { shipped, tools })
    }

    /// What is wrong with the licence of this one, if anything is.
    fn problem(&self, what: &str, licence: Option<&str>, is_shipped: bool) -> Option<String> {
        let Some(licence) = licence else { return Some(format!("{what} states no licence")) };
        let allowed = if is_shipped { &self.shipped } else { &self.tools };
        let is_allowed = Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| {
            expression.evaluate(|asked| {
                let name = asked.license.to_string();
                allowed.contains(&name)
            })
        });
        let list = if is_shipped { "shipped" } else { "tools" };
        (!is_allowed).then(|| {
            format!("{what} has the licence {licence}, which `{list}` of xtask/supply.json does not allow")
        })
    }
}

/// Everything that is wrong.
pub(crate) fn problems() -> Result<Vec<String>> {
    let policy = Policy::read()?;
    let mut problems = Vec::new();
    for workspace in WORKSPACES {
        problems.extend(crates(&policy, workspace)?);
    }
    for (package, target) in SHIPPED {
        problems.extend(compiled(&policy, package, target)?);
    }
    for (lock, is_shipped) in NPM {
        let text = fs::read_to_string(places::root().join(lock))?;
        problems.extend(npm(&policy, lock, &serde_json::from_str(&text)?, is_shipped));
    }
    problems.extend(unknown_locks()?);
    for path in tracked("*requirements*.txt")? {
        problems.extend(wheels(&path, &fs::read_to_string(places::root().join(&path))?));
    }
    for path in tracked(".github/workflows/*.yml")? {
        problems.extend(actions(&path, &fs::read_to_string(places::root().join(&path))?));
    }
    Ok(problems)
}

/// The crates of a lock file, those of tools among them.
fn crates(policy: &Policy, workspace: &str) -> Result<Vec<String>> {
    let manifest = places::root().join(workspace).join("Cargo.toml");
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked", "--manifest-path"]);
    let metadata = command::stdout(metadata.arg(manifest))
        .with_context(|| format!("the lock file of `{workspace}` is not up to date"))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let mut problems = Vec::new();
    for package in packages.context("cargo names no packages")? {
        let field = |name: &str| package.get(name).and_then(Value::as_str);
        let what = format!("crate {}", field("name").unwrap_or_default());
        match field("source") {
            None | Some(CRATES_IO) => {}
            Some(source) => problems.push(format!("{what} comes from {source}")),
        }
        problems.extend(policy.problem(&what, field("license"), false));
    }
    Ok(problems)
}

/// The crates that are compiled into an artifact: their licences, and that each is there
/// in one version.
fn compiled(policy: &Policy, package: &str, target: &str) -> Result<Vec<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package, "--target", target]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}"]);
    let tree = command::stdout(&mut tree)?;
    let lines: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for (part, licence) in lines.into_iter().filter_map(|line| line.split_once('|')) {
        let name = part.split(' ').next().unwrap_or_default();
        problems.extend(policy.problem(&format!("crate {name} of {package}"), Some(licence), true));
        if !names.insert(name) {
            problems.push(format!("{package} has two versions of the crate {name}"));
        }
    }
    Ok(problems)
}

/// The packages of a lock file of npm.
fn npm(policy: &Policy, lock: &str, document: &Value, is_shipped: bool) -> Vec<String> {
    let Some(packages) = document.get("packages").and_then(Value::as_object) else {
        return vec![format!("{lock} names no packages")];
    };
    let mut problems = Vec::new();
    for (place, package) in packages {
        let Some((_, name)) = place.rsplit_once("node_modules/") else { continue };
        if package.get("link").is_some() {
            continue;
        }
        let what = format!("npm package {name} of {lock}");
        let field = |name: &str| package.get(name).and_then(Value::as_str);
        problems.extend(policy.problem(&what, field("license"), is_shipped));
        if !field("integrity").is_some_and(|digest| digest.starts_with("sha512-")) {
            problems.push(format!("{what} has no SHA-512 digest"));
        }
    }
    problems
}

/// Lock files that are not looked at.
fn unknown_locks() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in tracked("*package-lock.json")? {
        if !NPM.iter().any(|(lock, _)| Path::new(lock) == path) {
            problems.push(format!("{} is not in `NPM` of xtask/src/supply.rs", path.display()));
        }
    }
    for path in tracked("*Cargo.lock")? {
        let folder = path.parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let folder = if folder.is_empty() { ".".into() } else { folder };
        if !WORKSPACES.contains(&folder.as_str()) {
            problems
                .push(format!("{} is not in `WORKSPACES` of xtask/src/supply.rs", path.display()));
        }
    }
    Ok(problems)
}

/// Wheels without an exact version.
fn wheels(path: &Path, text: &str) -> Vec<String> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let loose = lines.filter(|line| !line.starts_with("-r ") && !line.contains("=="));
    loose.map(|line| format!("{}: `{line}` has no exact version", path.display())).collect()
}

/// Actions of workflows that are named by anything but the digest of a commit.
fn actions(path: &Path, text: &str) -> Vec<String> {
    let used =
        text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
    let is_pinned = |action: &str| {
        let digest =
            action.split_once('@').map(|(_, rest)| rest.split(' ').next().unwrap_or_default());
        digest.is_some_and(|digest| {
            digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let loose = used.filter(|action| !action.starts_with("./") && !is_pinned(action));
    loose.map(|action| format!("{}: `{action}` names no commit", path.display())).collect()
}

/// The files that git has with such a name.
fn tracked(pattern: &str) -> Result<Vec<PathBuf>> {
    let mut files = command::command("git");
    let files = command::stdout(files.args(["ls-files", "--", pattern]))?;
    Ok(files.lines().map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Policy, actions, npm, wheels};

    fn policy() -> Policy {
        let document =
            json!({ "shipped": ["MIT", "Apache-2.0"], "tools": ["MPL-2.0", "LGPL-3.0-or-later"] });
        Policy::parse(&document).expect("it is a policy")
    }

    #[test]
    fn a_licence_that_is_not_in_the_list_is_a_problem() {
        let policy = policy();
        for licence in
            ["MIT", "GPL-3.0-only OR MIT", "MIT/Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        {
            assert_eq!(policy.problem("a", Some(licence), true), None, "{licence}");
        }
        for licence in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "MPL-2.0", "no licence", ""] {
            assert!(policy.problem("a", Some(licence), true).is_some(), "{licence}");
        }
        assert!(policy.problem("a", None, false).is_some());
        assert_eq!(policy.problem("a", Some("MPL-2.0"), false), None);
        assert_eq!(policy.problem("a", Some("LGPL-3.0-or-later AND MIT"), false), None);
    }

    #[test]
    fn what_is_not_pinned_is_a_problem() {
        let lock = json!({ "packages": {
            "node_modules/a": { "license": "MIT", "integrity": "sha512-AA==" },
            "node_modules/b": { "license": "MIT", "integrity": "sha1-AA==" },
            "node_modules/c": { "license": "GPL-2.0-only", "integrity": "sha512-AA==" },
            "node_modules/d": { "link": true },
        }});
        assert_eq!(npm(&policy(), "lock", &lock, true).len(), 2);
        assert_eq!(wheels(Path::new("r"), "# why\na==1\nb>=1\n-r other.txt\nc\n").len(), 2);
        let workflow = "- uses: a/b@v4\n- uses: ./mine\n  uses: a/b@08eba0b27e820071cde6df949e0beb9ba4906955 # v4\n";
        assert_eq!(actions(Path::new("w"), workflow).len(), 1);
    }
}
