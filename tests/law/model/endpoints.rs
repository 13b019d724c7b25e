//! Introspection and revocation.

use super::law::{concerns, not_concerned};
use super::objection::{Code, Objections};
use super::{Expected, Model};
use crate::vocabulary::{App, Form};

impl Model {
    /// Introspection (RFC 7662), for applications that keep a secret.
    pub(crate) fn introspect(&self, app: App, number: usize) -> Expected {
        let token = self.token(number);
        let Some(application) = self.today.client(app).filter(|application| !application.public)
        else {
            let why = format!("`{}` cannot authenticate", app.text());
            return Expected::refused(Objections::one(Code::InvalidClient, why));
        };
        let mut objections = self.objections_to(token);
        objections.of_token(!concerns(application, token), || not_concerned(application));
        if !objections.is_empty() {
            return Expected::Inactive(objections);
        }
        Expected::Active(self.report(token, &self.effective_scope(token)))
    }

    /// Revocation (RFC 7009) of a token that was issued to this application. A
    /// refresh token, also a spent one, ends its family.
    pub(crate) fn revoke(&mut self, app: App, number: usize) -> Expected {
        let Some(application) = self.today.client(app) else {
            let why = format!("there is no application `{}`", app.text());
            return Expected::refused(Objections::one(Code::InvalidClient, why));
        };
        let token = self.token(number).clone();
        if token.evidence.application == application.id {
            match token.form {
                Form::Refresh => self.end_family(&token),
                Form::Jwt | Form::Opaque => self.tokens[number - 1].revoked = true,
            }
        }
        Expected::Done
    }
}
