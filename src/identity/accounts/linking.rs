//! From a federated subject to a local user, by a link that there is or that
//! implicit association makes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use super::matching::{self, Match};
use super::{Directory, check_status};
use crate::audit::Trace;
use crate::config::{Application, SubjectMode, TrustedTokenIssuer, User};
use crate::grant::Subject;
use crate::host::Host;
use crate::identity::{Denial, store_failed};
use crate::jose::Claims;
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
        Linking::Linked(user, link) => {
            check_status(&user)?;
            trace.pass("account", "status", format!("local account `{}` is active", user.id));
            let subject = Subject::Local { id: user.id.clone() };
            Ok(Resolved { subject, user: Some(user), link: Some(link) })
        }
        Linking::Unlinked(why) if application.subject == SubjectMode::Required => Err(why.into()),
        Linking::Unlinked(_) => {
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
    if let Some((user, _)) = linked {
        check_status(&user)?;
        return Ok(itself(identity, Some(user)));
    }
    // What is looked up for an actor is not part of what is granted.
    let mut unseen = Trace::default();
    if let Match::One(user) = matching::find(directory, host, &mut unseen, identity).await? {
        check_status(&user)?;
    }
    Ok(itself(identity, None))
}

fn administrator() -> Fault {
    Fault::new(
        &reason::LINK_ADMINISTRATOR,
        "the application requires a linked local account, and the one that matches may be linked by an administrator only",
    )
}

/// A user, and the link that leads there, by id.
type Linked = (Arc<User>, String);

/// Whether a subject is linked to a user.
enum Linking {
    Linked(Arc<User>, String),
    /// What to say where a link is required.
    Unlinked(Fault),
}

/// The user linked to a subject; linked just now, if the issuer has implicit
/// association and exactly one user matches. An existing link wins, also when
/// implicit association is off by now.
async fn linked(
    directory: &Directory,
    host: &Host,
    trace: &mut Trace,
    identity: &Identity<'_>,
) -> Result<Linking, Denial> {
    let (issuer, sub) = (&identity.issuer.issuer, identity.sub);
    let held = links::find(host, issuer, sub).await.map_err(store_failed)?;
    if let Some((user, link)) = linked_to(directory, host, held.as_ref()).await? {
        trace.pass("account", "link", format!("linked to `{}`", user.id));
        return Ok(Linking::Linked(user, link));
    }
    let user = match matching::find(directory, host, trace, identity).await? {
        Match::One(user) if directory.administers(&user) => {
            check_status(&user)?;
            trace.pass("account", "lookup", format!("`{}` is an administrator", user.id));
            return Ok(Linking::Unlinked(administrator()));
        }
        Match::One(user) => user,
        Match::Several(fault) => return Err(fault.into()),
        Match::Nobody(why) => return Ok(Linking::Unlinked(why)),
    };
    let link = links::Link::new(host, &user.id, issuer, sub, links::Origin::Implicit);
    if host.rehearsing {
        trace.pass("account", "link.created", format!("would be linked to `{}`", user.id));
        return Ok(Linking::Linked(user, link.id));
    }
    // A link to a user who is gone links to nobody, and makes room.
    match links::create(host, &link, held.as_ref()).await.map_err(store_failed)? {
        links::Created::Now => {
            trace.pass("account", "link.created", format!("linked to `{}` just now", user.id));
            Ok(Linking::Linked(user, link.id))
        }
        // Another request linked the same subject at the same time. Whoever
        // came first decides.
        links::Created::Before => Ok(match by_link(directory, host, issuer, sub).await? {
            Some((user, link)) => Linking::Linked(user, link),
            None => Linking::Unlinked(no_link()),
        }),
    }
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
    Ok(user.map(|user| (user, held.link.id.clone())))
}
