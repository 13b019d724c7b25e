//! Numbers for keys: how JavaScript finds a key that it has parsed.
//!
//! A number stands for one key with one algorithm, because a parsed key may be
//! bound to its algorithm. It never stands for another one, also when its name is
//! forgotten here: the key gets a new number then, and is parsed again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use exchequer::Algorithm;

use crate::registers::algorithm_number;

/// Names that are kept; all are forgotten when there are more.
const MOST: usize = 1000;

/// The numbers of one engine.
#[derive(Default)]
pub(crate) struct KeyNumbers {
    verifying: Names,
    signing: Names,
    /// How many numbers were given. 2³² keys do not come.
    given: Cell<u32>,
}

/// By algorithm and name.
type Names = RefCell<[BTreeMap<String, u32>; Algorithm::ALL.len()]>;

impl KeyNumbers {
    /// The number of a public key, by its thumbprint.
    pub(crate) fn verifying(&self, alg: Algorithm, thumbprint: &str) -> u32 {
        self.number(&self.verifying, alg, thumbprint)
    }

    /// The number of a key of this server, by its `kid` and thumbprint.
    pub(crate) fn signing(&self, alg: Algorithm, name: &str) -> u32 {
        self.number(&self.signing, alg, name)
    }

    fn number(&self, names: &Names, alg: Algorithm, name: &str) -> u32 {
        let mut names = names.borrow_mut();
        let of_algorithm = names.get(algorithm_number(alg) as usize);
        if let Some(number) = of_algorithm.and_then(|names| names.get(name)) {
            return *number;
        }
        if names.iter().map(BTreeMap::len).sum::<usize>() >= MOST {
            names.iter_mut().for_each(BTreeMap::clear);
        }
        let number = self.given.get().wrapping_add(1);
        self.given.set(number);
        if let Some(names) = names.get_mut(algorithm_number(alg) as usize) {
            names.insert(name.into(), number);
        }
        number
    }
}
