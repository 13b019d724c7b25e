//! From a federated subject to a local user: links, and implicit association.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use serde_json::Value;

use super::{Directory, check_status};
use crate::audit::{Trace, shown};
use crate::config::{Application, LookupAttribute, SubjectMode, TrustedTokenIssuer, User};
use crate::grant::Subject;
use crate::host::Host;
use crate::identity::{Denial, store_failed};
use crate::jose::{Claims, Found, lookup};
use crate::reason::{self, Fault};
use crate::storage::links;

/// A federated subject: what its issuer calls it, and what else it says.
pub(crate) struct Identity<'a> {
    pub(crate) issuer: &'a TrustedTokenIssuer,
    pub(crate) sub: &'a str,
    /// The claims of its token, when there is one at hand to look users up by.
    pub(crate) claims: Option<&'a Claims>,
}

/// Whom a federated subject is taken to be.
pub(crate) struct Resolved {
    pub(crate) subject: Subject,
    /// The local user who is that subject, or who is linked to it.
    pub(crate) user: Option<Arc<User>>,
    /// The link that made a local user of the subject, by id.
    pub(crate) link: Option<String>,
}

/// The subject of the token to be issued: the linked local user or the
/// federated subject, as the application has it.
///
/// # Errors
/// [`Denial`] when a local user is required and there is none, when several
/// match, when the user is locked or disabled, or when the store fails.
pub(crate) async fn resolve(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    application: &Application,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    // Off: nothing is looked up, and nothing is linked.
    if application.subject == SubjectMode::Off {
        return Ok(itself(identity, None));
    }
    match linked(directory, host, trace, identity).await? {
        Some((user, link)) => {
            check_status(&user)?;
            trace.pass("account", "status", format!("local account `{}` is active", user.id));
            let subject = Subject::Local { id: user.id.clone() };
            Ok(Resolved { subject, user: Some(user), link: Some(link) })
        }
        None if application.subject == SubjectMode::Required => Err(Fault::new(
            &reason::LINK_REQUIRED,
            "the application requires a linked local account, and the subject has none",
        )
        .into()),
        None => {
            trace.pass("account", "subject", "federated; no local account is linked".to_string());
            Ok(itself(identity, None))
        }
    }
}

fn itself(identity: &Identity<'_>, user: Option<Arc<User>>) -> Resolved {
    let (idp, sub) = (identity.issuer.issuer.clone(), identity.sub.into());
    Resolved { subject: Subject::Federated { idp, sub }, user, link: None }
}

/// Who a federated actor is: that subject, unless it is linked to a user who
/// may not act. Acting for somebody links nobody.
///
/// # Errors
/// [`Denial`] when the linked user is locked or disabled, or the store fails.
pub(crate) async fn acting(
    directory: &Directory,
    host: &Host,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    let found = by_link(directory, host, &identity.issuer.issuer, identity.sub).await?;
    let user = found.map(|(user, _)| user);
    if let Some(user) = &user {
        check_status(user)?;
    }
    Ok(itself(identity, user))
}

/// A user, and the link that leads there, by id.
type Linked = (Arc<User>, String);

/// The user linked to a subject; linked just now, if the issuer has implicit
/// association and exactly one user matches. An existing link wins, also when
/// implicit association is off by now.
async fn linked(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    identity: &Identity<'_>,
) -> Result<Option<Linked>, Denial> {
    let (issuer, sub) = (&identity.issuer.issuer, identity.sub);
    let held = links::find(host, issuer, sub).await.map_err(store_failed)?;
    if let Some(linked) = linked_to(directory, host, held.as_ref()).await? {
        trace.pass("account", "link", format!("linked to `{}`", linked.0.id));
        return Ok(Some(linked));
    }
    let Some(user) = matching(directory, host, trace, identity).await? else { return Ok(None) };
    let link = links::Link::new(host, &user.id, issuer, sub, links::Origin::Implicit);
    if host.rehearsing {
        trace.pass("account", "link.created", format!("would be linked to `{}`", user.id));
        return Ok(Some((user, link.id)));
    }
    // A link to a user who is gone links to nobody, and makes room.
    match links::create(host, &link, held.as_ref()).await.map_err(store_failed)? {
        links::Created::Now => {
            trace.pass("account", "link.created", format!("linked to `{}` just now", user.id));
            Ok(Some((user, link.id)))
        }
        // Another request linked the same subject at the same time. Whoever
        // came first decides.
        links::Created::Before => by_link(directory, host, issuer, sub).await,
    }
}

async fn by_link(
    directory: &Directory,
    host: &Host,
    issuer: &str,
    sub: &str,
) -> Result<Option<Linked>, Denial> {
    let held = links::find(host, issuer, sub).await.map_err(store_failed)?;
    linked_to(directory, host, held.as_ref()).await
}

/// The user of a link, if there still is one.
async fn linked_to(
    directory: &Directory,
    host: &Host,
    held: Option<&links::Held>,
) -> Result<Option<Linked>, Denial> {
    let Some(held) = held else { return Ok(None) };
    let user = directory.user(host, &held.link.user_id).await.map_err(store_failed)?;
    Ok(user.map(|user| (user, held.link.id.clone())))
}

/// The one user whom the lookup attributes, in their order, lead to.
async fn matching(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    identity: &Identity<'_>,
) -> Result<Option<Arc<User>>, Denial> {
    let association = &identity.issuer.implicit_association;
    let Some(claims) = identity.claims.filter(|_| association.enabled) else {
        return Ok(None);
    };
    for attribute in &association.lookup {
        let Some(value) = vouched(identity.issuer, claims, *attribute) else {
            trace.pass("account", "lookup", format!("no verified `{}`", attribute.name()));
            continue;
        };
        let found = directory.with(host, *attribute, &value).await.map_err(store_failed)?;
        match &*found {
            [] => {
                trace.pass("account", "lookup", format!("no user by `{}`", attribute.name()));
            }
            [only] => {
                trace.pass("account", "lookup", format!("one user by `{}`", attribute.name()));
                return Ok(Some(Arc::clone(only)));
            }
            // An ambiguous match never falls through to the next attribute:
            // whoever can make it ambiguous would choose what is asked next.
            several => {
                return Err(Fault::new(
                    &reason::LINK_AMBIGUOUS,
                    format!("several local accounts match by `{}`", attribute.name()),
                )
                .comparing(format!("{} accounts by `{}`", several.len(), shown(&value)))
                .into());
            }
        }
    }
    Ok(None)
}

/// The value of an attribute that the issuer vouches for: by its mapping, or
/// by the claim's usual name; not if it says that it did not verify it.
fn vouched(
    issuer: &TrustedTokenIssuer,
    claims: &Claims,
    attribute: LookupAttribute,
) -> Option<String> {
    let mapped = issuer.claims.iter().find(|mapping| mapping.to == attribute.name());
    let names: &[&str] = match (mapped, attribute) {
        (Some(mapping), _) => &[mapping.from.as_str()],
        // Not `preferred_username`, which users may change and which "MUST NOT"
        // be relied upon (OpenID Connect Core section 5.7), unless mapped.
        (None, LookupAttribute::Username) => &["username"],
        (None, other) => &[other.name()],
    };
    let verified = |name: &str| match lookup(&claims.all, &format!("{name}_verified")) {
        Found::Nothing => true,
        Found::One(value) => *value == true,
        Found::Several => false,
    };
    let name = names.iter().find(|name| lookup(&claims.all, name) != Found::Nothing)?;
    match lookup(&claims.all, name) {
        Found::One(Value::String(value))
            if !value.is_empty() && verified(name) && verified(attribute.name()) =>
        {
            Some(value.clone())
        }
        _ => None,
    }
}
