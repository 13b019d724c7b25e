//! What a call did to links, for the audit log: one of them, or several.

use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::Value;

use crate::admin::call::Call;
use crate::admin::resources;

const RESOURCE: &str = "federated-association";

/// Links that were made and removed.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) made: Vec<Value>,
    pub(super) removed: Vec<Value>,
}

impl Changes {
    /// Notes them. One link is there by its id, several as lists.
    pub(super) fn note(mut self, call: &mut Call<'_>) {
        let (before, after) = match (self.removed.len(), self.made.len()) {
            (0, 0) => return,
            (1, 0) => (self.removed.pop(), None),
            (0, 1) => (None, self.made.pop()),
            _ => (list(self.removed), list(self.made)),
        };
        let one = before.as_ref().or(after.as_ref());
        let id = one.and_then(|one| one.get("id")?.as_str()).unwrap_or("several").to_string();
        resources::note(call, RESOURCE, &id, before, after);
    }
}

fn list(links: Vec<Value>) -> Option<Value> {
    (!links.is_empty()).then_some(Value::Array(links))
}
