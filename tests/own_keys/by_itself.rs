//! Keys that the server rotates by itself, by the configuration and the clock.

use serde_json::{Value, json};

use crate::support::administered::{Commits, Service};
use crate::support::case::StoreState;
use crate::support::start::NOW;
use crate::{DAY, is_active, issue, kid, published, service, states};

#[test]
fn a_key_is_published_before_it_signs_and_verifies_until_its_last_token_has_ended() {
    let mut sts = service(json!({ "everyDays": 90, "overlapDays": 2 }));
    let first = kid(&issue(&mut sts, 0));
    sts.world.now.0 = NOW + 88 * DAY - 1;
    assert_eq!(published(&mut sts, 0), [&*first]);
    // What was read a moment ago counts for half a minute.
    let due = NOW + 88 * DAY + 30;
    sts.world.now.0 = due;
    let both = published(&mut sts, 0);
    assert_eq!((both.len(), &both[0]), (2, &first));
    // Another replica publishes the same key, and does not make one.
    assert_eq!(published(&mut sts, 1), both);
    assert_eq!(kid(&issue(&mut sts, 1)), first);

    sts.world.now.0 = due + 2 * DAY - 1;
    let last = issue(&mut sts, 1);
    assert_eq!(kid(&last), first);
    sts.world.now.0 += 1;
    for replica in [0, 1] {
        assert_eq!(kid(&issue(&mut sts, replica)), both[1]);
        assert!(is_active(&mut sts, replica, &last));
    }
    sts.world.now.0 += 3500;
    assert!(is_active(&mut sts, 0, &last));
    sts.world.now.0 += 5 * DAY;
    assert_eq!(published(&mut sts, 0), [&*both[1]]);
    assert_eq!(states(&mut sts), [(both[1].clone(), "current".into())]);
}

#[test]
fn a_key_is_kept_for_a_token_that_lives_long() {
    let mut document = crate::document();
    document["keyRotation"] = json!({ "everyDays": 5, "overlapDays": 1 });
    document["applications"][0]["accessToken"]["lifetimeSeconds"] = json!(30 * DAY);
    let mut sts = Service::new(&document);
    let token = issue(&mut sts, 0);
    // An administrator makes it short again. The token lives on.
    document["applications"][0]["accessToken"]["lifetimeSeconds"] = json!(60);
    sts.restart(&document);
    for day in 1..30 {
        sts.world.now.0 = NOW + day * DAY;
        assert!(is_active(&mut sts, 0, &token), "after {day} days");
        let _ = issue(&mut sts, 1);
    }
    sts.world.now.0 = NOW + 33 * DAY;
    assert!(!published(&mut sts, 0).contains(&kid(&token)));
}

/// A token whose key might be retired before it ends is not given out.
#[test]
fn that_a_key_is_kept_is_in_the_store_before_the_token_is_given_out() {
    let mut document = crate::document();
    document["applications"][0]["accessToken"]["lifetimeSeconds"] = json!(30 * DAY);
    let mut sts = Service::new(&document);
    published(&mut sts, 0);
    sts.commits = Commits::Failing;
    let token = crate::support::foreign::foreign(&json!({}));
    sts.exchange(0, crate::WEB, &token).with_status(503);
    sts.commits = Commits::Done;
    issue(&mut sts, 0);
    let record: Value =
        serde_json::from_slice(sts.world.store.value("signing-keys").unwrap()).unwrap();
    assert!(record["keys"][0]["exp"].as_u64().unwrap() >= NOW + 30 * DAY);
}

#[test]
fn of_replicas_that_rotate_at_once_exactly_one_makes_the_key() {
    let mut sts = service(json!({}));
    published(&mut sts, 0);
    published(&mut sts, 1);
    sts.world.now.0 = NOW + 88 * DAY;
    let keys = || exchequer::Request::new("GET", "/oauth2/jwks");
    let pending = [0, 1].map(|replica| sts.until_commit(replica, keys()));
    for (replica, pending) in pending.into_iter().enumerate() {
        sts.finish(replica, pending).with_status(200);
    }
    let both = published(&mut sts, 0);
    assert_eq!(both.len(), 2);
    assert_eq!(published(&mut sts, 1), both);
}

#[test]
fn the_last_keys_bridge_an_outage_of_the_store_for_a_day_and_switch_by_the_clock() {
    let mut sts = service(json!({ "everyDays": 5, "overlapDays": 1 }));
    sts.world.now.0 = NOW;
    let first = kid(&issue(&mut sts, 0));
    sts.world.now.0 = NOW + 4 * DAY;
    let both = published(&mut sts, 0);
    let read = NOW + 4 * DAY + DAY / 2;
    sts.world.now.0 = read;
    published(&mut sts, 0);
    sts.world.store_state = StoreState::Failed;
    sts.world.now.0 = NOW + 5 * DAY - 1;
    assert_eq!(published(&mut sts, 0)[0], first);
    sts.world.now.0 = NOW + 5 * DAY;
    assert_eq!(published(&mut sts, 0)[0], both[1]);
    sts.world.now.0 = read + DAY;
    // Nobody gets them any more, whether or not another request has just asked the store.
    for _ in 0..3 {
        sts.send(0, exchequer::Request::new("GET", "/oauth2/jwks")).with_status(503);
    }
    sts.world.store_state = StoreState::Ok;
    assert_eq!(published(&mut sts, 0)[0], both[1]);
}

#[test]
fn a_key_that_was_kept_before_there_were_schedules_goes_on_and_is_kept_long_enough() {
    let mut sts = service(json!({ "everyDays": 90, "overlapDays": 2 }));
    let old = crate::support::fixtures::key("ours");
    let record = json!({ "keys": [old] }).to_string();
    let write = exchequer::Write {
        key: "signing-keys".into(),
        value: Some(record.into()),
        expect: exchequer::Expect::Absent,
        expires_at: None,
    };
    sts.world.store.commit(&[write], sts.world.now);
    // It has signed for longer than keys do.
    let both = published(&mut sts, 0);
    assert_eq!((both.len(), &*both[0]), (2, "ours"));
    sts.world.now.0 = NOW + 2 * DAY;
    assert_eq!(kid(&issue(&mut sts, 0)), both[1]);
    sts.world.now.0 = NOW + 30 * DAY;
    assert!(published(&mut sts, 0).contains(&"ours".to_string()));
    sts.world.now.0 = NOW + 31 * DAY;
    assert_eq!(published(&mut sts, 0), [&*both[1]]);
}

#[test]
fn without_rotation_the_key_stays() {
    let mut sts = service(Value::Null);
    let first = published(&mut sts, 0);
    sts.world.now.0 = NOW + 4000 * DAY;
    assert_eq!(published(&mut sts, 0), first);
}
