//! The claims of an issued JWT.

use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::issued_token::EVIDENCE;
use crate::grant::Grant;
use crate::host::Host;
use crate::state::State;
use crate::token_type::TokenType;

/// The claims of RFC 9068 section 2.2; of an ID token, those of OpenID Connect
/// Core section 2. Registered claims go in last: no attribute overrides one.
pub(super) fn claims(
    state: &State,
    host: &Host,
    kind: TokenType,
    grant: Grant,
    lifetime: u64,
    jti: String,
) -> Map<String, Value> {
    let sub = grant.sub().into_owned();
    let mut claims = grant.attributes;
    let mut put = |name: &str, value: Value| claims.insert(name.to_string(), value);
    put("iss", state.config.issuer.as_str().into());
    put("sub", sub.into());
    // The issuer that gave `sub` its name; a token without `idp` is about a
    // local user.
    if let Some(idp) = grant.subject.idp() {
        put("idp", idp.into());
    }
    put("aud", one_or_several(&grant.audience));
    put("iat", host.now.0.into());
    put("exp", host.now.plus(lifetime).0.into());
    put("jti", jti.into());
    if let Some(act) = grant.act {
        put("act", act);
    }
    if kind == TokenType::IdToken {
        put("azp", grant.client_id.into());
    } else {
        if let Some(may_act) = grant.may_act {
            put("may_act", may_act);
        }
        if let Some(evidence) = grant.evidence {
            put(EVIDENCE, serde_json::to_value(evidence).unwrap_or_default());
        }
        if !grant.scope.is_empty() {
            put("scope", grant.scope.join(" ").into());
        }
        put("client_id", grant.client_id.into());
    }
    claims
}

fn one_or_several(audience: &[String]) -> Value {
    match audience {
        [only] => only.as_str().into(),
        _ => audience.to_vec().into(),
    }
}
