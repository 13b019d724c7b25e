//! The parties of the account tests: an issuer that signs whatever a test
//! wants it to say, local users in two user stores, one application, and a
//! service that can be started anew on the same store with another
//! configuration. What the store is asked is written down.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use exchequer::{Answer, Ask, Engine, Failed, HostCrypto, Request, SigningKey, Step};
use serde_json::{Value, json};

use crate::support::start::{NOW, engine};
use crate::support::world::{World, entropy};
use crate::support::{fixtures, token};

pub(crate) const IDP: &str = "https://idp.example";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const SECRET: &str = "app-secret-for-tests";

/// The configuration: subject mode `off`, `preferred` or `required`;
/// implicit association by `email`, then `username`.
pub(crate) fn document(mode: &str) -> Value {
    let subject = json!({
        "useMappedLocalSubject": mode != "off",
        "mappedLocalSubjectMandatory": mode == "required",
    });
    json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [{
            "name": "Acme",
            "issuer": IDP,
            "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
            "claims": [
                { "from": "mail", "to": "email" },
                { "from": "department", "to": "department" },
            ],
            "implicitAssociation": { "isEnabled": true, "lookupAttribute": ["email", "username"] },
        }],
        "applications": [{
            "clientId": "app",
            "clientSecret": SECRET,
            "grantTypes": [EXCHANGE, BEARER],
            "trustedTokenIssuers": ["Acme"],
            "scopes": ["read"],
            "subject": subject,
            "accessToken": { "attributes": ["email", "department", "username"] },
        }],
        "roles": [{ "name": "deployer", "scopes": ["deploy"] }],
        "users": [
            user("u-linked", "PRIMARY", "linked"),
            user("u-one", "PRIMARY", "one"),
            user("u-ldap", "LDAP", "two"),
            user("u-locked", "PRIMARY", "locked"),
            user("u-disabled", "LDAP", "disabled"),
            // One address in two user stores, and one user name.
            user("u-shared", "PRIMARY", "shared"),
            user("u-shared-too", "LDAP", "shared"),
        ],
    })
}

fn user(id: &str, store: &str, name: &str) -> Value {
    json!({
        "id": id,
        "userStore": store,
        "username": name,
        "claims": { "email": format!("{name}@example.com"), "department": "ours" },
        "roles": if name == "one" { json!(["deployer"]) } else { json!([]) },
        "locked": name == "locked",
        "disabled": name == "disabled",
    })
}

/// Another document in place of a part of one.
pub(crate) fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).expect("the document has this part") = value;
    document
}

/// The same where the application may refresh, too.
pub(crate) fn refreshing(document: Value) -> Value {
    with(document, "/applications/0/grantTypes", json!([EXCHANGE, BEARER, "refresh_token"]))
}

/// The same without a user.
pub(crate) fn without(mut document: Value, id: &str) -> Value {
    let users = document["users"].as_array_mut().unwrap();
    users.retain(|user| user["id"] != id);
    document
}

/// A token of the issuer about its subject `x-1`, which says this as well.
pub(crate) fn foreign(more: &Value) -> String {
    let mut claims = json!({
        "iss": IDP, "sub": "x-1", "aud": "https://sts.example",
        "iat": NOW - 10, "exp": NOW + 600,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let header = json!({ "alg": "ES256", "kid": "idp-es256", "typ": "JWT" });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let key = SigningKey::from_jwk(&fixtures::key("idp-es256")).unwrap();
    let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}

/// What goes wrong when a link is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// The store fails, and nothing is written.
    NotWritten,
    /// It is written, and the answer is lost.
    AnswerLost,
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

    /// Brings an access token of ours.
    pub(crate) fn exchange_own(&mut self, token: &str, scope: &str) -> Said {
        const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
        let form = [("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
        let both = [("grant_type", EXCHANGE), ("scope", scope)];
        self.post("/oauth2/token", &[form, both].concat())
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
            let linked = audit.checks.checks.iter().any(|one| one.code == "account.link.created");
            match (&audit.error, &audit.reason) {
                (Some(error), Some(reason)) => format!("{error} {reason}"),
                _ if claims["idp"] == IDP => format!("federated {}", shown(&claims)),
                _ if linked => format!("linked {}", shown(&claims)),
                _ => format!("local {}", shown(&claims)),
            }
        });
        Said { status: reply.status, body, claims, outcome }
    }

    /// Every link that the store holds, as `subject -> user`.
    pub(crate) fn links(&self) -> Vec<String> {
        let Answer::Page { records, .. } = self.world.store.list("link/", None, 99, self.world.now)
        else {
            panic!("the store lists")
        };
        let links = records.iter().map(|record| {
            let link: Value = serde_json::from_slice(&record.value).unwrap();
            format!("{} -> {}", link["sub"].as_str().unwrap(), link["userId"].as_str().unwrap())
        });
        links.collect()
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
