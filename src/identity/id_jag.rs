//! Identity assertion grants of other servers (ID-JAG,
//! draft-ietf-oauth-identity-assertion-authz-grant): what holds of them besides the
//! checks on every foreign token.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::audit::shown;
use crate::config::{Condition, IssuerGrant, Mode, Test, TrustedTokenIssuer};
use crate::jose::{Claims, Jws, Object};
use crate::reason::{self, Fault};

/// The `typ` of a grant, without `application/`.
pub(crate) const TYP: &str = "oauth-id-jag+jwt";

/// Longest `jti`, in bytes: it is kept until the grant has expired.
const MAX_JTI: usize = 256;

/// Whether a token says in its header that it is such a grant.
pub(crate) fn is_one(jws: &Jws<'_>) -> bool {
    jws.typ.as_deref().is_some_and(|typ| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").unwrap_or(&typ) == TYP
    })
}

/// "The aud claim MUST [...] identify the Resource Authorization Server" and
/// nobody else (section 4.4.1): neither the token endpoint nor an alias counts.
///
/// # Errors
/// A [`Fault`] for any other audience.
pub(super) fn check_audience(claims: &Claims, own_issuer: &str) -> Result<(), Fault> {
    if matches!(&*claims.aud, [only] if only == own_issuer) {
        return Ok(());
    }
    let message = "the grant's `aud` is not the issuer of this server, as its only value; have the issuer of the grant set it to that";
    let compared = format!("aud {}; expected {own_issuer}", shown(&claims.aud.join(" ")));
    Err(Fault::new(&reason::AUD_NOT_SOLE, message).of_claim("aud").comparing(compared))
}

/// Checks the claims that only a grant has.
///
/// # Errors
/// A [`Fault`] for the first that is missing, or is about another client.
pub(super) fn check(
    claims: &Claims,
    client_id: &str,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
) -> Result<(), Fault> {
    let missing = |name: &'static str| {
        let message = format!("the grant's claim `{name}` is missing");
        Fault::new(&reason::CLAIM_MISSING, message).of_claim(name)
    };
    // "the client_id claim MUST identify the same client as the client
    // authentication in the request" (section 4.4.1).
    let named = claims.all.get("client_id").ok_or_else(|| missing("client_id"))?;
    if named.text().as_deref() != Some(client_id) {
        let message = "the grant was issued to another client than the one that presents it";
        return Err(Fault::new(&reason::CLIENT_ID_MISMATCH, message)
            .of_claim("client_id")
            .comparing(shown(&named.text().unwrap_or_default())));
    }
    // "the Resource Authorization Server MUST [...] process each authorization detail"
    // (section 4.4.1). What is not understood is not ignored: the rest would allow more.
    if claims.all.get("authorization_details").is_some() {
        let message = "the grant's claim `authorization_details` is not supported";
        return Err(Fault::new(&reason::ID_JAG_DETAILS, message).of_claim("authorization_details"));
    }
    if claims.iat.is_none() {
        return Err(missing("iat"));
    }
    let jti = claims.jti.as_ref().ok_or_else(|| missing("jti"))?;
    if jti.len() > MAX_JTI {
        let message = format!("the grant's `jti` is longer than {MAX_JTI} bytes");
        return Err(Fault::new(&reason::JTI_TOO_LONG, message).of_claim("jti"));
    }
    check_tenant(claims, issuer, listed)
}

/// "the combination of iss, tenant, and sub" identifies a subject of an issuer with
/// tenants (section 6.3), and accounts are found by `iss` and `sub`. So a
/// condition has to say which tenant it is.
fn check_tenant(
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
) -> Result<(), Fault> {
    if claims.all.get("tenant").is_none() {
        return Ok(());
    }
    let added = listed.map(|listed| &*listed.conditions).unwrap_or_default();
    let pins = |condition: &Condition| {
        condition.claim == "tenant"
            && condition.mode == Mode::Enforce
            && matches!(condition.test, Test::Equals(_))
    };
    if issuer.conditions.iter().chain(added).any(pins) {
        return Ok(());
    }
    let message =
        "the grant is of one tenant of its issuer, and no condition says which tenant is trusted";
    Err(Fault::new(&reason::TENANT_OPEN, message).of_claim("tenant"))
}

/// What a grant is for: "the resource claim", if it has one.
///
/// # Errors
/// A [`Fault`] when it is neither a text nor a list of texts.
pub(crate) fn resources(claims: &Object) -> Result<Option<Vec<String>>, Fault> {
    let Some(resource) = claims.get("resource") else { return Ok(None) };
    let wrong = || wrong_type("resource", "a text or a list of texts");
    if let Some(one) = resource.text() {
        return Ok(Some(Vec::from([one.into_owned()])));
    }
    let Value::Array(several) = resource.value() else { return Err(wrong()) };
    let texts = several.into_iter().map(|one| match one {
        Value::String(text) => Some(text),
        _ => None,
    });
    let texts: Option<Vec<String>> = texts.collect();
    texts.filter(|texts| !texts.is_empty()).map(Some).ok_or_else(wrong)
}

/// The scopes of a grant, if it names some.
///
/// # Errors
/// A [`Fault`] when they are no text.
pub(crate) fn scopes(claims: &Object) -> Result<Option<Vec<String>>, Fault> {
    let Some(scope) = claims.get("scope") else { return Ok(None) };
    let scope = scope.text().ok_or_else(|| wrong_type("scope", "a text"))?;
    Ok(Some(scope.split(' ').filter(|one| !one.is_empty()).map(String::from).collect()))
}

fn wrong_type(name: &'static str, expected: &str) -> Fault {
    let message = format!("the grant's claim `{name}` is not {expected}");
    Fault::new(&reason::CLAIM_TYPE, message).of_claim(name)
}
