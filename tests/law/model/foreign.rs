//! Tokens of trusted token issuers, and whom their subjects are.

use super::Model;
use super::evidence::{Party, Subject};
use super::objection::{Code, Objections};
use super::today::{Application, InForce, Issuer, Link};
use crate::operations::IdJag;
use crate::vocabulary::{Condition, Iss, Key, Mode, Role, User};

/// A token of a trusted token issuer: what it says.
#[derive(Clone, Debug)]
pub(crate) struct ForeignToken {
    pub(crate) iss: Iss,
    pub(crate) sub: String,
    pub(crate) high: bool,
    pub(crate) staff: bool,
    pub(crate) exp: u64,
    /// The user whose address it has, and `email_verified`.
    pub(crate) email: Option<(User, Option<bool>)>,
    pub(crate) act: Option<Party>,
    pub(crate) may_act: Option<Party>,
    pub(crate) key: Option<Key>,
    pub(crate) id_jag: Option<IdJag>,
}

/// A foreign token that an application may use.
pub(crate) struct Trusted {
    pub(crate) issuer: Issuer,
    pub(crate) in_force: InForce,
}

/// Whom a subject is at an application.
pub(crate) struct Resolved {
    pub(crate) subject: Subject,
    /// The link that says so.
    pub(crate) link: Option<usize>,
}

impl Model {
    /// Whether an application may use a foreign token.
    pub(crate) fn trusted(
        &self,
        application: &Application,
        token: &ForeignToken,
    ) -> Result<Trusted, Objections> {
        let issuer = self.today.issuers.iter().find(|issuer| issuer.iss == token.iss);
        let Some(issuer) = issuer else {
            return Err(Objections::one(
                Code::OfToken,
                format!("no issuer has the `iss` `{}`", token.iss.text()),
            ));
        };
        let mut objections = Objections::default();
        let (idp, name) = (issuer.idp.text(), application.app.text());
        objections.of_token(!issuer.enabled, || format!("the issuer `{idp}` is disabled"));
        let Some(in_force) = self.today.in_force(issuer, application) else {
            objections
                .of_token(true, || format!("the issuer `{idp}` is not on the list of `{name}`"));
            return Err(objections);
        };
        for condition in &in_force.conditions {
            let holds = match condition {
                Condition::High => token.high,
                Condition::Staff => token.staff,
                Condition::HighAudited => true,
            };
            objections
                .of_token(!holds, || format!("the condition {} does not hold", condition.text()));
        }
        match objections.is_empty() {
            true => Ok(Trusted { issuer: issuer.clone(), in_force }),
            false => Err(objections),
        }
    }

    /// The link that implicit association makes for a foreign token: its subject
    /// has none, and its issuer vouches for the address of a local user, who is
    /// no administrator.
    pub(crate) fn implicit_link(
        &self,
        application: &Application,
        issuer: &Issuer,
        token: &ForeignToken,
    ) -> Option<Link> {
        let linked = self.today.link(token.iss, &token.sub).is_some();
        if application.mode == Mode::Off || linked {
            return None;
        }
        let user = self.by_address(issuer, token)?;
        if self.today.account(&user)?.roles.contains(&Role::Administrator) {
            return None;
        }
        Some(Link { number: self.next_link, iss: token.iss, sub: token.sub.clone(), user })
    }

    /// What is wrong with the administrator whom the address leads to. Such a
    /// user is not linked, and a lock holds all the same.
    pub(crate) fn administrator_status(
        &self,
        application: &Application,
        issuer: &Issuer,
        token: &ForeignToken,
    ) -> Objections {
        let linked = self.today.link(token.iss, &token.sub).is_some();
        let user = self.by_address(issuer, token).filter(|_| !linked);
        let administrator = user.and_then(|user| self.today.account(&user));
        match administrator {
            Some(user)
                if application.mode != Mode::Off && user.roles.contains(&Role::Administrator) =>
            {
                self.today.status(&user.id)
            }
            _ => Objections::default(),
        }
    }

    /// The user whose address an issuer vouches for, by id.
    pub(crate) fn by_address(&self, issuer: &Issuer, token: &ForeignToken) -> Option<String> {
        let (user, verified) = token.email?;
        let account = self.today.user_named(user)?;
        (issuer.implicit && verified == Some(true)).then(|| account.id.clone())
    }

    /// Whom a federated subject is at an application, by the links of today.
    pub(crate) fn by_link(
        &self,
        application: &Application,
        party: Party,
    ) -> Result<Resolved, Objections> {
        let link = party.iss.and_then(|iss| self.today.link(iss, &party.sub));
        match (application.mode, link) {
            (Mode::Preferred | Mode::Required, Some(link)) => self.through(link),
            (Mode::Required, None) => {
                let name = application.app.text();
                Err(Objections::one(
                    Code::OfToken,
                    format!("`{name}` has only local users, and the subject is linked to none"),
                ))
            }
            (Mode::Off, _) | (Mode::Preferred, None) => self.stays_federated(application, party),
        }
    }

    /// The user of a link.
    pub(crate) fn through(&self, link: &Link) -> Result<Resolved, Objections> {
        let wrong = self.today.status(&link.user);
        match wrong.is_empty() {
            true => {
                let subject = Subject::Local(link.user.clone());
                Ok(Resolved { subject, link: Some(link.number) })
            }
            false => Err(wrong),
        }
    }

    /// A federated subject must not look like a local user.
    fn stays_federated(
        &self,
        application: &Application,
        party: Party,
    ) -> Result<Resolved, Objections> {
        let looks_local = party.sub.starts_with("usr_") || self.today.account(&party.sub).is_some();
        if looks_local && !application.settings.qualified {
            return Err(Objections::one(
                Code::OfToken,
                "the `sub` looks like the id of a local user",
            ));
        }
        Ok(Resolved { subject: Subject::Federated(party), link: None })
    }
}
