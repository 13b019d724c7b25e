//! From a federated subject to a local user, by a link that there is or that
//! implicit association makes.

use alloc::string::String;
use alloc::sync::Arc;

use super::matching::{self, Match};
use super::{Directory, check_status};
use crate::audit::{Detail, Named, Trace};
use crate::config::{Application, SubjectIdentifier, SubjectMode, TrustedTokenIssuer, User};
use crate::grant::Subject;
use crate::host::Host;
use crate::jose::Claims;
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::storage::links;

impl Named for User {
    /// Users are called by their ids.
    fn name(&self) -> &str {
        &self.id
    }
}

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

/// A link that implicit association makes as soon as the request is decided,
/// however that comes out: a user who is locked is linked and refused, so that
/// the lock also holds where the subject comes as an actor.
pub(crate) struct PendingLink {
    link: links::Link,
    /// A link to a user who is gone links to nobody, and makes room.
    replaces: Option<links::Held>,
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
    new_link: &mut Option<PendingLink>,
) -> Result<Resolved, Denial> {
    // Off: nothing is looked up, and nothing is linked.
    if application.subject == SubjectMode::Off {
        return itself(directory, host, application, identity).await;
    }
    match linked(directory, host, trace, identity, new_link).await? {
        Linking::Linked(Linked { user, link }) => {
            check_status(&user)?;
            let status = Detail::Name("local account `", user.clone(), "` is active");
            trace.pass("account", "status", status);
            let subject = Subject::Local { id: user.id.clone() };
            Ok(Resolved { subject, user: Some(user), link: Some(link) })
        }
        Linking::Unlinked(why) if application.subject == SubjectMode::Required => Err(why.into()),
        Linking::Unlinked(_) => {
            let federated = Detail::Words(["federated; no local account is linked", "", ""]);
            trace.pass("account", "subject", federated);
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
    if application.subject_identifier == SubjectIdentifier::Sub {
        check_bare_name(directory, host, identity.sub).await?;
    }
    Ok(federated(identity, None))
}

/// The bare name of a federated subject is no local user's id.
///
/// # Errors
/// [`Denial`] when it looks like one, or the store fails.
pub(crate) async fn check_bare_name(
    directory: &Directory,
    host: &Host,
    sub: &str,
) -> Result<(), Denial> {
    if !directory.is_user_id(host, sub).await.map_err(store_failed)? {
        return Ok(());
    }
    let message = "the token's `sub` looks like the id of a local account of this server";
    Err(Fault::new(&reason::SUBJECT_LOCAL_ID, message).of_claim("sub").into())
}

fn federated(identity: &Identity<'_>, user: Option<Arc<User>>) -> Resolved {
    let (idp, sub) = (identity.issuer.issuer.clone(), identity.sub.into());
    Resolved { subject: Subject::Federated { idp, sub }, user, link: None }
}

/// Who a federated actor is: that subject, unless it is linked to a user who
/// may not act, or would be. Acting for somebody links nobody.
///
/// # Errors
/// [`Denial`] when that user is locked or disabled, or the store fails.
pub(crate) async fn acting(
    directory: &Directory,
    host: &Host,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    let linked = by_link(directory, host, &identity.issuer.issuer, identity.sub).await?;
    if let Some(Linked { user, .. }) = linked {
        check_status(&user)?;
        return Ok(federated(identity, Some(user)));
    }
    // What is looked up for an actor is not part of what is granted.
    let mut unseen = Trace::default();
    if let Match::One(user) = matching::find(directory, host, &mut unseen, identity).await? {
        check_status(&user)?;
    }
    Ok(federated(identity, None))
}

fn administrator() -> Fault {
    Fault::new(
        &reason::LINK_ADMINISTRATOR,
        "the application requires a linked local account, and the one that matches may be linked by an administrator only",
    )
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
pub(crate) async fn establish(host: &Host, pending: PendingLink) -> Result<String, Denial> {
    let PendingLink { link, replaces } = pending;
    let created = links::create(host, &link, replaces.as_ref()).await.map_err(store_failed)?;
    if created == links::Created::Now {
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
}

/// Whether a subject is linked to a user, or is to be.
enum Linking {
    Linked(Linked),
    /// What to say where a link is required.
    Unlinked(Fault),
}

/// The user linked to a subject, or to be linked, if the issuer has implicit
/// association and exactly one user matches. An existing link wins, also when
/// implicit association is off by now.
async fn linked(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    identity: &Identity<'_>,
    new_link: &mut Option<PendingLink>,
) -> Result<Linking, Denial> {
    let (issuer, sub) = (&identity.issuer.issuer, identity.sub);
    let held = links::find(host, issuer, sub).await.map_err(store_failed)?;
    if let Some(linked) = linked_to(directory, host, held.as_ref()).await? {
        trace.pass("account", "link", Detail::Name("linked to `", linked.user.clone(), "`"));
        return Ok(Linking::Linked(linked));
    }
    let user = match matching::find(directory, host, trace, identity).await? {
        Match::One(user) if directory.administers(&user) => {
            check_status(&user)?;
            let found = Detail::Name("`", user, "` is an administrator");
            trace.pass("account", "lookup", found);
            return Ok(Linking::Unlinked(administrator()));
        }
        Match::One(user) => user,
        Match::Several(fault) => return Err(fault.into()),
        Match::Nobody(why) => return Ok(Linking::Unlinked(why)),
    };
    let link = links::Link::new(host, &user.id, issuer, sub, links::Origin::Implicit);
    let links = Detail::Name("links the subject to `", user.clone(), "`");
    trace.pass("account", "link.created", links);
    let id = link.id.clone();
    *new_link = Some(PendingLink { link, replaces: held });
    Ok(Linking::Linked(Linked { user, link: id }))
}

pub(super) fn no_link() -> Fault {
    Fault::new(
        &reason::LINK_REQUIRED,
        "the application requires a linked local account, and the subject has none",
    )
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
    Ok(user.map(|user| Linked { user, link: held.link.id.clone() }))
}
