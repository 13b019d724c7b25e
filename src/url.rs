//! Which URLs are asked for keys: the one policy for the configuration, for
//! discovery documents and for redirects (RFC 3986, RFC 8414 section 6.2).
//!
//! A URL is absolute `https:`, names a host, and carries neither credentials
//! nor a fragment. Plain `http:` is for a loopback host, or where the operator
//! said so in a word that has `danger` in it.

mod inside;

use alloc::string::String;
use core::net::{Ipv4Addr, Ipv6Addr};

use fluent_uri::{Uri, UriRef};

pub(crate) use self::inside::is_inside;

/// Longest URL there may be, in bytes.
const MAX_LENGTH: usize = 2048;

/// An absolute `http:` or `https:` URL with a host.
pub(crate) struct Web<'a> {
    uri: Uri<&'a str>,
    host: &'a str,
    secure: bool,
    port: u16,
}

impl<'a> Web<'a> {
    /// The URL in this text.
    ///
    /// # Errors
    /// What is wrong with it, to be read behind "the URL".
    pub(crate) fn parse(url: &'a str) -> Result<Self, &'static str> {
        if url.len() > MAX_LENGTH {
            return Err("is longer than 2048 characters");
        }
        let uri = Uri::parse(url).map_err(|_| "is not an absolute URL")?;
        let scheme = uri.scheme().as_str();
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return Err("is neither https nor http");
        }
        let authority = uri.authority().ok_or("names no host")?;
        if authority.host().is_empty() {
            return Err("names no host");
        }
        check_host(authority.host())?;
        // Credentials in a URL end up in logs.
        if authority.has_userinfo() {
            return Err("has a user name or password in it");
        }
        let port = match authority.port_to_u16() {
            Ok(Some(0)) | Err(_) => return Err("has a port that does not exist"),
            Ok(Some(port)) => port,
            Ok(None) if secure => 443,
            Ok(None) => 80,
        };
        Ok(Self { uri, host: authority.host(), secure, port })
    }

    /// Whether it is `https:`.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path().as_str()
    }

    /// The host in lower case, with its port where that is not the usual one.
    pub(crate) fn host_and_port(&self) -> String {
        let host = self.host.to_ascii_lowercase();
        if self.has_default_port() { host } else { alloc::format!("{host}:{}", self.port) }
    }

    pub(crate) fn has_query(&self) -> bool {
        self.uri.has_query()
    }

    pub(crate) fn has_fragment(&self) -> bool {
        self.uri.has_fragment()
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8`, `[::1]`.
    pub(crate) fn is_loopback(&self) -> bool {
        if let Ok(address) = self.host.parse::<Ipv4Addr>() {
            return address.is_loopback();
        }
        let inner = self.host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        match inner.map(str::parse::<Ipv6Addr>) {
            Some(Ok(address)) => address.is_loopback(),
            Some(Err(_)) => false,
            None => self.host.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Whether the host is named by an address that only means something on
    /// this machine or in its network, or is `localhost`.
    pub(crate) fn is_inside(&self) -> bool {
        if let Ok(address) = self.host.trim_matches(['[', ']']).parse() {
            return is_inside(address);
        }
        // Names under `localhost` are this machine's (RFC 6761 section 6.3).
        let name = self.host.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost")
    }

    fn has_default_port(&self) -> bool {
        self.port == if self.secure { 443 } else { 80 }
    }
}

/// Other readers of URLs decode percent signs in a host, drop a dot at its end,
/// and take `127.1`, `0x7f000001` and `2130706433` for addresses. What they
/// could read differently is refused.
fn check_host(host: &str) -> Result<(), &'static str> {
    if host.contains('%') || host.ends_with('.') {
        return Err("has a host with a percent sign in it or a dot at its end");
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && last.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X'));
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err("has a host that is neither a name nor an address of four numbers");
    }
    Ok(())
}

/// The path without that of our issuer, which may be in front of it
/// (`/tenant/oauth2/token`) or, for metadata, behind it (RFC 8414 section 3.1:
/// `/.well-known/oauth-authorization-server/tenant`).
pub(crate) fn below_issuer<'a>(issuer: &str, path: &'a str) -> &'a str {
    let base =
        issuer.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    let base = base.unwrap_or_default().trim_end_matches('/');
    if base.is_empty() {
        return path;
    }
    let own = path.strip_prefix(base).filter(|rest| rest.starts_with('/'));
    let well_known = || path.strip_suffix(base).filter(|rest| rest.starts_with("/.well-known/"));
    own.or_else(well_known).unwrap_or(path)
}

/// Whether keys may be fetched from this URL.
///
/// # Errors
/// What is wrong with it, to be read behind "the URL".
pub(crate) fn allowed(url: &str, danger_allow_http: bool) -> Result<(), String> {
    let web = Web::parse(url)?;
    if web.has_fragment() {
        return Err("has a fragment (`#`), which is never sent".into());
    }
    if !web.is_secure() && !web.is_loopback() && !danger_allow_http {
        return Err("is plain http, which anyone on the way can answer".into());
    }
    Ok(())
}

/// Whether keys may be fetched from a URL that the discovery document of an
/// issuer names. Who may name our keys' source may not make us ask our own
/// machine or network: an address there must be the issuer's own host.
///
/// # Errors
/// What is wrong with it, to be read behind "the URL".
pub(crate) fn discovered(issuer: &str, url: &str, danger_allow_http: bool) -> Result<(), String> {
    allowed(url, danger_allow_http)?;
    let (from, to) = (Web::parse(issuer)?, Web::parse(url)?);
    if to.is_inside() && !from.host.eq_ignore_ascii_case(to.host) && !danger_allow_http {
        return Err("is on this machine or in a private network, and the issuer is not".into());
    }
    Ok(())
}

/// Whether a redirect from `a` to `b` stays where it was: the same host and
/// port, and never from https down to http. Going up from http to https may
/// change the port from 80 to 443.
pub(crate) fn same_host(a: &str, b: &str) -> bool {
    let (Ok(a), Ok(b)) = (Web::parse(a), Web::parse(b)) else {
        return false;
    };
    let downgraded = a.secure && !b.secure;
    let same_port = a.port == b.port || (a.has_default_port() && b.has_default_port());
    a.host.eq_ignore_ascii_case(b.host) && same_port && !downgraded
}

/// Whether two issuers are the same URL but for what people take for the same:
/// slashes at the end, letter case of scheme and host, and the default port.
pub(crate) fn names_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('/'), b.trim_end_matches('/'));
    match (Web::parse(a), Web::parse(b)) {
        (Ok(a), Ok(b)) => {
            a.secure == b.secure
                && a.port == b.port
                && a.host.eq_ignore_ascii_case(b.host)
                && a.uri.path() == b.uri.path()
                && a.uri.query() == b.uri.query()
        }
        _ => a == b,
    }
}

/// The absolute URL that a `Location` header means (RFC 9110 section 10.2.2),
/// without its fragment.
pub(crate) fn resolve(base: &str, reference: &str) -> Option<String> {
    let base = Uri::parse(base).ok()?;
    let base = base.strip_fragment();
    let reference = UriRef::parse(reference).ok()?;
    let resolved = reference.resolve_against(&base).ok()?;
    Some(resolved.strip_fragment().as_str().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_allowed_and_http_only_on_loopback_or_where_dangerous() {
        for url in [
            "https://idp.example/jwks",
            "HTTPS://IDP.example:8443/jwks?v=2",
            "http://localhost:3000/jwks",
            "http://LOCALHOST/jwks",
            "http://127.8.9.1/jwks",
            "http://[::1]:3000/jwks",
        ] {
            assert_eq!(allowed(url, false), Ok(()), "{url}");
        }
        for url in [
            "http://idp.example/jwks",
            "http://localhost.evil.example/jwks",
            "http://127.0.0.1.evil.example/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::2]/",
        ] {
            assert!(allowed(url, false).is_err(), "{url}");
            assert_eq!(allowed(url, true), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_is_no_web_url_is_never_allowed() {
        for url in [
            "",
            "idp.example/jwks",
            "//idp.example/jwks",
            "/jwks",
            "https:",
            "https:/jwks",
            "https:///jwks",
            "https://",
            "https://:443/",
            "ftp://idp.example/jwks",
            "file:///etc/passwd",
            "data:application/json,{}",
            "https://user@idp.example/",
            "https://user:secret@idp.example/",
            "https://@idp.example/",
            "https://idp.example/#keys",
            "https://idp.example:0/",
            "https://idp.example:65536/",
            "https://idp.example:443a/",
            "https://idp.example/a b",
            "https://idp.example\\@evil.example/",
            "https://idp.example/\n",
            " https://idp.example/",
            "https://bücher.example/",
            "https://[::1/",
            // Others would read an address of this machine in these.
            "https://local%68ost/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://169.254.43518/",
            "https://localhost./",
        ] {
            assert!(allowed(url, true).is_err(), "{url:?}");
        }
        let long = alloc::format!("https://idp.example/{}", "a".repeat(MAX_LENGTH));
        assert!(allowed(&long, true).is_err());
    }

    #[test]
    fn a_discovery_document_cannot_send_us_inside() {
        let issuer = "https://idp.example";
        assert_eq!(discovered(issuer, "https://keys.example/jwks", false), Ok(()));
        for url in [
            "http://localhost/jwks",
            "https://LOCALHOST/jwks",
            "https://idp.localhost/jwks",
            "https://127.0.0.1:8443/jwks",
            "https://10.1.2.3/jwks",
            "https://169.254.169.254/latest",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://100.64.0.1/",
            "https://[64:ff9b:1::10.0.0.1]/",
            "https://[2002:a00:1::1]/",
            "https://[fec0::1]/",
            "https://198.18.0.1/",
        ] {
            assert!(discovered(issuer, url, false).is_err(), "{url}");
            assert_eq!(discovered(issuer, url, true), Ok(()), "{url}");
        }
        assert_eq!(discovered("http://localhost:1", "http://localhost:1/jwks", false), Ok(()));
        assert_eq!(discovered("https://10.1.2.3", "https://10.1.2.3/jwks", false), Ok(()));
        assert!(discovered(issuer, "http://keys.example/jwks", false).is_err());
    }

    #[test]
    fn a_redirect_stays_on_its_host() {
        let same = [
            ("https://a.example/x", "https://A.example:443/y"),
            ("http://a.example/x", "https://a.example/x"),
            ("http://a.example:8080/x", "https://a.example:8080/x"),
        ];
        for (a, b) in same {
            assert!(same_host(a, b), "{a} {b}");
        }
        let other = [
            ("https://a.example/x", "http://a.example/x"),
            ("https://a.example/x", "https://a.example:8443/x"),
            ("https://a.example/x", "https://b.a.example/x"),
            ("https://a.example/x", "https://a.example./x"),
            ("https://a.example/x", "https://a.example@b.example/x"),
            ("https://a.example/x", "/x"),
            ("http://a.example:8080/x", "https://a.example/x"),
        ];
        for (a, b) in other {
            assert!(!same_host(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_location_is_resolved_against_the_url_that_sent_it() {
        let base = "https://a.example/one/two?q#f";
        let resolved = |reference| resolve(base, reference);
        assert_eq!(resolved("/jwks").as_deref(), Some("https://a.example/jwks"));
        assert_eq!(resolved("three").as_deref(), Some("https://a.example/one/three"));
        assert_eq!(resolved("../x#y").as_deref(), Some("https://a.example/x"));
        assert_eq!(resolved("//b.example/x").as_deref(), Some("https://b.example/x"));
        assert_eq!(resolved("http://c.example/").as_deref(), Some("http://c.example/"));
        assert_eq!(resolved("").as_deref(), Some("https://a.example/one/two?q"));
        assert_eq!(resolved("a b"), None);
        assert_eq!(resolve("mailto:a@b.example", "x\\y"), None);
    }
}
