//! Trusted token issuers.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Once;

use super::super::document;
use super::super::model::{
    Application, BoundTokens, ClientAuthentication, ImplicitAssociation, LookupAttribute,
    ReplayProtection, TrustedTokenIssuer, id_of,
};
use super::super::problem::{At, Report, shown};
use super::values::{Seen, bounded, name, or_known};
use super::{algorithms, claim_types, condition, contradiction, keys};
use crate::gather::gathered;
use crate::url;

/// The issuers of a document, in its order; one that is broken is `None`.
pub(super) struct Known {
    pub(super) issuers: Vec<Option<Arc<TrustedTokenIssuer>>>,
    by_name: BTreeMap<String, usize>,
    by_id: BTreeMap<String, usize>,
}

impl Known {
    /// The issuer of this name: the inner `None` is one that is broken.
    pub(super) fn named(&self, name: &str) -> Option<Option<&Arc<TrustedTokenIssuer>>> {
        let index = self.by_name.get(name)?;
        Some(self.issuers.get(*index).and_then(Option::as_ref))
    }

    /// The issuer with this id.
    pub(super) fn with_id(&self, id: &str) -> Option<&TrustedTokenIssuer> {
        let index = self.by_id.get(id)?;
        self.issuers.get(*index)?.as_deref()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.by_name.keys().map(String::as_str)
    }
}

/// The trusted token issuers of a document.
pub(super) fn all(
    issuers: Vec<document::TrustedTokenIssuer>,
    own_issuer: &str,
    report: &mut Report,
) -> Known {
    let (mut names, mut identifiers) = (Seen::default(), Seen::default());
    let mut known = Known { issuers: Vec::new(), by_name: BTreeMap::new(), by_id: BTreeMap::new() };
    for (index, issuer) in issuers.into_iter().enumerate() {
        let at = At::top("trustedTokenIssuers").item(index);
        names.once(&issuer.name, &at.field("name"), report);
        identifiers.once(&issuer.issuer, &at.field("issuer"), report);
        known.by_name.entry(issuer.name.clone()).or_insert(index);
        let id = id_of("trusted token issuer", &issuer.issuer);
        known.by_id.entry(id.clone()).or_insert(index);
        known.issuers.push(self::issuer(id, issuer, own_issuer, &at, report).map(Arc::new));
    }
    known
}

/// One trusted token issuer; `None` when it cannot be built.
pub(in super::super) fn issuer(
    id: String,
    issuer: document::TrustedTokenIssuer,
    own_issuer: &str,
    at: &At,
    report: &mut Report,
) -> Option<TrustedTokenIssuer> {
    name(&issuer.name, &at.field("name"), report);
    identifier(&issuer.issuer, own_issuer, &at.field("issuer"), report);
    if let Some(alias) = &issuer.alias {
        name(alias, &at.field("alias"), report);
    }
    let certificate_at = at.field("certificate");
    let keys = keys::of_issuer(
        issuer.certificate,
        &issuer.issuer,
        issuer.danger_allow_http,
        &certificate_at,
        report,
    );
    let algorithms = algorithms::of_issuer(
        issuer.algorithms.as_deref(),
        keys.as_ref(),
        &at.field("algorithms"),
        report,
    );
    let conditions = condition::conditions(issuer.conditions, &at.field("conditions"), report);
    contradiction::note(&conditions, &[], &at.field("conditions"), report);
    contradiction::note_issuer(&conditions, &issuer.issuer, &at.field("conditions"), report);
    claim_types::note(&conditions, &issuer.issuer, &at.field("conditions"), report);
    note_ignored(issuer.bound_tokens, &at.field("boundTokens"), report);
    let claims = condition::mappings(issuer.claims, &at.field("claims"), report);
    let implicit_association =
        association(issuer.implicit_association, &at.field("implicitAssociation"), report);
    let mut number = |value, default, range, unit, field| {
        bounded(value, default, range, unit, &at.field(field), report)
    };
    let timeout = number(issuer.read_timeout_ms, 1000, 1..=30_000, "milliseconds", "readTimeoutMs");
    let skew = number(issuer.clock_skew_seconds, 30, 0..=300, "seconds", "clockSkewSeconds");
    let max_token_age_seconds = issuer
        .max_token_age_seconds
        .map(|age| number(Some(age), 3600, 1..=31_536_000, "seconds", "maxTokenAgeSeconds"));
    Some(TrustedTokenIssuer {
        id,
        name: issuer.name,
        issuer: issuer.issuer,
        alias: issuer.alias,
        enabled: issuer.enabled,
        keys: keys?,
        algorithms,
        read_timeout_ms: u32::try_from(timeout).ok()?,
        clock_skew_seconds: skew,
        max_token_age_seconds,
        replay_protection: issuer.replay_protection.unwrap_or_default(),
        bound_tokens: issuer.bound_tokens,
        id_jags_count_once: issuer.replay_protection != Some(ReplayProtection::Off),
        conditions,
        claims,
        danger_allow_http: issuer.danger_allow_http,
        implicit_association,
        digest: Once::new(),
    })
}

/// Any string: `iss` is a StringOrURI (RFC 7519 section 4.1.1), compared as it is.
/// Where something is fetched from it, `keys` says what it has to be.
fn identifier(issuer: &str, own_issuer: &str, at: &At, report: &mut Report) {
    if issuer == own_issuer {
        report.problem(
            at,
            "is our own issuer, whose tokens need no entry here",
            "remove the entry, or name the other party's issuer",
        );
    } else if url::names_same(issuer, own_issuer) {
        report.problem(
            at,
            format!(
                "differs from our own issuer, {}, only by a slash at the end, letter case or the default port",
                shown(own_issuer)
            ),
            "remove the entry: our own tokens need none; or name the other party's issuer",
        );
    }
    let problem = if issuer.is_empty() {
        "is empty"
    } else if issuer.trim() != issuer {
        "has a space or a line break at its beginning or end"
    } else if issuer.len() > 2048 {
        "is longer than 2048 characters"
    } else {
        return;
    };
    report.problem(at, problem, "give exactly the `iss` of the issuer's tokens");
}

/// A binding protects against a thief, and here it does not.
fn note_ignored(bound_tokens: BoundTokens, at: &At, report: &mut Report) {
    if bound_tokens == BoundTokens::Ignore {
        report.note(
            at,
            "is `ignore`: whoever has a bound token of this issuer may use it, also a thief without its key",
            "use `require`, unless a gateway exchanges tokens that name it in `may_act`, or with an actor token",
        );
    }
}

fn association(
    association: Option<document::ImplicitAssociation>,
    at: &At,
    report: &mut Report,
) -> ImplicitAssociation {
    let mut checked = ImplicitAssociation {
        enabled: false,
        lookup: Vec::from([LookupAttribute::Email]),
        trust_unverified: false,
    };
    if let Some(association) = association {
        checked.enabled = association.is_enabled;
        checked.trust_unverified = association.trust_unverified;
        if let Some(names) = association.lookup_attribute {
            checked.lookup = lookup(&names, checked.enabled, &at.field("lookupAttribute"), report);
        }
    }
    checked
}

fn lookup(names: &[String], enabled: bool, at: &At, report: &mut Report) -> Vec<LookupAttribute> {
    if names.len() > 2 {
        report.problem(
            at,
            format!("has {} attributes, at most 2 are tried", names.len()),
            "keep the one or two that name a user without doubt",
        );
    }
    if enabled && names.is_empty() {
        report.problem(
            at,
            "is empty, so nobody would be found",
            "list one or two of `username`, `email`, `phone_number`",
        );
    }
    let mut lookup = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let at = at.item(index);
        match LookupAttribute::from_name(name) {
            Some(attribute) if lookup.contains(&attribute) => {
                report.problem(
                    &at,
                    format!("{} is in this list twice", shown(name)),
                    "remove one of the two",
                );
            }
            Some(attribute) => lookup.push(attribute),
            None => report.problem(
                &at,
                format!("{} is no attribute by which a user can be found", shown(name)),
                or_known(name, LookupAttribute::NAMES, ""),
            ),
        }
    }
    lookup
}

/// Says which issuers no application may exchange tokens of.
pub(super) fn note_unused(known: &Known, applications: &[Application], report: &mut Report) {
    let grants = applications.iter().flat_map(|application| &application.trusted_token_issuers);
    let grants = grants.map(|grant| grant.issuer.as_str());
    let clients = applications.iter().filter_map(|application| match &application.authentication {
        ClientAuthentication::PlatformToken(token) => Some(token.issuer.as_str()),
        _ => None,
    });
    let used: BTreeSet<&str> = gathered(grants.chain(clients));
    for (index, issuer) in known.issuers.iter().flatten().enumerate() {
        if issuer.enabled && !used.contains(issuer.id.as_str()) {
            report.note(
                &At::top("trustedTokenIssuers").item(index),
                "no application may exchange its tokens",
                format!("add {} to `trustedTokenIssuers` of an application", shown(&issuer.name)),
            );
        }
    }
}
