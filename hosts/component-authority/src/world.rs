//! Answers the engine's asks with what is imported.

use exchequer::{Answer, Ask, Failed, Misuse, Step};

use crate::bindings::{fetch, store, types};
use crate::convert;

/// The loop: one answer per ask, until done.
pub(crate) fn drive<T>(mut step: Step<T>) -> Result<T, Misuse> {
    loop {
        step = match step {
            Step::Done(result) => return Ok(*result),
            Step::Ask(pending) => {
                let answer = answer(pending.ask());
                pending.resume(answer)?
            }
        };
    }
}

fn answer(ask: &Ask) -> Answer {
    let answered = match ask {
        Ask::Fetch { url, timeout_ms, max_bytes, .. } => fetch(url, *timeout_ms, *max_bytes),
        Ask::Read { keys } => store::read(keys).map(|records| Answer::Records {
            records: records.into_iter().map(|record| record.map(convert::record)).collect(),
        }),
        Ask::List { prefix, cursor, limit } => list(prefix, cursor.as_deref(), *limit),
        Ask::Commit { batch } => {
            store::commit(&convert::writes(batch)).map(|outcome| match outcome {
                store::Outcome::Committed => Answer::Committed,
                store::Outcome::Conflict => Answer::Conflict,
            })
        }
        // Neither is asked for: this host said that it answers no algorithm.
        _ => Err(types::Failed::Unsupported),
    };
    let answer =
        answered.unwrap_or_else(|failed| Answer::Failed { failed: convert::failed(failed) });
    // As many records as there were keys: an import that gave another number
    // is broken, and that is no misuse by this host.
    match (&answer, ask) {
        (Answer::Records { records }, Ask::Read { keys }) if records.len() != keys.len() => {
            Answer::Failed { failed: Failed::Broken }
        }
        _ => answer,
    }
}

fn fetch(url: &str, timeout_ms: u32, max_bytes: u32) -> Result<Answer, types::Failed> {
    let fetch = types::Fetch { url: url.into(), timeout_ms, max_bytes };
    let types::Fetched { status, cache_control, location, body } = fetch::get(&fetch)?;
    Ok(Answer::Fetched { status, cache_control, location, body })
}

fn list(prefix: &str, cursor: Option<&str>, limit: u32) -> Result<Answer, types::Failed> {
    let page = types::Page { prefix: prefix.into(), cursor: cursor.map(Into::into), limit };
    let types::RecordsPage { records, next } = store::list(&page)?;
    Ok(Answer::Page { records: records.into_iter().map(convert::record).collect(), next })
}
