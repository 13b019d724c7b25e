//! Whether a foreign token is meant for this server, or for the application that presents
//! it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::foreign::Expected;
use super::id_jag;
use super::purpose::Purpose;
use crate::audit::shown;
use crate::config::{IssuerGrant, TrustedTokenIssuer};
use crate::jose::Claims;
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::token_type::TokenType;

/// The denial of a token whose key or signature is wrong, with the audience where
/// that is another one as well: it may just be the wrong token.
pub(super) fn beside(
    denial: Denial,
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
    expected: &Expected<'_>,
) -> Denial {
    let Denial::Fault(fault) = denial else { return denial };
    let Err(audience) = check(claims, issuer, listed, expected) else {
        return fault.into();
    };
    let details = [fault.detail, audience.detail];
    let detail = details.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if fault.reason == &reason::SIGNATURE {
        let message = "the token's signature was rejected, and the token is not meant for this server: its `aud` is another";
        let fault = Fault::new(&reason::SIGNATURE_OTHER_AUDIENCE, message);
        return fault.of_claim("aud").comparing(detail).into();
    }
    Fault { detail: Some(detail), ..fault }.into()
}

/// "The JWT MUST contain an aud claim containing a value that identifies the
/// authorization server as an intended audience" (RFC 7523 section 3).
pub(super) fn check(
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
    expected: &Expected<'_>,
) -> Result<(), Fault> {
    // That of a client's token was checked before anything was fetched for it.
    if matches!(expected.purpose, Purpose::Client(_)) {
        return Ok(());
    }
    let [own_issuer, _] = expected.audiences;
    if matches!(expected.purpose, Purpose::IdentityGrant(_)) {
        return id_jag::check_audience(claims, own_issuer);
    }
    if expected.kind == TokenType::IdToken {
        let own_name = listed.and_then(|listed| listed.client_id.as_deref());
        match own_name.filter(|name| claims.aud.iter().any(|aud| aud == name)) {
            Some(own_name) => return check_authorized_party(claims, own_name),
            None if matches!(expected.purpose, Purpose::IdJag(_)) => {
                return Err(other_client(claims, own_name));
            }
            None => {}
        }
    }
    let ours = |aud: &String| {
        expected.audiences.contains(&aud.as_str()) || issuer.alias.as_ref() == Some(aud)
    };
    if claims.aud.iter().any(ours) {
        return Ok(());
    }
    let compared = format!(
        "aud {}; expected one of {}{}{}",
        shown(&claims.aud.join(" ")),
        expected.audiences.join(", "),
        if issuer.alias.is_some() { ", " } else { "" },
        issuer.alias.as_deref().unwrap_or_default(),
    );
    Err(match &issuer.alias {
        None => Fault::new(
            &reason::AUD_NO_ALIAS,
            format!(
                "the token's audience does not include the issuer of this server, and no alias has been configured for `{}`",
                issuer.name
            ),
        ),
        Some(alias) => Fault::new(
            &reason::AUD_MISMATCH,
            format!("None of the audience values matched the token endpoint alias {alias}"),
        ),
    }
    .of_claim("aud")
    .comparing(compared))
}

/// "If an azp (authorized party) Claim is present, the Client SHOULD verify that
/// its Client ID is the Claim Value" (OpenID Connect Core section 3.1.3.7).
fn check_authorized_party(claims: &Claims, own_name: &str) -> Result<(), Fault> {
    let party = claims.all.get("azp");
    if party.is_none_or(|party| party.text().as_deref() == Some(own_name)) {
        return Ok(());
    }
    Err(other_client(claims, Some(own_name)))
}

/// The ID token tells of a sign-in at another client.
fn other_client(claims: &Claims, own_name: Option<&str>) -> Fault {
    let message = match own_name {
        Some(_) => "the ID token was not issued to this application, as the issuer calls it",
        None => {
            "the ID token cannot be told to be one of this application, because it has no `clientId` at this issuer"
        }
    };
    Fault::new(&reason::AUD_OTHER_CLIENT, message).of_claim("aud").comparing(format!(
        "aud {}; expected {}",
        shown(&claims.aud.join(" ")),
        own_name.unwrap_or("(none)")
    ))
}
