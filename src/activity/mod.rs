//! Decisions that are stored, for administrators to look at, where the
//! configuration turns it on.
//!
//! A decision costs one write, never fails because of it, and is stored after it
//! was made. An instance stores so many in a minute and no more, half of them of
//! strangers; what is beyond is only counted. Records expire by themselves.
//!
//! A stored decision holds what its audit line holds, without what `masked`
//! removes. Neither holds a token or a secret.

pub(crate) mod masked;
mod pace;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use spin::Mutex;

use self::pace::{Due, Pace};
use crate::audit::{ADMIN_TOKEN, Audit, Check};
use crate::config::AuditPolicy;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::storage::{descending, put};
use crate::time::Timestamp;

/// Longest message that is stored, in characters, and most checks.
const MAX_MESSAGE: usize = 1000;
const MAX_CHECKS: usize = 100;

/// What the keys of decisions, and of their counts, begin with.
pub(crate) const DECISIONS: &str = "decision/";
pub(crate) const COUNTS: &str = "decision-count/";

/// What an instance has to know to store decisions.
#[derive(Default)]
pub(crate) struct Activity(Mutex<Pace>);

/// A decision, as it is stored.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StoredDecision"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    /// When the request came, seconds since the epoch.
    pub(crate) time: Timestamp,
    /// The audit line has the same id.
    pub(crate) trace_id: String,
    /// What was asked for: `token`.
    pub(crate) event: Cow<'static, str>,
    pub(crate) outcome: Decided,
    /// The HTTP status of the reply.
    pub(crate) status: u16,
    /// The OAuth error code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Cow<'static, str>>,
    /// The reason code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The claim at fault, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) claim: Option<Cow<'static, str>>,
    /// The refusal in one sentence, as the client saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The application, by client id, if there is one with that id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The grant type asked for, if it is one that this server has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grant_type: Option<String>,
    /// The name of the trusted token issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    /// Whom the issued token is about, shown as configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The `jti` of the issued token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_id: Option<String>,
    /// Who called the administration API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) administrator: Option<String>,
    /// What was checked, without what is private.
    pub(crate) checks: Vec<Check>,
}

/// How a request was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decided {
    Granted,
    Refused,
}

/// How many decisions an instance made in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) granted: u64,
    pub(crate) refused: u64,
}

impl Activity {
    /// Stores a decision, if it is one that is stored, and puts its trace id into
    /// the audit line. Whatever becomes of the write, the decision stands.
    pub(crate) async fn record(&self, policy: &AuditPolicy, host: &Host, audit: &mut Audit) {
        if !is_stored(audit) {
            return;
        }
        let trace_id = audit.trace_id.get_or_insert_with(|| host.entropy.identifier("trace"));
        let trace_id = trace_id.clone();
        let due = self.0.lock().take(policy.activity.max_per_minute, host, audit);
        let Some(due) = due else { return };
        let decision = Decision::of(policy, audit, trace_id);
        let expires = host.now.plus(policy.activity.days.saturating_mul(86_400));
        let Ok(batch) = writes(&decision, &due, expires) else { return };
        if host.commit(batch).await.is_err() {
            self.0.lock().rest(host.now);
        }
    }
}

/// Token requests, and whatever else was refused. A dry run decides nothing.
fn is_stored(audit: &Audit) -> bool {
    matches!(&*audit.event, "token" | "examination") || audit.status >= 400
}

impl Decision {
    fn of(policy: &AuditPolicy, audit: &Audit, trace_id: String) -> Self {
        let parties = &audit.parties;
        let subject = parties.subject.as_deref();
        Self {
            time: audit.time,
            trace_id,
            event: audit.event.clone(),
            outcome: Decided::of(audit),
            status: audit.status,
            error: audit.error.clone(),
            reason: audit.reason.clone(),
            claim: audit.claim.clone(),
            message: audit.message.as_ref().map(|text| text.chars().take(MAX_MESSAGE).collect()),
            client_id: parties.client_id.clone(),
            grant_type: parties.grant_type.clone(),
            issuer: parties.trusted_token_issuer.clone(),
            subject: subject.and_then(|subject| masked::subject(policy, subject)),
            token_id: parties.token_id.clone(),
            administrator: audit.administrator.as_deref().and_then(|name| match name {
                // It names nobody.
                ADMIN_TOKEN => Some(name.into()),
                name => masked::subject(policy, name),
            }),
            checks: masked::checks(policy, audit.checks.checks().take(MAX_CHECKS)),
        }
    }
}

impl Decided {
    fn of(audit: &Audit) -> Self {
        if audit.status < 400 { Self::Granted } else { Self::Refused }
    }
}

/// One batch: the decision, what finds it by its trace id, and how many there
/// were.
fn writes(decision: &Decision, due: &Due, expires: Timestamp) -> Result<Vec<Write>, Failed> {
    let Decision { time, trace_id, .. } = decision;
    let place = format!("{}.{trace_id}", descending(time.0));
    let mut batch = Vec::from([
        put(format!("{DECISIONS}{place}"), decision, Expect::Any, Some(expires))?,
        put(trace_key(trace_id), &place, Expect::Any, Some(expires))?,
    ]);
    for (minute, counts) in &due.counts {
        let key = format!("{COUNTS}{}.{}", descending(minute.0), due.instance);
        batch.push(put(key, counts, Expect::Any, Some(expires))?);
    }
    Ok(batch)
}

/// The key of what finds a decision by its trace id.
pub(crate) fn trace_key(trace_id: &str) -> String {
    format!("decision-trace/{trace_id}")
}
