//! A fetch under way, the requests that wait for it, and what it brought.

use exchequer::{Answer, Pending};

use crate::issuer::Mood;

/// What was fetched last.
#[derive(Clone)]
pub(crate) struct Fetched {
    pub(crate) keys: Vec<u8>,
    /// The engine may take any time between these for the time of the fetch.
    pub(crate) begun: u64,
    pub(crate) ended: u64,
    pub(crate) lifetime: u64,
}

/// A fetch under way. Requests that need it join it.
pub(crate) struct Flight {
    pub(crate) begun: u64,
    pub(crate) ends: u64,
    pub(crate) keys: Vec<u8>,
    pub(crate) max_age: Option<u64>,
    pub(crate) mood: Mood,
    pub(crate) answer: Answer,
}

/// A request that waits for the flight.
pub(crate) struct Open {
    pub(crate) pending: Pending,
    pub(crate) asked: Asked,
}

/// A request, and what was known when it came.
pub(crate) struct Asked {
    pub(crate) key: u8,
    pub(crate) now: u64,
    /// Whether it must be granted if nothing comes between.
    pub(crate) must_pass: bool,
    /// Keys of every set that counted since it came.
    pub(crate) known: Vec<u8>,
    /// Sets that came since, and did not have its key.
    pub(crate) withdrawn: bool,
    pub(crate) fetches: usize,
}
