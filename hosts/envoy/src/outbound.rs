//! Calls to other servers. They are made from the root, between requests, so
//! that a request that goes away takes none with it. A document is fetched by
//! one worker at a time; the others wait for it and take its copy.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use exchequer::Clusters;
use exchequer::{Answer, Ask, Call, Failed};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType, Status};

use crate::proxy;
use crate::shared::{self, Name, Terms};

/// A document so young answers every fetch of its URL, in milliseconds: what
/// one worker fetched, the next one need not. Workers hear of new documents
/// within a second.
const YOUNG: u64 = 5_000;

/// What is fetched. Two that differ in their limits are two fetches: one may fail
/// where the other does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) url: String,
    pub(crate) terms: Terms,
}

/// Who waits for an answer: everybody who fetches the same, or one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waiter {
    Fetch(Wanted),
    Context(u32),
}

/// An answer that is there.
pub(crate) struct Arrived {
    pub(crate) waiter: Waiter,
    pub(crate) answer: Answer,
    /// Whether this worker tried to fetch a document, and this came of it.
    pub(crate) is_of_our_fetch: bool,
}

struct Fetch {
    name: Name,
    /// When it was wanted first.
    since: u64,
    is_ours: bool,
}

/// What is to be called, and what is under way.
#[derive(Default)]
pub(crate) struct Outbound {
    clusters: Clusters,
    fetches: RefCell<BTreeMap<Wanted, Fetch>>,
    calls: RefCell<Vec<(u32, Call)>>,
    flights: RefCell<BTreeMap<u32, (Waiter, u32)>>,
}

fn failed(failed: Failed) -> Answer {
    Answer::Failed { failed }
}

impl Wanted {
    /// What this ask wants fetched, if it wants that.
    pub(crate) fn of(ask: &Ask) -> Option<Self> {
        let Ask::Fetch { url, timeout_ms, max_bytes, .. } = ask else { return None };
        let terms = Terms { timeout_ms: *timeout_ms, max_bytes: *max_bytes };
        Some(Self { url: url.clone(), terms })
    }
}

impl Outbound {
    pub(crate) fn new(clusters: Clusters) -> Self {
        Self { clusters, ..Self::default() }
    }

    /// The cluster of a URL.
    pub(crate) fn cluster(&self, url: &str) -> Option<&str> {
        self.clusters.of(url)
    }

    /// Whether something has to be done soon.
    pub(crate) fn is_busy(&self) -> bool {
        let fetches = self.fetches.borrow();
        !self.calls.borrow().is_empty() || fetches.values().any(|fetch| !fetch.is_ours)
    }

    /// The answer to a fetch that is at hand; the others are on their way.
    pub(crate) fn fetch(&self, ask: &Ask, now: u64) -> Option<Answer> {
        let Some(wanted) = Wanted::of(ask) else {
            return Some(failed(Failed::Unsupported));
        };
        let Some(cluster) = self.clusters.of(&wanted.url) else {
            return Some(failed(Failed::Unsupported));
        };
        let name = (cluster.to_string(), wanted.url.clone());
        if let Some(answer) = young(&name, now) {
            return Some(answer);
        }
        // One attempt a second, whichever worker makes it.
        if shared::lease(&name, wanted.terms).failed / 1000 == now / 1000 {
            return Some(failed(Failed::Unreachable));
        }
        let fetch = || Fetch { name, since: now, is_ours: false };
        self.fetches.borrow_mut().entry(wanted).or_insert_with(fetch);
        None
    }

    /// Makes a call for a request.
    pub(crate) fn call(&self, context: u32, call: &Call) {
        let mut call = call.clone();
        call.headers.push(once_more());
        self.calls.borrow_mut().push((context, call));
    }

    /// Makes the calls that are due, from the root. Returns the answers that
    /// are there without one.
    pub(crate) fn tick(&self, now: u64) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        for (context, call) in self.calls.take() {
            let waiter = Waiter::Context(context);
            if let Err(answer) = self.send(waiter.clone(), &call) {
                arrived.push(Arrived { waiter, answer, is_of_our_fetch: false });
            }
        }
        let mut fetches = self.fetches.borrow_mut();
        fetches.retain(|wanted, fetch| match self.advance(wanted, fetch, now) {
            Some(answer) => {
                let waiter = Waiter::Fetch(wanted.clone());
                arrived.push(Arrived { waiter, answer, is_of_our_fetch: fetch.is_ours });
                false
            }
            None => true,
        });
        arrived
    }

    /// Goes on with a fetch: takes what another worker brought, waits for it,
    /// or fetches.
    fn advance(&self, wanted: &Wanted, fetch: &mut Fetch, now: u64) -> Option<Answer> {
        if fetch.is_ours {
            return None;
        }
        let (name, terms) = (&fetch.name, wanted.terms);
        let last = shared::lease(name, terms);
        // Another worker has tried since it was wanted.
        if last.ended >= fetch.since {
            return Some(young(name, now).unwrap_or(failed(Failed::Unreachable)));
        }
        let until = now + u64::from(terms.timeout_ms) + 1000;
        if !shared::take(name, terms, now, until) {
            return None;
        }
        fetch.is_ours = true;
        let mut call = get(wanted, &name.0);
        // A server that does not answer is asked once a second, not twice.
        if last.ended > 0 && last.failed == 0 {
            call.headers.push(once_more());
        }
        let sent = self.send(Waiter::Fetch(wanted.clone()), &call);
        sent.err().inspect(|_| shared::release(name, terms, now, false))
    }

    fn send(&self, waiter: Waiter, call: &Call) -> Result<(), Answer> {
        let method = if call.body.is_empty() { "GET" } else { "POST" };
        let mut headers =
            vec![(":method", method), (":authority", &*call.authority), (":path", &*call.path)];
        headers.extend(call.headers.iter().map(|(name, value)| (*name, value.as_str())));
        let body = (!call.body.is_empty()).then_some(&*call.body);
        let timeout = Duration::from_millis(call.timeout_ms.into());
        match hostcalls::dispatch_http_call(&call.cluster, headers, body, Vec::new(), timeout) {
            Ok(token) => {
                self.flights.borrow_mut().insert(token, (waiter, call.max_bytes));
                Ok(())
            }
            Err(status) => {
                log_not_sent(&call.cluster, status);
                Err(failed(Failed::Unreachable))
            }
        }
    }

    /// An answer has come: whose, and what it is.
    pub(crate) fn answered(
        &self,
        token: u32,
        fields: usize,
        length: usize,
        now: u64,
    ) -> Option<Arrived> {
        let (waiter, max_bytes) = self.flights.borrow_mut().remove(&token)?;
        let answer = response(fields, length, max_bytes);
        if let Waiter::Fetch(wanted) = &waiter
            && let Some(fetch) = self.fetches.borrow_mut().remove(wanted)
        {
            // A failure is tried anew by the first request a second later.
            let good = matches!(answer, Answer::Fetched { status: 200..400, .. });
            if good {
                shared::publish(&fetch.name, now, &answer);
            }
            shared::release(&fetch.name, wanted.terms, now, good);
        }
        let is_of_our_fetch = matches!(waiter, Waiter::Fetch(_));
        Some(Arrived { waiter, answer, is_of_our_fetch })
    }
}

/// Why the proxy sends nothing. It tells a cluster that it does not have from one that
/// has no host for the request at the moment.
fn log_not_sent(cluster: &str, status: Status) {
    let (level, why) = match status {
        Status::BadArgument => (LogLevel::Error, format!("the proxy has no cluster `{cluster}`")),
        _ => {
            let why = format!("the proxy sends nothing to the cluster `{cluster}`");
            (LogLevel::Warn, format!("{why}: it has no healthy host, or all are overloaded"))
        }
    };
    proxy::log(level, &why);
}

/// A server may close a connection in the moment in which the proxy uses it again.
/// With this field, which the proxy keeps to itself, it sends the request once more.
/// Both kinds of request may be made twice (RFC 9110 section 9.2.2): a document is
/// read, or a token is exchanged, and one that counts once is refused then.
fn once_more() -> (&'static str, String) {
    ("x-envoy-retry-on", "reset".into())
}

/// A document that was just fetched, by whichever worker.
fn young(name: &Name, now: u64) -> Option<Answer> {
    let (at, answer) = shared::document(name)?;
    (at <= now && now - at < YOUNG).then_some(answer)
}

fn get(Wanted { url, terms }: &Wanted, cluster: &str) -> Call {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
    let headers =
        [(":scheme", scheme.to_ascii_lowercase()), ("accept", "application/json".to_string())];
    Call {
        cluster: cluster.into(),
        authority: authority.into(),
        path,
        headers: headers.into(),
        body: Vec::new(),
        timeout_ms: terms.timeout_ms,
        max_bytes: terms.max_bytes,
    }
}

/// The answer that the proxy has now. Without header fields there was none.
fn response(fields: usize, length: usize, max_bytes: u32) -> Answer {
    if fields == 0 {
        return failed(Failed::Unreachable);
    }
    if length > max_bytes as usize {
        return failed(Failed::TooLarge);
    }
    let fields = hostcalls::get_map_bytes(MapType::HttpCallResponseHeaders).unwrap_or_default();
    let value = |wanted: &str| {
        let (_, value) = fields.iter().find(|(name, _)| name == wanted)?;
        String::from_utf8(value.clone()).ok()
    };
    let Some(status) = value(":status").and_then(|status| status.parse().ok()) else {
        return failed(Failed::Broken);
    };
    let body = hostcalls::get_buffer(BufferType::HttpCallResponseBody, 0, length);
    let body = body.ok().flatten().unwrap_or_default();
    if let Some(why) = local_reply(status, &body) {
        return failed(why);
    }
    let (cache_control, location) = (value("cache-control"), value("location"));
    Answer::Fetched { status, cache_control, location, body }
}

/// Why the proxy answered in the place of a server that it did not reach. It does
/// so with a status and a text of its own, which does not tell a certificate that
/// it does not trust from a connection that failed.
fn local_reply(status: u16, body: &[u8]) -> Option<Failed> {
    let text = core::str::from_utf8(body).ok()?;
    match status {
        503 if text == "no healthy upstream" => Some(Failed::Unreachable),
        503 if text.starts_with("upstream connect error or disconnect/reset before headers") => {
            Some(Failed::Unreachable)
        }
        504 if text == "upstream request timeout" => Some(Failed::TimedOut),
        _ => None,
    }
}
