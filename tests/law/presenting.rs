//! Which tokens a request presents, and by which application.

use crate::foreign;
use crate::model::foreign::ForeignToken;
use crate::model::grants::ActorToken;
use crate::model::law::is_audience;
use crate::operations::{Actor, By, Foreign, Pick};
use crate::play::Play;
use crate::story;
use crate::vocabulary::{App, Form, TokenType};

/// An actor token of a request.
pub(crate) struct Acting {
    pub(crate) token: ActorToken,
    text: String,
    kind: &'static str,
    pub(crate) story: String,
}

impl Acting {
    pub(crate) fn form(&self) -> [(&str, &str); 2] {
        [("actor_token", &self.text), ("actor_token_type", self.kind)]
    }
}

impl Play {
    pub(crate) fn actor(&self, actor: &Actor) -> Option<Acting> {
        let (token, text, kind, told) = match actor {
            Actor::Nobody => return None,
            Actor::Foreign(token) => {
                let facts = self.facts(token);
                let text = foreign::signed(&facts, self.model.today.now);
                (ActorToken::Foreign(facts), text, TokenType::Jwt.text(), story::foreign(token))
            }
            Actor::Issued(pick) => {
                let number = self.picked(*pick)?;
                let token = self.model.token(number);
                // It is not said what becomes of the family of a spent token.
                if self.model.is_spent(token) {
                    return None;
                }
                let text = self.texts[number - 1].clone();
                let told = story::token(token, &self.model);
                (ActorToken::Issued(number), text, declared(token.form, number), told)
            }
        };
        Some(Acting { token, text, kind, story: format!(", with the actor {told}") })
    }

    pub(crate) fn facts(&self, token: &Foreign) -> ForeignToken {
        let today = &self.model.today;
        foreign::facts(token, foreign::sub(token.sub, today), today)
    }

    /// The number of a token, if there is one like that.
    pub(crate) fn picked(&self, pick: Pick) -> Option<usize> {
        let tokens = self.model.tokens.iter().rev();
        let (numbers, nth): (Vec<usize>, u8) = match pick {
            Pick::Any(nth) => (tokens.map(|token| token.number).collect(), nth),
            Pick::Access(nth) => {
                let access = tokens.filter(|token| token.form != Form::Refresh);
                (access.map(|token| token.number).collect(), nth)
            }
            Pick::Refresh(nth) => {
                let refresh = tokens.filter(|token| token.form == Form::Refresh);
                (refresh.map(|token| token.number).collect(), nth)
            }
        };
        let nth = usize::from(nth).checked_rem(numbers.len())?;
        Some(numbers[nth])
    }

    pub(crate) fn app(&self, by: By, number: usize) -> App {
        let token = self.model.token(number);
        let is_audience =
            |app: &&App| self.model.today.client(**app).is_some_and(|one| is_audience(one, token));
        match by {
            By::Holder => token.evidence.app,
            By::Audience => *App::ALL.iter().find(is_audience).unwrap_or(&token.evidence.app),
            By::App(app) => app,
        }
    }
}

/// What a token is declared to be. A JWT is an access token, and may say either.
pub(crate) fn declared(form: Form, number: usize) -> &'static str {
    match form {
        Form::Refresh => TokenType::RefreshToken,
        Form::Jwt if number.is_multiple_of(2) => TokenType::Jwt,
        Form::Jwt | Form::Opaque => TokenType::AccessToken,
    }
    .text()
}
