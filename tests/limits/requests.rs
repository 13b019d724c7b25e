//! Requests that several processes count together.

use exchequer::{Answer, Ask, Failed, Step};
use serde_json::{Value, json};

use crate::processes::Processes;
use crate::support::case::StoreState;
use crate::{OWN, SECRET, credentials};

fn limits(requests: u64) -> Value {
    json!({ "requestsPerSecond": requests })
}

#[test]
fn three_processes_serve_as_many_requests_as_one() {
    let mut sts = Processes::new(3, &limits(10));
    for second in 0..20 {
        let mut served = 0;
        for request in 0..60 {
            served += sts.served((request + second) % 3, 1);
        }
        assert_eq!(served, 10, "in second {second}");
        sts.later(1);
    }
}

#[test]
fn a_client_with_few_requests_is_served_by_every_process() {
    let mut sts = Processes::new(5, &limits(10));
    for second in 0..20 {
        for process in 0..5 {
            assert_eq!(sts.served(process, 2), 2, "second {second}, process {process}");
        }
        sts.later(1);
    }
}

#[test]
fn a_process_does_not_keep_what_another_one_needs() {
    let mut sts = Processes::new(2, &limits(1000));
    // One process had all, then the load moves to the other.
    for _ in 0..3 {
        assert_eq!(sts.served(0, 1000), 1000);
        sts.later(1);
    }
    assert_eq!(sts.served(0, 100), 100);
    let others = sts.served(1, 1000);
    assert!((350..=900).contains(&others), "{others}");
}

#[test]
fn the_store_is_asked_a_few_times_in_a_second() {
    let mut sts = Processes::new(1, &limits(1000));
    assert_eq!(sts.served(0, 2000), 1000);
    assert!(sts.asks() <= 2 * 24, "while the process learns how much it needs");
    for _ in 0..5 {
        sts.later(1);
        assert_eq!(sts.served(0, 2000), 1000);
        let asks = sts.asks();
        assert!(asks <= 2 * 8, "{asks}");
    }
}

#[test]
fn without_the_setting_the_store_is_not_asked() {
    let mut sts = Processes::new(1, &json!({}));
    assert_eq!(sts.served(0, 100), 100);
    assert_eq!(sts.asks(), 0);
}

#[test]
fn who_is_refused_for_this_second_costs_the_store_nothing() {
    let mut sts = Processes::new(2, &limits(4));
    assert_eq!(sts.served(0, 100), 4);
    assert_eq!(sts.served(1, 1), 0);
    sts.asks();
    assert_eq!(sts.served(0, 100) + sts.served(1, 100), 0);
    assert_eq!(sts.asks(), 0);
}

#[test]
fn a_store_that_fails_locks_nobody_out_and_leaves_the_rate_of_each_process() {
    let mut sts = Processes::new(2, &limits(4));
    sts.world.store_state = StoreState::Failed;
    assert_eq!([0, 1].map(|process| sts.served(process, 10)), [4, 4]);
    assert_eq!(sts.asks(), 2);
    sts.later(1);
    assert_eq!([0, 1].map(|process| sts.served(process, 10)), [4, 4]);
    assert_eq!(sts.asks(), 0);
    sts.world.store_state = StoreState::Ok;
    sts.later(4);
    assert_eq!(sts.served(0, 10) + sts.served(1, 10), 4);
}

#[test]
fn a_host_without_a_store_counts_in_memory() {
    let mut sts = Processes::new(1, &limits(4));
    let mut none = |ask: &Ask, _: &mut _| {
        matches!(ask, Ask::Read { .. } | Ask::Commit { .. })
            .then_some(Answer::Failed { failed: Failed::Unsupported })
    };
    let statuses = [0; 6].map(|_| sts.scripted(0, OWN, SECRET, &mut none));
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
}

#[test]
fn a_write_that_was_second_is_tried_again_and_then_memory_decides() {
    let mut sts = Processes::new(2, &limits(4));
    let mut conflict =
        |ask: &Ask, _: &mut _| matches!(ask, Ask::Commit { .. }).then_some(Answer::Conflict);
    for _ in 0..2 {
        assert_eq!(sts.scripted(0, OWN, SECRET, &mut conflict), 200);
    }
    assert_eq!(sts.asks(), 8);
    // Both are in the next block.
    assert_eq!(sts.served(0, 1), 1);
    assert_eq!(sts.served(1, 10), 1);
}

#[test]
fn a_clock_that_is_a_second_ahead_locks_nobody_out() {
    let mut sts = Processes::new(2, &limits(4));
    sts.later(1);
    assert_eq!(sts.served(1, 10), 4);
    sts.world.now.0 -= 1;
    assert_eq!(sts.served(0, 10), 4);
    // And what the one wrote that is ahead stands.
    sts.later(1);
    assert_eq!(sts.served(0, 10), 0);
}

#[test]
fn while_one_request_takes_slots_the_others_use_those_of_the_memory() {
    let mut sts = Processes::new(2, &limits(4));
    let none = &mut |_: &Ask, _: &mut _| None;
    let Step::Ask(read) = sts.begin(0, OWN, credentials(("job", SECRET))) else { panic!() };
    assert_eq!(sts.served(0, 2), 2);
    assert_eq!(sts.asks(), 0);
    let step = sts.go_on(0, read, none);
    assert_eq!(sts.finish(0, step, none).status, 200);
    assert_eq!(sts.served(1, 10), 1);
}

#[test]
fn a_request_that_waited_uses_a_slot_of_the_second_that_is() {
    let mut sts = Processes::new(1, &limits(4));
    sts.later(2);
    assert_eq!(sts.served(0, 3), 3);
    sts.world.now.0 -= 2;
    assert_eq!(sts.served(0, 3), 1);
}

#[test]
fn slots_count_for_their_second_only() {
    let mut sts = Processes::new(2, &limits(10));
    assert_eq!(sts.served(0, 10), 10);
    sts.later(1);
    // It expects as many as before, and takes a block.
    assert_eq!(sts.served(0, 1), 1);
    assert!(sts.served(1, 10) < 9);
    sts.later(1);
    assert_eq!(sts.served(1, 10), 10);
    assert_eq!(sts.served(0, 10), 0);
}
