//! Plays a program on the engine and on the model, and compares them at every
//! step.

use crate::compare::{
    ASSERTION, EXCHANGE, EXCHANGE_OF_ISSUED, INTROSPECT, INTROSPECTION, REFRESH, REVOCATION,
};
use crate::foreign;
use crate::model::Model;
use crate::operations::{Actor, Ask, By, Foreign, Op, Pick};
use crate::presenting::{Acting, declared};
use crate::server::Server;
use crate::story::{self, Story};
use crate::tally::Tally;
use crate::vocabulary::{App, Form, GrantType, TokenType};

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
pub(crate) fn play(program: &[Op]) -> Result<Tally, Mismatch> {
    let (server, model) = Server::new();
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
            Op::ExchangeIssued { by, token, actor, ask } => self.exchange(*by, *token, actor, ask),
            Op::Refresh { by, token, ask } => self.refresh(*by, *token, ask),
            Op::Introspect { by, token } => self.introspect(*by, *token),
            Op::Revoke { by, token } => self.revoke(*by, *token),
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
        let answer = self.server.form(TOKEN, app, &with(form, &ask));
        self.compare(request, expected, &answer)
    }

    /// Token exchange of an issued token.
    fn exchange(&mut self, by: By, pick: Pick, actor: &Actor, ask: &Ask) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let token = self.model.token(number).clone();
        let app = self.app(by, number);
        let mut ask = ask.clone();
        if self.model.is_spent(&token) {
            let application = self.model.today.client(app);
            // Whether grace extends to exchange is not said.
            if application.is_some_and(|application| self.model.in_grace(application, &token)) {
                return Ok(());
            }
            // Nor is it said what is looked at first.
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
        let answer = self.server.form(TOKEN, app, &with(form, &ask));
        self.compare(EXCHANGE_OF_ISSUED, expected, &answer)
    }

    fn refresh(&mut self, by: By, Pick(pick): Pick, ask: &Ask) -> Result<(), String> {
        let refresh = self.model.tokens.iter().rev().filter(|token| token.form == Form::Refresh);
        let numbers: Vec<usize> = refresh.map(|token| token.number).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let number = numbers[usize::from(pick) % numbers.len()];
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
        let answer = self.server.form(TOKEN, app, &with(form, &ask));
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

    /// A user looks at the links of the own account. Whether a token is enough for
    /// that is said elsewhere; one that does not count is never enough.
    fn own_account(&mut self, pick: Pick) -> Result<(), String> {
        let Some(number) = self.picked(pick) else { return Ok(()) };
        let token = self.model.token(number);
        let told = story::token(token, &self.model);
        self.story.step(format!("the user looks at the own account with {told}"));
        let objections = self.model.objections_to(token);
        self.tally.count("own account", &objections);
        let answer = self.server.own_account(&self.texts[number - 1]);
        if answer.status == 200 && !objections.is_empty() {
            return Err(format!(
                "the engine lets the user in; the model does not: {}",
                objections.told()
            ));
        }
        Ok(())
    }
}

/// A form with what is asked for.
fn with<'a>(mut form: Vec<(&'a str, &'a str)>, ask: &'a Ask) -> Vec<(&'a str, &'a str)> {
    form.extend(ask.audience.iter().map(|audience| ("audience", audience.text())));
    form.extend(ask.kind.iter().map(|kind| ("requested_token_type", kind.text())));
    if !ask.scope.is_empty() {
        form.push(("scope", scopes(ask)));
    }
    form
}

/// The scopes as one text; there are few combinations of them.
fn scopes(ask: &Ask) -> &'static str {
    use crate::vocabulary::Scope::{Deploy, Read, Write};
    match (ask.scope.contains(&Read), ask.scope.contains(&Write), ask.scope.contains(&Deploy)) {
        (true, true, true) => "read write deploy",
        (true, true, false) => "read write",
        (true, false, true) => "read deploy",
        (true, false, false) => "read",
        (false, true, true) => "write deploy",
        (false, true, false) => "write",
        (false, false, _) => "deploy",
    }
}
