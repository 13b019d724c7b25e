//! A service that can be started anew on the same store with another
//! configuration, whose store can fail at the worst moment, and what it was
//! asked and answered.

use base64ct::{Base64, Encoding};
use exchequer::{Answer, Ask, Check, Engine, Failed, HostCrypto, Record, Request, Step};
use serde_json::{Value, json};

use crate::parties::{BEARER, EXCHANGE, IDP, SECRET, foreign};
use crate::support::start::{NOW, engine};
use crate::support::token;
use crate::support::world::{World, entropy};

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What goes wrong when a link is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// The store fails, and nothing is written.
    NotWritten,
    /// It is written, and the answer is lost.
    AnswerLost,
    /// Another request links the same subject to `u-linked` just before.
    Overtaken,
}

pub(crate) struct Service {
    engine: Engine,
    pub(crate) world: World,
    /// What the store was asked: `read link/…`, `commit user-link/… link/…`.
    pub(crate) asked: Vec<String>,
    pub(crate) trouble: Trouble,
}

/// What a request was answered.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Of the JWT that was issued.
    pub(crate) claims: Value,
    /// `federated x-1`, `local u-one`, `linked u-one` when that happened just
    /// now, or OAuth error and reason code of a refusal.
    pub(crate) outcome: String,
    /// What was checked, of a request that is audited.
    pub(crate) checks: Vec<Check>,
}

impl Said {
    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no `{member}`: {}", self.body)).into()
    }
}

impl Service {
    pub(crate) fn new(document: &Value) -> Self {
        Self {
            engine: engine(document, HostCrypto::default()),
            world: World::at(NOW),
            asked: Vec::new(),
            trouble: Trouble::None,
        }
    }

    /// Starts anew on the same store.
    pub(crate) fn restart(&mut self, document: &Value) {
        self.engine = engine(document, HostCrypto::default());
    }

    /// Brings a token that says this, by token exchange.
    pub(crate) fn exchange(&mut self, claims: &Value) -> Said {
        self.grant(EXCHANGE, &foreign(claims), "read")
    }

    /// Brings a token by either grant, for a scope.
    pub(crate) fn grant(&mut self, grant: &str, token: &str, scope: &str) -> Said {
        let form: &[(&str, &str)] = match grant {
            EXCHANGE => &[("subject_token", token), ("subject_token_type", JWT)],
            BEARER => &[("assertion", token)],
            other => &[(other, token)],
        };
        let both = [("grant_type", grant), ("scope", scope)];
        self.post("/oauth2/token", &[form, &both].concat())
    }

    /// Brings an issued access token.
    pub(crate) fn exchange_own(&mut self, token: &str, scope: &str) -> Said {
        let form = [("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
        let both = [("grant_type", EXCHANGE), ("scope", scope)];
        self.post("/oauth2/token", &[form, both].concat())
    }

    /// Lets this actor act for `x-2`, who is `u-one`.
    pub(crate) fn act(&mut self, actor: &str) -> Said {
        let subject = foreign(&json!({ "sub": "x-2", "email": "one@example.com" }));
        let form = [("subject_token", &*subject), ("subject_token_type", JWT)];
        let both = [("grant_type", EXCHANGE), ("actor_token", actor), ("actor_token_type", JWT)];
        self.post("/oauth2/token", &[&form[..], &both].concat())
    }

    pub(crate) fn introspect(&mut self, token: &str) -> Value {
        self.post("/oauth2/introspect", &[("token", token)]).body
    }

    pub(crate) fn post(&mut self, target: &str, form: &[(&str, &str)]) -> Said {
        let basic = Base64::encode_string(format!("app:{SECRET}").as_bytes());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::new("POST", target)
            .header("Authorization", &format!("Basic {basic}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        let mut step = self.engine.handle(request, self.world.now, entropy());
        let reply = loop {
            step = match step {
                Step::Done(reply) => break *reply,
                Step::Ask(pending) => {
                    let answer = self.answer(pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        };
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        let claims = self.claims(&body);
        let outcome = reply.audit.as_ref().map_or_else(String::new, |audit| {
            let linked = audit.checks.checks().any(|one| one.code == "account.link.created");
            match (&audit.error, &audit.reason) {
                (Some(error), Some(reason)) => format!("{error} {reason}"),
                _ if claims.is_null() => "opaque".into(),
                _ if claims["idp"] == IDP => format!("federated {}", shown(&claims)),
                _ if linked => format!("linked {}", shown(&claims)),
                _ => format!("local {}", shown(&claims)),
            }
        });
        let audit = reply.audit.as_ref();
        let checks = audit.map(|audit| audit.checks.checks().collect()).unwrap_or_default();
        Said { status: reply.status, body, claims, outcome, checks }
    }

    /// Every link that the store holds, as `subject -> user`.
    pub(crate) fn links(&self) -> Vec<String> {
        let links = self.records("link/").into_iter().map(|record| {
            let link: Value = serde_json::from_slice(&record.value).unwrap();
            format!("{} -> {}", link["sub"].as_str().unwrap(), link["userId"].as_str().unwrap())
        });
        links.collect()
    }

    /// How many records there are below a prefix.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.records(prefix).len()
    }

    fn records(&self, prefix: &str) -> Vec<Record> {
        match self.world.store.list(prefix, None, 99, self.world.now) {
            Answer::Page { records, .. } => records,
            other => panic!("{other:?}"),
        }
    }

    /// How many batches were to be written since the last time it was asked.
    pub(crate) fn commits(&mut self) -> usize {
        let asked = std::mem::take(&mut self.asked);
        asked.iter().filter(|ask| ask.starts_with("commit")).count()
    }

    fn answer(&mut self, ask: &Ask) -> Answer {
        let keys: Vec<&str> = match ask {
            Ask::Read { keys } => keys.iter().map(String::as_str).collect(),
            Ask::Commit { batch } => batch.iter().map(|write| write.key.as_str()).collect(),
            _ => Vec::new(),
        };
        self.asked.push(format!("{} {}", ask.name(), keys.join(" ")));
        let links = ask.name() == "commit" && keys.iter().any(|key| key.starts_with("link/"));
        let lost = Answer::Failed { failed: Failed::TimedOut };
        match self.trouble {
            Trouble::NotWritten if links => lost,
            Trouble::AnswerLost if links => {
                self.world.answer(&self.engine, ask);
                lost
            }
            Trouble::Overtaken if links => {
                self.trouble = Trouble::None;
                let other = self.exchange(&json!({ "email": "linked@example.com" }));
                assert_eq!(other.outcome, "linked u-linked");
                self.world.answer(&self.engine, ask)
            }
            _ => self.world.answer(&self.engine, ask),
        }
    }

    /// Of the issued token if it is a JWT, verified with the published keys.
    fn claims(&mut self, body: &Value) -> Value {
        let issued = body["access_token"].as_str().filter(|token| token.matches('.').count() == 2);
        let Some(issued) = issued else { return Value::Null };
        let jwks = self.world.handle(&self.engine, Request::new("GET", "/oauth2/jwks"));
        token::verified(issued, &serde_json::from_slice(&jwks.body).unwrap()).unwrap().claims
    }
}

fn shown(claims: &Value) -> &str {
    claims["sub"].as_str().unwrap_or_default()
}
