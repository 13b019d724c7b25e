//! The rules of a gateway: prefixes that mean one thing, header fields that
//! exist, and nothing asked for that the application may not have.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::check::application;
use super::{GatewayRules, PathRule, Remote, SUBJECT_TOKEN_HEADER, TokenRule, Treatment, document};
use crate::config::{At, Config, Report, Secret, Seen, bounded, scopes, shown};
use crate::gateway::inbound::is_same_name;
use crate::gateway::path::is_prefix;
use crate::gateway::resources;

/// The rules of a gateway.
pub(super) fn of(
    gateway: document::Gateway,
    at: &At,
    config: &Config,
    report: &mut Report,
) -> Option<GatewayRules> {
    let before = report.problems.len();
    let own = document::Rule {
        path_prefix: String::new(),
        token: TokenRule::Required,
        client_id: Some(gateway.client_id),
        audience: gateway.audience,
        scope: gateway.scope,
        subject_token_type: gateway.subject_token_type,
        forward_subject_token: gateway.forward_subject_token,
        claim_headers: gateway.claim_headers,
        remote: gateway.remote,
    };
    let otherwise = treatment(&own, None, at, config, report);
    let mut prefixes = Seen::default();
    let mut rules: Vec<PathRule> = Vec::new();
    for (index, rule) in gateway.rules.iter().enumerate() {
        let at = at.field("rules").item(index);
        let prefix = prefix(&rule.path_prefix, &at.field("pathPrefix"), report);
        // Letter case tells no two rules apart: not every upstream looks at it.
        prefixes.once(&prefix.to_ascii_lowercase(), &at.field("pathPrefix"), report);
        let treatment = Arc::new(treatment(rule, Some(&own), &at, config, report));
        rules.push(PathRule { prefix, treatment });
    }
    rules.sort_by_key(|rule| core::cmp::Reverse(rule.prefix.len()));
    let stripped = stripped(&gateway.strip_headers, &rules, &otherwise, at, report);
    let origin = gateway.origin;
    if let Some(origin) = &origin {
        check_origin(origin, &at.field("origin"), report);
    }
    let good = report.problems.len() == before;
    let treatments = core::iter::once(&otherwise).chain(rules.iter().map(|rule| &*rule.treatment));
    let client_ids: BTreeSet<&str> = treatments.map(|one| &*one.client_id).collect();
    let resources = client_ids.into_iter().flat_map(|id| resources::of(id, config)).collect();
    let otherwise = Arc::new(otherwise);
    good.then_some(GatewayRules { rules, otherwise, stripped, origin, resources })
}

/// DPoP proofs name URLs that begin with it.
fn check_origin(origin: &str, at: &At, report: &mut Report) {
    let authority = ["https://", "http://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
    let is_bare = |rest: &str| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']);
    if !authority.is_some_and(is_bare) {
        report.problem(
            at,
            "is not the scheme and the authority of a URL, and nothing else",
            "write it as `https://api.example.com`",
        );
    }
}

/// A prefix without the slash at its end.
fn prefix(prefix: &str, at: &At, report: &mut Report) -> String {
    if !is_prefix(prefix) {
        report.problem(
            at,
            format!("{} is not the beginning of a path as it is compared", shown(prefix)),
            "begin it with `/`, and write it without `%`, `*`, `;`, `?`, `#`, `\\`, `//` and dot segments",
        );
    }
    prefix.trim_end_matches('/').into()
}

/// A field of a rule; where it has none, that of the gateway.
fn field<'a, T>(
    rule: &'a document::Rule,
    gateway: Option<&'a document::Rule>,
    of: impl Fn(&'a document::Rule) -> &'a Option<T>,
) -> Option<&'a T> {
    of(rule).as_ref().or_else(|| of(gateway?).as_ref())
}

/// What a rule means, with what it leaves to the gateway.
fn treatment(
    rule: &document::Rule,
    gateway: Option<&document::Rule>,
    at: &At,
    config: &Config,
    report: &mut Report,
) -> Treatment {
    let claim_headers = field(rule, gateway, |one| &one.claim_headers);
    let remote = field(rule, gateway, |one| &one.remote);
    let treatment = Treatment {
        token: rule.token,
        client_id: field(rule, gateway, |one| &one.client_id).cloned().unwrap_or_default(),
        audience: field(rule, gateway, |one| &one.audience).cloned().unwrap_or_default(),
        scope: field(rule, gateway, |one| &one.scope).cloned(),
        subject_token_type: field(rule, gateway, |one| &one.subject_token_type)
            .copied()
            .unwrap_or_default(),
        forward_subject_token: field(rule, gateway, |one| &one.forward_subject_token)
            .copied()
            .unwrap_or_default(),
        claim_headers: claim_headers
            .into_iter()
            .flatten()
            .map(|one| (one.claim.clone(), one.header.to_ascii_lowercase()))
            .collect(),
        remote: remote.and_then(|remote| self::remote(remote, &at.field("remote"), report)),
    };
    allowed(&treatment, at, config, report);
    treatment
}

/// Whether the application may have what the rule asks for. What a remote
/// service allows is not known here.
fn allowed(treatment: &Treatment, at: &At, config: &Config, report: &mut Report) {
    if let Some(scope) = &treatment.scope {
        let list: Vec<String> = scope.split(' ').map(ToString::to_string).collect();
        scopes(&list, &at.field("scope"), report);
    }
    let application = application(&treatment.client_id, config, &at.field("clientId"), report);
    let (Some(application), None) = (application, &treatment.remote) else { return };
    let own = core::slice::from_ref(&application.client_id);
    let allowed = if application.audiences.is_empty() { own } else { &*application.audiences };
    for audience in treatment.audience.iter().filter(|one| !allowed.contains(one)) {
        report.problem(
            &at.field("audience"),
            format!("the application may not have tokens for {}", shown(audience)),
            "add it to the application's `audiences`",
        );
    }
}

fn remote(remote: &document::Remote, at: &At, report: &mut Report) -> Option<Remote> {
    let timeout = at.field("timeoutMs");
    let timeout_ms = bounded(remote.timeout_ms, 2000, 1..=60_000, "milliseconds", &timeout, report);
    let path = remote.path.clone().unwrap_or_else(|| "/oauth2/token".into());
    if !path.starts_with('/') || remote.cluster.is_empty() || remote.client_id.is_empty() {
        report.problem(
            at,
            "has no cluster, no client id, or a path that does not begin with `/`",
            r#"write `{ "cluster": "sts", "path": "/oauth2/token", "clientId": "…", "clientSecret": { "env": "NAME" } }`"#,
        );
    }
    let client_secret = match &remote.client_secret {
        Secret::Literal(secret) | Secret::Resolved(secret) => Zeroizing::new((**secret).clone()),
        // Which has been said.
        Secret::Reference(_) | Secret::Missing => return None,
    };
    Some(Remote {
        cluster: remote.cluster.clone(),
        path,
        authority: remote.authority.clone().unwrap_or_else(|| remote.cluster.clone()),
        client_id: remote.client_id.clone(),
        client_secret,
        timeout_ms: u32::try_from(timeout_ms).unwrap_or(u32::MAX),
    })
}

/// Every header field that an upstream believes because the gateway sets it.
fn stripped(
    named: &[String],
    rules: &[PathRule],
    otherwise: &Treatment,
    at: &At,
    report: &mut Report,
) -> Vec<String> {
    let treatments = rules.iter().map(|rule| &*rule.treatment).chain([otherwise]);
    let set = treatments.flat_map(|one| one.claim_headers.iter().map(|(_, header)| header));
    for header in set.clone().chain(named) {
        let is_name = !header.is_empty()
            && header.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let reserved =
            ["authorization", "host", "content-length", "transfer-encoding", "connection"];
        if !is_name || reserved.iter().any(|name| is_same_name(name, header)) {
            report.problem(
                at,
                format!("{} is not a header field that claims may stand in", shown(header)),
                "use a name of its own, like `x-user`",
            );
        }
    }
    let mut all: Vec<String> = set.chain(named).map(|header| header.to_ascii_lowercase()).collect();
    all.push(SUBJECT_TOKEN_HEADER.into());
    all.sort();
    all.dedup();
    all
}
