//! A service with caches whose host verifies signatures.

use base64ct::{Base64, Encoding};
use exchequer::{AccessRequirements, AccessToken, Engine, Request, Unauthorized};
use serde_json::{Value, json};

use crate::support::administered::{ADMIN, EXCHANGE, JWT};
use crate::support::fixtures;
use crate::support::foreign::IDP;
use crate::support::start;
use crate::support::world::{Crypto, World, entropy};

pub(crate) const JWKS: &str = "https://idp.example/jwks";
pub(crate) const WEB: (&str, &str) = ("web", "web-secret-for-tests");

/// One issuer whose keys are fetched, and caches.
pub(crate) fn document() -> Value {
    let application = |name: &str, issuers: &[&str]| {
        json!({
            "name": name, "clientId": name, "clientSecret": format!("{name}-secret-for-tests"),
            "grantTypes": [EXCHANGE],
            "trustedTokenIssuers": issuers,
            "audiences": ["https://api.example"],
            "scopes": ["read"],
        })
    };
    json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [
            { "name": "Acme", "issuer": IDP, "certificate": { "jwksUri": JWKS } },
            // The same name of a key, and another key.
            { "name": "Globex", "issuer": "https://globex.example",
              "certificate": { "jwks": { "$jwks": [{ "$public": "idp-es256-next", "kid": "idp-es256" }] } } },
            // The same key.
            { "name": "Twin", "issuer": "https://twin.example",
              "certificate": { "jwks": { "$jwks": ["idp-es256"] } } },
        ],
        "applications": [
            application(WEB.0, &["Acme", "Globex"]),
            application("stranger", &["Twin"]),
        ],
        "caches": { "verifiedTokens": {} },
    })
}

pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) world: World,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) reason: Option<String>,
}

fn engine(document: &Value) -> Engine {
    let config = fixtures::config(&fixtures::document(document)).administered_by(ADMIN).unwrap();
    Engine::new(config, Crypto::Host.host_crypto())
}

impl Server {
    pub(crate) fn new(document: &Value) -> Self {
        let mut sts = Self { engine: engine(document), world: World::at(start::NOW) };
        sts.serve(&json!([{ "body": { "$jwks": ["idp-es256"] } }]));
        sts
    }

    /// What the issuer's key set answers from now on.
    pub(crate) fn serve(&mut self, answers: &Value) {
        self.world.web.script(&serde_json::from_value(json!({ JWKS: answers })).unwrap());
    }

    /// Goes on with another document.
    #[allow(dead_code, reason = "the tests of another configuration call it")]
    pub(crate) fn succeed(&mut self, document: &Value) {
        self.engine = self.engine.succeed(fixtures::config(&fixtures::document(document)));
    }

    /// Starts anew with another document, on the same store.
    pub(crate) fn restart(&mut self, document: &Value) {
        self.engine = engine(document);
    }

    pub(crate) fn send(&mut self, request: Request) -> Reply {
        let reply = self.world.handle(&self.engine, request);
        Reply {
            status: reply.status,
            body: serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
            reason: reply.audit.and_then(|audit| audit.reason),
        }
    }

    fn form(&mut self, path: &str, (id, secret): (&str, &str), form: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let basic = Base64::encode_string(format!("{id}:{secret}").as_bytes());
        let request = Request::new("POST", path)
            .header("Authorization", &format!("Basic {basic}"))
            .header("Content-Type", "application/x-www-form-urlencoded");
        self.send(request.body(body))
    }

    pub(crate) fn exchange_as(
        &mut self,
        client: (&str, &str),
        token: &str,
        more: &[(&str, &str)],
    ) -> Reply {
        let form =
            [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", JWT)];
        let form: Vec<_> = form.into_iter().chain(more.iter().copied()).collect();
        self.form("/oauth2/token", client, &form)
    }

    pub(crate) fn exchange_with(&mut self, token: &str, more: &[(&str, &str)]) -> Reply {
        self.exchange_as(WEB, token, more)
    }

    /// The token that is issued for this one.
    pub(crate) fn granted(&mut self, token: &str) -> String {
        let reply = self.exchange_with(token, &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body["access_token"].as_str().unwrap().into()
    }

    pub(crate) fn refused(&mut self, token: &str, reason: &str) {
        let reply = self.exchange_with(token, &[]);
        assert_eq!(reply.reason.as_deref(), Some(reason), "{}", reply.body);
        assert_ne!(reply.status, 200);
    }

    pub(crate) fn introspect(&mut self, token: &str) -> Value {
        self.form("/oauth2/introspect", WEB, &[("token", token)]).body
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        assert_eq!(self.form("/oauth2/revoke", WEB, &[("token", token)]).status, 200);
    }

    pub(crate) fn authenticate(&mut self, token: &str) -> Result<AccessToken, Unauthorized> {
        let requirements = AccessRequirements::default();
        let step =
            self.engine.authenticate(String::from(token), requirements, self.world.now, entropy());
        self.world.drive(&self.engine, step)
    }

    /// Calls the administration API.
    pub(crate) fn administer(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Request::new(method, path)
            .header("Authorization", &format!("Bearer {ADMIN}"))
            .header("Content-Type", "application/json");
        self.send(request.body(body.to_string()))
    }

    pub(crate) fn metrics(&mut self) -> String {
        let request =
            Request::new("GET", "/metrics").header("Authorization", &format!("Bearer {ADMIN}"));
        String::from_utf8(self.world.handle(&self.engine, request).body).unwrap()
    }
}
