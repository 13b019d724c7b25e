//! Changes by an administrator, on the engine and on the model. A change of an
//! object that does not exist is left out.

use serde_json::{Value, json};

use crate::administrator::{conditions, roles};
use crate::foreign;
use crate::given;
use crate::operations::{Change, Edit, Sub};
use crate::play::Play;
use crate::seen;
use crate::server::Answer;
use crate::story;
use crate::vocabulary::{App, Bound, Condition, Idp, Iss, Role, User, listed};

impl Play {
    pub(crate) fn administer(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Link { user, idp, sub } => self.link(*user, *idp, *sub),
            Change::Unlink { link } => self.unlink(usize::from(*link)),
            Change::Lock { user, locked } => self.lock(*user, *locked),
            Change::Disable { user, disabled } => self.disable(*user, *disabled),
            Change::Roles { user, roles } => self.change_roles(*user, roles),
            Change::DeleteUser { user } => self.delete_user(*user),
            Change::RecreateUser { user } => {
                self.delete_user(*user)?;
                self.story.step(format!("a user {} is created", user.text()));
                let id = self.server.create_user(*user);
                self.model.create_user(*user, id);
                Ok(())
            }
            Change::EditApplication { app, edit } => self.edit(*app, edit),
            Change::DeleteApplication { app } => self.delete_application(*app),
            Change::RecreateApplication { app } => {
                self.delete_application(*app)?;
                self.story.step(format!("an application `{}` is created, as at first", app.text()));
                let application = given::application(*app, &self.model.today);
                let id = self.server.create_application(&application, &self.model.today);
                self.model.create_application(*app, id);
                Ok(())
            }
            Change::Enable { idp, enabled } => self.enable(*idp, *enabled),
            Change::Conditions { idp, conditions } => self.set_conditions(*idp, conditions),
            Change::BoundTokens { idp, bound } => self.set_bound_tokens(*idp, *bound),
            Change::Rename { idp, iss } => self.rename(*idp, *iss),
            Change::DeleteIssuer { idp } => self.delete_issuer(*idp),
            Change::RecreateIssuer { idp } => self.recreate_issuer(*idp),
        }
    }

    fn link(&mut self, user: User, idp: Idp, sub: Sub) -> Result<(), String> {
        let today = &self.model.today;
        let (Some(account), Some(issuer)) = (today.user_named(user), today.issuer_named(idp))
        else {
            return Ok(());
        };
        let (id, iss) = (account.id.clone(), issuer.iss);
        self.story.step(format!(
            "{} of {} is linked to user {}",
            story::sub(sub),
            idp.text(),
            user.text()
        ));
        let sub = foreign::sub(sub, today);
        let answer = self.server.link(&id, idp, &sub);
        let refused = self.model.link_refused(iss, &sub);
        if self.changed(&answer, refused)? {
            self.model.link(iss, sub, id);
        }
        Ok(())
    }

    fn unlink(&mut self, link: usize) -> Result<(), String> {
        let links = &self.model.today.links;
        if links.is_empty() {
            return Ok(());
        }
        let link = links[link % links.len()].clone();
        self.story.step(format!("the link of `{}` of {} is removed", link.sub, link.iss.text()));
        let Some(answer) = self.server.unlink(&link, &self.model.today) else {
            return Err("the engine does not know the link".into());
        };
        self.model.unlink(link.number);
        self.changed(&answer, None).map(drop)
    }

    fn lock(&mut self, user: User, locked: bool) -> Result<(), String> {
        let Some(account) = self.model.account_mut(user) else { return Ok(()) };
        account.locked = locked;
        let id = account.id.clone();
        let what = if locked { "is locked" } else { "is unlocked" };
        let attribute = "urn:scim:wso2:schema:accountLocked";
        self.change_user(user, what, &id, attribute, &json!(locked))
    }

    fn disable(&mut self, user: User, disabled: bool) -> Result<(), String> {
        let Some(account) = self.model.account_mut(user) else { return Ok(()) };
        account.disabled = disabled;
        let id = account.id.clone();
        let what = if disabled { "is disabled" } else { "is enabled" };
        self.change_user(user, what, &id, "active", &json!(!disabled))
    }

    fn change_roles(&mut self, user: User, members: &[Role]) -> Result<(), String> {
        let Some(account) = self.model.account_mut(user) else { return Ok(()) };
        account.roles = members.to_vec();
        let id = account.id.clone();
        let what = format!("has the roles: {}", listed(members, |role| role.text().into()));
        self.change_user(user, &what, &id, "roles", &roles(members))
    }

    fn change_user(
        &mut self,
        user: User,
        what: &str,
        id: &str,
        attribute: &str,
        value: &Value,
    ) -> Result<(), String> {
        self.story.step(format!("user {} {what}", user.text()));
        let answer = self.server.patch_user(id, attribute, value);
        self.changed(&answer, None).map(drop)
    }

    fn delete_user(&mut self, user: User) -> Result<(), String> {
        let Some(account) = self.model.today.user_named(user) else { return Ok(()) };
        let id = account.id.clone();
        self.story.step(format!("user {} is deleted", user.text()));
        let answer = self.server.delete_user(&id);
        self.model.delete_user(&id);
        self.changed(&answer, None).map(drop)
    }

    fn edit(&mut self, app: App, edit: &Edit) -> Result<(), String> {
        let Some(application) = self.model.today.client(app).cloned() else { return Ok(()) };
        self.story.step(format!(
            "application `{}` is edited: it {}",
            app.text(),
            story::edit(edit)
        ));
        let answer = self.server.edit_application(&application, edit);
        let refused = self.model.edit_refused(edit);
        if self.changed(&answer, refused)? {
            self.model.edit(app, edit);
        }
        Ok(())
    }

    fn delete_application(&mut self, app: App) -> Result<(), String> {
        let Some(application) = self.model.today.client(app) else { return Ok(()) };
        let id = application.id.clone();
        self.story.step(format!("application `{}` is deleted", app.text()));
        let answer = self.server.delete_application(&id);
        self.model.delete_application(app);
        self.changed(&answer, None).map(drop)
    }

    fn enable(&mut self, idp: Idp, enabled: bool) -> Result<(), String> {
        let Some(issuer) = self.model.today.issuer_named(idp) else { return Ok(()) };
        let id = issuer.id.clone();
        let word = if enabled { "enabled" } else { "disabled" };
        self.story.step(format!("the issuer {} is {word}", idp.text()));
        let answer = self.server.patch_issuer(&id, "/isEnabled", &json!(enabled));
        self.model.enable(idp, enabled);
        self.changed(&answer, None).map(drop)
    }

    fn set_conditions(&mut self, idp: Idp, list: &[Condition]) -> Result<(), String> {
        let Some(issuer) = self.model.today.issuer_named(idp) else { return Ok(()) };
        let id = issuer.id.clone();
        self.story.step(format!("the issuer {} has now {}", idp.text(), story::conditions(list)));
        let answer = self.server.patch_issuer(&id, "/conditions", &conditions(list));
        self.model.set_conditions(idp, list);
        self.changed(&answer, None).map(drop)
    }

    fn set_bound_tokens(&mut self, idp: Idp, bound: Bound) -> Result<(), String> {
        let Some(issuer) = self.model.today.issuer_named(idp) else { return Ok(()) };
        let id = issuer.id.clone();
        let (name, bound_tokens) = (idp.text(), bound.text());
        self.story.step(format!("the issuer {name} has now `boundTokens`: `{bound_tokens}`"));
        let answer = self.server.patch_issuer(&id, "/boundTokens", &json!(bound_tokens));
        self.model.set_bound_tokens(idp, bound);
        self.changed(&answer, None).map(drop)
    }

    fn rename(&mut self, idp: Idp, iss: Iss) -> Result<(), String> {
        let Some(issuer) = self.model.today.issuer_named(idp) else { return Ok(()) };
        let id = issuer.id.clone();
        self.story.step(format!("the `iss` of the issuer {} becomes {}", idp.text(), iss.text()));
        let answer = self.server.patch_issuer(&id, "/idpIssuerName", &json!(iss.text()));
        let refused = self.model.iss_refused(idp, iss);
        if self.changed(&answer, refused)? {
            self.model.rename(idp, iss);
        }
        Ok(())
    }

    fn delete_issuer(&mut self, idp: Idp) -> Result<(), String> {
        let Some(issuer) = self.model.today.issuer_named(idp) else { return Ok(()) };
        let id = issuer.id.clone();
        self.story.step(format!("the issuer {} is deleted", idp.text()));
        let answer = self.server.delete_issuer(&id);
        self.model.delete_issuer(idp);
        self.changed(&answer, None).map(drop)
    }

    fn recreate_issuer(&mut self, idp: Idp) -> Result<(), String> {
        self.delete_issuer(idp)?;
        let issuer = given::issuer(idp);
        if self.model.iss_refused(idp, issuer.iss).is_some() {
            return Ok(());
        }
        self.story.step(format!("an issuer {} is created, as at first", idp.text()));
        let id = self.server.create_issuer(&issuer);
        self.model.create_issuer(idp, id);
        Ok(())
    }

    /// Whether a change was made, if that is what the model says.
    fn changed(&mut self, answer: &Answer, refused: Option<&'static str>) -> Result<bool, String> {
        let done = (200..300).contains(&answer.status);
        match refused {
            None if done => Ok(true),
            None => Err(format!("the engine refuses the change: {}", seen::said(answer))),
            Some(why) if done => {
                Err(format!("the engine makes the change; the model refuses it: {why}"))
            }
            Some(why) => {
                self.story.outcome(format!("refused: {why}"));
                Ok(false)
            }
        }
    }
}
