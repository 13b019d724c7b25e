//! Issuing what was decided: claims, signature, and the reply of the token
//! endpoint (RFC 6749 section 5.1, RFC 8693 section 2.2.1, RFC 9068).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::decide::{Decision, Kind};
use crate::jose::mint;
use crate::state::State;
use crate::step::Failed;
use crate::trace::Parties;
use crate::world::World;

/// The successful reply of the token endpoint.
#[derive(Serialize)]
pub(crate) struct Issued {
    /// "It is called access_token for historical reasons": whatever was issued.
    access_token: String,
    issued_token_type: &'static str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
}

/// Mints the token.
pub(super) async fn issue(
    state: &State,
    world: &World,
    parties: &mut Parties,
    decision: Decision,
) -> Result<Issued, Refusal> {
    let keys = state.signing_keys(world).await.map_err(Refusal::of_signing)?;
    let key = keys.first().ok_or(Failed::Unsupported).map_err(Refusal::of_signing)?;
    let (kind, expires_in) = (decision.kind, decision.lifetime_seconds);
    let scope = decision.scope.join(" ");
    let jti = world.entropy.identifier("jti");
    parties.token_id = Some(jti.clone());
    let claims = claims(state, world, decision, &scope, jti);
    let typ = if kind == Kind::IdToken { "JWT" } else { "at+jwt" };
    let access_token = mint(world, key, typ, claims).await.map_err(Refusal::of_signing)?;
    Ok(Issued {
        access_token,
        issued_token_type: kind.token_type_uri(),
        // "If the issued token is not an access token or usable as an access
        // token, then the token_type value N_A is used" (RFC 8693 section 2.2.1).
        token_type: if kind == Kind::IdToken { "N_A" } else { "Bearer" },
        expires_in,
        scope,
    })
}

/// The claims of RFC 9068 section 2.2; of an ID token, those of OpenID Connect
/// Core section 2. Registered claims go in last: no attribute overrides one.
fn claims(
    state: &State,
    world: &World,
    decision: Decision,
    scope: &str,
    jti: String,
) -> Map<String, Value> {
    let mut claims = decision.attributes;
    let mut put = |name: &str, value: Value| claims.insert(name.to_string(), value);
    put("iss", state.config.issuer.as_str().into());
    put("sub", decision.subject.into());
    // Whose name `sub` is: a token without `idp` is about an account of ours.
    put("idp", decision.identity_provider.into());
    put("aud", one_or_several(decision.audience));
    put("iat", world.now.0.into());
    put("exp", world.now.plus(decision.lifetime_seconds).0.into());
    put("jti", jti.into());
    if let Some(act) = decision.act {
        put("act", act);
    }
    match decision.kind {
        Kind::IdToken => put("azp", decision.client_id.into()),
        Kind::AccessToken | Kind::Jwt => {
            if !scope.is_empty() {
                put("scope", scope.into());
            }
            put("client_id", decision.client_id.into())
        }
    };
    claims
}

fn one_or_several(mut audience: Vec<String>) -> Value {
    match audience.len() {
        1 => audience.swap_remove(0).into(),
        _ => audience.into(),
    }
}
