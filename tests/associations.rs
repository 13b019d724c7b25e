//! Federated associations through the administration API: what administrators
//! and users may do with links, and what becomes of tokens when one is removed.
//!
//! | module | proves |
//! |---|---|
//! | `server` | nothing: a server with an admin token, and calls to it |
//! | `administrators` | list, make, show and remove, bad input, who may |
//! | `users` | one's own links, and nobody else's |
//! | `bulk` | many at once, each answered |
//! | `races` | two at the same time, and a store that fails |
//! | `unlinking` | a link that is gone takes its grants with it |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "associations/administrators.rs"]
mod administrators;
#[path = "associations/bulk.rs"]
mod bulk;
#[allow(dead_code, reason = "of the account tests, which need more")]
#[path = "accounts/parties.rs"]
mod parties;
#[path = "associations/races.rs"]
mod races;
#[path = "associations/server.rs"]
mod server;
mod support;
#[path = "associations/unlinking.rs"]
mod unlinking;
#[path = "associations/users.rs"]
mod users;
