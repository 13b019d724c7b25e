//! The buffer that JavaScript writes into: entropy and a request or the
//! parameters of a typed call, or an answer.

use std::cell::RefCell;

use exchequer::{Answer, Entropy, Request};

use crate::fields::{Fields, TOO_LONG};
use crate::registers::address;
use crate::request;

/// Bytes of entropy at the start of the buffer.
const ENTROPY: usize = 32;

/// What is wrong with what was written: a bug of the host.
pub(crate) type Problem = &'static str;

/// The input buffer.
#[derive(Default)]
pub(crate) struct Input(RefCell<Vec<u8>>);

impl Input {
    /// The address of the buffer, made `length` bytes long at least.
    pub(crate) fn reserve(&self, length: usize) -> u32 {
        let mut bytes = self.0.borrow_mut();
        if bytes.len() < length {
            bytes.resize(length, 0);
        }
        address(bytes.as_ptr())
    }

    /// Takes the entropy out of the buffer, so that no two requests see the same.
    pub(crate) fn entropy(&self) -> Result<Entropy, Problem> {
        let mut bytes = self.0.borrow_mut();
        let bytes =
            bytes.first_chunk_mut::<ENTROPY>().ok_or("the input buffer holds no entropy")?;
        if *bytes == [0; ENTROPY] {
            return Err("the input buffer holds no entropy");
        }
        Ok(Entropy::new(core::mem::replace(bytes, [0; ENTROPY])))
    }

    /// The request behind the entropy: `head` bytes with `fields` header fields
    /// in them, then `body` bytes.
    pub(crate) fn request(
        &self,
        head: usize,
        body: usize,
        fields: usize,
    ) -> Result<Request, Problem> {
        let bytes = self.0.borrow();
        let head_end = ENTROPY.saturating_add(head);
        let (Some(head), Some(body)) =
            (bytes.get(ENTROPY..head_end), bytes.get(head_end..head_end.saturating_add(body)))
        else {
            return Err("the request is longer than the input buffer");
        };
        request::parse(head, body, fields)
    }

    /// What is made of the parameters behind the entropy, which are so many
    /// bytes.
    pub(crate) fn parameters<T>(
        &self,
        length: usize,
        make: impl FnOnce(Fields<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let bytes = self.0.borrow();
        let fields = bytes.get(ENTROPY..ENTROPY.saturating_add(length)).ok_or(TOO_LONG)?;
        make(Fields::new(fields))
    }

    /// The signature at the front of the buffer.
    pub(crate) fn signature(&self, length: usize) -> Result<Vec<u8>, Problem> {
        Ok(front(&self.0.borrow(), length)?.to_vec())
    }

    /// The answer at the front of the buffer, as JSON.
    pub(crate) fn answer(&self, length: usize) -> Result<Answer, Problem> {
        Answer::from_json(front(&self.0.borrow(), length)?).ok_or("that is no answer")
    }
}

fn front(bytes: &[u8], length: usize) -> Result<&[u8], Problem> {
    bytes.get(..length).ok_or("the answer is longer than the input buffer")
}
