//! What the engine said last, kept where JavaScript reads it: the registers
//! point into it until the next call.

use std::cell::RefCell;

use exchequer::{Ask, Audit, Engine, Explanation};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::batch::Batch;
use crate::key_numbers::KeyNumbers;
use crate::outcome::Refused;
use crate::registers::{Kind, Registers};

/// What the engine said last.
#[derive(Default)]
pub(crate) struct Output {
    registers: Registers,
    keys: KeyNumbers,
    shown: RefCell<Shown>,
    /// The last cold ask.
    json: RefCell<String>,
    /// The last batch of writes.
    batch: RefCell<Batch>,
}

/// The last result.
#[derive(Default)]
pub(crate) struct Shown {
    /// The header fields of a reply.
    pub(crate) head: String,
    /// The body of a reply, or a typed result as JSON.
    pub(crate) body: Vec<u8>,
    pub(crate) refused: Option<Refused>,
    pub(crate) explanation: Option<Explanation>,
    pub(crate) audit: Option<Audit>,
}

impl Output {
    /// The address of the registers.
    pub(crate) fn address(&self) -> u32 {
        self.registers.address()
    }

    /// Shows a result, and keeps it.
    pub(crate) fn show(&self, status: u32, shown: Shown) {
        self.registers.set(Kind::Done, status, [shown.head.as_bytes(), &shown.body, &[]]);
        *self.shown.borrow_mut() = shown;
    }

    /// Says why the result that is shown is a refusal.
    pub(crate) fn refuse(&self, refused: Refused) {
        self.shown.borrow_mut().refused = Some(refused);
    }

    /// Shows an ask. Its request is kept by the caller: what the registers
    /// point to lives on the heap and does not move with it.
    ///
    /// `engine` is the one that asks: a key of its server is named by what it is, for
    /// another configuration may give its `kid` to another key.
    pub(crate) fn show_ask(&self, ask: &Ask, engine: &Engine) {
        match ask {
            Ask::Verify { alg, key, message, signature } => {
                let key = self.keys.verifying(*alg, key.thumbprint());
                self.registers.set_key(Kind::Verify, *alg, key, message, signature);
            }
            Ask::Sign { alg, key_id, message } => {
                let key = engine.signing_key(key_id);
                let thumbprint = key.as_ref().map_or("", |key| key.public().thumbprint());
                let key = self.keys.signing(*alg, &format!("{key_id} {thumbprint}"));
                self.registers.set_key(Kind::Sign, *alg, key, message, &[]);
            }
            Ask::Commit { batch } => {
                let mut row = self.batch.borrow_mut();
                row.set(batch);
                let Batch { keys, values, numbers } = &*row;
                self.registers.set(Kind::Commit, 0, [keys.as_bytes(), values, numbers]);
            }
            cold => {
                let json = serde_json::to_string(cold).unwrap_or_default();
                self.registers.set(Kind::Other, 0, [json.as_bytes(), &[], &[]]);
                *self.json.borrow_mut() = json;
            }
        }
    }

    /// Something of the last result, when it has it.
    pub(crate) fn last<T>(&self, of: impl FnOnce(&Shown) -> Option<T>) -> Option<T> {
        of(&self.shown.borrow())
    }
}

/// A cold value as JavaScript has it: what its JSON would be parsed to.
pub(crate) fn object(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
