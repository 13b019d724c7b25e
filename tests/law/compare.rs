//! What the engine did, beside what the model expected.

use crate::model::Expected;
use crate::model::objection::Objections;
use crate::play::Play;
use crate::seen;
use crate::server::Answer;
use crate::story;
use crate::vocabulary::Form;

pub(crate) const INTROSPECT: &str = "/oauth2/introspect";

/// A kind of request.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    name: &'static str,
    /// The error code for an unacceptable token.
    of_token: &'static str,
}

const fn kind(name: &'static str, of_token: &'static str) -> Kind {
    Kind { name, of_token }
}

pub(crate) const EXCHANGE: Kind = kind("token exchange of a foreign token", "invalid_request");
pub(crate) const ASSERTION: Kind = kind("JWT bearer grant", "invalid_grant");
pub(crate) const EXCHANGE_OF_ISSUED: Kind =
    kind("token exchange of an issued token", "invalid_request");
pub(crate) const ABOUT_ITSELF: Kind = kind("client credentials", "invalid_request");
pub(crate) const REFRESH: Kind = kind("refresh", "invalid_grant");
pub(crate) const INTROSPECTION: Kind = kind("introspection", "invalid_request");
pub(crate) const REVOCATION: Kind = kind("revocation", "invalid_request");

impl Play {
    fn count(&mut self, request: Kind, expected: &Expected) {
        match expected {
            Expected::Refused { objections, .. } | Expected::Inactive(objections) => {
                self.tally.count(request.name, objections);
            }
            _ => self.tally.count(request.name, &Objections::default()),
        }
    }

    /// Compares what the engine said with what the model expected.
    pub(crate) fn compare(
        &mut self,
        request: Kind,
        expected: Expected,
        answer: &Answer,
    ) -> Result<(), String> {
        self.count(request, &expected);
        match (expected, answer.status) {
            (Expected::Issued { access, refresh, again }, 200) => {
                self.issued(access, refresh, again, answer)
            }
            (Expected::Active(model), 200) if answer.body["active"] == true => {
                self.story.outcome("active");
                seen::difference(&seen::report(&answer.body), &model)
            }
            (Expected::Active(_), 200) => {
                Err("the engine says inactive, and the model active".into())
            }
            (Expected::Inactive(objections), 200) if answer.body["active"] == false => {
                self.story.outcome(format!("inactive: {}", objections.told()));
                Ok(())
            }
            (Expected::Inactive(objections), 200) => Err(format!(
                "the engine says active; the model says inactive: {}",
                objections.told()
            )),
            (Expected::Done, 200) => Ok(()),
            (Expected::Refused { objections, perhaps }, status) if status != 200 => {
                self.story.outcome(format!("refused: {}", objections.told()));
                if let Some(link) = perhaps
                    && self.server.link_id(&link, &self.model.today).is_some()
                {
                    self.model.adopt(link);
                }
                seen::refusal(answer, &objections, request.of_token)
            }
            (Expected::Refused { objections, .. }, _) => {
                Err(format!("the engine grants; the model refuses: {}", objections.told()))
            }
            _ => Err(format!("the engine refuses: {}; the model does not", seen::said(answer))),
        }
    }

    /// Takes the new tokens, and compares what is said of them.
    fn issued(
        &mut self,
        access: Option<usize>,
        refresh: Option<usize>,
        again: bool,
        answer: &Answer,
    ) -> Result<(), String> {
        let text = |name: &str| answer.body[name].as_str().map(String::from);
        let (first, second) = match access {
            Some(_) => (text("access_token"), text("refresh_token")),
            None => (None, text("access_token")),
        };
        if first.is_some() != access.is_some() || second.is_some() != refresh.is_some() {
            let there = |is: bool| if is { "a" } else { "no" };
            return Err(format!(
                "the engine issues {} refresh token, and the model {}",
                there(second.is_some()),
                there(refresh.is_some()),
            ));
        }
        let again = refresh.filter(|_| again).map(|number| self.texts[number - 1].clone());
        if again.is_some() && again != second {
            return Err(
                "the engine issues another refresh token, and the model the same one again".into(),
            );
        }
        self.texts.extend(first.into_iter().chain(second.filter(|_| again.is_none())));
        for number in access.into_iter().chain(refresh) {
            let told = story::token(self.model.token(number), &self.model);
            self.story.outcome(format!("granted: {told}"));
            self.verify(number)?;
        }
        Ok(())
    }

    /// Compares what a new token says, or what is said of it.
    fn verify(&mut self, number: usize) -> Result<(), String> {
        let token = self.model.token(number);
        let text = self.texts[number - 1].clone();
        if token.form == Form::Jwt {
            let model = self.model.report(token, &token.scope);
            return seen::difference(&seen::report(&seen::claims(&text)), &model);
        }
        let app = token.evidence.app;
        let expected = self.model.introspect(app, number);
        let answer = self.server.form(INTROSPECT, app, &[("token", &text)]);
        match expected {
            Expected::Active(model) => seen::difference(&seen::report(&answer.body), &model),
            // A public client sees no token.
            _ => Ok(()),
        }
    }
}
