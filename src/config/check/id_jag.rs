//! Identity assertion grants that an application may ask for. What the receiving
//! server would misunderstand, or what could never be granted, is said here.

use alloc::format;
use alloc::vec::Vec;

use super::super::document;
use super::super::model::{
    Application, ClientAuthentication, GrantType, IdJagAudience, SubjectIdentifier, SubjectMode,
};
use super::super::problem::{At, Report, shown};
use super::application::resources;
use super::client;
use super::values::{Seen, name, scopes};
use crate::url::Web;

/// The authorization servers that are configured.
pub(super) fn audiences(
    document: Option<document::IdJag>,
    own_issuer: &str,
    at: &At,
    report: &mut Report,
) -> Vec<IdJagAudience> {
    let Some(document) = document else { return Vec::new() };
    let at = at.field("audiences");
    if document.audiences.is_empty() {
        report.problem(
            &at,
            "is empty, so the application could ask for no grant",
            "name an authorization server, or remove `idJag`",
        );
    }
    let mut issuers = Seen::default();
    let mut all = Vec::new();
    for (index, audience) in document.audiences.into_iter().enumerate() {
        let at = at.item(index);
        issuers.once(&audience.issuer, &at.field("issuer"), report);
        issuer(&audience.issuer, own_issuer, &at.field("issuer"), report);
        client::id(&audience.client_id, &at.field("clientId"), report);
        name(&audience.client_id, &at.field("clientId"), report);
        resources(&audience.resources, &at.field("resources"), report);
        scopes(&audience.scopes, &at.field("scopes"), report);
        all.push(IdJagAudience {
            issuer: audience.issuer,
            client_id: audience.client_id,
            resources: audience.resources,
            scopes: audience.scopes,
        });
    }
    all
}

/// "aud: The issuer URL of the Resource Authorization Server".
fn issuer(issuer: &str, own_issuer: &str, at: &At, report: &mut Report) {
    let remedy = "give the `issuer` in the metadata of that authorization server";
    match Web::parse(issuer) {
        Err(why) => report.problem(at, format!("the URL {why}"), remedy),
        Ok(url) if url.has_query() || url.has_fragment() => report.problem(
            at,
            "the URL has a query or a fragment, which an issuer may not have (RFC 8414 section 2)",
            remedy,
        ),
        Ok(url) if !url.is_secure() && !url.is_loopback() => report.problem(
            at,
            "the URL is plain http, which is only for a loopback host (`localhost`, `127.0.0.1`, `[::1]`)",
            remedy,
        ),
        // No server gives an access token for a grant that it issued itself (section 9.3).
        Ok(_) if issuer == own_issuer => report.problem(
            at,
            "is our own issuer, which takes no grants of its own",
            "have the application exchange the token for an access token here instead",
        ),
        Ok(_) => {}
    }
}

/// What contradicts the grants in the rest of the application.
pub(super) fn check(application: &Application, at: &At, report: &mut Report) {
    if application.id_jag.is_empty() {
        return;
    }
    let named = shown(&application.client_id);
    if matches!(application.authentication, ClientAuthentication::None) {
        report.problem(
            at,
            format!("{named} is a public client, so that anybody who has its user's ID token could get the grant"),
            "make it `\"type\": \"web\"` with a way to authenticate, or remove `idJag`",
        );
    }
    if !application.grant_types.contains(&GrantType::TokenExchange) {
        report.problem(
            at,
            format!("{named} may not use the grant type token exchange, by which the grants are asked for"),
            "add `urn:ietf:params:oauth:grant-type:token-exchange` to its `grantTypes`",
        );
    }
    // The receiver finds the account by `iss` and `sub`, and `iss` is this server.
    if application.subject != SubjectMode::Required
        && application.subject_identifier == SubjectIdentifier::Sub
        && application.trusted_token_issuers.len() > 1
    {
        report.problem(
            at,
            "subjects of several issuers could have the same `sub` in a grant, which the receiver cannot tell apart",
            "set `subject.identifier` to `qualified`",
        );
    }
    if application.trusted_token_issuers.iter().all(|grant| grant.client_id.is_none())
        && !application.grant_types.contains(&GrantType::RefreshToken)
    {
        report.problem(
            at,
            format!("no ID token is one of {named}: it has no `clientId` at any of its trusted token issuers"),
            "write the issuer in its `trustedTokenIssuers` as `{\"name\": …, \"clientId\": …}`",
        );
    }
}
