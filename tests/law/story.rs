//! A program as a story: numbered steps in plain English.

use crate::model::Model;
use crate::model::evidence::{Subject, Token};
use crate::model::today::{Application, Today};
use crate::operations::{Ask, Edit, Email, Foreign, IdJag, Named, Sub};
use crate::vocabulary::{Condition, Form, Idp, listed};

/// The lines of a story.
#[derive(Default)]
pub(crate) struct Story {
    lines: Vec<String>,
    steps: usize,
}

impl Story {
    /// Begins the next step.
    pub(crate) fn step(&mut self, what: impl AsRef<str>) {
        self.steps += 1;
        self.lines.push(format!("{:>3}. {}", self.steps, what.as_ref()));
    }

    /// What the step came to.
    pub(crate) fn outcome(&mut self, what: impl AsRef<str>) {
        self.lines.push(format!("       -> {}", what.as_ref()));
    }

    pub(crate) fn told(&self) -> String {
        self.lines.join("\n")
    }
}

/// What every program begins with.
pub(crate) fn beginning(today: &Today) -> String {
    let issuers = today.issuers.iter().map(|issuer| {
        let implicit =
            if issuer.implicit { "; links users by verified e-mail address" } else { "" };
        let conditions = conditions(&issuer.conditions);
        format!("  issuer {} ({}); {conditions}{implicit}", issuer.idp.text(), issuer.iss.text())
    });
    let applications = today.applications.iter().map(|one| application(one, today));
    let users = today.users.iter().map(|account| {
        let roles = listed(&account.roles, |role| role.text().into());
        format!("  user {} has the roles: {roles}", account.user.text())
    });
    let links = today.links.iter().map(|link| {
        let user = today.account(&link.user).map_or("nobody", |account| account.user.text());
        format!("  `{}` of {} is linked to user {user}", link.sub, link.iss.text())
    });
    let lines: Vec<String> = issuers.chain(applications).chain(users).chain(links).collect();
    lines.join("\n")
}

fn application(application: &Application, today: &Today) -> String {
    let list = listed(&application.issuers, |(id, own)| {
        let name = today.issuer(id).map_or("an issuer that is gone", |issuer| issuer.idp.text());
        if own.is_empty() { name.into() } else { format!("{name} with {}", conditions(own)) }
    });
    let kind = if application.public { "public application" } else { "application" };
    format!(
        "  {kind} `{}`: {}; accounts {}; issuers {list}; may ask for {}; is {}; scopes {}; grants {}",
        application.app.text(),
        if application.form == Form::Jwt { "JWTs" } else { "opaque tokens" },
        application.mode.text(),
        application.may_ask_for().join(", "),
        application.is().join(", "),
        listed(&application.scopes, |scope| scope.text().into()),
        listed(&application.grants, |grant| grant.text().rsplit(':').next().unwrap().into()),
    )
}

pub(crate) fn conditions(conditions: &[Condition]) -> String {
    if conditions.is_empty() {
        return "no condition".into();
    }
    listed(conditions, |condition| format!("the condition {}", condition.text()))
}

pub(crate) fn sub(sub: Sub) -> String {
    match sub {
        Sub::Is(name) => format!("`{}`", name.text()),
        Sub::LooksLike(user) => format!("`<the id of user {}>`", user.text()),
    }
}

fn named(named: &Named) -> String {
    let of = named.of.map_or(String::new(), |idp| format!(" of {}", idp.text()));
    format!("`{}`{of}", named.name.text())
}

/// A foreign token: whose it is, about whom, and what else it says.
pub(crate) fn foreign(token: &Foreign) -> String {
    let what = if token.id_jag.is_some() { "an identity assertion grant" } else { "a token" };
    let mut told = format!("{what} of {} about {}", token.idp.text(), sub(token.sub));
    let level = if token.high { "high" } else { "low" };
    told.push_str(&format!(" (level {level}"));
    if token.staff {
        told.push_str(", staff");
    }
    if let Some(Email { of, verified }) = token.email {
        let verified = match verified {
            Some(true) => "verified ",
            Some(false) => "unverified ",
            None => "",
        };
        told.push_str(&format!(", {verified}address of user {}", of.text()));
    }
    if let Some(actor) = &token.act {
        told.push_str(&format!(", `act` {}", named(actor)));
    }
    if let Some(actor) = &token.may_act {
        told.push_str(&format!(", `may_act` {}", named(actor)));
    }
    if let Some(key) = token.key {
        told.push_str(&format!(", bound to the key `{}`", key.text()));
    }
    if let Some(IdJag { client, resource, scope }) = &token.id_jag {
        told.push_str(&format!(", for `{}`", client.text()));
        if let Some(resource) = resource {
            told.push_str(&format!(", resource {}", listed(resource, |one| one.text().into())));
        }
        if let Some(scope) = scope {
            told.push_str(&format!(", scope {}", listed(scope, |one| one.text().into())));
        }
    }
    told.push_str(&format!(", valid for {} s)", token.seconds));
    told
}

/// An issued token: its number, its form, and whom it is about.
pub(crate) fn token(token: &Token, model: &Model) -> String {
    let about = match &token.evidence.subject {
        Subject::Local(id) => model.today.account(id).map_or_else(
            || "a user who is gone".into(),
            |account| format!("user {}", account.user.text()),
        ),
        Subject::Client(app) => format!("application `{}`", app.text()),
        Subject::Federated(party) => {
            format!("`{}` of {}", party.sub, party.iss.map_or("nobody", |iss| iss.text()))
        }
    };
    let article = if token.form == Form::Opaque { "an" } else { "a" };
    let (number, form) = (token.number, token.form.text());
    format!(
        "token #{number} ({article} {form} issued to `{}` about {about})",
        token.evidence.app.text()
    )
}

/// What a request asks for, as the end of a sentence.
pub(crate) fn ask(ask: &Ask) -> String {
    let mut told = String::new();
    if let Some(kind) = ask.kind {
        told.push_str(&format!(" as {}", kind.text().rsplit(':').next().unwrap()));
    }
    if !ask.audience.is_empty() {
        told.push_str(&format!(" for audience {}", listed(&ask.audience, |one| one.text().into())));
    }
    if let Some(key) = ask.key {
        told.push_str(&format!(" with a proof of the key `{}`", key.text()));
    }
    if !ask.scope.is_empty() {
        told.push_str(&format!(" with scope {}", listed(&ask.scope, |one| one.text().into())));
    }
    told
}

pub(crate) fn edit(edit: &Edit) -> String {
    match edit {
        Edit::GrantTypes(grants) => {
            let names = listed(grants, |grant| grant.text().rsplit(':').next().unwrap().into());
            format!("may use the grants {names}")
        }
        Edit::Issuers(issuers) => {
            let one = |(idp, own): &(Idp, Vec<Condition>)| {
                format!("{} with {}", idp.text(), conditions(own))
            };
            format!("has on its list: {}", listed(issuers, one))
        }
        Edit::Audiences(audiences) => {
            format!("may ask for the audiences: {}", listed(audiences, |one| one.text().into()))
        }
        Edit::Resources(resources) => {
            format!("is the resources: {}", listed(resources, |one| one.text().into()))
        }
        Edit::Scopes(scopes) => {
            format!("has the scopes: {}", listed(scopes, |one| one.text().into()))
        }
        Edit::Mode(mode) => format!("has account mode {}", mode.text()),
        Edit::AccessTokens(form) => format!("has access tokens of the form {}", form.text()),
        Edit::WithoutActor(may) => {
            let word = if *may { "needs no actor" } else { "needs an actor" };
            format!("{word} where a token names who may act")
        }
        Edit::Lifetimes { access, idle, absolute } => format!(
            "has access tokens for {access} s, refresh tokens for {idle} s, and families for {absolute} s"
        ),
    }
}
