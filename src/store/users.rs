//! Users.
use super::{digest, parse};
use crate::config::{LookupAttribute, User};
use crate::step::Failed;
use crate::world::World;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UserRecord {
    pub(crate) user: User,
}
pub(crate) struct Held {
    pub(crate) record: UserRecord,
}
pub(crate) async fn find(world: &World, id: &str) -> Result<Option<Held>, Failed> {
    match world.read(format!("user/{id}")).await? {
        Some(record) => Ok(Some(Held { record: parse(&record)? })),
        None => Ok(None),
    }
}
pub(crate) async fn by_attribute(
    world: &World,
    attribute: LookupAttribute,
    value: &str,
) -> Result<Vec<String>, Failed> {
    let prefix = format!("user-attribute/{}/", digest(&[attribute.name(), value]));
    let (records, _) = world.list(prefix, None, 2).await?;
    records.iter().map(parse).collect()
}
