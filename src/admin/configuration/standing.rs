//! Which objects of the store can be part of a document, beside those of the server's own.
//! An export without the others passes its own comparison, and a server can start with it.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use super::current::Known;
use super::diff::text;
use crate::config::Attribute;

/// Longest beginning of a name that is kept in another one, in characters.
const STEM: usize = 240;

/// Whether an object is part of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Shown,
    /// The document of the server has one with the same identifier. Only that one has an
    /// effect.
    Overridden,
    /// No document may have it, for this reason.
    Unfit(&'static str),
}

impl Standing {
    /// Why the export leaves it out.
    pub(super) fn left_out(self) -> Option<&'static str> {
        match self {
            Self::Shown => None,
            Self::Overridden => Some("the document of the server has one with the same identifier"),
            Self::Unfit(why) => Some(why),
        }
    }
}

/// Finds those that the document of the server overrides. One that has nothing but the name of
/// another gets a name of its own, for a document names its objects. `by` tells them apart;
/// those of the document come first.
pub(super) fn settle(known: &mut [Known], by: &str) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(known.iter().map(name));
    let (mut identifiers, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for one in known {
        let is_of_document = one.held.is_none();
        let identifier = text(&one.document, by).to_string();
        if !is_of_document && identifiers.contains(&identifier) {
            one.standing = Standing::Overridden;
            continue;
        }
        let own = name(one);
        if taken.contains(&own) {
            let free = another(&own, &names);
            names.insert(free.clone());
            one.document.insert("name".into(), free.into());
        }
        if is_of_document {
            identifiers.insert(identifier);
            taken.insert(own);
        }
    }
}

fn name(known: &Known) -> String {
    Attribute::Name.of(&known.id, &known.document).into()
}

fn another(name: &str, names: &BTreeSet<String>) -> String {
    let stem: String = name.chars().take(STEM).collect();
    let mut number = 2_u32;
    loop {
        let wanted = format!("{} ({number})", stem.trim_end());
        if !names.contains(&wanted) {
            return wanted;
        }
        number = number.saturating_add(1);
    }
}

/// Finds applications that nobody can authenticate as, or whose tokens of a platform stand for
/// another one as well. Issuers are named.
pub(super) fn settle_assertions(applications: &mut [Known]) {
    let mut subjects = BTreeSet::new();
    for one in applications.iter_mut().filter(|one| one.standing == Standing::Shown) {
        let assertion = one.document.get("clientAssertion");
        let member = |name: &str| assertion.and_then(|assertion| assertion.get(name)?.as_str());
        let Some(issuer) = member("issuer") else { continue };
        if issuer.is_empty() {
            one.standing = Standing::Unfit(
                "the trusted token issuer whose tokens authenticate the client is gone",
            );
            continue;
        }
        let subject = (issuer.to_string(), member("subject").unwrap_or_default().to_string());
        if !subjects.insert(subject) {
            one.standing =
                Standing::Unfit("the same tokens authenticate another client, which is exported");
        }
    }
}

/// What the export says of those that it leaves out; empty when there are none.
pub(super) fn told<'a>(known: impl Iterator<Item = (String, &'a Known)>) -> String {
    let mut told = String::new();
    for (path, one) in known {
        if let Some(why) = one.standing.left_out() {
            told.push_str(if told.is_empty() { " Left out: " } else { "; " });
            told.push_str(&format!("{path}, because {why}"));
        }
    }
    if !told.is_empty() {
        told.push('.');
    }
    told
}
