//! What is wrong with an issued token as an access token.

use super::evidence::Token;
use super::objection::{Code, Objections};
use super::{Model, OUR_ISSUER, Report};
use crate::vocabulary::{Aud, Form, Scope};

impl Model {
    /// An API that requires every one of these scopes, and one of these
    /// audiences if there are any.
    pub(crate) fn authenticate(
        &self,
        number: usize,
        scopes: &[Scope],
        audiences: &[Aud],
    ) -> Result<Report, Objections> {
        let token = self.token(number);
        let mut objections = self.objections_to_access_token(token);
        let meant = |audience: &Aud| token.audience.iter().any(|one| one == audience.text());
        objections.of_token(!audiences.is_empty() && !audiences.iter().any(meant), || {
            "the token is not meant for the API".into()
        });
        let effective = self.effective_scope(token);
        let lacks = scopes.iter().any(|scope| !effective.contains(scope));
        objections.of(Code::Forbidden, lacks, || "the token lacks a scope of the API".into());
        objections.or(self.report(token, &effective))
    }

    /// The administration API.
    pub(crate) fn administer(&self, number: usize) -> Result<(), Objections> {
        let token = self.token(number);
        let mut objections = self.objections_to_access_token(token);
        let administers = self.effective_scope(token).contains(&Scope::Admin);
        objections.of(Code::Forbidden, !administers, || {
            "the token lacks the scope of administrators".into()
        });
        objections.extend(meant_for_this_server(token));
        objections.or(())
    }

    /// The own account of a local user, without delegation.
    pub(crate) fn own_account(&self, number: usize) -> Result<(), Objections> {
        let token = self.token(number);
        let mut objections = self.objections_to_access_token(token);
        objections.extend(meant_for_this_server(token));
        objections.of(Code::Forbidden, token.evidence.subject.user().is_none(), || {
            "the token is not about a local user".into()
        });
        objections.of(Code::Forbidden, !token.evidence.actors.is_empty(), || {
            "somebody acts for the user".into()
        });
        objections.or(())
    }

    fn objections_to_access_token(&self, token: &Token) -> Objections {
        let mut objections = self.objections_to(token);
        objections.of_token(token.form == Form::Refresh, || "it is no access token".into());
        objections.of_token(token.key.is_some(), || "a bound token is no bearer token".into());
        objections
    }
}

/// A token for an API is known to that API, which must not use it here. A
/// token for its own client is known to nobody else.
fn meant_for_this_server(token: &Token) -> Objections {
    let mut objections = Objections::default();
    let client = token.evidence.app.text();
    let for_client = token.audience.iter().all(|audience| audience == client);
    let for_us = token.audience.iter().any(|audience| audience == OUR_ISSUER);
    objections.of(Code::Forbidden, !for_client && !for_us, || {
        "the token is meant for an API other than this server".into()
    });
    objections
}
