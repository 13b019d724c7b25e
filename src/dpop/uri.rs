//! Whether two URLs mean the same, as far as a proof says it (RFC 9449 section
//! 4.3): "after [...] Syntax-Based Normalization and Scheme-Based Normalization"
//! (RFC 3986 sections 6.2.2 and 6.2.3), without query and fragment.

use alloc::string::String;

use crate::scan;

/// Whether both are the same URL. A path with dot segments is like no other
/// one.
pub(super) fn same(htu: &str, url: &str) -> bool {
    let special = |word| scan::is(word, b'?') | scan::is(word, b'#') | scan::is(word, b'%');
    if scan::same(htu.as_bytes(), url.as_bytes())
        && scan::before(htu.as_bytes(), special) == htu.len()
    {
        return true;
    }
    normal(htu).is_some_and(|htu| normal(url) == Some(htu))
}

/// Scheme and authority in lower case without the default port, and the path
/// without encodings that mean nothing. `None`: no such URL.
fn normal(url: &str) -> Option<String> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (scheme, rest) = url.get(..end)?.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match &*scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let mut authority = authority.to_ascii_lowercase();
    if authority.is_empty() || authority.contains(['@', '\\']) {
        return None;
    }
    if let Some(host) = authority.strip_suffix(default_port).or_else(|| authority.strip_suffix(':'))
    {
        authority = host.into();
    }
    let path = decoded(if path.is_empty() { "/" } else { path })?;
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return None;
    }
    Some(alloc::format!("{scheme}://{authority}{path}"))
}

/// Without the percent-encoding of unreserved characters; the digits of the
/// others in upper case.
fn decoded(path: &str) -> Option<String> {
    let mut pieces = path.split('%');
    let mut out: String = pieces.next()?.into();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::same;

    const URL: &str = "https://sts.example/oauth2/token";

    #[test]
    fn spellings_of_one_url_are_the_same() {
        for htu in [
            "https://sts.example/oauth2/token",
            "https://sts.example/oauth2/token?x=y",
            "https://sts.example/oauth2/token#z",
            "HTTPS://STS.example:443/oauth2/token",
            "https://sts.example:/oauth2/token",
            "https://sts.example/oauth2/%74oken",
        ] {
            assert!(same(htu, URL), "{htu}");
        }
        assert!(same("https://a.example", "https://a.example/"));
        assert!(same("http://a.example:80/%2f", "http://a.example/%2F"));
        assert!(same("https://a.example:8443/x", "https://A.example:8443/x"));
    }

    #[test]
    fn other_urls_are_not() {
        for htu in [
            "http://sts.example/oauth2/token",
            "https://sts.example/oauth2/token/",
            "https://sts.example/OAUTH2/token",
            "https://sts.example/oauth2%2Ftoken",
            "https://sts.example/oauth2/x/../token",
            "https://sts.example/./oauth2/token",
            "https://sts.example:444/oauth2/token",
            "https://sts.example.evil/oauth2/token",
            "https://a@sts.example/oauth2/token",
            "https://sts.example/oauth2/token%",
            "https://sts.example/oauth2/%+4token",
            "ftp://sts.example/oauth2/token",
            "/oauth2/token",
            "",
        ] {
            assert!(!same(htu, URL), "{htu}");
        }
    }
}
