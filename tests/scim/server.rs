//! A service, and an administrator who calls its `/scim2/`.

use base64ct::{Base64, Encoding};
use exchequer::{Answer, Engine, HostCrypto, Reply, Request};
use serde_json::{Value, json};

use crate::parties::{EXCHANGE, SECRET, document, foreign};
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::support::world::World;

const ADMIN_TOKEN: &str = "whoever-bears-this-administers";

pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) world: World,
}

impl Server {
    /// With the seven users of `parties` in its document.
    pub(crate) fn new() -> Self {
        Self::of(&document("required"))
    }

    pub(crate) fn of(document: &Value) -> Self {
        let config = fixtures::config(&fixtures::document(document));
        let config = config.administered_by(ADMIN_TOKEN).unwrap();
        Self { engine: Engine::new(config, HostCrypto::default()), world: World::at(NOW) }
    }

    pub(crate) fn administered(request: Request) -> Request {
        request.header("Authorization", &format!("Bearer {ADMIN_TOKEN}"))
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> Request {
        let request = Self::administered(Request::new(method, &format!("/scim2/{path}")));
        if body.is_null() { request } else { request.body(body.to_string()) }
    }

    pub(crate) fn handle(&mut self, request: Request) -> Reply {
        self.world.handle(&self.engine, request)
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let request = self.request(method, path, body);
        self.handle(request)
    }

    /// The status and the JSON of a reply.
    pub(crate) fn call(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let reply = self.send(method, path, body);
        (reply.status, self.body(&reply))
    }

    pub(crate) fn body(&self, reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
    }

    /// The id of a user who was made just now.
    pub(crate) fn created(&mut self, body: Value) -> String {
        let (status, user) = self.call("POST", "Users", &body);
        assert_eq!(status, 201, "{user}");
        user["id"].as_str().unwrap().into()
    }

    /// The ids of the users that a filter finds.
    pub(crate) fn found(&mut self, filter: &str) -> Vec<String> {
        let (status, list) = self.call("POST", "Users/.search", &json!({ "filter": filter }));
        assert_eq!(status, 200, "{list}");
        ids(&list)
    }

    /// How many records there are below a prefix.
    pub(crate) fn records(&self, prefix: &str) -> usize {
        match self.world.store.list(prefix, None, 999, self.world.now) {
            Answer::Page { records, .. } => records.len(),
            other => panic!("{other:?}"),
        }
    }

    /// The status, and the `error_description` of a token exchange that says this.
    pub(crate) fn exchange(&mut self, claims: &Value) -> (u16, Value) {
        let token = foreign(claims);
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("subject_token", &token),
            ("scope", "read deploy"),
        ];
        let basic = Base64::encode_string(format!("app:{SECRET}").as_bytes());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::new("POST", "/oauth2/token")
            .header("Authorization", &format!("Basic {basic}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        let reply = self.handle(request);
        (reply.status, self.body(&reply))
    }
}

/// The ids in a list.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    let users = list["Resources"].as_array().unwrap().iter();
    users.map(|user| user["id"].as_str().unwrap().into()).collect()
}

/// A header field of a reply; empty when it is not there.
pub(crate) fn header(reply: &Reply, name: &str) -> String {
    let mut fields = reply.headers.iter().filter(|(known, _)| *known == name);
    fields.next().map(|(_, value)| value.clone()).unwrap_or_default()
}
