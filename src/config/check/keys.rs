//! Keys: ours, those of issuers and those of applications.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::super::document::Certificate as Source;
use super::super::model::KeySource;
use super::super::problem::{At, Report, plain};
use super::super::secret::Secret;
use super::values::Seen;
use crate::crypto::SigningKey;
use crate::crypto::certificate::Certificate;
use crate::jose::JwkSet;
use crate::url::{self, Web};

/// Members of a JWK that only the owner of a key has (RFC 7518 section 6).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// The keys of this server.
pub(super) fn own(
    keys: Vec<Secret<Map<String, Value>>>,
    report: &mut Report,
) -> Vec<Arc<SigningKey>> {
    let mut kids = Seen::default();
    let mut own = Vec::new();
    for (index, key) in keys.into_iter().enumerate() {
        let at = At::top("keys").item(index);
        let Some(jwk) = private_jwk(key, &at, report) else {
            continue;
        };
        match SigningKey::from_jwk(&jwk) {
            Ok(key) => {
                kids.once(key.kid(), &at.field("kid"), report);
                own.push(Arc::new(key));
            }
            Err(problem) => report.problem(
                &at,
                problem,
                "give a private JWK (RFC 7517), as `exchequer keys new` makes one",
            ),
        }
    }
    own
}

fn private_jwk(key: Secret<Map<String, Value>>, at: &At, report: &mut Report) -> Option<Value> {
    match key {
        Secret::Literal(jwk) => {
            // The host has the private half of a key that says so.
            if jwk.contains_key("d") {
                note_literal(at, report);
            }
            Some(Value::Object(jwk))
        }
        // What the parser says may repeat what it read: not repeated here.
        Secret::Resolved(text) => serde_json::from_str(&text)
            .inspect_err(|_| {
                report.problem(
                    at,
                    "what is kept there is not JSON",
                    "put the text of a private JWK there, as `exchequer keys new` makes one",
                );
            })
            .ok(),
        Secret::Reference(_) | Secret::Missing => None,
    }
}

/// Says that a secret is written out in the document.
pub(super) fn note_literal(at: &At, report: &mut Report) {
    report.note(
        at,
        "a secret is written out in the document",
        "keep it out of the file: `{\"env\": \"NAME\"}` or `{\"file\": \"PATH\"}`",
    );
}

/// The keys of an issuer.
pub(super) fn of_issuer(
    source: Source,
    issuer: &str,
    danger_allow_http: bool,
    at: &At,
    report: &mut Report,
) -> Option<KeySource> {
    let discovery = source.discovery == Some(true);
    match (source.jwks_uri, source.certificates, source.jwks, discovery) {
        (Some(uri), None, None, false) => {
            web(&uri, danger_allow_http, &at.field("jwksUri"), report)
                .then_some(KeySource::JwksUri(uri))
        }
        (None, Some(texts), None, false) => certificates(&texts, &at.field("certificates"), report),
        (None, None, Some(jwks), false) => inline(&jwks, &at.field("jwks"), report),
        (None, None, None, true) => discovered(issuer, danger_allow_http, at, report),
        (None, None, None, false) => {
            report.problem(
                at,
                "says nothing of where the keys come from",
                "add one of `jwksUri`, `certificates`, `jwks` and `\"discovery\": true`",
            );
            None
        }
        _ => {
            report.problem(
                at,
                "says in more than one way where the keys come from",
                "keep exactly one of `jwksUri`, `certificates`, `jwks` and `\"discovery\": true`",
            );
            None
        }
    }
}

/// Whether keys may be fetched from this URL.
pub(super) fn web(uri: &str, danger_allow_http: bool, at: &At, report: &mut Report) -> bool {
    let remedy = "give an absolute https URL, like `https://idp.example.com/jwks`";
    if let Err(why) = url::allowed(uri, danger_allow_http) {
        report.problem(at, format!("the URL {why}"), remedy);
        return false;
    }
    note_http(uri, at, report);
    true
}

fn discovered(
    issuer: &str,
    danger_allow_http: bool,
    at: &At,
    report: &mut Report,
) -> Option<KeySource> {
    let why = match Web::parse(issuer) {
        Ok(url) if url.has_query() => "has a query (`?`)".into(),
        _ => match url::allowed(issuer, danger_allow_http) {
            Ok(()) => {
                note_http(issuer, &at.field("discovery"), report);
                return Some(KeySource::Discovery(issuer.into()));
            }
            Err(why) => why,
        },
    };
    report.problem(
        &at.field("discovery"),
        format!("discovery looks under the URL in `issuer`: it {why}"),
        "give `jwksUri`, `certificates` or `jwks` instead; where the issuer has an https URL, take that",
    );
    None
}

/// Whether this is a URL of another machine, without TLS.
fn is_plain_http(url: &str) -> bool {
    Web::parse(url).is_ok_and(|url| !url.is_secure() && !url.is_loopback())
}

fn note_http(url: &str, at: &At, report: &mut Report) {
    if is_plain_http(url) {
        report.note(
            at,
            "the keys come over plain http: whoever is on the way can replace them and sign tokens",
            "use https, and remove `dangerAllowHttp`",
        );
    }
}

fn certificates(texts: &[String], at: &At, report: &mut Report) -> Option<KeySource> {
    let mut all = Vec::new();
    let mut good = true;
    for (index, text) in texts.iter().enumerate() {
        match Certificate::parse_all(text) {
            Ok(some) => all.extend(some),
            Err(problem) => {
                report.problem(
                    &at.item(index),
                    problem,
                    "give a certificate or a public key as PEM text (`-----BEGIN CERTIFICATE-----…`, `-----BEGIN PUBLIC KEY-----…`) or base64 of DER",
                );
                good = false;
            }
        }
    }
    if good && all.is_empty() {
        report.problem(
            at,
            "there is no certificate in it",
            "add a certificate or a public key as PEM text or base64 of DER",
        );
    }
    (good && !all.is_empty()).then_some(KeySource::Certificates(all))
}

/// A JWK set that is written out.
pub(super) fn inline(jwks: &Value, at: &At, report: &mut Report) -> Option<KeySource> {
    let remedy = "give a JWK set: `{ \"keys\": [ … ] }` with public keys for signatures";
    let set = match JwkSet::from_value(jwks) {
        Ok(set) => set,
        Err(why) => {
            report.problem(at, format!("the document {}", plain(&why)), remedy);
            return None;
        }
    };
    if set.keys.is_empty() {
        let why = set.skipped.first().map_or_else(
            || "there is no key in it".to_string(),
            |why| format!("there is no key in it that can be used: {}", plain(&why.to_string())),
        );
        report.problem(at, why, remedy);
        return None;
    }
    for why in &set.skipped {
        report.note(
            at,
            format!("skipped {}", plain(&why.to_string())),
            "correct the key, or remove it",
        );
    }
    let members = jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
    for (index, jwk) in members.enumerate() {
        if PRIVATE_MEMBERS.iter().any(|name| jwk.get(name).is_some_and(|value| !value.is_null())) {
            report.note(
                &at.field("keys").item(index),
                "there are private members in a set of public keys: whoever reads this file can sign",
                "remove them, and replace the key, which is no secret any more",
            );
        }
    }
    Some(KeySource::Jwks(set))
}
