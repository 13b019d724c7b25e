//! Today's configuration, as plain data.

use std::collections::BTreeSet;

use crate::operations::Ask;
use crate::vocabulary::{
    App, Aud, Bound, Condition, Form, GrantType, Idp, Iss, Mode, Role, Scope, TokenType, User,
};

/// Everything that an operator or an administrator decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Today {
    pub(crate) now: u64,
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) applications: Vec<Application>,
    pub(crate) users: Vec<Account>,
    pub(crate) links: Vec<Link>,
}

/// A trusted token issuer.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    /// No other issuer ever gets this id.
    pub(crate) id: String,
    pub(crate) idp: Idp,
    pub(crate) iss: Iss,
    pub(crate) enabled: bool,
    pub(crate) conditions: Vec<Condition>,
    /// What becomes of its tokens that are bound to a key.
    pub(crate) bound: Bound,
    /// Whether users are linked by a verified e-mail address.
    pub(crate) implicit: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// No other application ever gets this id.
    pub(crate) id: String,
    pub(crate) app: App,
    pub(crate) public: bool,
    pub(crate) grants: Vec<GrantType>,
    /// The issuers on its list by id, with its own conditions.
    pub(crate) issuers: Vec<(String, Vec<Condition>)>,
    pub(crate) audiences: Vec<Aud>,
    pub(crate) resources: Vec<Aud>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) default_scopes: Vec<Scope>,
    pub(crate) mode: Mode,
    pub(crate) form: Form,
    pub(crate) settings: Settings,
}

/// Settings of an application that are no lists, forms or modes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) access_seconds: u64,
    /// How long a refresh token lives that is not used.
    pub(crate) idle_seconds: u64,
    /// How long a family of refresh tokens lives.
    pub(crate) absolute_seconds: u64,
    pub(crate) grace_seconds: u64,
    pub(crate) outlive_subject: bool,
    pub(crate) without_actor: bool,
    /// `subject.identifier` is `qualified`.
    pub(crate) qualified: bool,
}

/// A local user.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// No other user ever gets this id.
    pub(crate) id: String,
    pub(crate) user: User,
    pub(crate) roles: Vec<Role>,
    pub(crate) locked: bool,
    pub(crate) disabled: bool,
}

/// That a subject of an issuer is a local user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// No other link ever gets this number.
    pub(crate) number: usize,
    pub(crate) iss: Iss,
    pub(crate) sub: String,
    /// The user, by id.
    pub(crate) user: String,
}

/// What decides whether a token of an issuer is accepted for an application,
/// besides the token: the issuer's `iss`, what becomes of its bound tokens, and every
/// condition that is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InForce {
    pub(crate) iss: Iss,
    pub(crate) bound: Bound,
    pub(crate) conditions: BTreeSet<Condition>,
}

impl Today {
    pub(crate) fn issuer(&self, id: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.id == id)
    }

    pub(crate) fn issuer_named(&self, idp: Idp) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.idp == idp)
    }

    pub(crate) fn application(&self, id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// The application that has this client id.
    pub(crate) fn client(&self, app: App) -> Option<&Application> {
        self.applications.iter().find(|application| application.app == app)
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.users.iter().find(|account| account.id == id)
    }

    pub(crate) fn user_named(&self, user: User) -> Option<&Account> {
        self.users.iter().find(|account| account.user == user)
    }

    pub(crate) fn link(&self, iss: Iss, sub: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.iss == iss && link.sub == sub)
    }

    /// What is in force for tokens of an issuer at an application; `None` when
    /// the issuer is not on the application's list.
    pub(crate) fn in_force(&self, issuer: &Issuer, application: &Application) -> Option<InForce> {
        let (_, own) = application.issuers.iter().find(|(id, _)| *id == issuer.id)?;
        let enforced = |condition: &&Condition| **condition != Condition::HighAudited;
        let conditions = issuer.conditions.iter().chain(own).filter(enforced).copied().collect();
        Some(InForce { iss: issuer.iss, bound: issuer.bound, conditions })
    }

    /// The scopes that an application may have in a token about this user, or
    /// about nobody who is a local user.
    pub(crate) fn allowed_scopes(
        &self,
        application: &Application,
        user: Option<&str>,
    ) -> Vec<Scope> {
        let mut scopes = application.scopes.clone();
        let roles = user.and_then(|id| self.account(id)).map(|account| &account.roles);
        scopes.extend(roles.into_iter().flatten().map(|role| role.scope()));
        scopes
    }
}

impl Application {
    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }

    /// The form of the access token that a request asks for.
    pub(crate) fn form_of(&self, ask: &Ask) -> Form {
        if ask.kind == Some(TokenType::Jwt) { Form::Jwt } else { self.form }
    }

    /// The audiences that it may ask for.
    pub(crate) fn may_ask_for(&self) -> Vec<String> {
        texts(&self.audiences, self.app)
    }

    /// The audiences that it is.
    pub(crate) fn is(&self) -> Vec<String> {
        texts(&self.resources, self.app)
    }
}

/// The texts of audiences; an application's client id when there are none.
fn texts(audiences: &[Aud], app: App) -> Vec<String> {
    match audiences {
        [] => vec![app.text().into()],
        some => some.iter().map(|audience| audience.text().into()).collect(),
    }
}
