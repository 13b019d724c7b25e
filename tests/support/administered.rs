//! A service with an administration API: several engines on one store, as
//! replicas are, and what they were called and answered.

use base64ct::{Base64, Encoding};
use exchequer::{Answer, Ask, Audit, Engine, Failed, HostCrypto, Pending, Reply, Request, Step};
use serde_json::{Value, json};

use super::fixtures;
use super::start::NOW;
use super::world::{World, entropy};

pub(crate) const ADMIN: &str = "admin-token-for-tests";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What happens to what is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commits {
    Done,
    /// The store fails, and nothing is written.
    Failing,
    /// So many times it is written, and then the store fails.
    Times(u32),
}

pub(crate) struct Service {
    replicas: Vec<Engine>,
    pub(crate) world: World,
    pub(crate) commits: Commits,
    /// Sent with every call of the administration API.
    pub(crate) bearer: Option<String>,
    /// Every reply with its audit line, as text: where a secret would be found.
    pub(crate) said: Vec<String>,
}

/// What a call was answered.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
    pub(crate) audit: Option<Audit>,
}

impl Said {
    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no `{member}`: {}", self.body)).into()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Status and error code: `409 APP-60007`.
    pub(crate) fn code(&self) -> String {
        format!("{} {}", self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// What was wrong, in an error.
    pub(crate) fn description(&self) -> &str {
        self.body["description"].as_str().unwrap_or_default()
    }

    /// The same, if the status is this one.
    pub(crate) fn with_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Service {
    /// Two replicas with the admin token.
    pub(crate) fn new(document: &Value) -> Self {
        let config = fixtures::config(&fixtures::document(document));
        Self::of(config.administered_by(ADMIN).unwrap())
    }

    /// Two replicas without one.
    pub(crate) fn without_admin_token(document: &Value) -> Self {
        Self::of(fixtures::config(&fixtures::document(document)))
    }

    /// Two replicas of this configuration, with the admin token.
    pub(crate) fn of_config(config: exchequer::Config) -> Self {
        Self::of(config.administered_by(ADMIN).unwrap())
    }

    fn of(config: exchequer::Config) -> Self {
        let engine = || Engine::new(config.clone(), HostCrypto::default());
        Self {
            replicas: vec![engine(), engine()],
            world: World::at(NOW),
            commits: Commits::Done,
            bearer: Some(ADMIN.into()),
            said: Vec::new(),
        }
    }

    /// A replica itself.
    pub(crate) fn engine(&self, replica: usize) -> Engine {
        self.replicas[replica].clone()
    }

    /// Starts anew with another document, on the same store.
    pub(crate) fn restart(&mut self, document: &Value) {
        let config = fixtures::config(&fixtures::document(document));
        let config = config.administered_by(ADMIN).unwrap();
        for replica in &mut self.replicas {
            *replica = Engine::new(config.clone(), HostCrypto::default());
        }
    }

    /// Calls without a body.
    pub(crate) fn get(&mut self, path: &str) -> Said {
        let request = self.admin_request("GET", path);
        self.send(0, request)
    }

    pub(crate) fn delete(&mut self, path: &str) -> Said {
        let request = self.admin_request("DELETE", path);
        self.send(0, request)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Said {
        self.call("POST", path, body)
    }

    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> Said {
        self.call("PATCH", path, body)
    }

    pub(crate) fn put(&mut self, path: &str, body: &Value) -> Said {
        self.call("PUT", path, body)
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Said {
        let request = self.with_body(method, path, body.to_string());
        self.send(0, request)
    }

    pub(crate) fn with_body(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Request {
        self.admin_request(method, path).header("Content-Type", "application/json").body(body)
    }

    fn admin_request(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, path);
        match &self.bearer {
            Some(token) => request.header("Authorization", &format!("Bearer {token}")),
            None => request,
        }
    }

    /// Exchanges a foreign token at a replica.
    pub(crate) fn exchange(&mut self, replica: usize, client: (&str, &str), token: &str) -> Said {
        self.exchange_for(replica, client, token, &[])
    }

    /// The same with more parameters.
    pub(crate) fn exchange_for(
        &mut self,
        replica: usize,
        client: (&str, &str),
        token: &str,
        more: &[(&str, &str)],
    ) -> Said {
        self.send(replica, exchange_request(client, token, more))
    }

    /// Sends a form as a client.
    pub(crate) fn form(
        &mut self,
        replica: usize,
        target: &str,
        client: (&str, &str),
        form: &[(&str, &str)],
    ) -> Said {
        self.send(replica, form_request(target, client, form))
    }

    /// Serves a request to its end at a replica.
    pub(crate) fn send(&mut self, replica: usize, request: Request) -> Said {
        let engine = self.replicas[replica].clone();
        let mut step = engine.handle(request, self.world.now, entropy());
        loop {
            step = match step {
                Step::Done(reply) => return self.heard(*reply),
                Step::Ask(pending) => {
                    let answer = self.answer(&engine, pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        }
    }

    /// Serves a request at a replica until it is about to write.
    pub(crate) fn until_commit(&mut self, replica: usize, request: Request) -> Pending {
        let engine = self.replicas[replica].clone();
        let mut step = engine.handle(request, self.world.now, entropy());
        loop {
            step = match step {
                Step::Done(reply) => panic!("nothing to write: {}", reply.status),
                Step::Ask(pending) if pending.ask().name() == "commit" => return pending,
                Step::Ask(pending) => {
                    let answer = self.answer(&engine, pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        }
    }

    /// Serves an exchange at a replica until a key below this prefix has been
    /// read, and what was read is on its way.
    pub(crate) fn until_read(
        &mut self,
        replica: usize,
        prefix: &str,
        client: (&str, &str),
        token: &str,
    ) -> (Pending, Answer) {
        let engine = self.replicas[replica].clone();
        let reads = |ask: &Ask| match ask {
            Ask::Read { keys } => keys.iter().any(|key| key.starts_with(prefix)),
            _ => false,
        };
        let mut step =
            engine.handle(exchange_request(client, token, &[]), self.world.now, entropy());
        loop {
            let Step::Ask(pending) = step else { panic!("nothing below `{prefix}` was read") };
            let answer = self.answer(&engine, pending.ask());
            if reads(pending.ask()) {
                return (pending, answer);
            }
            step = pending.resume(answer).unwrap();
        }
    }

    /// Goes on with a request to its end.
    pub(crate) fn finish(&mut self, replica: usize, pending: Pending) -> Said {
        let answer = self.answer(&self.replicas[replica].clone(), pending.ask());
        self.finish_with(replica, pending, answer)
    }

    /// The same where each write is repeated, as a host does that has lost the
    /// answer to it.
    pub(crate) fn finish_repeating(&mut self, replica: usize, mut pending: Pending) -> Said {
        let engine = self.replicas[replica].clone();
        loop {
            if pending.ask().name() == "commit" {
                self.answer(&engine, pending.ask());
            }
            let answer = self.answer(&engine, pending.ask());
            pending = match pending.resume(answer).unwrap() {
                Step::Done(reply) => return self.heard(*reply),
                Step::Ask(pending) => pending,
            };
        }
    }

    /// The same with an answer that was on its way.
    pub(crate) fn finish_with(
        &mut self,
        replica: usize,
        mut pending: Pending,
        mut answer: Answer,
    ) -> Said {
        let engine = self.replicas[replica].clone();
        loop {
            pending = match pending.resume(answer).unwrap() {
                Step::Done(reply) => return self.heard(*reply),
                Step::Ask(pending) => pending,
            };
            answer = self.answer(&engine, pending.ask());
        }
    }

    /// Calls without a body for what is no JSON.
    pub(crate) fn plain(&mut self, path: &str) -> String {
        let request = self.admin_request("GET", path);
        let engine = self.replicas[0].clone();
        String::from_utf8(self.world.handle(&engine, request).body).unwrap()
    }

    /// Everything that the store holds, as text.
    pub(crate) fn stored(&self) -> String {
        match self.world.store.list("", None, 100_000, self.world.now) {
            Answer::Page { records, .. } => {
                let shown = |record: &exchequer::Record| {
                    format!("{} {}\n", record.key, String::from_utf8_lossy(&record.value))
                };
                records.iter().map(shown).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, engine: &Engine, ask: &Ask) -> Answer {
        if ask.name() == "commit" {
            match &mut self.commits {
                Commits::Done => {}
                Commits::Failing | Commits::Times(0) => {
                    return Answer::Failed { failed: Failed::TimedOut };
                }
                Commits::Times(left) => *left -= 1,
            }
        }
        self.world.answer(engine, ask)
    }

    fn heard(&mut self, reply: Reply) -> Said {
        let Reply { status, headers, body, audit } = reply;
        self.said.push(format!("{headers:?} {} {}", String::from_utf8_lossy(&body), json!(audit)));
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Said { status, headers, body, audit }
    }
}

fn exchange_request(client: (&str, &str), token: &str, more: &[(&str, &str)]) -> Request {
    let form = [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", JWT)];
    let form: Vec<_> = form.into_iter().chain(more.iter().copied()).collect();
    form_request("/oauth2/token", client, &form)
}

pub(crate) fn form_request(
    target: &str,
    (id, secret): (&str, &str),
    form: &[(&str, &str)],
) -> Request {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let basic = Base64::encode_string(format!("{id}:{secret}").as_bytes());
    Request::new("POST", target)
        .header("Authorization", &format!("Basic {basic}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
}
