//! Walking over all users, in order, as far as is bearable.

use alloc::string::String;
use core::ops::Bound;

use serde_json::{Map, Value};

use super::super::Call;
use super::cursor::Position;
use super::error::Problem;
use super::show;
use crate::admin::records::users::{self, HeldUser};
use crate::config::User;
use crate::step::Failed;

/// Most users of the store that one request walks over.
pub(super) const MOST: usize = 10_000;
/// Most users read from the store at a time.
const STRIDE: usize = 500;

/// Where a walk ended.
pub(super) enum Stopped {
    /// Behind the last user.
    End,
    /// Where `visit` said so.
    There(Position),
    /// After [`MOST`] users.
    Exhausted(Position),
}

/// Shows one user after the other to `visit`, which says whether to go on.
/// `expected` is about how many will be looked at.
pub(super) async fn walk(
    call: &Call<'_>,
    from: &Position,
    expected: usize,
    visit: &mut (dyn FnMut(Map<String, Value>) -> bool + Send),
) -> Result<Stopped, Problem> {
    let issuer = &call.state.config.issuer;
    for user in of_document(call, from) {
        if !visit(show::configured(issuer, user)) {
            return Ok(Stopped::There(Position::Document(user.id.clone())));
        }
    }
    let mut after = match from {
        Position::Store(id) => Some(id.clone()),
        _ => None,
    };
    let mut walked = 0;
    while walked < MOST {
        let limit = expected.saturating_sub(walked).clamp(1, STRIDE);
        let (page, more) = read(call, after.as_deref(), limit).await?;
        for held in &page {
            walked += 1;
            after = Some(held.record.user.id.clone());
            if overridden(call, held) {
                continue;
            }
            if !visit(show::stored(issuer, held)) {
                return Ok(Stopped::There(position(after)));
            }
        }
        if !more {
            return Ok(Stopped::End);
        }
    }
    Ok(Stopped::Exhausted(position(after)))
}

fn position(after: Option<String>) -> Position {
    after.map_or(Position::Start, Position::Store)
}

/// Whether the document has a user with the same id, who is shown in its place.
pub(super) fn overridden(call: &Call<'_>, held: &HeldUser) -> bool {
    call.state.config.users.contains_key(&held.record.user.id)
}

/// Users of the document, by id, behind this position.
fn of_document<'a>(call: &Call<'a>, from: &Position) -> impl Iterator<Item = &'a User> + use<'a> {
    let users = &call.state.config.users;
    let behind = match from {
        Position::Start => Some(Bound::Unbounded),
        Position::Document(id) => Some(Bound::Excluded(id.clone())),
        Position::Store(_) => None,
    };
    let users = behind.map(|behind| users.range::<String, _>((behind, Bound::Unbounded)));
    users.into_iter().flatten().map(|(_, user)| &**user)
}

/// A page of the store; a host without one has no users there.
async fn read(
    call: &Call<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<(alloc::vec::Vec<HeldUser>, bool), Problem> {
    let limit = u32::try_from(limit).unwrap_or(1);
    match users::page(call.host, after, limit).await {
        Err(Failed::Unsupported) => Ok(Default::default()),
        page => Ok(page?),
    }
}
