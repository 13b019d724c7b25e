//! What the engine says next, as numbers that JavaScript reads in place.
//!
//! | register | done | verify | sign | other | commit |
//! |---|---|---|---|---|---|
//! | 0 | 0 | 1 | 2 | 3 | 4 |
//! | 1 | status | algorithm | algorithm | | |
//! | 2, 3 | head | number of the key | number of the key | the ask as JSON | keys of writes |
//! | 4, 5 | body | message | message | | their values |
//! | 6, 7 | | signature | | | their numbers |
//!
//! A pair is the address and the length of bytes that stay where they are
//! until the next call. An algorithm is its place in [`Algorithm::ALL`]. The
//! number of a key stands in register 2 (see `key_numbers`). How writes look is in `batch`.

use std::cell::Cell;

use exchequer::Algorithm;

/// One row of registers; its address never changes.
#[derive(Default)]
pub(crate) struct Registers(Box<Row>);

type Row = [Cell<u32>; 8];

/// What kind of step the registers describe.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Done = 0,
    Verify = 1,
    Sign = 2,
    Other = 3,
    Commit = 4,
}

impl Registers {
    pub(crate) fn address(&self) -> u32 {
        address(self.0.as_ptr())
    }

    pub(crate) fn set(&self, kind: Kind, number: u32, parts: [&[u8]; 3]) {
        let [first, second, third] = parts;
        self.fill(kind, number, [address(first.as_ptr()), length(first)], second, third);
    }

    /// Shows what a key is to do.
    pub(crate) fn set_key(
        &self,
        kind: Kind,
        alg: Algorithm,
        key: u32,
        message: &[u8],
        signature: &[u8],
    ) {
        self.fill(kind, algorithm_number(alg), [key, 0], message, signature);
    }

    fn fill(&self, kind: Kind, number: u32, pair: [u32; 2], second: &[u8], third: &[u8]) {
        let [first, first_length] = pair;
        let values = [
            kind as u32,
            number,
            first,
            first_length,
            address(second.as_ptr()),
            length(second),
            address(third.as_ptr()),
            length(third),
        ];
        for (cell, value) in self.0.iter().zip(values) {
            cell.set(value);
        }
    }
}

/// The number that stands for an algorithm.
pub(crate) fn algorithm_number(alg: Algorithm) -> u32 {
    Algorithm::ALL.iter().position(|one| *one == alg).map_or(u32::MAX, |place| place as u32)
}

/// On wasm32 an address is 32 bits wide, and so is every length.
pub(crate) fn address<T>(pointer: *const T) -> u32 {
    pointer as usize as u32
}

fn length(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}
