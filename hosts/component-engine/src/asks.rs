//! Asks and answers, each way.

use exchequer::{Answer, Ask, Verdict};

use crate::bindings::{steps, types};
use crate::convert;
use crate::crypto::to_host as algorithm;

pub(crate) fn to_host(ask: &Ask) -> Option<steps::Ask> {
    Some(match ask {
        Ask::Fetch { url, timeout_ms, max_bytes, .. } => steps::Ask::Fetch(types::Fetch {
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
            alg: algorithm(*alg),
            thumbprint: key.thumbprint().into(),
            key: key.to_spki_der(),
            message: message.clone(),
            signature: signature.clone(),
        }),
        Ask::Sign { alg, key_id, message } => steps::Ask::Sign(steps::Signing {
            alg: algorithm(*alg),
            key_id: key_id.clone(),
            message: message.clone(),
        }),
        _ => return None,
    })
}

pub(crate) fn from_host(answer: steps::Answer) -> Answer {
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
