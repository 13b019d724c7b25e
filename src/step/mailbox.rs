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
    Answer(Answer),
}

impl Mailbox {
    /// Leaves an ask and waits for the answer: the inside of the seam.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
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

    pub(super) fn put(&self, answer: Answer) {
        *self.slot.lock() = Slot::Answer(answer);
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

    fn take_answer(&self) -> Option<Answer> {
        let mut slot = self.slot.lock();
        match core::mem::take(&mut *slot) {
            Slot::Answer(answer) => Some(answer),
            other => {
                *slot = other;
                None
            }
        }
    }
}
