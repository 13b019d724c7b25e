//! The keys of a trusted token issuer over weeks of virtual time: rotations, outages, slow
//! and lying servers, floods of tokens, and clients that go away. Each program is a
//! random story, the same in every run. `JWKS_PROGRAMS` says how many there are, and
//! `JWKS_SEED` plays one.
//!
//! What holds in every story:
//!
//! 1. A published key that was fetched, and whose time is not over, is never refused.
//! 2. A key that is published newly is accepted at once when its server answers, unless
//!    a token has just caused a fetch.
//! 3. A key that is not published any more stops to work when the time of what was
//!    fetched is over: at once after the next fetch, a day later while fetching fails.
//! 4. Whatever is sent, a URL is fetched at most so often: [`FETCHES`] times in
//!    [`WINDOW`] seconds with keys, and once a second without.
//! 5. A request ends: it asks a bounded number of times, and for one URL at most twice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "jwks_machine/flight.rs"]
mod flight;
#[path = "jwks_machine/issuer.rs"]
mod issuer;
#[path = "jwks_machine/moving.rs"]
mod moving;
#[path = "jwks_machine/random.rs"]
mod random;
#[path = "jwks_machine/server.rs"]
mod server;
#[path = "jwks_machine/story.rs"]
mod story;
mod support;
#[path = "jwks_machine/tally.rs"]
mod tally;

use moving::{Moves, MovingStory};
use story::Story;

/// A week and more in each.
const PROGRAMS: u64 = 30;
const STEPS: usize = 400;

/// With keys: a token's refetch, the one that is due, and what failed between.
const FETCHES: usize = 8;
const WINDOW: u64 = 30;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn no_story_breaks_a_promise_about_keys() {
    let seeds = match number("JWKS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("JWKS_PROGRAMS").unwrap_or(PROGRAMS),
    };
    let mut told = tally::Tally::default();
    for seed in seeds.clone() {
        let mut story = Story::new(seed);
        for _ in 0..STEPS {
            story.step();
        }
        told.add(&story.end());
    }
    println!("{told:?}");
    if seeds.end - seeds.start >= PROGRAMS {
        told.assert_that_everything_happened();
    }
}

/// Promises 2, 4 and 5 of an issuer with a discovery document that moves its keys.
#[test]
fn keys_that_moved_are_found_though_the_place_that_was_left_answers() {
    let mut told = Moves::default();
    for seed in 0..PROGRAMS {
        let mut story = MovingStory::new(seed);
        for _ in 0..STEPS {
            story.step();
        }
        told.add(&story.end());
    }
    told.assert_that_everything_happened();
}
