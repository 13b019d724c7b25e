//! Clients: their names, and how they prove who they are.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use zeroize::Zeroizing;

use super::super::document;
use super::super::model::{ApplicationType, ClientAuthentication, KeySource};
use super::super::problem::{At, Report};
use super::super::secret::Secret;
use super::{certificates, keys, platform};
use crate::crypto::SecretHash;
use crate::gather::gathered;

/// Shortest client secret, in characters. RFC 6749 section 10.10 asks for
/// what cannot be guessed.
const MIN_SECRET: usize = 16;
/// Fewer different characters than random text of that length has.
const MIN_LETTERS: usize = 8;

/// RFC 6749 appendix A.1: client-id = *VSCHAR, VSCHAR = %x20-7E.
pub(super) fn id(client_id: &str, at: &At, report: &mut Report) {
    if client_id.is_empty() || client_id.len() > 255 || !is_printable(client_id) {
        report.problem(
            at,
            "found something else than 1 to 255 printable ASCII characters (RFC 6749 appendix A.1)",
            "write letters, digits and hyphens, like `deploy-bot`",
        );
    }
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// How the client proves who it is. `kept` is the hash of the secret that the
/// store keeps for it.
pub(super) fn authentication(
    document: &mut document::Application,
    kept: Option<SecretHash>,
    at: &At,
    report: &mut Report,
) -> Option<ClientAuthentication> {
    let given = (
        document.client_secret.take(),
        document.jwks.take(),
        document.jwks_uri.take(),
        platform::token(document.client_assertion.as_mut(), &at.field("clientAssertion"), report),
        certificates::identity(&mut document.mtls, &at.field("mtls"), report),
    );
    if document.kind.is_public() {
        if !matches!(given, (None, None, None, None, None)) {
            report.problem(
                at,
                format!("an application of type `{}` is a public client, and a secret it had would be everyone's", kind_name(document.kind)),
                "remove `clientSecret`, `jwks`, `jwksUri`, `clientAssertion` and the names and certificates of `mtls`, or make it `\"type\": \"web\"` if it runs on a server",
            );
        }
        return Some(ClientAuthentication::None);
    }
    match given {
        (None, None, None, None, None) if kept.is_some() => kept.map(ClientAuthentication::Secret),
        (Some(secret), None, None, None, None) => {
            client_secret(secret, &at.field("clientSecret"), report)
                .map(|secret| ClientAuthentication::Secret(SecretHash::new("", &secret)))
        }
        (None, Some(jwks), None, None, None) => {
            keys::inline(&jwks, &at.field("jwks"), report).map(ClientAuthentication::PrivateKeyJwt)
        }
        (None, None, Some(uri), None, None) => keys::web(&uri, false, &at.field("jwksUri"), report)
            .then_some(ClientAuthentication::PrivateKeyJwt(KeySource::JwksUri(uri))),
        (None, None, None, Some(token), None) => token.map(ClientAuthentication::PlatformToken),
        (None, None, None, None, Some(one)) => one.map(ClientAuthentication::Certificate),
        (None, None, None, None, None) => {
            report.problem(
                at,
                format!("an application of type `{}` must prove who it is, and has nothing to do so", kind_name(document.kind)),
                "add `\"clientSecret\": {\"env\": \"NAME\"}`, or `jwks` or `jwksUri` for `private_key_jwt`, or `clientAssertion` with the `issuer` and `subject` of the tokens that its platform gives it, or a client certificate in `mtls`, or make it `\"type\": \"mobile\"` if it is a public client",
            );
            None
        }
        _ => {
            report.problem(
                at,
                "has more than one way to prove who it is",
                "keep exactly one of `clientSecret`, `jwks`, `jwksUri`, `clientAssertion.issuer`, and the names and certificates of `mtls`",
            );
            None
        }
    }
}

/// Says so when there are no assertions whose use could be described, and when
/// assertions count that were made for the token endpoint.
pub(super) fn note_assertion(
    authentication: Option<&ClientAuthentication>,
    allows_endpoint: bool,
    at: &At,
    report: &mut Report,
) {
    if matches!(
        authentication,
        Some(
            ClientAuthentication::Secret(_)
                | ClientAuthentication::Certificate(_)
                | ClientAuthentication::None
        )
    ) {
        report.note(
            at,
            "has no effect: the application does not authenticate with assertions",
            "remove it, or give the application `jwks`, `jwksUri`, or `clientAssertion.issuer` with a `subject`",
        );
    } else if allows_endpoint {
        report.note(
            &at.field("allowTokenEndpointAudience"),
            "is for old clients only: another server can name this token endpoint as its own, and gets an assertion that counts here",
            "have the client send the `issuer` of this server as the only `aud`, and remove it",
        );
    }
}

fn kind_name(kind: ApplicationType) -> &'static str {
    match kind {
        ApplicationType::Web => "web",
        ApplicationType::Mobile => "mobile",
        ApplicationType::Machine => "machine",
        ApplicationType::Spa => "spa",
    }
}

fn client_secret(
    secret: Secret<Zeroizing<String>>,
    at: &At,
    report: &mut Report,
) -> Option<Zeroizing<String>> {
    let text = match secret {
        Secret::Literal(text) => {
            keys::note_literal(at, report);
            text
        }
        Secret::Resolved(text) => text,
        Secret::Reference(_) | Secret::Missing => return None,
    };
    let remedy = "make one with `openssl rand -base64 32`";
    // RFC 6749 appendix A.2: client-secret = *VSCHAR.
    if !is_printable(&text) {
        report.problem(
            at,
            "has a character in it that is not printable ASCII, such as a line break at its end (RFC 6749 appendix A.2)",
            format!("remove that character, or {remedy}"),
        );
    }
    if text.len() < MIN_SECRET {
        report.problem(
            at,
            format!(
                "has {} characters, and could be guessed; expected at least {MIN_SECRET}",
                text.len()
            ),
            remedy,
        );
    }
    let letters = gathered::<BTreeSet<u8>, _>(text.bytes()).len();
    if letters < MIN_LETTERS && text.len() >= MIN_SECRET {
        report.note(
            at,
            format!("is made of {letters} different characters, and could be guessed"),
            remedy,
        );
    }
    Some(text)
}
