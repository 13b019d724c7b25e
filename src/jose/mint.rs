//! Issued tokens: compact JWS, signed through the seam.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::crypto::SigningKey;
use crate::host::Host;
use crate::step::Failed;

/// Signs claims. `typ` is the media type without `application/`: `at+jwt`
/// for an access token (RFC 9068 section 2.1), `JWT` for an ID token.
pub(crate) async fn mint(
    host: &Host,
    key: &SigningKey,
    typ: &str,
    claims: Map<String, Value>,
) -> Result<String, Failed> {
    let mut header = Map::new();
    header.insert("alg".into(), key.algorithm().name().into());
    header.insert("typ".into(), typ.into());
    header.insert("kid".into(), key.kid().into());
    let mut token = part(&header)?;
    token.push('.');
    token.push_str(&part(&claims)?);
    let signature = host.sign(key, token.as_bytes()).await?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
    Ok(token)
}

fn part(members: &Map<String, Value>) -> Result<String, Failed> {
    let json = serde_json::to_vec(members).map_err(|_| Failed::Broken)?;
    Ok(URL_SAFE_NO_PAD.encode(&json))
}
