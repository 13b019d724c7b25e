//! The seam between the engine and its host: what goes out, what comes back.
//!
//! These are the only types that cross a host boundary. A request becomes a
//! [`Step`]; while it is [`Step::Ask`], the host answers the one outstanding
//! [`Ask`] by value and gets the next step; [`Step::Done`] carries the result.
//! Its type is that of the operation: a reply for an HTTP request, a decision
//! for a typed call.
//!
//! Inside, a request is straight-line `async` code (see `host`); here it is
//! plain data. [`Pending::resume`] puts the answer into a one-slot mailbox and
//! polls the request once. There is no executor, no waker, no callback and no id.

mod answer;
mod ask;
mod cold;
mod mailbox;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

pub use self::ask::{Answer, Ask, Expect, Failed, Record, Write};
pub(crate) use self::cold::cold;
pub(crate) use self::mailbox::Mailbox;
use crate::http::Reply;

/// What the engine does next with a request. `T` is the result of the
/// operation that was begun.
#[must_use = "a step that is dropped abandons its request"]
pub enum Step<T = Reply> {
    /// The engine needs one thing from outside before it can go on.
    Ask(Pending<T>),
    /// The request is decided.
    Done(Box<T>),
}

/// A request that waits for the answer to its one outstanding [`Ask`].
///
/// Dropping it abandons the request: nothing was written that was not
/// committed by an earlier answer.
pub struct Pending<T = Reply> {
    request: Suspended<T>,
    ask: Ask,
}

/// A request between two asks.
pub(crate) struct Suspended<T> {
    pub(crate) run: Pin<Box<dyn Future<Output = T> + Send>>,
    pub(crate) mailbox: Arc<Mailbox>,
    /// The result of a request that waits and asks for nothing. No request of
    /// this engine does that, because every `await` in it is an ask.
    pub(crate) internal_error: fn() -> T,
}

impl<T> Pending<T> {
    /// What the engine needs.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Goes on with the answer, up to the next ask or the result.
    ///
    /// # Errors
    /// [`Misuse`] when the answer does not fit this ask. The cause is a bug of
    /// the host, never what a client sent. The request is gone.
    pub fn resume(self, answer: Answer) -> Result<Step<T>, Misuse> {
        if !answer.fits(&self.ask) {
            return Err(Misuse { asked: self.ask.name(), answered: answer.name() });
        }
        self.request.mailbox.put(answer, self.ask);
        Ok(self.request.advance())
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("ask", &self.ask.name()).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for Step<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(pending) => pending.fmt(f),
            Self::Done(result) => f.debug_tuple("Done").field(result).finish(),
        }
    }
}

impl<T> Suspended<T> {
    /// Polls the request once: it either finished or left an ask in the mailbox.
    pub(crate) fn advance(mut self) -> Step<T> {
        let mut context = Context::from_waker(Waker::noop());
        match self.run.as_mut().poll(&mut context) {
            Poll::Ready(result) => Step::Done(Box::new(result)),
            Poll::Pending => match self.mailbox.take_ask() {
                Some(ask) => Step::Ask(Pending { request: self, ask }),
                None => Step::Done(Box::new((self.internal_error)())),
            },
        }
    }
}

/// The host broke the one rule: one answer to each ask, of the kind that was
/// asked for. Never caused by untrusted data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misuse {
    asked: &'static str,
    answered: &'static str,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host answered `{}` to the ask `{}`", self.answered, self.asked)
    }
}

impl core::error::Error for Misuse {}
