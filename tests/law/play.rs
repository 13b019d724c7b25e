//! Plays a program on the engine and on the model, and compares them at every
//! step.

use crate::compare::{
    ABOUT_ITSELF, ASSERTION, EXCHANGE, EXCHANGE_OF_ISSUED, INTROSPECT, INTROSPECTION, REFRESH,
    REVOCATION,
};
use crate::foreign;
use crate::model::Model;
use crate::operations::{Actor, Ask, By, Foreign, Op, Pick};
use crate::presenting::{Acting, declared};
use crate::server::{Caches, Server};
use crate::story::{self, Story};
use crate::tally::Tally;
use crate::vocabulary::{App, GrantType, TokenType};

const TOKEN: &str = "/oauth2/token";

/// A program that is being played.
pub(crate) struct Play {
    pub(crate) server: Server,
    pub(crate) model: Model,
    /// The text of every token, in the order of their numbers.
    pub(crate) texts: Vec<String>,
    pub(crate) story: Story,
    pub(crate) tally: Tally,
}

/// What went wrong: the story up to there.
pub(crate) struct Mismatch {
    pub(crate) story: String,
    /// The last step in short.
    pub(crate) what: String,
}

/// Plays a program.
pub(crate) fn play(program: &[Op], caches: Caches) -> Result<Tally, Mismatch> {
    let (server, model) = Server::new(caches);
    let beginning = story::beginning(&model.today);
    let (texts, story, tally) = (Vec::new(), Story::default(), Tally::default());
    let mut play = Play { server, model, texts, story, tally };
    for op in program {
        if let Err(what) = play.step(op) {
            play.story.outcome(&what);
            let story = format!("{beginning}\n{}", play.story.told());
            return Err(Mismatch { story, what });
        }
    }
    play.tally.known_tokens += play.server.known_tokens();
    Ok(play.tally)
}

impl Play {
    fn step(&mut self, op: &Op) -> Result<(), String> {
        match op {
            Op::Exchange { app, token, actor, ask } => {
                self.present(*app, GrantType::Exchange, token, actor, ask)
            }
            Op::Assert { app, token, ask } => {
                self.present(*app, GrantType::Bearer, token, &Actor::Nobody, ask)
            }
            Op::AboutItself { app, ask } => self.about_itself(*app, ask),
            Op::ExchangeIssued { by, token, actor, ask } => self.exchange(*by, *token, actor, ask),
            Op::Refresh { by, token, ask } => self.refresh(*by, *token, ask),
            Op::Introspect { by, token } => self.introspect(*by, *token),
            Op::Revoke { by, token } => self.revoke(*by, *token),
            Op::Authenticate { token, scopes, audiences } => {
                self.authenticate(*token, scopes, audiences)
            }
            Op::AdministerWith { token } => self.administer_with(*token),
            Op::OwnAccount { token } => self.own_account(*token),
            Op::Administer(change) => self.administer(change),
            Op::Wait { seconds } => {
                self.story.step(format!("{seconds} seconds pass"));
                self.server.wait(*seconds);
                self.model.today.now += seconds;
                Ok(())
            }
        }
    }

    /// Token exchange, or the JWT bearer grant, with a foreign token.
    fn present(
        &mut self,
        app: App,
        grant: GrantType,
        token: &Foreign,
        actor: &Actor,
        ask: &Ask,
    ) -> Result<(), String> {
        let now = self.model.today.now;
        let facts = self.facts(token);
        let text = foreign::signed(&facts, now);
        let exchange = grant == GrantType::Exchange;
        let ask = Ask { kind: ask.kind.filter(|_| exchange), ..ask.clone() };
        let verb = if exchange { "exchanges" } else { "is granted for" };
        let acting = self.actor(actor);
        self.story.step(format!(
            "application `{}` {verb} {}{}{}",
            app.text(),
            story::foreign(token),
            story::ask(&ask),
            acting.as_ref().map_or("", |acting| &acting.story),
        ));
        let mut form = vec![("grant_type", grant.text())];
        match exchange {
            true => form
                .extend([("subject_token", &*text), ("subject_token_type", TokenType::Jwt.text())]),
            false => form.push(("assertion", &text)),
        }
        form.extend(acting.iter().flat_map(Acting::form));
        let request = if exchange { EXCHANGE } else { ASSERTION };
        let actor = acting.as_ref().map(|acting| &acting.token);
        let expected = self.model.present_foreign(app, grant, &facts, actor, &ask);
        let answer = self.server.form_with(TOKEN, app, &with(form, &ask, &scope(&ask)), ask.key);
        self.compare(request, expected, &answer)
    }

    fn about_itself(&mut self, app: App, ask: &Ask) -> Result<(), String> {
        let ask = Ask { kind: None, ..ask.clone() };
        let name = app.text();
        self.story.step(format!("application `{name}` gets a token{}", story::ask(&ask)));
        let form = vec![("grant_type", GrantType::Client.text())];
        let expected = self.model.about_itself(app, &ask);
        let answer = self.server.form_with(TOKEN, app, &with(form, &ask, &scope(&ask)), ask.key);
        self.compare(ABOUT_ITSELF, expected, &answer)
    }

    /// Token exchange of an issued token.
    fn exchange(&mut self, by: By, pick: Pick, actor: &Actor, ask: &Ask) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let token = self.model.token(number).clone();
        let app = self.app(by, number);
        let mut ask = ask.clone();
        let application = self.model.today.client(app);
        let again = application.is_some_and(|one| self.model.in_grace(one, &token));
        if self.model.is_spent(&token) && !again {
            // It is not said what is looked at first, and ends the family or not.
            ask.kind = None;
        }
        let acting = self.actor(actor);
        self.story.step(format!(
            "application `{}` exchanges {}{}{}",
            app.text(),
            story::token(&token, &self.model),
            story::ask(&ask),
            acting.as_ref().map_or("", |acting| &acting.story),
        ));
        let text = self.texts[number - 1].clone();
        let mut form = vec![
            ("grant_type", GrantType::Exchange.text()),
            ("subject_token", &text),
            ("subject_token_type", declared(token.form, number)),
        ];
        form.extend(acting.iter().flat_map(Acting::form));
        let actor = acting.as_ref().map(|acting| &acting.token);
        let expected = self.model.exchange_issued(app, number, actor, &ask);
        let answer = self.server.form_with(TOKEN, app, &with(form, &ask, &scope(&ask)), ask.key);
        self.compare(EXCHANGE_OF_ISSUED, expected, &answer)
    }

    fn refresh(&mut self, by: By, pick: Pick, ask: &Ask) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let app = self.app(by, number);
        let ask = Ask { kind: None, ..ask.clone() };
        let token = story::token(self.model.token(number), &self.model);
        self.story.step(format!(
            "application `{}` refreshes with {token}{}",
            app.text(),
            story::ask(&ask)
        ));
        let text = self.texts[number - 1].clone();
        let form = vec![("grant_type", GrantType::Refresh.text()), ("refresh_token", &*text)];
        let expected = self.model.refresh(app, number, &ask);
        let answer = self.server.form_with(TOKEN, app, &with(form, &ask, &scope(&ask)), ask.key);
        self.compare(REFRESH, expected, &answer)
    }

    fn introspect(&mut self, by: By, pick: Pick) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let app = self.app(by, number);
        let token = story::token(self.model.token(number), &self.model);
        self.story.step(format!("application `{}` introspects {token}", app.text()));
        let text = self.texts[number - 1].clone();
        let expected = self.model.introspect(app, number);
        let answer = self.server.form(INTROSPECT, app, &[("token", &text)]);
        self.compare(INTROSPECTION, expected, &answer)
    }

    fn revoke(&mut self, by: By, pick: Pick) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let app = self.app(by, number);
        let token = story::token(self.model.token(number), &self.model);
        self.story.step(format!("application `{}` revokes {token}", app.text()));
        let text = self.texts[number - 1].clone();
        let expected = self.model.revoke(app, number);
        let answer = self.server.form("/oauth2/revoke", app, &[("token", &text)]);
        self.compare(REVOCATION, expected, &answer)
    }
}

/// A form with what is asked for.
fn with<'a>(
    mut form: Vec<(&'a str, &'a str)>,
    ask: &'a Ask,
    scope: &'a str,
) -> Vec<(&'a str, &'a str)> {
    form.extend(ask.audience.iter().map(|audience| ("audience", audience.text())));
    form.extend(ask.kind.iter().map(|kind| ("requested_token_type", kind.text())));
    if !ask.scope.is_empty() {
        form.push(("scope", scope));
    }
    form
}

/// The scopes that are asked for as one text.
fn scope(ask: &Ask) -> String {
    ask.scope.iter().map(|scope| scope.text()).collect::<Vec<_>>().join(" ")
}
