//! The one slot between a request and its host.

use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Poll;

use spin::Mutex;

use super::{Answer, Ask};

/// The one slot between a request and its host.
#[derive(Default)]
pub(crate) struct Mailbox {
    slot: Mutex<Slot>,
    /// What the store has counts in the request.
    stored: AtomicBool,
}

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Ask(Ask),
    /// With what was asked.
    Answer(Answer, Ask),
}

impl Mailbox {
    /// Leaves an ask and waits for the answer: the inside of the seam.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.ask_for_both(ask).await.0
    }

    /// The same, and the ask comes back with its answer.
    pub(crate) async fn ask_for_both(&self, ask: Ask) -> (Answer, Ask) {
        if matches!(ask, Ask::Read { .. } | Ask::List { .. } | Ask::Commit { .. }) {
            self.note_store();
        }
        let mut ask = Some(ask);
        poll_fn(|_| {
            if let Some(ask) = ask.take() {
                *self.slot.lock() = Slot::Ask(ask);
                return Poll::Pending;
            }
            self.take_answer().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    pub(crate) fn note_store(&self) {
        self.stored.store(true, Ordering::Relaxed);
    }

    pub(crate) fn used_the_store(&self) -> bool {
        self.stored.load(Ordering::Relaxed)
    }

    pub(super) fn put(&self, answer: Answer, ask: Ask) {
        *self.slot.lock() = Slot::Answer(answer, ask);
    }

    pub(super) fn take_ask(&self) -> Option<Ask> {
        let mut slot = self.slot.lock();
        match core::mem::take(&mut *slot) {
            Slot::Ask(ask) => Some(ask),
            other => {
                *slot = other;
                None
            }
        }
    }

    fn take_answer(&self) -> Option<(Answer, Ask)> {
        let mut slot = self.slot.lock();
        match core::mem::take(&mut *slot) {
            Slot::Answer(answer, ask) => Some((answer, ask)),
            other => {
                *slot = other;
                None
            }
        }
    }
}
