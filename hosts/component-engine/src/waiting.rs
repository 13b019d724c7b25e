//! Steps, asks and answers, and the resource `pending`.

use exchequer::{Answer, Ask, Failed, KeysNotFetched, Verdict};

use crate::bindings::{steps, types};
use crate::convert;
use crate::crypto::to_host;

/// The result of fetching keys between requests.
pub(crate) type KeyRefresh = Result<(), KeysNotFetched>;

/// Whether there is an issuer.
pub(crate) type Found = Result<bool, Failed>;

/// A request that waits.
pub(crate) struct Waiting {
    pending: Pending,
    ask: steps::Ask,
}

enum Pending {
    Request(exchequer::Pending),
    Refresh(exchequer::Pending<KeyRefresh>),
    Find(exchequer::Pending<Found>),
}

impl steps::GuestPending for Waiting {
    fn ask(&self) -> steps::Ask {
        self.ask.clone()
    }

    fn resume(pending: steps::Pending, answer: steps::Answer) -> Result<steps::Step, String> {
        let Self { pending, .. } = pending.into_inner();
        let answer = from_host(answer);
        match pending {
            Pending::Request(pending) => pending.resume(answer).and_then(step),
            Pending::Refresh(pending) => pending.resume(answer).and_then(refreshing),
            Pending::Find(pending) => pending.resume(answer).and_then(finding),
        }
        .map_err(|misuse| misuse.to_string())
    }
}

/// A step as the host sees it.
pub(crate) fn step(step: exchequer::Step) -> Result<steps::Step, exchequer::Misuse> {
    match step {
        exchequer::Step::Done(reply) => Ok(steps::Step::Done(convert::reply(*reply))),
        exchequer::Step::Ask(pending) => match ask(pending.ask()) {
            Some(ask) => Ok(waits(Pending::Request(pending), ask)),
            // Younger than the interface: no host can answer it.
            None => self::step(pending.resume(Answer::Failed { failed: Failed::Unsupported })?),
        },
    }
}

/// The same for keys that are fetched between requests. The interface has one
/// kind of result, a reply; nobody reads this one.
pub(crate) fn refreshing(
    step: exchequer::Step<KeyRefresh>,
) -> Result<steps::Step, exchequer::Misuse> {
    match step {
        exchequer::Step::Done(refreshed) => Ok(status(if refreshed.is_ok() { 200 } else { 503 })),
        exchequer::Step::Ask(pending) => match ask(pending.ask()) {
            Some(ask) => Ok(waits(Pending::Refresh(pending), ask)),
            None => refreshing(pending.resume(Answer::Failed { failed: Failed::Unsupported })?),
        },
    }
}

/// The same for an issuer that is looked up: 200, 404, or 503 when the store
/// did not say.
pub(crate) fn finding(step: exchequer::Step<Found>) -> Result<steps::Step, exchequer::Misuse> {
    match step {
        exchequer::Step::Done(found) => Ok(status(match *found {
            Ok(true) => 200,
            Ok(false) => 404,
            Err(_) => 503,
        })),
        exchequer::Step::Ask(pending) => match ask(pending.ask()) {
            Some(ask) => Ok(waits(Pending::Find(pending), ask)),
            None => finding(pending.resume(Answer::Failed { failed: Failed::Unsupported })?),
        },
    }
}

/// A result that is a status and nothing else.
fn status(status: u16) -> steps::Step {
    steps::Step::Done(steps::Reply { status, headers: Vec::new(), body: Vec::new(), audit: None })
}

fn waits(pending: Pending, ask: steps::Ask) -> steps::Step {
    steps::Step::Ask(steps::Pending::new(Waiting { pending, ask }))
}

fn ask(ask: &Ask) -> Option<steps::Ask> {
    Some(match ask {
        Ask::Fetch { url, timeout_ms, max_bytes } => steps::Ask::Fetch(types::Fetch {
            url: url.clone(),
            timeout_ms: *timeout_ms,
            max_bytes: *max_bytes,
        }),
        Ask::Read { keys } => steps::Ask::Read(keys.clone()),
        Ask::List { prefix, cursor, limit } => steps::Ask::List(types::Page {
            prefix: prefix.clone(),
            cursor: cursor.clone(),
            limit: *limit,
        }),
        Ask::Commit { batch } => steps::Ask::Commit(convert::writes(batch)),
        Ask::Verify { alg, key, message, signature } => steps::Ask::Verify(steps::Verification {
            alg: to_host(*alg),
            thumbprint: key.thumbprint().into(),
            key: key.to_spki_der(),
            message: message.clone(),
            signature: signature.clone(),
        }),
        Ask::Sign { alg, key_id, message } => steps::Ask::Sign(steps::Signing {
            alg: to_host(*alg),
            key_id: key_id.clone(),
            message: message.clone(),
        }),
        _ => return None,
    })
}

fn from_host(answer: steps::Answer) -> Answer {
    match answer {
        steps::Answer::Fetched(types::Fetched { status, cache_control, location, body }) => {
            Answer::Fetched { status, cache_control, location, body }
        }
        steps::Answer::Records(records) => Answer::Records {
            records: records.into_iter().map(|record| record.map(convert::record)).collect(),
        },
        steps::Answer::Page(types::RecordsPage { records, next }) => {
            Answer::Page { records: records.into_iter().map(convert::record).collect(), next }
        }
        steps::Answer::Committed => Answer::Committed,
        steps::Answer::Conflict => Answer::Conflict,
        steps::Answer::Verdict(good) => Answer::Verdict { verdict: Verdict::from(good) },
        steps::Answer::Signature(signature) => Answer::Signature { signature },
        steps::Answer::Failed(failed) => Answer::Failed { failed: convert::failed(failed) },
    }
}
