//! Implicit association: the local user whom the claims of a token lead to.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Directory;
use super::linking::{Identity, no_link};
use crate::audit::{Detail, Trace, shown};
use crate::config::{LookupAttribute, TrustedTokenIssuer, User};
use crate::host::Host;
use crate::jose::{Claims, Found, lookup};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};

/// What the lookup attributes lead to, in their order.
pub(super) enum Match {
    One(Arc<User>),
    /// Several users have the value. An ambiguous match never falls through to
    /// the next attribute: a subject who can make it ambiguous would choose
    /// what is asked next.
    Several(Fault),
    /// Nobody, and what to say where a local account is required.
    Nobody(Fault),
}

/// Looks for the user. Notes every attribute in the trace.
///
/// # Errors
/// [`Denial`] when the store fails.
pub(super) async fn find(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    identity: &Identity<'_>,
) -> Result<Match, Denial> {
    let association = &identity.issuer.implicit_association;
    let Some(claims) = identity.claims.filter(|_| association.enabled) else {
        return Ok(Match::Nobody(no_link()));
    };
    let mut nobody =
        no_attribute(association.lookup.iter().map(|one| claim_of(identity.issuer, *one)));
    for attribute in &association.lookup {
        let name = attribute.name();
        let value = match claimed(identity.issuer, claims, *attribute) {
            Claimed::Vouched(value) => value,
            Claimed::Unverified => {
                nobody = unverified(claims, *attribute);
                trace.pass("account", "lookup", Detail::Words(["no verified `", name, "`"]));
                continue;
            }
            Claimed::Nothing => {
                trace.pass("account", "lookup", no_claim(identity.issuer, *attribute));
                continue;
            }
        };
        let found = directory.with(host, *attribute, &value).await.map_err(store_failed)?;
        match &*found {
            [] => {
                nobody = no_match(name, &value);
                trace.pass("account", "lookup", Detail::Words(["no user by `", name, "`"]));
            }
            [only] => {
                trace.pass("account", "lookup", Detail::Words(["one user by `", name, "`"]));
                return Ok(Match::One(Arc::clone(only)));
            }
            several => {
                let message = format!("several local accounts match by `{name}`");
                let compared = format!("{} accounts by `{}`", several.len(), shown(&value));
                let fault = Fault::new(&reason::LINK_AMBIGUOUS, message).comparing(compared);
                return Ok(Match::Several(fault));
            }
        }
    }
    Ok(Match::Nobody(nobody))
}

/// The token has no claim by which a user could be found.
fn no_attribute<'a>(claims: impl Iterator<Item = &'a str>) -> Fault {
    let claims: Vec<String> = claims.map(|claim| format!("`{claim}`")).collect();
    let claims = claims.join(" and no ");
    let message = format!(
        "the application requires a linked local account, and the token has no {claims} by which one would be found"
    );
    Fault::new(&reason::LINK_NO_ATTRIBUTE, message).comparing(format!("no {claims}"))
}

/// No user has the value. It is the token's, which the client has.
fn no_match(name: &str, value: &str) -> Fault {
    let message = format!(
        "the application requires a linked local account, and no account has the token's `{name}`"
    );
    Fault::new(&reason::LINK_NO_MATCH, message)
        .comparing(format!("no account with the `{name}` `{}`", shown(value)))
}

/// What the trace says of a claim that is not there.
fn no_claim(issuer: &TrustedTokenIssuer, attribute: LookupAttribute) -> Detail {
    let (name, claim) = (attribute.name(), claim_of(issuer, attribute));
    if name == claim {
        return Detail::Words(["no `", name, "`"]);
    }
    format!("no `{claim}`, which is mapped to `{name}`").into()
}

/// The claim that has the value of an attribute: by the issuer's mapping, or of
/// the attribute's usual name.
fn claim_of(issuer: &TrustedTokenIssuer, attribute: LookupAttribute) -> &str {
    let mapped = issuer.claims.iter().find(|mapping| mapping.to == attribute.name());
    // Not `preferred_username`, which users may change and which "MUST NOT" be
    // relied upon (OpenID Connect Core section 5.7), unless mapped.
    mapped.map_or(attribute.name(), |mapping| &mapping.from)
}

fn unverified(claims: &Claims, attribute: LookupAttribute) -> Fault {
    let name = attribute.name();
    let said = match lookup(&claims.all, &format!("{name}_verified")) {
        Found::Nothing => format!("no `{name}_verified`"),
        // Amazon Cognito writes it so.
        Found::One(value) if value.value() == "true" => {
            format!("`{name}_verified` is the string `true`; expected the boolean")
        }
        _ => format!("`{name}_verified` is not `true`"),
    };
    Fault::new(
        &reason::LINK_UNVERIFIED,
        format!(
            "the application requires a linked local account, and the token does not say that its `{name}` was verified"
        ),
    )
    .comparing(said)
}

/// What a token says of an attribute.
enum Claimed {
    Nothing,
    /// A value that the issuer does not vouch for.
    Unverified,
    Vouched(String),
}

/// The value of an attribute.
fn claimed(issuer: &TrustedTokenIssuer, claims: &Claims, attribute: LookupAttribute) -> Claimed {
    let name = claim_of(issuer, attribute);
    let Some(value) = text(claims, name) else { return Claimed::Nothing };
    if is_vouched(issuer, claims, attribute, name, &value) {
        Claimed::Vouched(value.into_owned())
    } else {
        Claimed::Unverified
    }
}

/// Whether the issuer vouches for the value of the claim `name`.
///
/// "email_verified: True if the End-User's e-mail address has been verified;
/// otherwise false" (OpenID Connect Core section 5.1). A user who may write any
/// address into a profile would otherwise become the local user who has it.
fn is_vouched(
    issuer: &TrustedTokenIssuer,
    claims: &Claims,
    attribute: LookupAttribute,
    name: &str,
    value: &str,
) -> bool {
    let of_mapped = verified(claims, name);
    let of_usual = verified(claims, attribute.name());
    if of_mapped == Some(false) || of_usual == Some(false) {
        return false;
    }
    // The usual claim vouches for the address in its own claim.
    let is_usual = text(claims, attribute.name())
        .is_none_or(|usual| attribute.compared(&usual) == attribute.compared(value));
    of_mapped == Some(true)
        || (of_usual == Some(true) && is_usual)
        || attribute == LookupAttribute::Username
        || issuer.implicit_association.trust_unverified
}

/// What a token says of the verification of this claim; a wrong type is not an
/// absent claim.
fn verified(claims: &Claims, name: &str) -> Option<bool> {
    match lookup(&claims.all, &format!("{name}_verified")) {
        Found::Nothing => None,
        Found::One(value) => Some(value.value() == true),
        Found::Several => Some(false),
    }
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<Cow<'a, str>> {
    match lookup(&claims.all, name) {
        Found::One(value) => value.text().filter(|text| !text.is_empty()),
        Found::Nothing | Found::Several => None,
    }
}
