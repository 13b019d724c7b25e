//! What the engine said last, kept where JavaScript reads it: the registers
//! point into it until the next call.

use std::cell::RefCell;

use exchequer::{Ask, Audit, Reply};

use crate::registers::{Kind, Registers, algorithm_number};
use crate::request;

/// What the engine said last.
#[derive(Default)]
pub(crate) struct Output {
    registers: Registers,
    /// The last reply, and its head as text.
    reply: RefCell<Option<(Box<Reply>, String)>>,
    /// The last cold ask.
    json: RefCell<String>,
}

impl Output {
    /// The address of the registers.
    pub(crate) fn address(&self) -> u32 {
        self.registers.address()
    }

    /// Shows a reply, and keeps it.
    pub(crate) fn show_reply(&self, reply: Box<Reply>) {
        let head = request::head(&reply);
        let status = u32::from(reply.status);
        self.registers.set(Kind::Done, status, [head.as_bytes(), &reply.body, &[]]);
        *self.reply.borrow_mut() = Some((reply, head));
    }

    /// Shows a result that is a status and nothing else.
    pub(crate) fn show_status(&self, status: u32) {
        self.registers.set(Kind::Done, status, [&[], &[], &[]]);
    }

    /// Shows an ask. Its request is kept by the caller: what the registers
    /// point to lives on the heap and does not move with it.
    pub(crate) fn show_ask(&self, ask: &Ask) {
        match ask {
            Ask::Verify { alg, key, message, signature } => self.registers.set(
                Kind::Verify,
                algorithm_number(*alg),
                [key.thumbprint().as_bytes(), message, signature],
            ),
            Ask::Sign { alg, key_id, message } => {
                self.registers.set(
                    Kind::Sign,
                    algorithm_number(*alg),
                    [key_id.as_bytes(), message, &[]],
                );
            }
            cold => {
                let json = serde_json::to_string(cold).unwrap_or_default();
                self.registers.set(Kind::Other, 0, [json.as_bytes(), &[], &[]]);
                *self.json.borrow_mut() = json;
            }
        }
    }

    /// Something of the audit line of the last reply, when it has one.
    pub(crate) fn audited<T>(&self, of: impl FnOnce(&Audit) -> Option<T>) -> Option<T> {
        of(self.reply.borrow().as_ref()?.0.audit.as_ref()?)
    }
}
