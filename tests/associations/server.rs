//! A server with an admin token, and calls to it.

use base64ct::{Base64, Encoding};
use exchequer::{Answer, Ask, Audit, Engine, HostCrypto, Reply, Request, Step};
use serde_json::{Value, json};

use crate::parties::{EXCHANGE, SECRET, foreign};
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::support::world::{World, entropy};

pub(crate) const ADMIN: &str = "admin-token-for-tests";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) world: World,
}

/// What a call was answered.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) audit: Option<Audit>,
    headers: Vec<(&'static str, String)>,
}

impl Said {
    pub(crate) fn of(reply: Reply) -> Self {
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Self { status: reply.status, body, audit: reply.audit, headers: reply.headers }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| *key == name);
        found.map_or("", |(_, value)| value)
    }

    /// Status and code of an error, which says what was wrong.
    pub(crate) fn error(&self) -> (u16, &str) {
        for member in ["message", "description", "traceId"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
        }
        let audit = self.audit.as_ref().expect("an error is in the audit log");
        assert_eq!(audit.trace_id.as_deref(), self.body["traceId"].as_str());
        (self.status, self.body["code"].as_str().unwrap())
    }

    /// What the audit log says was changed.
    pub(crate) fn change(&self) -> Value {
        let change = self.audit.as_ref().and_then(|audit| audit.change.as_ref());
        change.map_or(Value::Null, |change| serde_json::to_value(change).unwrap())
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no `{member}`: {}", self.body)).into()
    }
}

/// The path of a user's links, or of one of them.
pub(crate) fn of(user: &str, rest: &str) -> String {
    format!("/api/users/v1/{user}/federated-associations{rest}")
}

/// The engine of this document, of which every application that has scopes may
/// let users remove their links.
pub(crate) fn engine(document: &Value) -> Engine {
    let mut document = document.clone();
    for application in document["applications"].as_array_mut().unwrap() {
        if let Some(scopes) = application["scopes"].as_array_mut() {
            scopes.push(json!("exchequer:links"));
        }
    }
    engine_as_is(&document)
}

pub(crate) fn engine_as_is(document: &Value) -> Engine {
    let config = fixtures::config(&fixtures::document(document));
    Engine::new(config.administered_by(ADMIN).unwrap(), HostCrypto::default())
}

/// A call with this bearer token and, unless it is null, a JSON body.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &Value) -> Request {
    let request = Request::new(method, path).header("Authorization", &format!("Bearer {token}"));
    match body {
        Value::Null => request,
        body => request.header("Content-Type", "application/json").body(body.to_string()),
    }
}

/// What a host may rely on of the keys of links and of a batch.
fn assert_contract(ask: &Ask) {
    let keys: Vec<&String> = match ask {
        Ask::Read { keys } => keys.iter().collect(),
        Ask::List { prefix, cursor, .. } => [prefix].into_iter().chain(cursor).collect(),
        Ask::Commit { batch } => batch.iter().map(|write| &write.key).collect(),
        _ => Vec::new(),
    };
    for key in keys.iter().filter(|key| key.contains("link/")) {
        assert!(key.len() <= 512 && key.bytes().all(|byte| byte.is_ascii_graphic()), "{key}");
    }
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
    assert!(keys.len() <= 100, "{} keys", keys.len());
}

impl Server {
    pub(crate) fn new(document: &Value) -> Self {
        Self { engine: engine(document), world: World::at(NOW) }
    }

    /// Starts anew on the same store.
    pub(crate) fn restart(&mut self, document: &Value) {
        self.engine = engine(document);
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, token: &str, body: &Value) -> Said {
        let request = request(method, path, token, body);
        let mut step = self.engine.handle(request, self.world.now, entropy());
        loop {
            step = match step {
                Step::Done(reply) => return Said::of(*reply),
                Step::Ask(pending) => {
                    assert_contract(pending.ask());
                    let answer = self.world.answer(&self.engine, pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        }
    }

    /// A call of an administrator without a body.
    pub(crate) fn admin(&mut self, method: &str, path: &str) -> Said {
        self.call(method, path, ADMIN, &Value::Null)
    }

    /// Links a subject of the issuer `Acme` to a user, as an administrator.
    pub(crate) fn link(&mut self, user: &str, sub: &str) -> Said {
        let body = json!({ "idp": "Acme", "federatedUserId": sub });
        self.call("POST", &of(user, ""), ADMIN, &body)
    }

    /// The subjects linked to a user.
    pub(crate) fn subs(&mut self, user: &str) -> Vec<String> {
        let said = self.admin("GET", &of(user, ""));
        let links = said.body.as_array().expect("a list");
        let mut subs: Vec<String> =
            links.iter().map(|link| link["federatedUserId"].as_str().unwrap().into()).collect();
        subs.sort();
        subs
    }

    /// Brings a token of the issuer that says this, and may use what comes of it
    /// for the links of its subject.
    pub(crate) fn exchange(&mut self, claims: &Value) -> Said {
        self.exchange_for("read exchequer:links", claims)
    }

    /// The same for another scope.
    pub(crate) fn exchange_for(&mut self, scope: &str, claims: &Value) -> Said {
        let token = foreign(claims);
        self.form(
            "/oauth2/token",
            &[
                ("grant_type", EXCHANGE),
                ("subject_token", &token),
                ("subject_token_type", JWT),
                ("scope", scope),
            ],
        )
    }

    /// An access token about the user who is linked to this subject.
    pub(crate) fn token(&mut self, sub: &str) -> String {
        self.exchange(&json!({ "sub": sub })).text("access_token")
    }

    pub(crate) fn refresh(&mut self, token: &str) -> Said {
        self.form("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// Whether introspection calls a token active, and whom it is about.
    pub(crate) fn about(&mut self, token: &str) -> Option<String> {
        let said = self.form("/oauth2/introspect", &[("token", token)]).body;
        said["active"].as_bool().unwrap().then(|| said["sub"].as_str().unwrap().into())
    }

    pub(crate) fn form(&mut self, target: &str, form: &[(&str, &str)]) -> Said {
        let basic = Base64::encode_string(format!("app:{SECRET}").as_bytes());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::new("POST", target)
            .header("Authorization", &format!("Basic {basic}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        Said::of(self.world.handle(&self.engine, request))
    }

    /// How many records there are below a prefix.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        match self.world.store.list(prefix, None, 999, self.world.now) {
            Answer::Page { records, .. } => records.len(),
            other => panic!("{other:?}"),
        }
    }
}
