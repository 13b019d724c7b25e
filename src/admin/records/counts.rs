//! How many objects there are of a kind, so that a list can say its total
//! without being read to its end.
//!
//! A kind is counted in shards: an object is counted in the shard that its id
//! falls into, in the batch that creates or deletes it, so that the count is
//! exact and two creations seldom wait for each other.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::storage::{digest, parse, put};

const SHARDS: u8 = 32;

/// The count that an object is in, as it was read.
pub(super) struct Count {
    key: String,
    objects: u64,
    expect: Expect,
}

/// How many objects of this kind there are.
pub(super) async fn total(host: &Host, kind: &str) -> Result<u64, Failed> {
    let keys: Vec<String> = (0..SHARDS).map(|shard| key(kind, shard)).collect();
    let mut total = 0_u64;
    for record in host.read_all(keys).await?.iter().flatten() {
        total = total.saturating_add(parse(record)?);
    }
    Ok(total)
}

/// The key of the count that the object with this id is in.
pub(super) fn key_of(kind: &str, id: &str) -> String {
    let shard = digest(&[id]).bytes().fold(0_u8, u8::wrapping_add) % SHARDS;
    key(kind, shard)
}

/// The count that the object with this id is in.
pub(super) async fn of(host: &Host, kind: &str, id: &str) -> Result<Count, Failed> {
    at(host, key_of(kind, id)).await
}

/// The count of this key.
pub(super) async fn at(host: &Host, key: String) -> Result<Count, Failed> {
    Ok(match host.read(key.clone()).await? {
        Some(record) => {
            Count { key, objects: parse(&record)?, expect: Expect::Version(record.version) }
        }
        None => Count { key, objects: 0, expect: Expect::Absent },
    })
}

impl Count {
    /// The write that counts one more.
    pub(super) fn one_more(self) -> Result<Write, Failed> {
        self.more(1)
    }

    /// The write that counts one less.
    pub(super) fn one_less(self) -> Result<Write, Failed> {
        self.more(-1)
    }

    /// The write that counts so many more.
    pub(super) fn more(self, objects: i64) -> Result<Write, Failed> {
        put(self.key, &self.objects.saturating_add_signed(objects), self.expect, None)
    }
}

fn key(kind: &str, shard: u8) -> String {
    format!("count/{kind}/{shard:02}")
}
