//! The law of grants: what is wrong today with an issued token. Everything that
//! presents an issued token asks here.

use super::Model;
use super::evidence::{Acted, Evidence, Issued, Subject, Token};
use super::objection::{Code, Objections};
use super::today::{Application, Today};
use crate::vocabulary::{Form, GrantType, Mode, Scope};

impl Model {
    /// What is wrong with a token. It does not depend on who presents it.
    pub(crate) fn objections_to(&self, token: &Token) -> Objections {
        let mut objections = Objections::default();
        objections.of_token(self.ends(token) <= self.today.now, || "the token has expired".into());
        objections.of_token(token.revoked, || "the token was revoked".into());
        objections.of_token(self.family_ended(token), || "its family has ended".into());
        objections.of_token(self.is_spent(token), || "it was used before".into());
        objections.extend(account(&self.today, &token.evidence));
        let evidence = &token.evidence;
        let Some(application) = self.today.application(&evidence.application) else {
            let gone =
                format!("the application `{}` that it was issued to is gone", evidence.app.text());
            objections.extend(Objections::one(Code::OfToken, gone));
            return objections;
        };
        objections.extend(grant(application, token));
        let came_from = evidence.issuer.as_ref();
        objections.extend(issuer(&self.today, application, came_from, "it was issued to"));
        objections.extend(delegation(&self.today, application, evidence));
        objections.extend(mode(&self.today, application, evidence));
        let allowed = application.may_ask_for();
        for audience in token.audience.iter().filter(|audience| !allowed.contains(audience)) {
            objections.add(true, &[Code::OfToken, Code::InvalidTarget], || {
                format!(
                    "`{}` may not ask for its audience `{audience}` any more",
                    application.app.text()
                )
            });
        }
        objections
    }

    /// What is wrong with a token at an application that exchanges it.
    pub(crate) fn objections_at(&self, presenter: &Application, token: &Token) -> Objections {
        let mut objections = Objections::default();
        let name = presenter.app.text();
        objections.of_token(presenter.public, || format!("`{name}` is a public client"));
        objections.of_token(!concerns(presenter, token), || not_concerned(presenter));
        let came_from = token.evidence.issuer.as_ref();
        objections.extend(issuer(&self.today, presenter, came_from, "that presents it"));
        objections
    }

    /// The scope that a token has today.
    pub(crate) fn effective_scope(&self, token: &Token) -> Vec<Scope> {
        let Some(application) = self.today.application(&token.evidence.application) else {
            return Vec::new();
        };
        let allowed = self.today.allowed_scopes(application, token.evidence.subject.user());
        token.scope.iter().copied().filter(|scope| allowed.contains(scope)).collect()
    }

    fn family_ended(&self, token: &Token) -> bool {
        token.family.is_some_and(|number| self.families[number].ended)
    }

    /// When a token ends: a refresh token under the lifetimes of today.
    pub(crate) fn ends(&self, token: &Token) -> u64 {
        let Some(application) = self.today.application(&token.evidence.application) else {
            return token.ends;
        };
        let settings = application.settings;
        let family = token.family.map(|number| &self.families[number]);
        match (token.form, family) {
            (Form::Refresh, Some(family)) => (family.rotated + settings.idle_seconds)
                .min(family.began + settings.absolute_seconds)
                .min(token.ends),
            _ => token.ends,
        }
    }
}

/// Whether an application may see a token: it was issued to it, or the
/// application is an audience of it. A refresh token concerns only the former.
pub(crate) fn concerns(application: &Application, token: &Token) -> bool {
    let issued_to = token.evidence.application == application.id;
    issued_to || (token.form != Form::Refresh && is_audience(application, token))
}

pub(crate) fn is_audience(application: &Application, token: &Token) -> bool {
    application.is().iter().any(|one| token.audience.contains(one))
}

pub(crate) fn not_concerned(application: &Application) -> String {
    let name = application.app.text();
    format!("the token was not issued to `{name}`, and `{name}` is none of its audiences")
}

/// The application that it was issued to may still use the grant.
fn grant(application: &Application, token: &Token) -> Objections {
    let mut objections = Objections::default();
    let name = application.app.text();
    let grant = token.evidence.grant;
    objections.of_token(!application.may_use(grant), || {
        format!("`{name}` may not use the grant `{}` any more", grant.text())
    });
    let refreshes = token.form != Form::Refresh || application.may_use(GrantType::Refresh);
    objections.of_token(!refreshes, || format!("`{name}` may not refresh any more"));
    objections
}

/// The issuer is still trusted for this application, in the same way.
fn issuer(
    today: &Today,
    application: &Application,
    came_from: Option<&Issued>,
    which: &str,
) -> Objections {
    let mut objections = Objections::default();
    // An application got it about itself.
    let Some(came_from) = came_from else { return objections };
    let Some(issuer) = today.issuer(&came_from.by) else {
        return Objections::one(Code::OfToken, "the issuer that it came from is gone");
    };
    let (name, idp) = (application.app.text(), issuer.idp.text());
    objections.of_token(!issuer.enabled, || format!("the issuer `{idp}` is disabled"));
    match today.in_force(issuer, application) {
        None => objections.of_token(true, || {
            format!("the issuer `{idp}` is not on the list of `{name}`, {which}")
        }),
        Some(now) => objections.of_token(now != came_from.in_force, || {
            format!("the `iss` or the conditions of `{idp}` at `{name}`, {which}, are not those that held")
        }),
    }
    objections
}

/// The link and the user still stand.
fn account(today: &Today, evidence: &Evidence) -> Objections {
    let mut objections = Objections::default();
    let stands = |number: &usize| today.links.iter().any(|link| link.number == *number);
    objections.of_token(!evidence.link.iter().all(stands), || {
        "the link by which its subject was a local user is gone".into()
    });
    if let Some(id) = evidence.subject.user() {
        objections.extend(today.status(id));
    }
    objections
}

/// Every actor could still act, and a token that names who may act would still be
/// issued without an actor.
fn delegation(today: &Today, application: &Application, evidence: &Evidence) -> Objections {
    let mut objections = Objections::default();
    let asks = evidence.may_act.is_some() && !application.settings.without_actor;
    objections.of_token(asks, || "it has `may_act`, and there was no actor".into());
    for acted in &evidence.acted {
        objections.extend(actor(today, acted));
    }
    objections
}

fn actor(today: &Today, acted: &Acted) -> Objections {
    let Some(application) = today.application(&acted.at) else {
        return Objections::one(Code::OfToken, "the application that presented an actor is gone");
    };
    let mut objections =
        issuer(today, application, acted.issuer.as_ref(), "that presented an actor");
    let stands = |number: &usize| today.links.iter().any(|link| link.number == *number);
    objections.of_token(!acted.link.iter().all(stands), || {
        "the link by which an actor was a local user is gone".into()
    });
    match &acted.subject {
        Subject::Local(id) => objections.extend(today.status(id)),
        Subject::Federated(party) => {
            let link = party.iss.and_then(|iss| today.link(iss, &party.sub));
            let user = link.filter(|link| today.account(&link.user).is_some());
            objections.extend(user.map(|link| today.status(&link.user)).unwrap_or_default());
        }
        Subject::Client(_) => {
            let stands = acted.client.as_ref().and_then(|id| today.application(id)).is_some();
            objections.of_token(!stands, || "the application that acts is gone".into());
        }
    }
    objections
}

/// The account mode of the application that it was issued to would still give
/// this subject.
fn mode(today: &Today, application: &Application, evidence: &Evidence) -> Objections {
    let mut objections = Objections::default();
    let name = application.app.text();
    let party = evidence.subject.party();
    let linked = party.iss.is_some_and(|_| {
        let came_from = evidence.issuer.as_ref();
        came_from.is_some_and(|issuer| today.link(issuer.in_force.iss, &party.sub).is_some())
    });
    let wrong = match (application.mode, &evidence.subject) {
        (Mode::Off, Subject::Local(_)) => Some("has no local users"),
        (Mode::Required, Subject::Federated(_)) => Some("has only local users"),
        (Mode::Preferred, Subject::Federated(_)) if linked => {
            Some("would have the linked local user")
        }
        _ => None,
    };
    objections
        .of_token(wrong.is_some(), || format!("`{name}` {} today", wrong.unwrap_or_default()));
    objections
}

impl Today {
    /// What is wrong with a local user.
    pub(crate) fn status(&self, id: &str) -> Objections {
        let mut objections = Objections::default();
        let Some(account) = self.account(id) else {
            return Objections::one(Code::OfToken, "the local user is gone");
        };
        let name = account.user.text();
        objections
            .of(Code::AccessDenied, account.locked, || format!("the user `{name}` is locked"));
        objections
            .of(Code::AccessDenied, account.disabled, || format!("the user `{name}` is disabled"));
        objections
    }
}
