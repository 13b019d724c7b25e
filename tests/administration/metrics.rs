//! `GET /metrics`: what was decided, for administrators.

use serde_json::json;

use crate::parties::{OPERATORS, service};
use crate::support::foreign::foreign;

#[test]
fn decisions_are_counted_by_reason() {
    let mut sts = service();
    let token = foreign(&json!({}));
    sts.exchange(0, OPERATORS, &token).with_status(200);
    sts.exchange(0, OPERATORS, &token).with_status(200);
    sts.exchange(0, OPERATORS, &foreign(&json!({ "aud": "somebody-else" }))).with_status(400);
    let text = sts.plain("/metrics");
    let counter = |outcome: &str, reason: &str, count: u32| {
        format!(
            "exchequer_decisions_total{{event=\"token\",outcome=\"{outcome}\",reason=\"{reason}\"}} {count}\n"
        )
    };
    for line in [
        counter("granted", "", 2),
        counter("refused", "subject_token.claim.aud.no_alias", 1),
        "exchequer_issuer_keys{state=\"fresh\"} 1\n".into(),
    ] {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}

#[test]
fn how_far_somebody_got_is_not_for_everybody() {
    let mut sts = service();
    sts.bearer = None;
    sts.get("/metrics").with_status(401);
}
