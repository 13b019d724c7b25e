//! Why there are no keys of this server, or why they are not changed.

use core::fmt;

use crate::step::Failed;
#[cfg(feature = "admin")]
use crate::time::Timestamp;

/// Why there are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKeys {
    Store(Failed),
    /// They are wrapped, and this host has no key to unwrap them.
    Wrapped,
    WrappedByAnother,
    /// They are not wrapped, and this host expects that they are.
    NotWrapped,
}

impl From<Failed> for NoKeys {
    fn from(failed: Failed) -> Self {
        Self::Store(failed)
    }
}

impl From<NoKeys> for Failed {
    fn from(why: NoKeys) -> Self {
        match why {
            NoKeys::Store(failed) => failed,
            NoKeys::Wrapped | NoKeys::WrappedByAnother | NoKeys::NotWrapped => Self::Broken,
        }
    }
}

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_keys = "the signing keys in the store are ";
        match self {
            Self::Store(failed) => write!(f, "the store {failed}"),
            Self::Wrapped => write!(f, "{of_keys}encrypted, and this server has no wrapping key"),
            Self::WrappedByAnother => {
                write!(f, "{of_keys}encrypted by a wrapping key that this server does not have")
            }
            Self::NotWrapped => write!(
                f,
                "{of_keys}not encrypted, although this server has a wrapping key; add `plain` to the wrapping keys once, to have them encrypted"
            ),
        }
    }
}

#[cfg(feature = "admin")]
/// Why a key was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotPublished {
    NoKeys(NoKeys),
    /// One is published already, and signs from then on.
    Already(Timestamp),
    TooMany,
    /// It is not made here.
    Algorithm,
}

#[cfg(feature = "admin")]
/// Why a key was not withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotWithdrawn {
    NoKeys(NoKeys),
    Unknown,
    Signs,
}

#[cfg(feature = "admin")]
impl From<NoKeys> for NotPublished {
    fn from(why: NoKeys) -> Self {
        Self::NoKeys(why)
    }
}

#[cfg(feature = "admin")]
impl From<NoKeys> for NotWithdrawn {
    fn from(why: NoKeys) -> Self {
        Self::NoKeys(why)
    }
}
