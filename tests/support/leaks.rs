//! Tokens and secrets must not come out again: not in a reply, not in a
//! header, not in the audit log.

use exchequer::{Audit, Reply};
use serde_json::Value;

use super::case::CaseRequest;
use super::fixtures::text;

/// Parameters whose value is nobody's business.
const SECRET_PARAMETERS: [&str; 7] = [
    "subject_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "refresh_token",
    "token",
];
/// Anything shorter is found by chance.
const TELLING: usize = 12;

/// What a request and its configuration keep secret.
pub(crate) fn secrets(request: &CaseRequest, document: &Value, answered: &[Value]) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, value) in request.form.iter().flatten() {
        if SECRET_PARAMETERS.contains(&name.as_str()) {
            secrets.extend(pieces(&text(value, answered)));
        }
    }
    secrets.extend(request.password().map(String::from));
    for application in document["applications"].as_array().into_iter().flatten() {
        secrets.extend(application["clientSecret"].as_str().map(String::from));
    }
    for key in document["keys"].as_array().into_iter().flatten() {
        secrets.extend(key["d"].as_str().map(String::from));
    }
    secrets.retain(|secret| secret.len() >= TELLING);
    secrets
}

/// A token, its payload and its signature. A header is the same for many
/// tokens, and ours may have the same.
fn pieces(token: &str) -> Vec<String> {
    let mut pieces = vec![token.to_string()];
    pieces.extend(token.split('.').skip(1).map(String::from));
    pieces
}

/// Where one of the secrets came out.
pub(crate) fn leak(secrets: &[String], reply: &Reply) -> Option<String> {
    let audit = reply.audit.as_ref().map(Audit::to_json).unwrap_or_default();
    let headers = format!("{:?}", reply.headers);
    let body = String::from_utf8_lossy(&reply.body);
    let places = [("the audit log", &*audit), ("a header", &*headers), ("the body", &*body)];
    secrets.iter().find_map(|secret| {
        let (place, _) = places.iter().find(|(_, text)| text.contains(secret.as_str()))?;
        let shown: String = secret.chars().take(24).collect();
        Some(format!("{place} has the secret `{shown}…` in it"))
    })
}
