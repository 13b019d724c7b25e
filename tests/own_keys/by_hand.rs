//! Keys that an administrator rotates and withdraws.

use exchequer::{Ask, Request, Step};
use serde_json::{Value, json};

use crate::support::administered::{Commits, form_request};
use crate::support::start::NOW;
use crate::support::world::entropy;
use crate::{DAY, KEYS, ROTATE, WEB, is_active, issue, kid, published, service, states};

#[test]
fn the_next_key_is_published_at_once_and_signs_after_the_overlap() {
    let mut sts = service(json!({ "everyDays": 90, "overlapDays": 7 }));
    let first = kid(&issue(&mut sts, 0));
    let made = sts.post(ROTATE, &json!({})).with_status(201).body;
    assert_eq!((&made["state"], &made["signsFrom"]), (&json!("next"), &json!(NOW + 7 * DAY)));
    let next = made["kid"].as_str().unwrap().to_string();
    assert_eq!(
        states(&mut sts),
        [(first.clone(), "current".into()), (next.clone(), "next".into())]
    );
    assert_eq!(published(&mut sts, 0), [&*first, &*next]);
    sts.world.now.0 = NOW + 30;
    assert_eq!(
        published(&mut sts, 1),
        [&*first, &*next],
        "another replica knows within half a minute"
    );
    assert_eq!(kid(&issue(&mut sts, 1)), first);
    sts.world.now.0 = NOW + 7 * DAY - 1;
    assert_eq!(kid(&issue(&mut sts, 1)), first);
    sts.world.now.0 = NOW + 7 * DAY;
    assert_eq!(kid(&issue(&mut sts, 1)), next);
    let said = sts.get(KEYS).body;
    assert_eq!(said["keys"][1]["state"], "retiring");
    assert!(said["keys"][1]["retires"].as_u64().unwrap() > sts.world.now.0);
    assert_eq!(said["rotation"]["next"], json!(NOW + 7 * DAY + 83 * DAY));
}

#[test]
fn a_second_rotation_waits_for_the_first() {
    let mut sts = service(Value::Null);
    sts.post(ROTATE, &json!({})).with_status(201);
    let said = sts.post(ROTATE, &json!({})).with_status(409);
    assert!(said.description().contains(&(NOW + 2 * DAY).to_string()), "{}", said.body);
    assert_eq!(published(&mut sts, 0).len(), 2);
}

#[test]
fn of_two_rotations_at_once_exactly_one_wins() {
    let mut sts = service(Value::Null);
    published(&mut sts, 0);
    published(&mut sts, 1);
    let rotate = |sts: &crate::support::administered::Service| sts.with_body("POST", ROTATE, "{}");
    let pending = [0, 1].map(|replica| {
        let request = rotate(&sts);
        sts.until_commit(replica, request)
    });
    let mut statuses: Vec<u16> = pending
        .into_iter()
        .enumerate()
        .map(|(replica, pending)| sts.finish(replica, pending).status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(published(&mut sts, 0).len(), 2);
}

/// A key that somebody else may have is replaced at once, and its tokens stop working.
#[test]
fn a_key_that_was_lost_is_replaced_at_once_and_withdrawn() {
    let mut sts = service(Value::Null);
    let token = issue(&mut sts, 0);
    let said = sts.delete(&format!("{KEYS}/{}", kid(&token))).with_status(409);
    assert!(said.description().contains("rotate first"));
    let made = sts.post(ROTATE, &json!({ "overlapDays": 0, "alg": "EdDSA" })).with_status(201).body;
    assert_eq!((&made["state"], &made["alg"]), (&json!("current"), &json!("EdDSA")));
    let next = issue(&mut sts, 0);
    assert_eq!(json!(kid(&next)), made["kid"]);
    assert!(is_active(&mut sts, 0, &token));
    sts.delete(&format!("{KEYS}/{}", kid(&token))).with_status(204);
    assert!(!is_active(&mut sts, 0, &token));
    assert_eq!(published(&mut sts, 0), [kid(&next)]);
    sts.delete(&format!("{KEYS}/{}", kid(&token))).with_status(404);
    // The other replica looks for a key that it does not know, and forgets one in time.
    sts.world.now.0 += 2;
    assert!(is_active(&mut sts, 1, &next));
    assert!(!is_active(&mut sts, 1, &token));
}

#[test]
fn strangers_names_of_keys_do_not_make_replicas_read_all_the_time() {
    let mut sts = service(Value::Null);
    issue(&mut sts, 0);
    let forged = |number: u32| {
        use base64ct::{Base64UrlUnpadded, Encoding};
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": format!("k{number}") });
        let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        format!("{}.{}.{}", encode(&header.to_string()), encode("{}"), encode(&"x".repeat(64)))
    };
    sts.world.now.0 += 3;
    let mut reads = 0;
    let engine = sts.engine(0);
    for number in 0..20 {
        let form = [("token", &*forged(number))];
        let request = form_request("/oauth2/introspect", WEB, &form);
        let mut step = engine.handle(request, sts.world.now, entropy());
        while let Step::Ask(pending) = step {
            let is_read =
                |ask: &Ask| matches!(ask, Ask::Read { keys } if keys == &["signing-keys"]);
            reads += usize::from(is_read(pending.ask()));
            let answer = sts.world.answer(&engine, pending.ask());
            step = pending.resume(answer).unwrap();
        }
    }
    assert_eq!(reads, 1);
}

#[test]
fn what_a_rotation_cannot_do_is_said() {
    let mut sts = service(Value::Null);
    for (body, path) in [
        (json!({ "alg": "RS256" }), "alg"),
        (json!({ "alg": "none" }), "alg"),
        (json!({ "alg": 1 }), "alg"),
        (json!({ "overlapDays": 31 }), "overlapDays"),
        (json!({ "overlapDays": -1 }), "overlapDays"),
        (json!({ "overlap": 1 }), "overlap"),
    ] {
        let said = sts.post(ROTATE, &body).with_status(400);
        assert_eq!(said.body["problems"][0]["path"], path, "{}", said.body);
    }
    sts.get(ROTATE).with_status(405);
    sts.post(KEYS, &json!({})).with_status(405);
    sts.commits = Commits::Failing;
    sts.post(ROTATE, &json!({})).with_status(503);
    sts.bearer = None;
    sts.post(ROTATE, &json!({})).with_status(401);
    sts.delete(&format!("{KEYS}/x")).with_status(401);
}

#[test]
fn keys_of_the_document_are_changed_there() {
    let mut document = crate::document();
    document["keys"] = json!([{ "$key": "ours" }]);
    let mut sts = crate::support::administered::Service::new(&document);
    sts.post(ROTATE, &json!({})).with_status(409);
    sts.delete(&format!("{KEYS}/ours")).with_status(409);
}

#[test]
fn who_rotated_is_in_the_audit_log_and_no_private_key_is_anywhere() {
    let mut sts = service(json!({}));
    let token = issue(&mut sts, 0);
    sts.post(ROTATE, &json!({ "overlapDays": 0 })).with_status(201);
    sts.get(KEYS).with_status(200);
    sts.delete(&format!("{KEYS}/{}", kid(&token))).with_status(204);
    sts.send(0, Request::new("GET", "/healthz"));
    sts.plain("/metrics");
    let changes = sts.get("/api/server/v1/audit/changes").with_status(200).body.to_string();
    assert!(changes.contains("signing-key"), "{changes}");
    let said = sts.said.join("\n");
    assert!(said.contains("signing-key") && said.contains(&kid(&token)));
    assert!(!said.contains("\"d\"") && !said.contains("\\\"d\\\""), "{said}");
}

#[test]
fn the_state_of_the_keys_is_in_the_metrics() {
    let mut sts = service(Value::Null);
    issue(&mut sts, 0);
    sts.post(ROTATE, &json!({})).with_status(201);
    let text = sts.plain("/metrics");
    for line in [
        "exchequer_signing_keys{state=\"current\"} 1\n".to_string(),
        "exchequer_signing_keys{state=\"next\"} 1\n".into(),
        "exchequer_signing_keys{state=\"retiring\"} 0\n".into(),
        format!("exchequer_signing_key_since_seconds {NOW}\n"),
    ] {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}
