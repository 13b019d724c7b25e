//! What a token service elsewhere does not issue a token for.

use exchequer::{Answer, Audit, Failed};
use serde_json::json;

use crate::support::start::world;
use crate::{call, cross, gateway, refused, remote, token, with_token};

fn answered(status: u16, error: &str) -> Answer {
    let body = json!({ "error": error, "error_description": "a word of theirs" });
    let body = body.to_string().into_bytes();
    Answer::Fetched { status, cache_control: None, location: None, body }
}

#[test]
fn what_a_remote_service_refuses_is_in_the_audit_log() {
    let (gateway, mut world) = (gateway(remote()), world());
    for (answer, status, error, reason) in [
        (answered(400, "invalid_grant"), 401, "invalid_token", "gateway.remote.refused"),
        (answered(400, "invalid_scope"), 403, "insufficient_scope", "gateway.remote.refused"),
        (
            answered(401, "invalid_client"),
            503,
            "temporarily_unavailable",
            "gateway.remote.unavailable",
        ),
        (
            Answer::Failed { failed: Failed::TimedOut },
            503,
            "temporarily_unavailable",
            "gateway.remote.unavailable",
        ),
    ] {
        let request = with_token("/api", &token()).header("traceparent", TRACE);
        let (waiting, _) = call(cross(&gateway, &mut world, &request));
        let refused = refused(waiting.resume(answer).unwrap());
        let audit: Audit = refused.reply.audit.expect("a refusal without a line");
        assert_eq!((audit.status, refused.reply.status), (status, status));
        assert_eq!(audit.error.as_deref(), Some(error));
        assert_eq!(audit.reason.as_deref(), Some(reason));
        assert_eq!(audit.traceparent.as_deref(), Some(TRACE));
        assert_eq!(audit.parties.trusted_token_issuer.as_deref(), Some("Acme"));
        assert!(audit.parties.subject.is_some(), "whose token it was");
        let line = audit.to_json();
        assert!(!line.contains("theirs") && !line.contains(&token()), "{line}");
    }
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
