//! What may be made of a subject that was accepted: by whom, for whom, with
//! what scope, and for how long.

use super::Model;
use super::evidence::{Acted, Issued, Party, Subject};
use super::objection::{Code, Objections};
use super::today::Application;
use crate::operations::Ask;
use crate::vocabulary::{Form, GrantType, Key, Scope, TokenType};

/// Most actors in a chain.
const MOST_ACTORS: usize = 8;

/// A subject that was accepted, and what bounds whatever is made of it.
pub(crate) struct Accepted {
    pub(crate) issuer: Option<Issued>,
    pub(crate) subject: Subject,
    pub(crate) link: Option<usize>,
    pub(crate) actors: Vec<Party>,
    pub(crate) acted: Vec<Acted>,
    pub(crate) may_act: Option<Party>,
    /// When the presented token ends; `None` if it may be outlived.
    pub(crate) ends: Option<u64>,
    /// The effective scope of an issued token.
    pub(crate) scope: Option<Vec<Scope>>,
    /// The audience of a refresh token, which is not widened.
    pub(crate) audience: Option<Vec<String>>,
    /// The family of an issued token.
    pub(crate) family: Option<usize>,
    /// It is an identity assertion grant, which says what it is for.
    pub(crate) is_id_jag: bool,
}

/// An actor who was accepted.
pub(crate) struct Acting {
    pub(crate) party: Party,
    pub(crate) acted: Acted,
    /// Somebody already acts for the actor.
    pub(crate) delegated: bool,
}

/// What is granted.
#[derive(Clone)]
pub(crate) struct Decision {
    pub(crate) audience: Vec<String>,
    pub(crate) scope: Vec<Scope>,
    pub(crate) actors: Vec<Party>,
    pub(crate) acted: Vec<Acted>,
    pub(crate) may_act: Option<Party>,
    pub(crate) access_ends: u64,
    /// The key that was proven.
    pub(crate) key: Option<Key>,
}

/// Whether an application may ask for a token of this type. For an issued token
/// no refresh token is issued.
pub(crate) fn kind(application: &Application, ask: &Ask, issued: bool) -> Objections {
    let mut objections = Objections::default();
    let name = application.app.text();
    let jwt = ask.kind == Some(TokenType::Jwt);
    let refresh = ask.kind == Some(TokenType::RefreshToken);
    objections.of(Code::InvalidRequest, jwt && application.form == Form::Opaque, || {
        format!("the access tokens of `{name}` are opaque")
    });
    objections.of(
        Code::InvalidRequest,
        refresh && !application.may_use(GrantType::Refresh),
        || format!("`{name}` may not have refresh tokens"),
    );
    objections.of(Code::InvalidRequest, refresh && issued, || {
        "no refresh token is issued for an issued token".into()
    });
    objections
}

impl Model {
    pub(crate) fn decide(
        &self,
        application: &Application,
        accepted: &Accepted,
        actor: Option<&Acting>,
        ask: &Ask,
    ) -> Result<Decision, Objections> {
        let mut objections = Objections::default();
        let (actors, may_act) = delegation(application, accepted, actor, &mut objections);
        let acted = acted(accepted, actor);
        let audience = audience(application, accepted.audience.as_ref(), ask, &mut objections);
        let allowed = self.today.allowed_scopes(application, accepted.subject.user());
        let within = |scope: &Scope| {
            allowed.contains(scope)
                && accepted.scope.as_ref().is_none_or(|limit| limit.contains(scope))
        };
        let of_grant = accepted.scope.as_ref().filter(|_| accepted.is_id_jag);
        let unasked = of_grant.unwrap_or(&application.default_scopes);
        let wanted = if ask.scope.is_empty() { unasked } else { &ask.scope };
        let scope: Vec<Scope> = wanted.iter().copied().filter(within).collect();
        objections.of(Code::InvalidScope, scope.is_empty() && !ask.scope.is_empty(), || {
            "none of the scopes asked for may be granted".into()
        });
        let lifetime_ends = self.today.now + application.settings.access_seconds;
        let access_ends = accepted.ends.map_or(lifetime_ends, |end| end.min(lifetime_ends));
        match objections.is_empty() {
            true => {
                Ok(Decision { audience, scope, actors, acted, may_act, access_ends, key: ask.key })
            }
            false => Err(objections),
        }
    }
}

/// The chain of actors, and who alone may act from now on.
fn delegation(
    application: &Application,
    accepted: &Accepted,
    actor: Option<&Acting>,
    objections: &mut Objections,
) -> (Vec<Party>, Option<Party>) {
    let mut actors = accepted.actors.clone();
    let Some(actor) = actor else {
        let asks = accepted.may_act.is_some() && !application.settings.without_actor;
        objections.of_token(asks, || "the token has `may_act`, and there is no actor token".into());
        return (actors, accepted.may_act.clone());
    };
    objections.of_token(actor.delegated, || "somebody already acts for the actor".into());
    let another = accepted.may_act.as_ref().is_some_and(|named| *named != actor.party);
    objections.of_token(another, || "`may_act` names another actor".into());
    // The same actor again is the same actor.
    if actors.first() != Some(&actor.party) {
        actors.insert(0, actor.party.clone());
    }
    objections.of_token(actors.len() > MOST_ACTORS, || "the chain of actors is too long".into());
    (actors, None)
}

/// What the tokens of actors were made from, the newest first. The same actor again
/// is the same actor.
fn acted(accepted: &Accepted, actor: Option<&Acting>) -> Vec<Acted> {
    let mut acted = accepted.acted.clone();
    if let Some(Acting { acted: newest, .. }) = actor {
        if acted.first().is_some_and(|before| before.subject == newest.subject) {
            acted.remove(0);
        }
        acted.insert(0, newest.clone());
    }
    acted
}

/// What was asked for; otherwise all that is allowed: what the application may
/// ask for, or the audience of a refresh token.
pub(crate) fn audience(
    application: &Application,
    of_refresh_token: Option<&Vec<String>>,
    ask: &Ask,
    objections: &mut Objections,
) -> Vec<String> {
    let allowed = of_refresh_token.cloned().unwrap_or_else(|| application.may_ask_for());
    let asked: Vec<String> = ask.audience.iter().map(|one| one.text().into()).collect();
    for one in asked.iter().filter(|one| !allowed.contains(one)) {
        objections
            .of(Code::InvalidTarget, true, || format!("the audience `{one}` may not be asked for"));
    }
    if asked.is_empty() { allowed } else { asked }
}
