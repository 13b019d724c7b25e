//! Applications: who they are, what they may ask for, what they get.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::document;
use super::super::model::{
    Application, ApplicationType, Dpop, GrantType, IssuerGrant, SubjectIdentifier, SubjectMode,
    administers, id_of,
};
use super::super::problem::{At, Report, list, shown};
use super::super::suggest::nearest;
use super::issuer::Known;
use super::values::{Seen, bounded, name, no_repetition, scopes};
use super::{client, condition, fapi, id_jag, issuer_grant, platform};
use crate::crypto::SecretHash;

/// The applications of a document.
pub(super) fn all(
    applications: Vec<document::Application>,
    known: &Known,
    own_issuer: &str,
    report: &mut Report,
) -> Vec<Application> {
    let (mut client_ids, mut subjects) = (Seen::default(), BTreeMap::new());
    let mut all = Vec::new();
    for (index, mut application) in applications.into_iter().enumerate() {
        let at = At::top("applications").item(index);
        client_ids.once(&application.client_id, &at.field("clientId"), report);
        let id = id_of("application", &application.client_id);
        let issuers = issuer_grant::named(
            core::mem::take(&mut application.trusted_token_issuers),
            known,
            &at.field("trustedTokenIssuers"),
            report,
        );
        if let Some(assertion) = &mut application.client_assertion {
            let at = at.field("clientAssertion");
            platform::name_by_id(assertion, known, &mut subjects, &at, report);
        }
        let application =
            self::application(id, application, issuers, None, own_issuer, &at, report);
        let Some(application) = application else {
            continue;
        };
        note(&application, known, &at, report);
        all.push(application);
    }
    all
}

/// One application; `None` when it cannot be built. `secret` is the one that
/// the store keeps for it.
pub(in super::super) fn application(
    id: String,
    mut document: document::Application,
    issuers: Vec<IssuerGrant>,
    secret: Option<SecretHash>,
    own_issuer: &str,
    at: &At,
    report: &mut Report,
) -> Option<Application> {
    client::id(&document.client_id, &at.field("clientId"), report);
    let authentication = client::authentication(&mut document, secret, at, report);
    let client_assertion = document.client_assertion.take();
    let allows_endpoint =
        client_assertion.as_ref().is_some_and(|one| one.allow_token_endpoint_audience);
    if client_assertion.is_some() {
        let at = at.field("clientAssertion");
        client::note_assertion(authentication.as_ref(), allows_endpoint, &at, report);
    }
    if document.profile == Some(document::Profile::Fapi2) {
        fapi::check(document.kind, authentication.as_ref(), allows_endpoint, at, report);
    }
    let grant_types = grant_types(&document, &at.field("grantTypes"), report);
    for (index, audience) in document.audiences.iter().enumerate() {
        name(audience, &at.field("audiences").item(index), report);
    }
    no_repetition(&document.audiences, &at.field("audiences"), report);
    resources(&document.resources, &at.field("resources"), report);
    scopes(&document.scopes, &at.field("scopes"), report);
    default_scopes(&document.default_scopes, &document.scopes, &at.field("defaultScopes"), report);
    let subject = subject(&document.subject, &at.field("subject"), report);

    let access_token = document.access_token;
    let access_at = at.field("accessToken");
    attributes(&access_token.attributes, &access_at.field("attributes"), report);
    let access_token_lifetime_seconds = bounded(
        access_token.lifetime_seconds,
        3600,
        1..=2_592_000,
        "seconds",
        &access_at.field("lifetimeSeconds"),
        report,
    );
    let refresh_token = refresh_token(&document.refresh_token, &at.field("refreshToken"), report);
    let resources = match document.resources {
        none if none.is_empty() => Vec::from([document.client_id.clone()]),
        resources => resources,
    };
    let id_jag_at = at.field("idJag");
    let application = Application {
        id_jag: id_jag::audiences(document.id_jag, own_issuer, &id_jag_at, report),
        id,
        name: document.name.unwrap_or_else(|| document.client_id.clone()),
        client_id: document.client_id,
        authentication: authentication?,
        allow_token_endpoint_audience: allows_endpoint,
        grant_types,
        trusted_token_issuers: issuers,
        audiences: document.audiences,
        resources,
        scopes: document.scopes,
        default_scopes: document.default_scopes,
        access_token_type: access_token.kind,
        access_token_lifetime_seconds,
        refresh_token_lifetime_seconds: refresh_token.lifetime,
        refresh_token_absolute_lifetime_seconds: refresh_token.absolute_lifetime,
        refresh_token_reuse_grace_seconds: refresh_token.reuse_grace,
        attributes: access_token.attributes,
        outlive_subject: access_token.outlive_subject,
        allow_without_actor: document.delegation.allow_without_actor,
        subject,
        subject_identifier: document.subject.identifier,
        dpop: Dpop {
            required: document.dpop.required,
            rebind: document.dpop.rebind,
            needs_nonce: document.dpop.nonce == document::DpopNonce::Required,
        },
        needs_certificate: document.mtls.required,
        keeps_fapi: document.profile == Some(document::Profile::Fapi2),
    };
    id_jag::check(&application, &id_jag_at, report);
    Some(application)
}

/// RFC 8707 section 2: a resource "MUST be an absolute URI" and "MUST NOT
/// include a fragment component". Plain names are taken as well, as `audience`
/// has them.
pub(super) fn resources(resources: &[String], at: &At, report: &mut Report) {
    for (index, resource) in resources.iter().enumerate() {
        let at = at.item(index);
        name(resource, &at, report);
        let is_uri = resource.contains("://") || resource.starts_with("urn:");
        if is_uri && resource.contains('#') {
            report.problem(
                &at,
                "the URI has a fragment, which a resource may not have (RFC 8707 section 2)",
                "remove everything from `#` on",
            );
        }
    }
    no_repetition(resources, at, report);
}

/// How long refresh tokens live, in seconds.
struct RefreshLifetimes {
    lifetime: u64,
    absolute_lifetime: u64,
    reuse_grace: u64,
}

fn refresh_token(
    document: &document::RefreshToken,
    at: &At,
    report: &mut Report,
) -> RefreshLifetimes {
    let mut seconds = |value, default, range, name| {
        bounded(value, default, range, "seconds", &at.field(name), report)
    };
    let year = 31_536_000;
    RefreshLifetimes {
        lifetime: seconds(document.lifetime_seconds, 86_400, 1..=year, "lifetimeSeconds"),
        absolute_lifetime: seconds(
            document.absolute_lifetime_seconds,
            2_592_000,
            1..=year,
            "absoluteLifetimeSeconds",
        ),
        reuse_grace: seconds(document.reuse_grace_seconds, 0, 0..=60, "reuseGraceSeconds"),
    }
}

fn grant_types(document: &document::Application, at: &At, report: &mut Report) -> Vec<GrantType> {
    let known = GrantType::ALL.map(GrantType::name);
    if document.grant_types.is_empty() {
        let remedy = format!("list some of {}", list(known));
        report.problem(at, "is empty, so the application could do nothing", remedy);
    }
    no_repetition(&document.grant_types, at, report);
    let mut grant_types = Vec::new();
    for (index, name) in document.grant_types.iter().enumerate() {
        let at = at.item(index);
        match GrantType::from_name(name) {
            Some(grant) => {
                if document.kind.is_public() && grant == GrantType::ClientCredentials {
                    report.problem(
                        &at,
                        "a public client may not get tokens about itself: anybody could get them (RFC 6749 section 4.4)",
                        "remove it, or make the application `\"type\": \"machine\"` if it runs on a server",
                    );
                } else if document.kind == ApplicationType::Spa && grant.exchanges() {
                    report.problem(
                        &at,
                        "an application of type `spa` may not exchange tokens: it runs in a browser, where other scripts could do it for it",
                        "exchange on a server (`\"type\": \"web\"`), or make it `\"type\": \"mobile\"` if it is an app on a device",
                    );
                }
                grant_types.push(grant);
            }
            None => report.problem(
                &at,
                format!(
                    "{} is no grant type known here; grant types known: {}",
                    shown(name),
                    list(known)
                ),
                match nearest(name, known) {
                    Some(near) => format!("did you mean {}?", shown(near)),
                    None => "use one of them".into(),
                },
            ),
        }
    }
    grant_types
}

fn default_scopes(defaults: &[String], allowed: &[String], at: &At, report: &mut Report) {
    no_repetition(defaults, at, report);
    for (index, scope) in defaults.iter().enumerate() {
        if !allowed.contains(scope) {
            report.problem(
                &at.item(index),
                format!("{} is not among the application's `scopes`", shown(scope)),
                "add it to `scopes`, or remove it here",
            );
        }
    }
}

fn subject(subject: &document::Subject, at: &At, report: &mut Report) -> SubjectMode {
    match (subject.use_mapped_local_subject, subject.mapped_local_subject_mandatory) {
        (false, false) => SubjectMode::Off,
        (true, false) => SubjectMode::Preferred,
        (true, true) => SubjectMode::Required,
        (false, true) => {
            report.problem(
                at,
                "'useMappedLocalSubject' cannot be disabled when 'mappedLocalSubjectMandatory' is enabled",
                "set `useMappedLocalSubject` to true, or `mappedLocalSubjectMandatory` to false",
            );
            SubjectMode::Required
        }
    }
}

fn attributes(attributes: &[String], at: &At, report: &mut Report) {
    no_repetition(attributes, at, report);
    for (index, attribute) in attributes.iter().enumerate() {
        condition::target(attribute, &at.item(index), report);
    }
}

/// What is allowed and probably not meant.
fn note(application: &Application, known: &Known, at: &At, report: &mut Report) {
    let exchanges = application.grant_types.iter().any(|grant| grant.exchanges());
    if !exchanges && application.grant_types.contains(&GrantType::RefreshToken) {
        report.note(
            &at.field("grantTypes"),
            "has `refresh_token`, and no grant type that issues a refresh token",
            format!("add `{}`", GrantType::TokenExchange.name()),
        );
    }
    if exchanges && application.trusted_token_issuers.is_empty() {
        report.note(
            &at.field("trustedTokenIssuers"),
            "names no issuer, so that only tokens of this server can be exchanged",
            "name the issuers whose tokens it may exchange",
        );
    }
    if let Some(index) = application.scopes.iter().position(|scope| administers(scope)) {
        report.note(
            &at.field("scopes").item(index),
            "everybody who may get a token at the application may administer this server",
            "grant the scope by a role to the users who should",
        );
    }
    if application.access_token_lifetime_seconds > 86_400 {
        report.note(
            &at.field("accessToken").field("lifetimeSeconds"),
            "an access token that lives longer than a day can be misused for that long",
            "shorten it, and add `refresh_token` to `grantTypes`",
        );
    }
    note_refresh_token(application, at, report);
    note_identifier(application, at, report);
    if application.subject == SubjectMode::Off {
        let granted = application.trusted_token_issuers.iter();
        let claims = granted.filter_map(|grant| known.with_id(&grant.issuer));
        let claims: Vec<_> = claims.flat_map(|issuer| &issuer.claims).collect();
        for (index, attribute) in application.attributes.iter().enumerate() {
            let mapped = claims.iter().any(|claim| claim.to == *attribute);
            if !mapped {
                report.note(
                    &at.field("accessToken").field("attributes").item(index),
                    format!("no issuer of the application maps a claim to {}", shown(attribute)),
                    "add it to `claims` of the issuer, or remove it here",
                );
            }
        }
    }
}

/// A refresh token that would outlive its family ends with it.
fn note_refresh_token(application: &Application, at: &At, report: &mut Report) {
    let absolute = application.refresh_token_absolute_lifetime_seconds;
    if application.grant_types.contains(&GrantType::RefreshToken)
        && application.refresh_token_lifetime_seconds > absolute
    {
        report.note(
            &at.field("refreshToken").field("lifetimeSeconds"),
            format!(
                "is longer than `absoluteLifetimeSeconds`, so refresh tokens end after {absolute} seconds"
            ),
            "shorten it, or raise `absoluteLifetimeSeconds`",
        );
    }
}

/// Subjects of two issuers may have the same `sub`.
fn note_identifier(application: &Application, at: &At, report: &mut Report) {
    if application.subject_identifier == SubjectIdentifier::Sub
        && application.subject != SubjectMode::Required
        && application.trusted_token_issuers.len() > 1
    {
        report.note(
            &at.field("subject").field("identifier"),
            "is `sub` while the application lists several issuers: subjects of two issuers with the same `sub` differ in `idp` only",
            "set it to `qualified`, or make sure that every API compares `idp` as well as `sub`",
        );
    }
}
