//! Issued tokens as access tokens: at an API that the engine protects, at the
//! administration API, and at the own account.

use exchequer::{AccessRequirements, Unauthorized};
use serde_json::Value;

use crate::model::objection::{Code, Objections};
use crate::model::{Model, Report};
use crate::operations::Pick;
use crate::play::Play;
use crate::seen;
use crate::server::{Answer, Server};
use crate::story;
use crate::vocabulary::{Aud, Scope, listed};

const APPLICATIONS: &str = "/api/server/v1/applications";
const OWN_LINKS: &str = "/api/users/v1/me/federated-associations";

/// What became of a call.
enum Access {
    /// The token lets its bearer in. What is said of it, where that is told.
    Granted(Option<Report>),
    /// The token does not count.
    InvalidToken(String),
    /// The token counts, and is not enough.
    Forbidden(String),
}

impl Play {
    /// An API calls `Engine::authenticate` with the token that it was sent.
    pub(crate) fn authenticate(
        &mut self,
        pick: Pick,
        scopes: &[Scope],
        audiences: &[Aud],
    ) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let told = story::token(self.model.token(number), &self.model);
        self.story.step(format!(
            "an API that requires the scopes {} and one of the audiences {} is called with {told}",
            listed(scopes, |scope| scope.text().into()),
            listed(audiences, |audience| audience.text().into()),
        ));
        let requirements = AccessRequirements {
            scopes: scopes.iter().map(|scope| scope.text().into()).collect(),
            audiences: audiences.iter().map(|audience| audience.text().into()).collect(),
            origin: None,
        };
        let expected = self.model.authenticate(number, scopes, audiences).map(Some);
        let access = authenticated(&mut self.server, &self.texts[number - 1], requirements);
        self.compare_access("authentication", expected, access?)
    }

    /// Somebody looks at the applications of the server.
    pub(crate) fn administer_with(&mut self, pick: Pick) -> Result<(), String> {
        let call = |model: &Model, number| model.administer(number);
        self.call(pick, "administration", APPLICATIONS, "the administration API", call)
    }

    /// A user looks at the links of the own account.
    pub(crate) fn own_account(&mut self, pick: Pick) -> Result<(), String> {
        let call = |model: &Model, number| model.own_account(number);
        self.call(pick, "own account", OWN_LINKS, "the own account", call)
    }

    fn call(
        &mut self,
        pick: Pick,
        request: &'static str,
        path: &str,
        what: &str,
        expected: impl Fn(&Model, usize) -> Result<(), Objections>,
    ) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let told = story::token(self.model.token(number), &self.model);
        self.story.step(format!("{what} is called with {told}"));
        let expected = expected(&self.model, number).map(|()| None);
        let answer = self.server.look(path, &self.texts[number - 1]);
        self.compare_access(request, expected, called(&answer)?)
    }

    fn compare_access(
        &mut self,
        request: &'static str,
        expected: Result<Option<Report>, Objections>,
        access: Access,
    ) -> Result<(), String> {
        let nothing = Objections::default();
        self.tally.count(request, expected.as_ref().err().unwrap_or(&nothing));
        match (expected, access) {
            (Ok(model), Access::Granted(engine)) => {
                self.story.outcome("granted");
                match (engine, model) {
                    (Some(engine), Some(model)) => seen::difference(&engine, &model),
                    _ => Ok(()),
                }
            }
            (Ok(_), Access::InvalidToken(said) | Access::Forbidden(said)) => {
                Err(format!("the engine refuses: {said}; the model does not"))
            }
            (Err(objections), Access::Granted(_)) => {
                Err(format!("the engine grants; the model refuses: {}", objections.told()))
            }
            (Err(objections), Access::InvalidToken(said)) => {
                self.refused(&objections, &said, |code| code != Code::Forbidden)
            }
            (Err(objections), Access::Forbidden(said)) => {
                self.refused(&objections, &said, |code| code == Code::Forbidden)
            }
        }
    }

    /// The engine refuses for a reason that the model knows.
    fn refused(
        &mut self,
        objections: &Objections,
        said: &str,
        known: impl Fn(Code) -> bool,
    ) -> Result<(), String> {
        self.story.outcome(format!("refused: {}", objections.told()));
        if objections.0.iter().flat_map(|one| &one.codes).any(|code| known(*code)) {
            return Ok(());
        }
        Err(format!("the engine refuses: {said}; the model for another reason"))
    }
}

fn authenticated(
    server: &mut Server,
    token: &str,
    requirements: AccessRequirements,
) -> Result<Access, String> {
    match server.authenticate(token, requirements) {
        Ok(token) => Ok(Access::Granted(Some(seen::report(&Value::Object(token.claims))))),
        Err(Unauthorized::InvalidToken { message, .. }) => Ok(Access::InvalidToken(message)),
        Err(error @ Unauthorized::InsufficientScope { .. }) => {
            Ok(Access::Forbidden(error.to_string()))
        }
        Err(error) => Err(format!("the engine cannot say: {error}")),
    }
}

fn called(answer: &Answer) -> Result<Access, String> {
    let said = seen::said(answer);
    match answer.status {
        200 => Ok(Access::Granted(None)),
        401 => Ok(Access::InvalidToken(said)),
        403 => Ok(Access::Forbidden(said)),
        _ => Err(format!("the engine cannot say: {said}")),
    }
}
