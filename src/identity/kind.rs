//! Whether a foreign token is of the kind that it is declared to be: no token made for
//! another purpose counts (RFC 8725 sections 3.11 and 3.12).

use alloc::format;

use super::foreign::Expected;
use super::id_jag;
use super::purpose::Purpose;
use crate::audit::shown;
use crate::jose::{Claims, Jws};
use crate::reason::{self, Fault};
use crate::token_type::TokenType;

/// The `typ` header, if there is one, agrees with the declared kind
/// (RFC 8725 section 3.11, RFC 9068 section 4).
pub(super) fn check_typ(jws: &Jws<'_>, expected: &Expected<'_>) -> Result<(), Fault> {
    let Some(typ) = &jws.typ else { return Ok(()) };
    let typ = typ.to_ascii_lowercase();
    let agrees = match typ.strip_prefix("application/").unwrap_or(&typ) {
        id_jag::TYP => matches!(expected.purpose, Purpose::IdentityGrant(_)),
        "jwt" | "jose" => true,
        // An access token is for the API that it was issued for, and nobody
        // may sign in with it elsewhere (RFC 8725 section 3.12).
        "client-authentication+jwt" => matches!(expected.purpose, Purpose::Client(_)),
        "at+jwt" if matches!(expected.purpose, Purpose::Client(_)) => {
            let message = "the assertion is an access token, which authenticates no client";
            return Err(
                Fault::new(&reason::TYP_MISMATCH, message).comparing("its `typ` is `at+jwt`")
            );
        }
        "at+jwt" if matches!(expected.purpose, Purpose::Grant(_) | Purpose::IdentityGrant(_)) => {
            let message = "the assertion is an access token; have the issuer issue an assertion, or exchange the access token with the token exchange grant";
            return Err(
                Fault::new(&reason::TYP_MISMATCH, message).comparing("its `typ` is `at+jwt`")
            );
        }
        "at+jwt" => expected.kind != TokenType::IdToken,
        _ => false,
    };
    if agrees {
        Ok(())
    } else {
        Err(of_another_kind(&format!("its `typ` is `{}`", shown(&typ)), expected.kind))
    }
}

/// Claims by which providers that set no `typ` tell their tokens apart: those
/// only an ID token has (OpenID Connect Core section 2), and the payload's own
/// `typ` (Keycloak) and `token_use` (Cognito).
pub(super) fn check_claims(claims: &Claims, kind: TokenType) -> Result<(), Fault> {
    let claims = &claims.all;
    let own_kind = |name: &'static str| claims.text(name).map(|kind| (name, kind));
    let own = own_kind("typ").or_else(|| own_kind("token_use"));
    let is = |kinds: &[&str]| {
        let (name, own) = own.as_ref()?;
        let is = kinds.iter().any(|kind| own.eq_ignore_ascii_case(kind));
        is.then(|| format!("its claim `{name}` is `{}`", shown(own)))
    };
    let has = |names: &[&str]| {
        let name = names.iter().find(|name| claims.get(name).is_some())?;
        Some(format!("it has the claim `{name}`"))
    };
    // Logout and security event tokens have `events` (RFC 8417 section 2.2).
    let confused =
        has(&["events"]).or_else(|| is(&["refresh", "offline", "logout"])).or_else(|| match kind {
            TokenType::Jwt | TokenType::IdJag => None,
            TokenType::AccessToken => is(&["id"]).or_else(|| has(&["at_hash", "c_hash", "nonce"])),
            TokenType::IdToken => is(&["access", "bearer"]),
            // Foreign refresh tokens are not accepted at all.
            TokenType::RefreshToken => Some("another issuer made it".into()),
        });
    confused.map_or(Ok(()), |seen| Err(of_another_kind(&seen, kind)))
}

fn of_another_kind(seen: &str, kind: TokenType) -> Fault {
    let declared = match kind {
        TokenType::Jwt => "a JWT to be exchanged",
        TokenType::IdToken => "an ID token",
        TokenType::AccessToken => "an access token",
        TokenType::RefreshToken => "a refresh token",
        TokenType::IdJag => "an identity assertion grant",
    };
    let message = format!("the token is declared as {declared}, and is not: {seen}");
    Fault::new(&reason::TYP_MISMATCH, message).comparing(seen)
}
