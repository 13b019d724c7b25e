//! Recent refusals and their reasons: the end of the audit log that an
//! administrator can ask for.
//!
//! It is kept in the engine's memory, so that it is one instance's own and
//! gone with it. It holds what stands in audit lines and nothing else, so that
//! no token and no secret can be in it; equal ones are counted, so that a
//! client that tries again all night does not hide the others.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use spin::{Mutex, Once};

use crate::audit::Audit;
use crate::time::Timestamp;

/// Most refusals that are kept.
pub(crate) const MOST: usize = 100;
/// Most of them whose client was named and not authenticated: a stranger who
/// names many clients does not hide what happens to the clients themselves.
const MOST_OF_STRANGERS: usize = MOST / 2;
/// Longest message that is kept, in characters.
const MAX_MESSAGE: usize = 1000;

/// The refusals of an engine.
#[derive(Default)]
pub(crate) struct Refusals {
    since: Once<Timestamp>,
    /// The newest first.
    kept: Mutex<Vec<Refused>>,
}

/// A refusal, and how often there was one like it: of the same event, for the
/// same reason, of the same client and issuer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    /// When it happened last, and for the first time since it was forgotten.
    time: Timestamp,
    first_time: Timestamp,
    count: u64,
    event: Cow<'static, str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'static, str>>,
    /// The reason code; the error code of what has none.
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The name of the trusted token issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// Whether the client was named and not authenticated.
    #[serde(skip)]
    of_stranger: bool,
}

impl Refusals {
    /// Counts from now, unless it does already.
    pub(crate) fn begin(&self, now: Timestamp) {
        self.since.call_once(|| now);
    }

    /// Since when this counts, if it does.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.since.get().copied()
    }

    /// Keeps what was refused. A dry run refuses nobody: it is answered 200,
    /// whatever it says.
    pub(crate) fn note(&self, audit: &Audit) {
        if audit.status < 400 {
            return;
        }
        let mut new = Refused::of(audit);
        let mut kept = self.kept.lock();
        match kept.iter().position(|old| old.is_like(&new)) {
            Some(index) => {
                let old = kept.remove(index);
                new.first_time = old.first_time;
                new.count = old.count.saturating_add(1);
            }
            None => make_room(&mut kept, new.of_stranger),
        }
        kept.insert(0, new);
    }

    /// So many of them, the newest first.
    pub(crate) fn newest(&self, limit: usize) -> Vec<Refused> {
        self.kept.lock().iter().take(limit).cloned().collect()
    }
}

/// Lets the least recent one fall out.
fn make_room(kept: &mut Vec<Refused>, for_stranger: bool) {
    let strangers = kept.iter().filter(|old| old.of_stranger).count();
    if for_stranger
        && strangers >= MOST_OF_STRANGERS
        && let Some(least_recent) = kept.iter().rposition(|old| old.of_stranger)
    {
        kept.remove(least_recent);
    }
    kept.truncate(MOST - 1);
}

impl Refused {
    fn of(audit: &Audit) -> Self {
        let reason = audit.reason.clone().or_else(|| audit.error.as_deref().map(Into::into));
        let parties = &audit.parties;
        // The check that tells a client from a stranger.
        let authenticated =
            audit.administrator.is_some() || audit.checks.has_passed("client", "authentication");
        Self {
            time: audit.time,
            first_time: audit.time,
            count: 1,
            event: audit.event.clone(),
            status: audit.status,
            error: audit.error.clone(),
            reason: reason.unwrap_or_default(),
            message: audit.message.as_ref().map(|text| text.chars().take(MAX_MESSAGE).collect()),
            client_id: parties.client_id.clone(),
            issuer: parties.trusted_token_issuer.clone(),
            trace_id: audit.trace_id.clone(),
            of_stranger: parties.client_id.is_some() && !authenticated,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.event == other.event
            && self.reason == other.reason
            && self.client_id == other.client_id
            && self.issuer == other.issuer
    }
}
