//! A call of the administration API under way.

use crate::http::Request;
use crate::state::State;
use crate::trace::Change;
use crate::world::World;

/// Goes through everything that serves a call, once it is known who calls.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) world: &'a World,
    pub(crate) request: &'a Request,
    /// What was changed, for the audit log.
    pub(crate) change: Option<Change>,
}
