//! How people sign in to the console. What the token endpoint would refuse later
//! is said here: nobody could sign in to look for the cause.

use alloc::format;
use alloc::sync::Arc;

use super::super::console::SignIn;
use super::super::document;
use super::super::model::{
    Application, ClientAuthentication, GrantType, SubjectMode, TrustedTokenIssuer,
};
use super::super::problem::{At, Report, shown};
use super::issuer::Known;

/// What is configured, if nothing is wrong with it.
pub(super) fn sign_in(
    console: document::Console,
    own_issuer: &str,
    known: &Known,
    applications: &[Application],
    report: &mut Report,
) -> Option<SignIn> {
    let document::SignIn { issuer, client_id, application } = console.sign_in?;
    let at = At::top("console").field("signIn");
    let application = application.unwrap_or_else(|| client_id.clone());
    let issuer = self::issuer(&issuer, &client_id, known, &at, report);
    let of = at.field("application");
    let Some(found) = applications.iter().find(|found| found.client_id == application) else {
        // One that is broken has its own problem.
        report.problem(
            &of,
            format_args!("there is no usable application with the client id {}", shown(&application)),
            "add it to `applications`, of type `mobile`, with the grant type token exchange and the issuer",
        );
        return None;
    };
    let issuer = issuer?;
    check(found, own_issuer, &issuer, &of, report);
    Some(SignIn { issuer, client_id, application })
}

fn issuer(
    name: &str,
    client_id: &str,
    known: &Known,
    at: &At,
    report: &mut Report,
) -> Option<Arc<TrustedTokenIssuer>> {
    let of = at.field("issuer");
    let Some(issuer) = known.named(name) else {
        report.problem(
            &of,
            format_args!("there is no trusted token issuer of the name {}", shown(name)),
            "give the `name` of one of `trustedTokenIssuers`",
        );
        return None;
    };
    let issuer = Arc::clone(issuer?);
    if client_id.trim().is_empty() {
        report.problem(
            &at.field("clientId"),
            "is empty",
            "give the client id that the console has at the issuer",
        );
    } else if issuer.alias.as_deref() != Some(client_id) {
        report.problem(
            &at.field("clientId"),
            format_args!(
                "the ID tokens have the audience {}, which this server does not answer to",
                shown(client_id)
            ),
            format_args!("set `alias` of the issuer {} to it", shown(&issuer.name)),
        );
    }
    Some(issuer)
}

/// The application gets what its own configuration gives it, and no more.
fn check(
    application: &Application,
    own_issuer: &str,
    issuer: &TrustedTokenIssuer,
    at: &At,
    report: &mut Report,
) {
    let named = shown(&application.client_id);
    if !matches!(application.authentication, ClientAuthentication::None) {
        report.problem(
            at,
            format_args!("{named} has to authenticate, and a page in a browser keeps no secret"),
            "give it the type `mobile`",
        );
    }
    if !application.grant_types.contains(&GrantType::TokenExchange) {
        report.problem(
            at,
            format_args!("{named} may not use the grant type token exchange"),
            "add `urn:ietf:params:oauth:grant-type:token-exchange` to its `grantTypes`",
        );
    }
    if application.trusted_token_issuers.iter().all(|grant| grant.issuer != issuer.id) {
        report.problem(
            at,
            format_args!("{named} may not exchange tokens of {}", shown(&issuer.name)),
            "add the issuer to its `trustedTokenIssuers`",
        );
    }
    let audiences = &application.audiences;
    if !audiences.is_empty() && audiences.iter().all(|one| one != own_issuer) {
        report.problem(
            at,
            format_args!("the tokens of {named} are not meant for this server"),
            format_args!("add {} to its `audiences`", shown(own_issuer)),
        );
    }
    if application.subject == SubjectMode::Off {
        report.note(
            at,
            format!("{named} uses no local accounts, so nobody who signs in administers or has an account"),
            "set `subject.useMappedLocalSubject` of the application",
        );
    }
}
