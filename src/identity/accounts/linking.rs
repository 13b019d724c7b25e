//! From a federated subject to a local user: links, and implicit association.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use serde_json::Value;

use super::{Directory, check_status};
use crate::audit::{Trace, shown};
use crate::config::{
    Application, LookupAttribute, SubjectIdentifier, SubjectMode, TrustedTokenIssuer, User,
};
use crate::grant::Subject;
use crate::host::Host;
use crate::jose::{Claims, Found, lookup};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
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
    /// That link, where it has to be made first.
    pub(crate) new_link: Option<PendingLink>,
}

/// A link that implicit association will make, once everything is decided.
pub(crate) struct PendingLink {
    link: links::Link,
    /// A link to a user who is gone links to nobody, and makes room.
    replaces: Option<links::Held>,
}

impl PendingLink {
    /// What a rehearsal says about it.
    pub(crate) fn announcement(&self) -> String {
        format!("would be linked to `{}`", self.link.user_id)
    }
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
        return itself(directory, host, application, identity).await;
    }
    match linked(directory, host, trace, identity).await? {
        Some(Linked { user, link, new_link }) => {
            check_status(&user)?;
            trace.pass("account", "status", format!("local account `{}` is active", user.id));
            let subject = Subject::Local { id: user.id.clone() };
            Ok(Resolved { subject, user: Some(user), link: Some(link), new_link })
        }
        None if application.subject == SubjectMode::Required => Err(Fault::new(
            &reason::LINK_REQUIRED,
            "the application requires a linked local account, and the subject has none",
        )
        .into()),
        None => {
            trace.pass("account", "subject", "federated; no local account is linked".to_string());
            itself(directory, host, application, identity).await
        }
    }
}

/// The federated subject as such. It must not be taken for a local user: where
/// the issued `sub` is its bare name, that name must not be a user's id.
async fn itself(
    directory: &Directory,
    host: &Host,
    application: &Application,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    let bare = application.subject_identifier == SubjectIdentifier::Sub;
    if bare && directory.is_user_id(host, identity.sub).await.map_err(store_failed)? {
        return Err(Fault::new(
            &reason::SUBJECT_LOCAL_ID,
            "the token's `sub` looks like the id of a local account of this server",
        )
        .of_claim("sub")
        .into());
    }
    Ok(federated(identity, None))
}

fn federated(identity: &Identity<'_>, user: Option<Arc<User>>) -> Resolved {
    let (idp, sub) = (identity.issuer.issuer.clone(), identity.sub.into());
    Resolved { subject: Subject::Federated { idp, sub }, user, link: None, new_link: None }
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
    let user = found.map(|linked| linked.user);
    if let Some(user) = &user {
        check_status(user)?;
    }
    Ok(federated(identity, user))
}

/// Whether a subject is linked to a local user.
///
/// # Errors
/// [`Denial`] when the store fails.
pub(crate) async fn is_linked(
    directory: &Directory,
    host: &Host,
    issuer: &str,
    sub: &str,
) -> Result<bool, Denial> {
    Ok(by_link(directory, host, issuer, sub).await?.is_some())
}

/// Makes a link, and tells its id. Another request may have linked the same
/// subject in the meantime: to the same user, which is as good, or to another
/// one, for whom nothing was decided.
///
/// # Errors
/// [`Denial`] when it is linked to another user by now, or the store fails.
pub(crate) async fn establish(
    host: &Host,
    trace: &mut Trace,
    pending: PendingLink,
) -> Result<String, Denial> {
    let PendingLink { link, replaces } = pending;
    let created = links::create(host, &link, replaces.as_ref()).await.map_err(store_failed)?;
    if created == links::Created::Now {
        trace.pass("account", "link.created", format!("linked to `{}` just now", link.user_id));
        return Ok(link.id);
    }
    let held = links::find(host, &link.issuer, &link.sub).await.map_err(store_failed)?;
    match held {
        Some(held) if held.link.user_id == link.user_id => Ok(held.link.id),
        _ => Err(Denial::Unavailable {
            fault: Fault::new(
                &reason::LINK_RACED,
                "another request changed the link of the subject; try again",
            ),
            retry_after: 1,
        }),
    }
}

/// A user, and the link that leads there.
struct Linked {
    user: Arc<User>,
    /// By id.
    link: String,
    new_link: Option<PendingLink>,
}

/// The user linked to a subject, or to be linked, if the issuer has implicit
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
        trace.pass("account", "link", format!("linked to `{}`", linked.user.id));
        return Ok(Some(linked));
    }
    let Some(user) = matching(directory, host, trace, identity).await? else { return Ok(None) };
    let link = links::Link::new(host, &user.id, issuer, sub, links::Origin::Implicit);
    let id = link.id.clone();
    let new_link = Some(PendingLink { link, replaces: held });
    Ok(Some(Linked { user, link: id, new_link }))
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
    Ok(user.map(|user| Linked { user, link: held.link.id.clone(), new_link: None }))
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
