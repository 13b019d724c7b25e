//! Failures that several processes count together.

use std::collections::BTreeSet;

use exchequer::{Answer, Ask, Expect, Failed, Step, Write};
use serde_json::{Value, json};

use crate::processes::Processes;
use crate::support::case::StoreState;
use crate::support::store::Store;
use crate::{OWN, SECRET, STRANGER, credentials};

fn six() -> Value {
    json!({ "failuresPerMinute": 6 })
}

const UNREACHABLE: Answer = Answer::Failed { failed: Failed::Unreachable };

fn batch(ask: &Ask) -> &[Write] {
    match ask {
        Ask::Commit { batch } => batch,
        _ => &[],
    }
}

fn writes(asked: &[Ask]) -> Vec<&Write> {
    asked.iter().flat_map(batch).collect()
}

#[test]
fn three_processes_let_as_many_fail_as_one_and_each_of_the_others_one_more() {
    let mut sts = Processes::new(3, &six());
    let mut failed = 0;
    for attempt in 0..60 {
        failed += sts.failing(attempt % 3, STRANGER, 1);
    }
    assert!((6..=8).contains(&failed), "{failed}");
    // By then each knows, and refuses the right secret as well.
    assert_eq!([0, 1, 2].map(|process| sts.token(process, STRANGER, SECRET)), [429; 3]);
    assert_eq!([0, 1, 2].map(|process| sts.token(process, OWN, SECRET)), [200; 3]);
}

#[test]
fn a_process_that_knew_nothing_lets_one_through() {
    let mut sts = Processes::new(2, &six());
    assert_eq!(sts.failing(0, STRANGER, 20), 6);
    assert_eq!(sts.failing(1, STRANGER, 20), 1);
    assert_eq!(sts.token(1, STRANGER, SECRET), 429);
}

#[test]
fn in_ten_minutes_five_processes_let_no_more_fail_than_the_rate() {
    let mut sts = Processes::new(5, &six());
    let mut failed = 0;
    for _ in 0..600 {
        for process in 0..5 {
            failed += sts.failing(process, STRANGER, 1);
        }
        sts.later(1);
    }
    assert!((6 * 9..=6 * 11 + 4).contains(&failed), "{failed}");
}

#[test]
fn what_succeeds_costs_the_store_nothing() {
    let mut sts = Processes::new(2, &six());
    assert_eq!(sts.served(0, 20), 20);
    assert_eq!(sts.asks(), 0);
    // Nor where somebody failed before, as long as there are few.
    assert_eq!(sts.failing(0, OWN, 3), 3);
    sts.asks();
    assert_eq!(sts.served(0, 20), 20);
    assert_eq!(sts.asks(), 0);
}

#[test]
fn who_is_turned_away_costs_the_store_nothing() {
    let mut sts = Processes::new(2, &six());
    assert_eq!(sts.failing(0, STRANGER, 6), 6);
    assert_eq!(sts.asks(), 12, "a read and a commit for each failure");
    assert_eq!(sts.failing(0, STRANGER, 100), 0);
    sts.later(9);
    assert_eq!(sts.failing(0, STRANGER, 100), 0);
    assert_eq!(sts.asks(), 0);
    sts.later(1);
    assert_eq!(sts.failing(0, STRANGER, 100), 1);
    assert_eq!(sts.asks(), 2);
}

#[test]
fn records_name_nobody_and_expire() {
    let mut sts = Processes::new(1, &six());
    let long = "a".repeat(5000);
    for client in ["job", "nobody", &long] {
        let step = sts.begin(0, STRANGER, credentials((client, "wrong")));
        sts.finish(0, step, &mut |_, _| None);
    }
    sts.failing(0, STRANGER, 20);
    let now = sts.world.now.0;
    let found = writes(&sts.asked);
    let keys: BTreeSet<&str> = found.iter().map(|write| &*write.key).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    for write in found {
        let [start, place, what] = write.key.split('/').collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!((start, place.len()), ("limit", 43), "a SHA-256 in base64url");
        assert!(!what.contains("job") && what.len() < 30, "{what}");
        let value = str::from_utf8(write.value.as_deref().unwrap()).unwrap();
        assert!(value.len() < 40 && value.starts_with("{\"until\":"), "{value}");
        assert!(matches!(write.expires_at, Some(at) if now < at && at <= now + 120));
        assert_ne!(write.expect, Expect::Any);
    }
}

#[test]
fn a_process_that_was_second_tries_again_and_nothing_is_lost() {
    let mut sts = Processes::new(2, &six());
    let of_the_other = sts.engines[1].clone();
    let mut other = Some(sts.begin(1, STRANGER, credentials(("job", "wrong"))));
    // The other process writes after this one has read.
    let mut script = |ask: &Ask, world: &mut crate::support::world::World| {
        if matches!(ask, Ask::Commit { .. })
            && let Some(other) = other.take()
        {
            world.drive(&of_the_other, other);
        }
        None
    };
    assert_eq!(sts.scripted(0, STRANGER, "wrong", &mut script), 401);
    assert_eq!(sts.asks(), 4);
    assert_eq!(sts.failing(0, STRANGER, 20), 4);
}

#[test]
fn what_could_not_be_written_is_written_with_the_next_failure() {
    let mut sts = Processes::new(2, &six());
    let mut conflict =
        |ask: &Ask, _: &mut _| matches!(ask, Ask::Commit { .. }).then_some(Answer::Conflict);
    for _ in 0..3 {
        assert_eq!(sts.scripted(0, STRANGER, "wrong", &mut conflict), 401);
    }
    assert_eq!(sts.asks(), 12, "each tried twice");
    assert_eq!(sts.failing(0, STRANGER, 1), 1);
    assert_eq!(sts.failing(1, STRANGER, 20), 2);
}

#[test]
fn a_store_that_fails_locks_nobody_out_and_leaves_the_rate_of_each_process() {
    let mut sts = Processes::new(2, &six());
    sts.world.store_state = StoreState::Failed;
    assert_eq!([0, 1].map(|process| sts.failing(process, STRANGER, 20)), [6, 6]);
    // Each asked once, and waits before it asks again.
    assert_eq!(sts.asks(), 2);
    assert_eq!([0, 1].map(|process| sts.token(process, OWN, SECRET)), [200; 2]);
    assert_eq!([0, 1].map(|process| sts.token(process, STRANGER, SECRET)), [429; 2]);
    sts.later(4);
    assert_eq!(sts.failing(0, OWN, 1), 1);
    assert_eq!(sts.asks(), 0);
    sts.later(1);
    assert_eq!(sts.failing(0, OWN, 1), 1);
    assert_eq!(sts.asks(), 1);
    // When the store is back, the others learn what happened here meanwhile.
    sts.world.store_state = StoreState::Ok;
    sts.later(5);
    assert_eq!(sts.failing(0, OWN, 1), 1);
    assert_eq!(sts.failing(1, OWN, 20), 3);
}

#[test]
fn a_host_without_a_store_is_asked_and_counts_in_memory() {
    let mut sts = Processes::new(1, &six());
    let mut none = |ask: &Ask, _: &mut _| {
        matches!(ask, Ask::Read { .. } | Ask::Commit { .. })
            .then_some(Answer::Failed { failed: Failed::Unsupported })
    };
    let statuses = [0; 8].map(|_| sts.scripted(0, STRANGER, "wrong", &mut none));
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(sts.scripted(0, OWN, SECRET, &mut none), 200);
}

#[test]
fn a_store_that_forgets_gives_nobody_more_than_the_rate_of_each_process() {
    let mut sts = Processes::new(1, &six());
    let mut failed = 0;
    for _ in 0..60 {
        sts.world.store = Store::default();
        failed += sts.failing(0, STRANGER, 1);
    }
    assert_eq!(failed, 6);
}

#[test]
fn a_lost_answer_costs_who_failed_a_period_at_most() {
    let mut sts = Processes::new(2, &six());
    let mut lost = |ask: &Ask, world: &mut crate::support::world::World| {
        let Ask::Commit { batch } = ask else { return None };
        world.store.commit(batch, world.now);
        Some(UNREACHABLE)
    };
    for _ in 0..20 {
        sts.scripted(0, STRANGER, "wrong", &mut lost);
        sts.later(1);
    }
    sts.later(100);
    assert_eq!([0, 1].map(|process| sts.token(process, STRANGER, SECRET)), [200; 2]);
}

#[test]
fn a_number_of_another_clock_is_left_alone() {
    let mut sts = Processes::new(2, &six());
    sts.later(600);
    assert_eq!(sts.failing(1, STRANGER, 20), 6);
    sts.world.now.0 -= 600;
    sts.asks();
    assert_eq!(sts.failing(0, STRANGER, 20), 6);
    assert!(writes(&sts.asked).is_empty());
    // Nor does the clock that is ahead take it for over.
    sts.later(600);
    assert_eq!(sts.token(1, STRANGER, SECRET), 429);
}

#[test]
fn a_record_that_cannot_be_read_is_written_anew() {
    let mut sts = Processes::new(2, &six());
    assert_eq!(sts.failing(0, STRANGER, 3), 3);
    let keys: Vec<String> = writes(&sts.asked).iter().map(|write| write.key.clone()).collect();
    let spoil = |key: &String| Write {
        key: key.clone(),
        value: Some(b"\xff{".to_vec()),
        expect: Expect::Any,
        expires_at: Some(sts.world.now.0 + 100),
    };
    let batch: Vec<Write> = keys.iter().map(spoil).collect();
    sts.world.store.commit(&batch, sts.world.now);
    assert_eq!(sts.failing(0, STRANGER, 20), 3);
    assert_eq!(sts.failing(1, STRANGER, 20), 3);
}

#[test]
fn one_request_of_a_process_shares_and_the_others_only_count() {
    let mut sts = Processes::new(2, &six());
    let none = &mut |_: &Ask, _: &mut _| None;
    let Step::Ask(read) = sts.begin(0, STRANGER, credentials(("job", "wrong"))) else { panic!() };
    let Step::Ask(commit) = sts.go_on(0, read, none) else { panic!() };
    assert_eq!(sts.asks(), 1);
    assert_eq!(sts.failing(0, STRANGER, 2), 2);
    assert_eq!(sts.asks(), 0);
    let step = sts.go_on(0, commit, none);
    assert_eq!(sts.finish(0, step, none).status, 401);
    // It shared theirs, too: of the six there are three left.
    assert_eq!(sts.failing(1, STRANGER, 20), 3);
}

#[test]
fn a_request_that_is_abandoned_keeps_nobody_from_sharing() {
    let mut sts = Processes::new(2, &six());
    let step = sts.begin(0, STRANGER, credentials(("job", "wrong")));
    assert!(matches!(step, Step::Ask(_)));
    drop(step);
    assert_eq!(sts.failing(0, STRANGER, 1), 1);
    assert_eq!(sts.failing(1, STRANGER, 20), 4);
    // One whose store never answers is not waited for.
    let step = sts.begin(0, OWN, credentials(("job", "wrong")));
    sts.asks();
    assert_eq!(sts.failing(0, OWN, 1), 1);
    assert_eq!(sts.asks(), 0);
    sts.later(10);
    assert_eq!(sts.failing(0, OWN, 1), 1);
    assert_eq!(sts.asks(), 2);
    drop(step);
}

#[test]
fn a_flood_of_addresses_makes_a_bounded_number_of_writes() {
    let mut sts = Processes::new(1, &json!({}));
    for number in 0..3000u32 {
        let from = format!("198.51.{}.{}", number / 256, number % 256);
        assert_eq!(sts.failing(0, &from, 1), 1);
    }
    assert_eq!(sts.asks(), 2 * 1200);
    // Memory still counts.
    assert_eq!(sts.failing(0, STRANGER, 100), 60);
    assert_eq!(sts.asks(), 0);
    sts.later(1);
    assert_eq!(sts.failing(0, OWN, 30), 30);
    assert_eq!(sts.asks(), 2 * 20);
}
