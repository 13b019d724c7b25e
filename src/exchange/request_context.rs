//! A request under decision: what is known, whom to ask, and what is noted of
//! it for the audit log.

use serde_json::Value;

use crate::audit::{Parties, Trace};
use crate::host::Host;
use crate::state::State;

/// Goes through every step of a decision.
pub(crate) struct RequestContext<'a> {
    pub(crate) state: &'a State,
    pub(crate) host: &'a Host,
    pub(crate) trace: Trace,
    pub(crate) parties: Parties,
    /// The claims that would have been issued, when this is a rehearsal.
    pub(crate) rehearsed: Option<Value>,
}

impl<'a> RequestContext<'a> {
    pub(crate) fn new(state: &'a State, host: &'a Host) -> Self {
        Self { state, host, trace: Trace::default(), parties: Parties::default(), rehearsed: None }
    }

    /// Notes a check that held.
    pub(crate) fn pass(
        &mut self,
        role: &str,
        check: &str,
        detail: impl Into<Option<alloc::string::String>>,
    ) {
        self.trace.pass(role, check, detail);
    }
}
