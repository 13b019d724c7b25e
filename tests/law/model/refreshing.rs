//! Refresh tokens: of each family only the newest token counts.

use super::evidence::{Evidence, Token};
use super::objection::{Code, Objections};
use super::policy::Decision;
use super::today::Application;
use super::{Expected, Model};
use crate::operations::Ask;
use crate::vocabulary::{App, Form, GrantType, Key, Scope};

impl Model {
    /// The refresh token grant.
    pub(crate) fn refresh(&mut self, app: App, number: usize, ask: &Ask) -> Expected {
        let application = match self.client(app, GrantType::Refresh) {
            Ok(application) => application,
            Err(objections) => return Expected::refused(objections),
        };
        let presented = self.token(number).clone();
        let again = self.in_grace(&application, &presented);
        let token = if again { self.newest(&presented) } else { presented };
        let mut objections = self.use_refresh_token(&application, &token);
        // The key of a confidential client may change.
        let same = if application.public { ask.key } else { ask.key.and(token.key) };
        objections.of_key(token.key, same);
        objections.extend(self.objections_to(&token));
        let granted = self.renewed(&application, &token, ask, &mut objections);
        match objections.is_empty() {
            true => self.rotate(&application, &token, granted, ask.key, again),
            false => Expected::refused(objections),
        }
    }

    /// Only the application that a refresh token was issued to uses it. A spent
    /// one that it brings again ends the family.
    pub(crate) fn use_refresh_token(
        &mut self,
        application: &Application,
        token: &Token,
    ) -> Objections {
        let mut objections = Objections::default();
        objections.of_token(token.form != Form::Refresh, || "it is no refresh token".into());
        let another = token.evidence.application != application.id;
        let name = application.app.text();
        objections.of_token(another, || format!("it was not issued to this `{name}`"));
        if objections.is_empty() && self.is_spent(token) {
            self.end_family(token);
        }
        objections
    }

    pub(crate) fn end_family(&mut self, token: &Token) {
        if let Some(family) = token.family {
            self.families[family].ended = true;
        }
    }

    pub(crate) fn is_spent(&self, token: &Token) -> bool {
        token.form == Form::Refresh && self.newest(token).number != token.number
    }

    /// The newest token of the family of a refresh token.
    pub(crate) fn newest(&self, token: &Token) -> Token {
        let newest = token.family.and_then(|family| self.families[family].tokens.last());
        newest.map_or_else(|| token.clone(), |number| self.token(*number).clone())
    }

    /// Whether the token that was the newest before the last refresh is used
    /// again so soon that it gets the same successor.
    pub(crate) fn in_grace(&self, application: &Application, token: &Token) -> bool {
        if token.form != Form::Refresh || token.evidence.application != application.id {
            return false;
        }
        let Some(family) = token.family.map(|family| &self.families[family]) else { return false };
        let before = family.tokens.iter().rev().nth(1);
        let since = self.today.now - family.rotated;
        before == Some(&token.number) && since < application.settings.grace_seconds
    }

    /// What a refresh grants: what was granted at first, or less.
    fn renewed(
        &self,
        application: &Application,
        token: &Token,
        ask: &Ask,
        objections: &mut Objections,
    ) -> (Vec<String>, Vec<Scope>) {
        let asked: Vec<String> = ask.audience.iter().map(|one| one.text().into()).collect();
        let wider = asked.iter().any(|one| !token.audience.contains(one));
        objections
            .of(Code::InvalidTarget, wider, || "an audience asked for was not granted".into());
        let wider = ask.scope.iter().any(|scope| !token.scope.contains(scope));
        objections.of(Code::InvalidScope, wider, || "a scope asked for was not granted".into());
        // "If omitted is treated as equal to the scope originally granted"
        // (RFC 6749 section 6).
        let wanted = if ask.scope.is_empty() { &token.scope } else { &ask.scope };
        let allowed = self.today.allowed_scopes(application, token.evidence.subject.user());
        let scope: Vec<Scope> =
            wanted.iter().copied().filter(|scope| allowed.contains(scope)).collect();
        objections.of(Code::InvalidScope, scope.is_empty() && !wanted.is_empty(), || {
            "none of the scopes may be granted any more".into()
        });
        (if asked.is_empty() { token.audience.clone() } else { asked }, scope)
    }

    /// A new access token, and the next refresh token of the family, or the same
    /// one again. The family goes on standing for what was granted at first.
    fn rotate(
        &mut self,
        application: &Application,
        token: &Token,
        (audience, scope): (Vec<String>, Vec<Scope>),
        key: Option<Key>,
        again: bool,
    ) -> Expected {
        let now = self.today.now;
        let Some(family) = token.family else { unreachable!("a refresh token has a family") };
        let absolute_end = self.families[family].began + application.settings.absolute_seconds;
        let evidence: Evidence = token.evidence.clone();
        let mut decision = Decision {
            audience,
            scope,
            actors: evidence.actors.clone(),
            acted: evidence.acted.clone(),
            may_act: evidence.may_act.clone(),
            access_ends: absolute_end.min(now + application.settings.access_seconds),
            key,
        };
        let access = self.keep(application.form, evidence.clone(), &decision, Some(family));
        if again {
            return Expected::Issued { access: Some(access), refresh: Some(token.number), again };
        }
        decision.audience = token.audience.clone();
        decision.scope = token.scope.clone();
        decision.key = token.key;
        decision.access_ends = absolute_end.min(now + application.settings.idle_seconds);
        let refresh = self.keep(Form::Refresh, evidence, &decision, Some(family));
        let family = &mut self.families[family];
        family.tokens.push(refresh);
        family.rotated = now;
        Expected::Issued { access: Some(access), refresh: Some(refresh), again }
    }
}
