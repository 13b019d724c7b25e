//! What the store keeps of decisions and changes, after every check.

use alloc::string::String;
use alloc::vec::Vec;

pub(crate) use super::document::SubjectShown;

/// What the store keeps for administrators to look at.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nobody could look at it"))]
pub(crate) struct AuditPolicy {
    pub(crate) activity: ActivityPolicy,
    pub(crate) changes: ChangesPolicy,
    /// Claims whose values are never stored with a decision, by dotted path.
    pub(crate) private_claims: Vec<String>,
}

/// Which decisions are stored.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nobody could look at it"))]
pub(crate) struct ActivityPolicy {
    pub(crate) enabled: bool,
    pub(crate) days: u64,
    /// Of one instance.
    pub(crate) max_per_minute: u64,
    pub(crate) subject: SubjectShown,
}

/// How many changes are stored.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nobody could look at it"))]
pub(crate) struct ChangesPolicy {
    pub(crate) days: u64,
    pub(crate) max_records: u64,
}
