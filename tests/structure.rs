//! The order of the engine's modules: imports run one way, and DESIGN.md shows
//! the same order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The top-level modules of the crate. A module imports only modules that come
/// before it.
const ORDER: [&str; 38] = [
    "scan",
    "json_writer",
    "base64url",
    "gather",
    "time",
    "reason",
    "url",
    "token_type",
    "token_cache",
    "audit",
    "crypto",
    "jose",
    "verified_tokens",
    "proof_keys",
    "http",
    "step",
    "host",
    "validate",
    "config",
    "grant",
    "storage",
    "own_keys",
    "refusal",
    "limits",
    "mtls",
    "identity",
    "metrics",
    "recent_refusals",
    "activity",
    "state",
    "dpop",
    "exchange",
    "schema",
    "administrator",
    "admin",
    "endpoints",
    "engine",
    "gateway",
];

#[test]
fn modules_import_only_what_comes_before_them() {
    let faults: Vec<String> = sources().iter().flat_map(Source::faults).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_order_has_every_module_of_the_crate() {
    let mut declared = declared_modules(&tokens(&fs::read_to_string(root("src/lib.rs")).unwrap()));
    let mut listed = ORDER.to_vec();
    declared.sort();
    listed.sort_unstable();
    assert_eq!(declared, listed);
}

#[test]
fn the_design_shows_the_same_order() {
    let design = fs::read_to_string(root("DESIGN.md")).unwrap();
    let table = design.split("\n| module |").nth(1).expect("DESIGN.md has the table of modules");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    let shown: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert_eq!(shown, ORDER);
}

#[test]
fn an_import_against_the_order_is_found_however_it_is_written() {
    for text in [
        "use crate::gateway::Gateway;",
        "use crate::{time::Timestamp, gateway::Gateway};",
        "use crate::{time::{Entropy, Timestamp}, gateway};",
        "fn f() { let _ = crate::gateway::x(); }",
        "type T = Vec<crate::gateway::X>;",
        "use super::super::gateway;",
        "use super::super::{gateway, time};",
        "mod inside { use super::super::super::gateway; }",
        "mod inside { mod more { fn f() { super::super::super::super::gateway::x() } } }",
        "macro_rules! m { () => { $crate::gateway::x() } }",
        // The root has no order: what it re-exports is imported from its module.
        "use crate::Timestamp;",
        "use crate::*;",
        "use super::super::*;",
    ] {
        assert_eq!(jose(text).faults().len(), 1, "{text}");
    }
    for text in [
        "use crate::time::Timestamp;",
        "use crate::{time::Timestamp, crypto};",
        "use super::compact::Jws;",
        "use crate::jose::Jws;",
        "mod tests { use super::*; use super::super::compact; }",
        "/// See [`Gateway`](crate::gateway::Gateway).\nfn f() {}",
        "// use crate::gateway;\nconst C: &str = \"crate::gateway\";",
        "pub(crate) struct S { pub(in crate::jose) field: u8 }",
        "extern crate alloc;",
    ] {
        assert_eq!(jose(text).faults(), Vec::<String>::new(), "{text}");
    }
}

/// A file of the module `jose`.
fn jose(text: &str) -> Source {
    Source {
        path: "src/jose/text.rs".into(),
        module: vec!["jose".into(), "text".into()],
        text: text.into(),
    }
}

/// A source file of the engine.
struct Source {
    path: PathBuf,
    /// The path of its module, from below the root.
    module: Vec<String>,
    text: String,
}

impl Source {
    /// A sentence for every import that is against the order.
    fn faults(&self) -> Vec<String> {
        // The root only declares modules and re-exports from them.
        let Some(own) = self.module.first() else { return Vec::new() };
        let mut imports = Vec::new();
        imported(&tokens(&self.text), self.module.len(), &mut imports);
        let position = |module: &str| ORDER.iter().position(|name| *name == module);
        let mut faults = Vec::new();
        for name in imports.iter().filter(|name| *name != own) {
            let path = self.path.display();
            match (position(name), position(own)) {
                (Some(import), Some(here)) if import < here => {}
                (Some(_), Some(_)) => faults.push(format!(
                    "{path}: `{own}` imports `{name}`, which comes after it in ORDER"
                )),
                (None, _) => faults.push(format!(
                    "{path}: `{name}` is imported from the root of the crate; import it from its module"
                )),
                (_, None) => faults.push(format!("{path}: `{own}` is missing in ORDER")),
            }
        }
        faults
    }
}

/// Every source file below `src`.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root("src"), &mut Vec::new(), &mut sources);
    assert!(sources.len() > 100, "found {} source files only", sources.len());
    sources
}

fn collect(directory: &Path, module: &mut Vec<String>, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        module.push(name.clone());
        if path.is_dir() {
            collect(&path, module, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let depth = module.len() - usize::from(matches!(name.as_str(), "mod" | "lib"));
            let text = fs::read_to_string(&path).unwrap();
            sources.push(Source { path, module: module[..depth].to_vec(), text });
        }
        module.pop();
    }
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The tokens of a file. Comments are gone; documentation is in literals.
fn tokens(text: &str) -> Vec<TokenTree> {
    text.parse::<TokenStream>().expect("a source file has tokens").into_iter().collect()
}

/// The modules that a file declares.
fn declared_modules(tokens: &[TokenTree]) -> Vec<String> {
    let pairs =
        tokens.windows(3).filter(|next| is_ident(&next[0], "mod") && is_punct(&next[2], ';'));
    pairs.map(|next| next[1].to_string()).collect()
}

/// A client looks at the code of an error: two errors with one code are one to it.
#[test]
fn every_code_of_an_administration_error_has_one_meaning() {
    let mut seen = BTreeMap::new();
    for Source { path, text, .. } in sources() {
        for rest in text.split("\"EXQ-").skip(1) {
            let code = rest.split('"').next().unwrap().to_string();
            if let Some(other) = seen.insert(code.clone(), path.clone()) {
                panic!("EXQ-{code} is in {} and in {}", other.display(), path.display());
            }
        }
    }
    assert!(seen.len() > 20, "{} codes", seen.len());
}

/// The names that paths take from the root of the crate. `depth` is how many
/// modules the tokens are below it.
fn imported(tokens: &[TokenTree], depth: usize, names: &mut Vec<String>) {
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        if is_ident(token, "crate") {
            from_root(&tokens[index..], names);
        } else if is_ident(token, "super") {
            let mut above = 1;
            while is_path(&tokens[index..])
                && tokens.get(index + 2).is_some_and(|t| is_ident(t, "super"))
            {
                above += 1;
                index += 3;
            }
            if above == depth {
                from_root(&tokens[index..], names);
            }
        } else if let TokenTree::Group(group) = token {
            let is_module = index >= 3
                && is_ident(&tokens[index - 3], "mod")
                && group.delimiter() == Delimiter::Brace;
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            imported(&inner, depth + usize::from(is_module), names);
        }
    }
}

/// The names behind `crate` or what means the same: `::name`, or `::{a, b}`.
fn from_root(tokens: &[TokenTree], names: &mut Vec<String>) {
    if !is_path(tokens) {
        return;
    }
    match tokens.get(2) {
        Some(TokenTree::Group(group)) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let items = inner.split(|token| is_punct(token, ','));
            names.extend(items.filter_map(|item| item.first()).map(ToString::to_string));
        }
        Some(name) => names.push(name.to_string()),
        None => {}
    }
}

fn is_path(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second, ..] if is_punct(first, ':') && is_punct(second, ':'))
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if *ident == name)
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
