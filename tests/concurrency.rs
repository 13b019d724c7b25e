//! Many requests at once, and the work between them. Nothing here waits: a
//! request that is under way is a value, and any number may be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use exchequer::{Answer, Ask, Failed, Pending, Step, Timestamp};

use support::start::{JWKS, NOW, begin, done, exchange, request, standard, until, world};
use support::world::entropy;

#[test]
fn keys_are_fetched_ahead_once_and_only_while_they_are_in_use() {
    let (engine, mut world) = (standard(), world());
    let upkeep = |now| engine.refresh_keys(Timestamp(now), entropy());
    assert!(upkeep(NOW).is_none(), "nothing is cached yet");
    assert_eq!(world.handle(&engine, exchange()).status, 200);
    assert!(upkeep(NOW + 3299).is_none(), "they are still fresh enough");

    let Some(Step::Ask(pending)) = upkeep(NOW + 3300) else { panic!("they are due") };
    assert!(matches!(pending.ask(), Ask::Fetch { url, .. } if url == JWKS));
    assert!(upkeep(NOW + 3300).is_none(), "somebody is at it");
    let answer = world.web.fetch(JWKS);
    let Step::Done(refreshed) = pending.resume(answer).unwrap() else { panic!("it asks again") };
    assert_eq!(*refreshed, Ok(()));
    assert!(upkeep(NOW + 3301).is_none(), "it is done");
    assert!(upkeep(NOW + 7000).is_none(), "nobody used them since");
}

#[test]
fn fifty_requests_with_a_cold_cache_cost_one_fetch() {
    let (engine, mut world) = (standard(), world());
    let waiting: Vec<Pending> = (0..50).map(|_| begin(&engine, exchange())).collect();
    let same = |pending: &Pending| matches!(pending.ask(), Ask::Fetch { url, .. } if url == JWKS);
    assert!(waiting.iter().all(same));

    // A host fetches a URL once, however many wait for it.
    let answer = world.web.fetch(JWKS);
    for pending in waiting {
        assert_eq!(done(pending.resume(answer.clone()).unwrap()).status, 200);
    }
    assert_eq!(world.handle(&engine, exchange()).status, 200);
    assert_eq!(world.web.fetched.len(), 1);
}

#[test]
fn one_of_fifty_is_enough_to_know_the_keys() {
    let (engine, mut world) = (standard(), world());
    let mut waiting: Vec<Pending> = (0..50).map(|_| begin(&engine, exchange())).collect();
    let answer = world.web.fetch(JWKS);
    let first = waiting.pop().unwrap().resume(answer).unwrap();
    assert_eq!(done(first).status, 200);
    // Those that fail, or come late, do not take the keys away again.
    for pending in waiting {
        let failed = Answer::Failed { failed: Failed::TimedOut };
        assert_eq!(done(pending.resume(failed).unwrap()).status, 200);
    }
    assert_eq!(world.handle(&engine, exchange()).status, 200);
    assert_eq!(world.web.fetched.len(), 1);
}

#[test]
fn of_two_with_the_same_token_one_wins() {
    let (engine, mut world) = (standard(), world());
    let once = || request("replay/same-token-twice.json");
    let spending = [(); 2].map(|()| until(&engine, &mut world, once(), "commit"));
    let statuses = spending.map(|pending| {
        let answer = world.answer(&engine, pending.ask());
        done(pending.resume(answer).unwrap()).status
    });
    assert_eq!(statuses, [200, 400]);
}

#[test]
fn requests_may_end_in_another_order_than_they_began() {
    let (engine, mut world) = (standard(), world());
    let globex = || request("issuer/same-kid-at-two-issuers.json");
    let first = begin(&engine, exchange());
    let second = begin(&engine, globex());
    for pending in [second, first] {
        let answer = world.answer(&engine, pending.ask());
        assert_eq!(done(pending.resume(answer).unwrap()).status, 200);
    }
}
