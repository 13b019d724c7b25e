//! What the processes of a server count together: one number for each count.
//!
//! | key | counts |
//! |---|---|
//! | `limit/{hash of address}/{what}` | failures of an address, and of what was tried there |
//! | `limit/{hash of client, and of its address if that counts}/requests` | requests of a client |
//!
//! The records of one failure have the second part in common. A host without a store
//! may answer `Read` and `Commit` for these keys alone: Envoy's workers share them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{digest, parse, put};
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
struct Shared {
    /// When nothing of it is left, in nanoseconds since the epoch.
    until: u64,
}

/// A number as it was read, to be written once.
pub(crate) struct Held {
    pub(crate) until: u64,
    expect: Expect,
}

/// The key of what is counted at a place.
pub(crate) fn key(place: &[&str], what: &str) -> String {
    format!("limit/{}/{what}", digest(place))
}

/// The numbers under these keys; 0 where there is none, or one that is not readable.
pub(crate) async fn read(host: &Host, keys: Vec<String>) -> Result<Vec<Held>, Failed> {
    let records = host.read_all(keys).await?;
    let held = records.into_iter().map(|record| match record {
        None => Held { until: 0, expect: Expect::Absent },
        Some(record) => Held {
            until: parse(&record).map(|Shared { until }| until).unwrap_or_default(),
            expect: Expect::Version(record.version),
        },
    });
    Ok(held.collect())
}

/// The write of another number, if nobody else wrote one meanwhile.
pub(crate) fn write(
    key: &str,
    held: &Held,
    until: u64,
    expires: Timestamp,
) -> Result<Write, Failed> {
    put(key.into(), &Shared { until }, held.expect, Some(expires))
}
