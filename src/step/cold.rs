//! Futures that are seldom run, kept out of those that often are.

use alloc::boxed::Box;
use core::pin::Pin;

/// A future behind a pointer.
pub(crate) type Cold<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps a future out of the one that awaits it. Otherwise the compiler makes
/// one function of both: it is then built, compiled by the host and given room
/// in memory for the rare case with every request.
#[inline(never)]
pub(crate) fn cold<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Cold<'a, T> {
    Box::pin(future)
}
