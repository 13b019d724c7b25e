//! What an administrator's change comes to.

use super::Model;
use super::today::{Account, Application, Issuer, Link};
use crate::given;
use crate::operations::Edit;
use crate::vocabulary::{App, Bound, Condition, Idp, Iss, Scope, User};

impl Model {
    /// Why a link cannot be made.
    pub(crate) fn link_refused(&self, iss: Iss, sub: &str) -> Option<&'static str> {
        self.today.link(iss, sub).map(|_| "the subject is linked already")
    }

    pub(crate) fn link(&mut self, iss: Iss, sub: String, user: String) {
        self.today.links.push(Link { number: self.next_link, iss, sub, user });
        self.next_link += 1;
    }

    pub(crate) fn unlink(&mut self, number: usize) {
        self.today.links.retain(|link| link.number != number);
    }

    /// A link that an exchange made before it was refused.
    pub(crate) fn adopt(&mut self, link: Link) {
        self.next_link = self.next_link.max(link.number + 1);
        self.today.links.push(link);
    }

    pub(crate) fn account_mut(&mut self, user: User) -> Option<&mut Account> {
        self.today.users.iter_mut().find(|account| account.user == user)
    }

    /// Deletes a user, and the links with the user.
    pub(crate) fn delete_user(&mut self, id: &str) {
        self.today.users.retain(|account| account.id != id);
        self.today.links.retain(|link| link.user != id);
    }

    pub(crate) fn create_user(&mut self, user: User, id: String) {
        self.today.users.push(Account {
            id,
            user,
            roles: given::roles(user).to_vec(),
            locked: false,
            disabled: false,
        });
    }

    fn issuer_mut(&mut self, idp: Idp) -> Option<&mut Issuer> {
        self.today.issuers.iter_mut().find(|issuer| issuer.idp == idp)
    }

    pub(crate) fn enable(&mut self, idp: Idp, enabled: bool) {
        self.issuer_mut(idp).unwrap().enabled = enabled;
    }

    pub(crate) fn set_conditions(&mut self, idp: Idp, conditions: &[Condition]) {
        self.issuer_mut(idp).unwrap().conditions = conditions.to_vec();
    }

    pub(crate) fn set_bound_tokens(&mut self, idp: Idp, bound: Bound) {
        self.issuer_mut(idp).unwrap().bound = bound;
    }

    /// Why an issuer cannot have this `iss`.
    pub(crate) fn iss_refused(&self, idp: Idp, iss: Iss) -> Option<&'static str> {
        let taken = self.today.issuers.iter().any(|issuer| issuer.idp != idp && issuer.iss == iss);
        taken.then_some("another issuer has this `iss`")
    }

    pub(crate) fn rename(&mut self, idp: Idp, iss: Iss) {
        self.issuer_mut(idp).unwrap().iss = iss;
    }

    pub(crate) fn delete_issuer(&mut self, idp: Idp) {
        self.today.issuers.retain(|issuer| issuer.idp != idp);
    }

    pub(crate) fn create_issuer(&mut self, idp: Idp, id: String) {
        self.today.issuers.push(Issuer { id, ..given::issuer(idp) });
    }

    pub(crate) fn delete_application(&mut self, app: App) {
        self.today.applications.retain(|application| application.app != app);
    }

    pub(crate) fn create_application(&mut self, app: App, id: String) {
        let application = given::application(app, &self.today);
        self.today.applications.push(Application { id, ..application });
    }

    /// Why an application cannot be changed like this.
    pub(crate) fn edit_refused(&self, edit: &Edit) -> Option<&'static str> {
        let Edit::Issuers(issuers) = edit else { return None };
        let unknown = issuers.iter().any(|(idp, _)| self.today.issuer_named(*idp).is_none());
        unknown.then_some("there is no such issuer")
    }

    pub(crate) fn edit(&mut self, app: App, edit: &Edit) {
        let issuers = match edit {
            Edit::Issuers(issuers) => given::listed(issuers, &self.today),
            _ => Vec::new(),
        };
        let defaults = given::application(app, &self.today).default_scopes;
        let applications = &mut self.today.applications;
        let application =
            applications.iter_mut().find(|application| application.app == app).unwrap();
        match edit {
            Edit::GrantTypes(grants) => application.grants.clone_from(grants),
            Edit::Issuers(_) => application.issuers = issuers,
            Edit::Audiences(audiences) => application.audiences.clone_from(audiences),
            Edit::Resources(resources) => application.resources.clone_from(resources),
            Edit::Scopes(scopes) => {
                application.scopes.clone_from(scopes);
                application.default_scopes = within(&defaults, scopes);
            }
            Edit::Mode(mode) => application.mode = *mode,
            Edit::AccessTokens(form) => application.form = *form,
            Edit::WithoutActor(may) => application.settings.without_actor = *may,
            Edit::Lifetimes { access, idle, absolute } => {
                application.settings.access_seconds = *access;
                application.settings.idle_seconds = *idle;
                application.settings.absolute_seconds = *absolute;
            }
        }
    }
}

/// The default scopes of an application are some of its scopes.
pub(crate) fn within(defaults: &[Scope], scopes: &[Scope]) -> Vec<Scope> {
    defaults.iter().copied().filter(|scope| scopes.contains(scope)).collect()
}
