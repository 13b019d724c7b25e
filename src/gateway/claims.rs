//! Claims of the issued token as header fields.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Longest header field that claims are put into, in bytes.
const MAX_VALUE: usize = 4 * 1024;

/// The claims of a JWT that was just issued, or that comes from the token
/// endpoint itself; nothing of any other token.
pub(super) fn of(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()? {
        Value::Object(claims) => Some(claims),
        _ => None,
    }
}

/// Header fields with these claims; a claim that is not there, or is an
/// object, has none.
pub(super) fn headers(
    wanted: &[(String, String)],
    claims: &Map<String, Value>,
) -> Vec<(String, String)> {
    let written = wanted.iter().filter_map(|(claim, header)| {
        let value = written(claims.get(claim)?).filter(|value| value.len() <= MAX_VALUE)?;
        Some((header.clone(), value))
    });
    written.collect()
}

/// A value in a header field: members of a list have commas between them.
/// What a reader of the field could take for something else is percent-encoded:
/// control characters, anything but ASCII, commas and `%`, and a space at either
/// end, which readers cut off.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(encoded(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(members) => {
            let members: Option<Vec<_>> = members
                .iter()
                .map(|one| if one.is_array() { None } else { written(one) })
                .collect();
            members.map(|members| members.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.len().saturating_sub(1);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' if at == 0 || at == last => out.push_str("%20"),
            b',' | b'%' | 0..=0x1f | 0x7f.. => out.push_str(&format!("%{byte:02X}")),
            _ => out.push(char::from(byte)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_cannot_break_out_of_its_header_field() {
        let claims = serde_json::json!({
            "sub": "ada\r\nx-admin: 1", "name": "Zoë, 100%", "groups": ["a,b", "c"], "n": 7,
            "yes": true, "address": {}, "nested": [["a"]],
        });
        let Value::Object(claims) = claims else { return };
        let wanted = ["sub", "name", "groups", "n", "yes", "address", "nested", "none"];
        let wanted: Vec<_> = wanted.iter().map(|one| (one.to_string(), one.to_string())).collect();
        let headers = headers(&wanted, &claims);
        let values: Vec<_> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["ada%0D%0Ax-admin: 1", "Zo%C3%AB%2C 100%25", "a%2Cb,c", "7", "true"]);
    }

    #[test]
    fn a_claim_with_spaces_around_it_is_another_one_than_without() {
        let is = |value: Value| written(&value).unwrap_or_default();
        for (claim, field) in [
            ("admin", "admin"),
            ("admin ", "admin%20"),
            (" admin", "%20admin"),
            ("  ada  lovelace  ", "%20 ada  lovelace %20"),
            (" ", "%20"),
            ("  ", "%20%20"),
            ("", ""),
        ] {
            assert_eq!(is(claim.into()), field);
        }
        assert_eq!(is(serde_json::json!(["admin ", " staff", "a b"])), "admin%20,%20staff,a b");
    }
}
