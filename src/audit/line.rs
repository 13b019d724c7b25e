//! The audit line as JSON text.

use alloc::string::String;

use super::{Audit, Parties};
use crate::json_writer::Writer;

/// Room for the line of an ordinary exchange.
const USUAL_BYTES: usize = 1536;

impl Audit {
    /// The line of the audit log: a JSON object without a line break.
    ///
    /// It is what `serde_json` writes, and costs a fraction of it. A host that keeps an
    /// audit log writes it for every request.
    ///
    /// # Example
    ///
    /// ```
    /// # use exchequer::{Config, Engine, Entropy, HostCrypto, Request, Step, Timestamp};
    /// # let config = Config::parse(r#"{ "issuer": "https://sts.example.com" }"#)?.without_secrets()?;
    /// # let engine = Engine::new(config, HostCrypto::default());
    /// let request = Request::new("POST", "/oauth2/token");
    /// let Step::Done(reply) = engine.handle(request, Timestamp(1), Entropy::new([7; 32])) else {
    ///     panic!("a request without a form asks for nothing");
    /// };
    /// let line = reply.audit.as_ref().map(|audit| audit.to_json()).unwrap_or_default();
    /// assert!(line.starts_with(r#"{"time":1,"event":"token","status":400,"#), "{line}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_json(&self) -> String {
        // No member can be forgotten: all are named.
        let Self {
            time,
            event,
            status,
            error,
            reason,
            claim,
            message,
            parties,
            checks,
            administrator,
            change,
            trace_id,
            traceparent,
        } = self;
        let Parties { client_id, grant_type, trusted_token_issuer, subject, token_id } = parties;
        let mut out = Writer::new(USUAL_BYTES);
        out.number("time", time.0);
        out.text("event", event);
        out.number("status", u64::from(*status));
        put(&mut out, "error", error);
        put(&mut out, "reason", reason);
        put(&mut out, "claim", claim);
        put(&mut out, "message", message);
        put(&mut out, "clientId", client_id);
        put(&mut out, "grantType", grant_type);
        put(&mut out, "trustedTokenIssuer", trusted_token_issuer);
        put(&mut out, "subject", subject);
        put(&mut out, "tokenId", token_id);
        checks.write(&mut out);
        put(&mut out, "administrator", administrator);
        if let Some(change) = change {
            out.value("change", change);
        }
        put(&mut out, "traceId", trace_id);
        put(&mut out, "traceparent", traceparent);
        out.end()
    }
}

/// Adds a member if there is one.
fn put(out: &mut Writer, name: &str, value: &Option<impl AsRef<str>>) {
    if let Some(value) = value {
        out.text(name, value.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::super::{Audit, Change, Detail, Outcome};
    use crate::time::Timestamp;

    #[test]
    fn the_line_is_what_serde_writes() {
        let mut audit = Audit::of("token".into(), Timestamp(1_790_000_000));
        assert_eq!(audit.to_json(), serde_json::to_string(&audit).unwrap());

        let odd = || Some(String::from("\"\\\n\u{7f}é𝄞{["));
        audit.error = Some("invalid_grant".into());
        audit.reason = odd();
        audit.claim = Some("aud".into());
        audit.message = odd();
        audit.parties.client_id = odd();
        audit.parties.grant_type = odd();
        audit.parties.trusted_token_issuer = odd();
        audit.parties.subject = odd();
        audit.parties.token_id = odd();
        audit.administrator = odd();
        audit.change = Some(Change {
            action: "update".into(),
            resource: "user".into(),
            id: "several".into(),
            before: None,
            after: Some(serde_json::json!({ "a": [1, null] })),
        });
        audit.trace_id = odd();
        audit.traceparent = odd();
        for outcome in [Outcome::Pass, Outcome::Fail, Outcome::Audit, Outcome::Unavailable] {
            audit.checks.note("", "store", outcome, Detail::None);
            audit.checks.note("client", "x", outcome, Detail::Number("<", 7, " s"));
            let several = alloc::vec![odd().unwrap(), String::new(), odd().unwrap()];
            audit.checks.note("client", "y", outcome, Detail::Several(several.into()));
            audit.checks.note("client", "z", outcome, Detail::Header { alg: "ES256", kid: None });
        }
        assert_eq!(audit.to_json(), serde_json::to_string(&audit).unwrap());
    }
}
