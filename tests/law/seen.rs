//! What the engine said, beside what the model expected.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use crate::model::objection::Objections;
use crate::model::{Report, sorted};
use crate::server::Answer;

/// What introspection, or a JWT, says.
pub(crate) fn report(claims: &Value) -> Report {
    let text = |name: &str| claims[name].as_str().map(String::from);
    let audience = match &claims["aud"] {
        Value::String(one) => vec![one.clone()],
        several => texts(several),
    };
    let scope = text("scope").unwrap_or_default();
    let mut actors = Vec::new();
    let mut act = &claims["act"];
    while act.is_object() {
        let name = |member: &str| act[member].as_str().unwrap_or_default().to_string();
        actors.push((name("sub"), name("iss")));
        act = &act["act"];
    }
    Report {
        sub: text("sub").unwrap_or_default(),
        idp: text("idp"),
        audience: sorted(audience),
        client_id: text("client_id").unwrap_or_default(),
        scope: sorted(scope.split(' ').filter(|one| !one.is_empty()).map(String::from).collect()),
        ends: claims["exp"].as_u64().unwrap_or_default(),
        actors,
        key: claims["cnf"]["jkt"].as_str().map(String::from),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(String::from).collect()
}

/// The claims of a JWT.
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).and_then(|part| Base64UrlUnpadded::decode_vec(part).ok());
    claims.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

/// How what the engine says differs from what the model says.
pub(crate) fn difference(engine: &Report, model: &Report) -> Result<(), String> {
    let actors = |report: &Report| {
        let named = report.actors.iter().map(|(sub, iss)| format!("{sub} of {iss}"));
        named.collect::<Vec<_>>().join(", then ")
    };
    let fields: [(&str, String, String); 8] = [
        ("sub", engine.sub.clone(), model.sub.clone()),
        ("idp", engine.idp.clone().unwrap_or_default(), model.idp.clone().unwrap_or_default()),
        ("aud", engine.audience.join(" "), model.audience.join(" ")),
        ("client_id", engine.client_id.clone(), model.client_id.clone()),
        ("scope", engine.scope.join(" "), model.scope.join(" ")),
        ("exp", engine.ends.to_string(), model.ends.to_string()),
        ("act", actors(engine), actors(model)),
        ("cnf", engine.key.clone().unwrap_or_default(), model.key.clone().unwrap_or_default()),
    ];
    let differing = fields.iter().filter(|(_, engine, model)| engine != model);
    let told: Vec<String> = differing
        .map(|(name, engine, model)| {
            format!("`{name}` is `{engine}`, and the model says `{model}`")
        })
        .collect();
    if told.is_empty() { Ok(()) } else { Err(told.join("; ")) }
}

/// That a refusal of the engine is one for a reason that the model knows.
pub(crate) fn refusal(
    answer: &Answer,
    objections: &Objections,
    of_token: &'static str,
) -> Result<(), String> {
    let error = answer.body["error"].as_str().unwrap_or_default();
    let known = objections.0.iter().flat_map(|one| &one.codes).map(|code| code.text(of_token));
    let known: Vec<&str> = known.collect();
    if known.contains(&error) {
        return Ok(());
    }
    Err(format!(
        "the engine refuses with `{error}` ({}), and the model with {}: {}",
        said(answer),
        known.join(" or "),
        objections.told(),
    ))
}

/// What the engine says of a refusal.
pub(crate) fn said(answer: &Answer) -> String {
    let text = |name: &str| answer.body[name].as_str();
    let said = text("error_description").or_else(|| text("description")).or_else(|| text("detail"));
    format!("{} {}", answer.status, said.unwrap_or_default())
}
