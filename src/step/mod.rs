//! The seam between the engine and its host: what goes out, what comes back.
//!
//! These are the only types that cross a host boundary. A request becomes a
//! [`Step`]; while it is [`Step::Ask`], the host answers the one outstanding
//! [`Ask`] by value and gets the next step; [`Step::Done`] carries the reply.
//!
//! Inside, a request is straight-line `async` code (see `host`); here it is
//! plain data. [`Pending::resume`] puts the answer into a one-slot mailbox and
//! polls the request once. There is no executor, no waker, no callback and no id.

mod ask;
mod bytes;
mod mailbox;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

pub use self::ask::{Answer, Ask, Expect, Failed, Record, Write};
pub(crate) use self::mailbox::Mailbox;
use crate::http::Reply;

/// What the engine does next with a request.
#[must_use = "a step that is dropped abandons its request"]
pub enum Step {
    /// The engine needs one thing from outside before it can go on.
    Ask(Pending),
    /// The request is decided.
    Done(Box<Reply>),
}

/// A request that waits for the answer to its one outstanding [`Ask`].
///
/// Dropping it abandons the request: nothing was written that was not
/// committed by an earlier answer.
pub struct Pending {
    run: Pin<Box<dyn Future<Output = Reply> + Send>>,
    mailbox: Arc<Mailbox>,
    ask: Ask,
}

impl Pending {
    /// What the engine needs.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Goes on with the answer, up to the next ask or the reply.
    ///
    /// # Errors
    /// [`Misuse`] when the answer is not one to this ask. That is the host's
    /// bug and never caused by what a client sent. The request is gone.
    pub fn resume(self, answer: Answer) -> Result<Step, Misuse> {
        if !answer.fits(&self.ask) {
            return Err(Misuse { asked: self.ask.name(), answered: answer.name() });
        }
        self.mailbox.put(answer);
        Ok(advance(self.run, self.mailbox))
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("ask", &self.ask.name()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(pending) => pending.fmt(f),
            Self::Done(reply) => write!(f, "Done({})", reply.status),
        }
    }
}

/// Polls the request once: it either finished or left an ask in the mailbox.
pub(crate) fn advance(
    mut run: Pin<Box<dyn Future<Output = Reply> + Send>>,
    mailbox: Arc<Mailbox>,
) -> Step {
    let mut context = Context::from_waker(Waker::noop());
    match run.as_mut().poll(&mut context) {
        Poll::Ready(reply) => Step::Done(Box::new(reply)),
        Poll::Pending => match mailbox.take_ask() {
            Some(ask) => Step::Ask(Pending { run, mailbox, ask }),
            // Waiting for nothing cannot happen: every await in the engine is
            // an ask. Were it to, failing closed is right.
            None => Step::Done(Box::new(Reply::internal_error())),
        },
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
