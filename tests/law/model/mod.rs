//! The reference model: what the law of grants says, slowly. It keeps the whole
//! evidence of every token and asks today's configuration each time. It is
//! written from the documents and knows nothing of the engine.
//!
//! | module | says |
//! |---|---|
//! | `today` | what is configured |
//! | `evidence` | what every token was made from |
//! | `law` | what is wrong today with an issued token |
//! | `foreign` | what is wrong with a foreign token, and whom it is about |
//! | `policy` | what may be granted: actors, audience, scope, lifetime |
//! | `grants`, `refreshing`, `endpoints`, `access` | what each request comes to |
//! | `administration` | what each change comes to |

mod access;
pub(crate) mod administration;
mod endpoints;
pub(crate) mod evidence;
pub(crate) mod foreign;
pub(crate) mod grants;
pub(crate) mod law;
pub(crate) mod objection;
mod policy;
mod refreshing;
pub(crate) mod today;

use crate::operations::Ask;
use crate::proofs::Proof;
use crate::vocabulary::{App, Form, GrantType, Iss, Scope, TokenType};
use evidence::{Evidence, Family, Party, Subject, Token};
use objection::{Code, Objections};
use policy::{Accepted, Decision};
use today::{Application, Link, Today};

/// The `iss` of issued tokens.
pub(crate) const OUR_ISSUER: &str = "https://sts.example";

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) today: Today,
    pub(crate) tokens: Vec<Token>,
    pub(crate) families: Vec<Family>,
    pub(crate) next_link: usize,
}

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Expected {
    /// New tokens, by number. `again` is a refresh token that was issued before.
    Issued {
        access: Option<usize>,
        refresh: Option<usize>,
        again: bool,
    },
    /// The token is active.
    Active(Report),
    Inactive(Objections),
    /// Nothing is said.
    Done,
    /// Refused. A link may have been made before that was known.
    Refused {
        objections: Objections,
        perhaps: Option<Link>,
    },
}

/// What introspection, or a JWT, says of a token. Lists are in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) sub: String,
    pub(crate) idp: Option<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) client_id: String,
    pub(crate) scope: Vec<String>,
    pub(crate) ends: u64,
    /// The actors as `sub` and `iss`, the newest first.
    pub(crate) actors: Vec<(String, String)>,
    /// The thumbprint of the key that it is bound to.
    pub(crate) key: Option<String>,
}

impl Expected {
    fn refused(objections: Objections) -> Self {
        Self::Refused { objections, perhaps: None }
    }
}

impl Model {
    pub(crate) fn token(&self, number: usize) -> &Token {
        &self.tokens[number - 1]
    }

    /// The application that has this client id, if it may use the grant.
    fn client(&self, app: App, grant: GrantType) -> Result<Application, Objections> {
        let name = app.text();
        let Some(application) = self.today.client(app) else {
            return Err(Objections::one(
                Code::InvalidClient,
                format!("there is no application `{name}`"),
            ));
        };
        if application.may_use(grant) {
            return Ok(application.clone());
        }
        let why = format!("`{name}` may not use the grant `{}`", grant.text());
        Err(Objections::one(Code::UnauthorizedClient, why))
    }

    /// Keeps what is issued, with all that it was made from.
    fn issue(
        &mut self,
        application: &Application,
        grant: GrantType,
        accepted: Accepted,
        decision: Decision,
        ask: &Ask,
    ) -> Expected {
        let is_foreign = accepted.scope.is_none();
        let evidence = Evidence {
            application: application.id.clone(),
            app: application.app,
            grant,
            issuer: accepted.issuer,
            subject: accepted.subject,
            link: accepted.link,
            actors: decision.actors.clone(),
            acted: decision.acted.clone(),
            may_act: decision.may_act.clone(),
        };
        let no_refresh = grant == GrantType::Client
            || accepted.is_id_jag
            || !application.may_use(GrantType::Refresh);
        if !is_foreign || no_refresh {
            let access = self.keep(application.form_of(ask), evidence, &decision, accepted.family);
            return Expected::Issued { access: Some(access), refresh: None, again: false };
        }
        let now = self.today.now;
        let absolute_end = now + application.settings.absolute_seconds;
        let family = self.families.len();
        self.families.push(Family { tokens: Vec::new(), rotated: now, began: now, ended: false });
        let access = (ask.kind != Some(TokenType::RefreshToken)).then(|| {
            let decision = Decision {
                access_ends: decision.access_ends.min(absolute_end),
                ..decision.clone()
            };
            self.keep(application.form_of(ask), evidence.clone(), &decision, Some(family))
        });
        let refresh_ends = absolute_end.min(now + application.settings.idle_seconds);
        let decision = Decision { access_ends: refresh_ends, ..decision };
        let refresh = self.keep(Form::Refresh, evidence, &decision, Some(family));
        self.families[family].tokens.push(refresh);
        Expected::Issued { access, refresh: Some(refresh), again: false }
    }

    /// Keeps one token; its number.
    fn keep(
        &mut self,
        form: Form,
        evidence: Evidence,
        decision: &Decision,
        family: Option<usize>,
    ) -> usize {
        let number = self.tokens.len() + 1;
        self.tokens.push(Token {
            number,
            form,
            evidence,
            audience: decision.audience.clone(),
            scope: decision.scope.clone(),
            ends: decision.access_ends,
            revoked: false,
            family,
            key: decision.key,
        });
        number
    }

    /// What is said of a token with this scope.
    pub(crate) fn report(&self, token: &Token, scope: &[Scope]) -> Report {
        let evidence = &token.evidence;
        let application = self.today.application(&evidence.application);
        let qualified = application.is_some_and(|application| application.settings.qualified);
        let sub = match &evidence.subject {
            Subject::Local(id) => id.clone(),
            Subject::Client(app) => app.text().into(),
            Subject::Federated(party) if qualified => {
                let issuer = evidence.issuer.as_ref().map_or("", |issuer| &issuer.by);
                format!("{issuer}|{}", party.sub)
            }
            Subject::Federated(party) => party.sub.clone(),
        };
        let idp = evidence.subject.party().iss.map(|iss| iss.text().into());
        let named =
            |party: &Party| (party.sub.clone(), party.iss.map_or(OUR_ISSUER, Iss::text).into());
        Report {
            sub,
            idp,
            audience: sorted(token.audience.clone()),
            client_id: evidence.app.text().into(),
            scope: sorted(scope.iter().map(|scope| scope.text().into()).collect()),
            ends: self.ends(token),
            actors: evidence.actors.iter().map(named).collect(),
            key: token.key.map(|key| Proof::thumbprint(key.text())),
        }
    }
}

pub(crate) fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}
