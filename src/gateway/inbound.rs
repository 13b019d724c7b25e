//! What a request brings: its bearer token (RFC 6750 section 2.1), and header
//! fields that only the gateway may set.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::dpop::DpopProof;
use crate::http::Request;

/// What stands in `Authorization`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Authorization<'a> {
    Missing,
    /// Not empty. Its characters are for [`checked`] to look at.
    Bearer(&'a str),
    /// The same with the scheme `DPoP` (RFC 9449 section 7.1).
    Dpop(&'a str),
    /// Another scheme, or a token that has characters no token has.
    Other,
    /// "Clients MUST NOT use more than one method to transmit the token"
    /// (section 2).
    Several,
}

pub(super) fn authorization(request: &Request) -> Authorization<'_> {
    let mut values = request.values("authorization");
    let Some(value) = values.next() else { return Authorization::Missing };
    if values.next().is_some() {
        return Authorization::Several;
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Authorization::Bearer(token)
    } else if scheme.eq_ignore_ascii_case("dpop") && !token.is_empty() {
        Authorization::Dpop(token)
    } else {
        not_a_token(value)
    }
}

/// The DPoP proof of a request with this access token; `None` when the gateway
/// does not know by which origin clients reach it. None or several make a proof
/// that is none.
pub(super) fn proof(request: &Request, origin: Option<&str>, token: &str) -> Option<DpopProof> {
    let proofs: Vec<&str> = request.values("dpop").collect();
    let url = format!("{}{}", origin?.trim_end_matches('/'), request.path());
    Some(DpopProof::new(proofs.join(","), &request.method, url).of_presenter(token))
}

/// Looks at every character of a bearer token, which costs more than to find
/// it among those that were looked at before.
pub(super) fn checked(token: &str) -> Authorization<'_> {
    // b64token (section 2.1).
    let is_of_token = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    if token.bytes().all(is_of_token) { Authorization::Bearer(token) } else { not_a_token(token) }
}

/// A comma is how proxies join several fields.
fn not_a_token<'a>(value: &str) -> Authorization<'a> {
    if value.contains(',') { Authorization::Several } else { Authorization::Other }
}

/// The header fields of a request that an upstream would take for the
/// gateway's, as they are written there.
pub(super) fn forged(request: &Request, stripped: &[String]) -> Vec<String> {
    let names = request.headers.iter().map(|(name, _)| name);
    let mut found: Vec<String> =
        names.filter(|name| stripped.iter().any(|own| is_same_name(own, name))).cloned().collect();
    found.sort();
    found.dedup();
    found
}

/// Whether a server may take one name of a header field for the other. Servers that
/// hand header fields on as variables (CGI, FastCGI, WSGI, PHP) write them without
/// letter case, and with `_` for all that is not a letter or a digit.
pub(super) fn is_same_name(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(a, b)| folded(a) == folded(b))
}

fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_bearer_token_or_none() {
        let of = |values: &[&str]| {
            let request = Request::new("GET", "/");
            let request =
                values.iter().fold(request, |one, value| one.header("authorization", value));
            let found = match authorization(&request) {
                Authorization::Bearer(token) => checked(token),
                other => other,
            };
            alloc::format!("{found:?}")
        };
        assert_eq!(of(&[]), "Missing");
        assert_eq!(of(&["Bearer a.b-c_d~e+f/g="]), "Bearer(\"a.b-c_d~e+f/g=\")");
        assert_eq!(of(&["bEARER  abc "]), "Bearer(\"abc\")");
        assert_eq!(of(&["dPOp a.b.c"]), "Dpop(\"a.b.c\")");
        assert_eq!(of(&["DPoP a", "Bearer b"]), "Several");
        for other in ["Basic YTpi", "Bearer", "Bearer ", "", "abc", "Bearer a b", "Bearer \u{e4}"] {
            assert_eq!(of(&[other]), "Other", "{other}");
        }
        assert_eq!(of(&["Bearer a", "Bearer b"]), "Several");
        assert_eq!(of(&["Bearer a,Bearer b"]), "Several");
        assert_eq!(of(&["Basic YTpi, Bearer b"]), "Several");
    }

    #[test]
    fn a_header_field_is_forged_in_every_spelling() {
        let request = Request::new("GET", "/")
            .header("x-user", "1")
            .header("X_User", "2")
            .header("x-users", "3")
            .header("x-user", "4");
        assert_eq!(forged(&request, &["x-user".into()]), ["X_User", "x-user"]);
    }

    #[test]
    fn every_character_that_servers_write_as_an_underscore_is_a_spelling() {
        // What a name may hold beside letters and digits (RFC 9110 section 5.6.2).
        for sign in "!#$%&'*+-.^_`|~".chars() {
            let name = alloc::format!("X{sign}User");
            let request = Request::new("GET", "/").header(&name, "root").header("x0user", "1");
            assert_eq!(forged(&request, &["x-user".into()]), [name]);
        }
    }
}
