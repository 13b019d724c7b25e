//! Steps, asks and answers, and the resource `pending`.

use exchequer::{Answer, Ask, Failed, KeysNotFetched, Verdict};

use crate::bindings::{steps, types};
use crate::convert;
use crate::crypto::to_host;

/// The result of fetching keys between requests.
pub(crate) type KeyRefresh = Result<(), KeysNotFetched>;

/// A request that waits.
pub(crate) struct Waiting {
    pending: Pending,
    ask: steps::Ask,
}

enum Pending {
    Request(exchequer::Pending),
    Refresh(exchequer::Pending<KeyRefresh>),
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
        exchequer::Step::Done(refreshed) => {
            let status = if refreshed.is_ok() { 200 } else { 503 };
            let reply = steps::Reply { status, headers: Vec::new(), body: Vec::new(), audit: None };
            Ok(steps::Step::Done(reply))
        }
        exchequer::Step::Ask(pending) => match ask(pending.ask()) {
            Some(ask) => Ok(waits(Pending::Refresh(pending), ask)),
            None => refreshing(pending.resume(Answer::Failed { failed: Failed::Unsupported })?),
        },
    }
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
