//! Issued tokens: compact JWS, signed through the seam.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::SigningKey;
use crate::host::Host;
use crate::json_writer::Writer;
use crate::step::Failed;

/// Room for the header.
const HEADER: usize = 128;
/// Room for the signature, of an elliptic curve, and the dots.
const SIGNATURE: usize = 96;

/// Signs claims, which are the text of a JSON object. `typ` is the media type
/// without `application/`: `at+jwt` for an access token (RFC 9068 section 2.1),
/// `JWT` for an ID token.
pub(crate) async fn mint(
    host: &Host,
    key: &SigningKey,
    typ: &str,
    claims: &str,
) -> Result<String, Failed> {
    let mut header = Writer::new(HEADER);
    header.text("alg", key.algorithm().name());
    header.text("kid", key.kid());
    header.text("typ", typ);
    let header = header.end();
    let room = (header.len() + claims.len()) * 4 / 3 + SIGNATURE;
    let mut token = String::with_capacity(room);
    URL_SAFE_NO_PAD.encode_string(&header, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = host.sign(key, token.as_bytes()).await?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
    Ok(token)
}
