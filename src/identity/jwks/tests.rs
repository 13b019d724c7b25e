//! The machine under a virtual clock.

use super::*;

const START: Timestamp = Timestamp(1_000_000);
const TIMEOUT: u64 = 2;

/// A server of keys under a virtual clock, counting its fetches.
struct Server {
    cache: KeyCache,
    now: Timestamp,
    up: bool,
    cache_control: Option<&'static str>,
    fetches: u32,
}

impl Server {
    fn new() -> Self {
        Self { cache: KeyCache::default(), now: START, up: true, cache_control: None, fetches: 0 }
    }

    fn after(&mut self, seconds: u64) -> &mut Self {
        self.now = self.now.plus(seconds);
        self
    }

    fn serve(&mut self, plan: Plan) -> Option<Snapshot> {
        match plan {
            Plan::Use(snapshot) => Some(snapshot),
            Plan::Rest { .. } => None,
            Plan::Fetch | Plan::Join => {
                self.fetches += u32::from(plan == Plan::Fetch);
                let attempt = self.cache.attempt();
                if self.up {
                    self.cache.loaded(attempt, JwkSet::default(), self.cache_control, self.now);
                } else {
                    self.cache.failed(attempt, self.now);
                }
                self.cache.use_last(self.now)
            }
        }
    }

    fn keys(&mut self) -> Option<Snapshot> {
        let plan = self.cache.plan(self.now, TIMEOUT);
        self.serve(plan)
    }

    fn newer(&mut self, than: u64) -> Option<Snapshot> {
        let plan = self.cache.plan_newer(than, self.now, TIMEOUT);
        self.serve(plan)
    }
}

#[test]
fn keys_are_fetched_once_while_they_are_fresh() {
    let mut server = Server::new();
    assert_eq!(server.cache.health(server.now), Health::Unused);
    for _ in 0..100 {
        assert!(server.after(8).keys().is_some());
    }
    assert_eq!(server.fetches, 1);
    assert_eq!(server.cache.health(server.now), Health::Fresh);
    server.after(DEFAULT).keys();
    assert_eq!(server.fetches, 2);
}

#[test]
fn cache_control_counts_between_floor_and_ceiling() {
    for (header, expected) in [
        (None, DEFAULT),
        (Some("public, max-age=3600"), 3600),
        (Some("MAX-AGE=\"120\""), 120),
        (Some("max-age=0"), FLOOR),
        (Some("max-age=1, must-revalidate"), FLOOR),
        (Some("no-store"), FLOOR),
        (Some("no-cache, max-age=3600"), FLOOR),
        (Some("max-age=99999999999"), CEILING),
        (Some("max-age=-1"), DEFAULT),
        (Some("max-age=99999999999999999999999999"), DEFAULT),
        (Some("private"), DEFAULT),
    ] {
        assert_eq!(lifetime(header, None), expected, "{header:?}");
    }
}

#[test]
fn a_bundle_says_itself_when_to_fetch_it_again() {
    for (header, hint, expected) in [
        (None, 300, 300),
        (None, 1, FLOOR),
        (None, u64::MAX, CEILING),
        (Some("max-age=3600"), 300, 300),
        (Some("max-age=120"), 300, 120),
        (Some("private"), 300, 300),
        (Some("no-store"), 300, FLOOR),
    ] {
        assert_eq!(lifetime(header, Some(hint)), expected, "{header:?} {hint}");
    }
}

#[test]
fn an_unknown_kid_earns_one_refetch() {
    let mut server = Server::new();
    let old = server.keys().unwrap();
    let new = server.after(5).newer(old.generation).unwrap();
    assert_eq!(new.generation, old.generation + 1);
    assert_eq!(server.fetches, 2);
}

#[test]
fn a_flood_of_unknown_kids_costs_one_fetch() {
    let mut server = Server::new();
    let mut last = server.keys().unwrap().generation;
    for _ in 0..1000 {
        if let Some(newer) = server.newer(last) {
            last = newer.generation;
        }
    }
    assert_eq!(server.fetches, 2);
    assert!(server.after(COOLDOWN - 1).newer(last).is_none());
    assert!(server.after(1).newer(last).is_some());
    assert_eq!(server.fetches, 3);
}

#[test]
fn the_cooldown_counts_from_the_refetch_and_rotation_gets_through() {
    let mut server = Server::new();
    let first = server.keys().unwrap().generation;
    let second = server.newer(first).unwrap().generation;
    // Requests that still hold the first generation get the second for free.
    assert_eq!(server.newer(first).unwrap().generation, second);
    assert_eq!(server.fetches, 2);
    assert_eq!(
        server.cache.plan_newer(second, server.now.plus(10), TIMEOUT),
        Plan::Rest { seconds: COOLDOWN - 10, failing: false }
    );
}

#[test]
fn one_fetch_at_a_time_and_the_others_join_it() {
    let mut cache = KeyCache::default();
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Fetch);
    for _ in 0..100 {
        assert_eq!(cache.plan(START, TIMEOUT), Plan::Join);
    }
    cache.loaded(1, JwkSet::default(), None, START);
    for _ in 0..100 {
        cache.loaded(1, JwkSet::default(), None, START);
        cache.failed(1, START);
    }
    let snapshot = cache.use_last(START).unwrap();
    assert_eq!(snapshot.generation, 1);
    assert_eq!(cache.health(START), Health::Fresh);
    // A refetch that is under way is joined, not refused.
    assert_eq!(cache.plan_newer(1, START, TIMEOUT), Plan::Fetch);
    assert_eq!(cache.plan_newer(1, START, TIMEOUT), Plan::Join);
}

#[test]
fn a_fetch_whose_request_went_away_is_given_up_for_lost() {
    let mut cache = KeyCache::default();
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Fetch);
    assert_eq!(cache.plan(START.plus(TIMEOUT - 1), TIMEOUT), Plan::Join);
    assert_eq!(cache.plan(START.plus(TIMEOUT), TIMEOUT), Plan::Fetch);
}

#[test]
fn an_outage_is_bridged_with_the_last_good_keys() {
    let mut server = Server::new();
    server.keys();
    server.up = false;
    let stale = server.after(DEFAULT).keys().unwrap();
    assert!(stale.stale);
    assert_eq!(server.cache.health(server.now), Health::Stale);
    // Retries come at growing distances, not with every request.
    server.fetches = 0;
    for _ in 0..3600 {
        assert!(server.after(1).keys().is_some());
    }
    assert!((8..=24).contains(&server.fetches), "{} fetches in an hour", server.fetches);
    // Back up: the next retry mends it.
    server.up = true;
    server.after(MAX_BACKOFF).keys();
    assert_eq!(server.cache.health(server.now), Health::Fresh);
}

#[test]
fn stale_keys_end() {
    let mut server = Server::new();
    server.keys();
    server.up = false;
    assert!(server.after(DEFAULT + STALE - 1).keys().is_some());
    assert!(server.after(1).keys().is_none());
    assert_eq!(server.cache.health(server.now), Health::Unavailable);
}

#[test]
fn without_keys_there_is_one_attempt_a_second_whoever_asks() {
    let mut server = Server::new();
    server.up = false;
    for second in 1..=20 {
        for _ in 0..100 {
            assert!(server.keys().is_none());
        }
        assert_eq!(server.fetches, second);
        let rest = Plan::Rest { seconds: PAUSE, failing: true };
        assert_eq!(server.cache.plan(server.now, TIMEOUT), rest);
        server.after(1);
    }
}

#[test]
fn the_first_request_after_an_outage_that_waited_succeeds() {
    for outage in [1, 2, 3, 60, 1000] {
        let mut server = Server::new();
        server.up = false;
        for _ in 0..outage {
            assert!(server.keys().is_none());
            server.after(PAUSE);
        }
        server.up = true;
        assert!(server.keys().is_some(), "after {outage} attempts");
        assert_eq!(server.fetches, outage + 1);
    }
}

#[test]
fn keys_that_became_too_old_leave_one_attempt_a_second() {
    let mut server = Server::new();
    server.keys();
    server.up = false;
    server.after(DEFAULT + STALE);
    server.fetches = 0;
    for second in 1..=10 {
        assert!(server.keys().is_none() && server.keys().is_none());
        assert_eq!(server.fetches, second);
        server.after(1);
    }
    server.up = true;
    assert!(server.keys().is_some());
}

#[test]
fn an_attempt_under_way_is_joined_also_after_a_failure() {
    let mut server = Server::new();
    server.up = false;
    server.keys();
    assert_eq!(server.cache.plan(START.plus(1), TIMEOUT), Plan::Fetch);
    assert_eq!(server.cache.plan(START.plus(1), TIMEOUT), Plan::Join);
}

#[test]
fn a_late_report_of_a_failure_does_not_spoil_the_next_attempt() {
    let mut cache = KeyCache::default();
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Fetch);
    let first = cache.attempt();
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Join);
    cache.failed(first, START);
    let later = START.plus(1);
    assert_eq!(cache.plan(later, TIMEOUT), Plan::Fetch);
    let second = cache.attempt();
    // The request that joined the first attempt reports only now.
    cache.failed(first, later);
    assert_eq!(cache.plan(later, TIMEOUT), Plan::Join);
    cache.loaded(second, JwkSet::default(), None, later);
    assert!(cache.use_last(later).is_some());
    assert_eq!(cache.health(later), Health::Fresh);
}

#[test]
fn a_joined_fetch_that_brought_keys_counts_also_after_the_first_failed() {
    let mut cache = KeyCache::default();
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Fetch);
    assert_eq!(cache.plan(START, TIMEOUT), Plan::Join);
    let attempt = cache.attempt();
    cache.failed(attempt, START);
    cache.loaded(attempt, JwkSet::default(), None, START);
    assert!(cache.use_last(START).is_some());
    // What an earlier attempt brings later does not replace it.
    assert_eq!(cache.plan_newer(1, START, TIMEOUT), Plan::Fetch);
    let second = cache.attempt();
    cache.loaded(second, JwkSet::default(), None, START);
    cache.loaded(attempt, JwkSet::default(), None, START);
    assert_eq!(cache.use_last(START).unwrap().generation, 2);
}

#[test]
fn a_key_that_is_rotated_after_an_outage_is_fetched_and_a_flood_is_not() {
    let mut server = Server::new();
    server.up = false;
    for _ in 0..20 {
        assert!(server.keys().is_none());
    }
    server.up = true;
    let generation = server.after(1).keys().unwrap().generation;
    server.fetches = 0;
    assert_eq!(server.newer(generation).unwrap().generation, generation + 1);
    for _ in 0..20 {
        assert!(server.newer(generation + 1).is_none());
    }
    assert_eq!(server.fetches, 1);
}

#[test]
fn a_refetch_that_failed_rests_shortly() {
    let mut server = Server::new();
    let generation = server.keys().unwrap().generation;
    server.up = false;
    assert!(!server.newer(generation).unwrap().stale);
    assert_eq!(
        server.cache.plan_newer(generation, server.now, TIMEOUT),
        Plan::Rest { seconds: 1, failing: true }
    );
    server.up = true;
    assert_eq!(server.after(1).newer(generation).unwrap().generation, generation + 1);
}

#[test]
fn keys_in_use_are_fetched_ahead_once() {
    let mut server = Server::new();
    server.cache_control = Some("max-age=1000");
    server.keys();
    assert!(!server.cache.plan_ahead(server.now.plus(799), TIMEOUT));
    assert!(server.cache.plan_ahead(server.now.plus(800), TIMEOUT));
    assert!(!server.cache.plan_ahead(server.now.plus(800), TIMEOUT));
    let attempt = server.cache.attempt();
    server.cache.loaded(attempt, JwkSet::default(), None, server.now.plus(800));
    // Nobody used these.
    assert!(!server.cache.plan_ahead(server.now.plus(800 + DEFAULT), TIMEOUT));
}

#[test]
fn a_clock_that_steps_back_does_not_keep_keys_for_ever() {
    let mut server = Server::new();
    server.after(1_000_000).keys();
    server.now = START;
    server.keys();
    assert_eq!(server.fetches, 1);
    server.after(CEILING).keys();
    assert_eq!(server.fetches, 2);
}

#[test]
fn a_clock_that_steps_back_does_not_lengthen_the_rest() {
    let mut server = Server::new();
    let generation = server.after(1_000_000).keys().unwrap().generation;
    let generation = server.newer(generation).unwrap().generation;
    server.now = START;
    assert!(server.newer(generation).is_none());
    assert!(server.after(COOLDOWN).newer(generation).is_some());
}

#[test]
fn a_clock_that_steps_back_does_not_lengthen_the_pause() {
    let mut server = Server::new();
    server.up = false;
    server.after(1_000_000).keys();
    server.now = START;
    assert!(server.keys().is_none());
    server.up = true;
    assert!(server.after(PAUSE).keys().is_some());
}

#[test]
fn keys_that_are_idle_are_not_fetched_ahead_until_they_are_used() {
    let mut server = Server::new();
    server.keys();
    server.cache.idle();
    let near_the_end = server.now.plus(DEFAULT - 1);
    assert!(!server.cache.plan_ahead(near_the_end, TIMEOUT));
    server.keys();
    assert!(server.cache.plan_ahead(near_the_end, TIMEOUT));
}
