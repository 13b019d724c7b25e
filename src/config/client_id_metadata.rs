//! Clients that are not registered, after every check: which URLs are client ids of
//! such clients, and the application that one of them is.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::model::{Application, ClientAuthentication, IssuerGrant, KeySource, id_of};
use crate::url::Web;

/// Longest client id, as of every application.
const MAX_LENGTH: usize = 255;

/// Which clients there are that are not registered.
#[derive(Clone, Debug)]
pub(crate) struct ClientIdMetadata {
    /// Lower case: a host, or `*.` and the end of one; with a port where it is not 443.
    pub(crate) hosts: Vec<String>,
    /// The application whose rights they have.
    pub(crate) template: Arc<Application>,
}

impl ClientIdMetadata {
    /// The application with this client id, if it is the URL of a client that is
    /// allowed. What its document says is not known yet.
    pub(crate) fn application(&self, client_id: &str) -> Option<Application> {
        let host = host_of(client_id)?;
        if !self.hosts.iter().any(|pattern| covers(pattern, &host)) {
            return None;
        }
        Some(Application {
            id: id_of("client of a metadata document", client_id),
            name: client_id.into(),
            client_id: client_id.into(),
            authentication: ClientAuthentication::PrivateKeyJwt(KeySource::ClientMetadata(
                client_id.into(),
            )),
            // How the template authenticates is not how they do.
            allow_token_endpoint_audience: false,
            // What the template is, and what it is called elsewhere, they are not.
            resources: Vec::from([client_id.into()]),
            id_jag: Vec::new(),
            trusted_token_issuers: self.issuers(),
            ..Application::clone(&self.template)
        })
    }

    /// The issuers whose tokens they may exchange. An issuer calls the template by its
    /// own client id: ID tokens for that one were not given to them.
    fn issuers(&self) -> Vec<IssuerGrant> {
        let of_template = self.template.trusted_token_issuers.iter();
        of_template.map(|grant| IssuerGrant { client_id: None, ..grant.clone() }).collect()
    }
}

/// Host and port of a client id: "MUST have an "https" scheme, MUST contain a path
/// component, MUST NOT contain single-dot or double-dot path segments, MUST NOT
/// contain a fragment component and MUST NOT contain a username or password"
/// (section 3). A query is refused as well, and an address of this machine or
/// network.
fn host_of(client_id: &str) -> Option<String> {
    if !client_id.starts_with("https://") || client_id.len() > MAX_LENGTH {
        return None;
    }
    let url = Web::parse(client_id).ok()?;
    let path = url.path();
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    let is_fit = path.len() > 1
        && !path.split('/').any(is_dots)
        && !url.has_query()
        && !url.has_fragment()
        && !url.is_inside();
    is_fit.then(|| url.host_and_port())
}

/// Whether a host is meant by a pattern. `*.` stands for one label or more.
fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => pattern == host,
        Some(end) => host
            .strip_suffix(end)
            .and_then(|below| below.strip_suffix('.'))
            .is_some_and(|below| !below.is_empty()),
    }
}

/// What is wrong with a pattern, to be read behind it.
pub(super) fn pattern(pattern: &str) -> Result<String, &'static str> {
    let host = pattern.strip_prefix("*.").unwrap_or(pattern);
    if host.contains('*') {
        return Err("has a `*` somewhere else than in `*.` at its beginning");
    }
    if host.contains(['/', '@', '?', '#']) || host.is_empty() {
        return Err("is not a host");
    }
    let url = ["https://", host, "/"].concat();
    let web = Web::parse(&url).map_err(|_| "is not a host")?;
    if web.is_inside() {
        return Err("is on this machine or in a private network, where clients of others are not");
    }
    if pattern.len() > host.len() && !host.contains('.') {
        return Err("covers every host below a top-level domain");
    }
    let host = web.host_and_port();
    Ok(if pattern.starts_with("*.") { ["*.", &host].concat() } else { host.to_string() })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_client_id_is_an_https_url_with_a_path() {
        let fine = [
            ("https://client.example/about.json", "client.example"),
            ("https://CLIENT.example/a/b", "client.example"),
            ("https://client.example:443/a", "client.example"),
            ("https://client.example:8443/a", "client.example:8443"),
        ];
        for (url, host) in fine {
            assert_eq!(host_of(url).as_deref(), Some(host), "{url}");
        }
        let long = format!("https://client.example/{}", "a".repeat(MAX_LENGTH));
        for url in [
            "http://client.example/a",
            "HTTPS://client.example/a",
            "https://client.example",
            "https://client.example/",
            "https://client.example/a?b",
            "https://client.example/a#b",
            "https://user@client.example/a",
            "https://client.example/a/../b",
            "https://client.example/./b",
            "https://client.example/%2e%2E/b",
            "https://localhost/a",
            "https://10.0.0.1/a",
            "https://169.254.169.254/latest",
            "https://[::1]/a",
            "https://[fd00::1]/a",
            "client",
            &long,
        ] {
            assert_eq!(host_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_pattern_covers_whole_labels() {
        assert!(covers("client.example", "client.example"));
        assert!(covers("*.example.com", "a.example.com"));
        assert!(covers("*.example.com", "a.b.example.com"));
        assert!(covers("*.example.com:8443", "a.example.com:8443"));
        for (pattern, host) in [
            ("client.example", "a.client.example"),
            ("*.example.com", "example.com"),
            ("*.example.com", "badexample.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com", "a.example.com:8443"),
            ("*.example.com", "a.example.com.evil"),
        ] {
            assert!(!covers(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn a_pattern_names_a_host_and_not_everything() {
        assert_eq!(pattern("*.Example.COM").as_deref(), Ok("*.example.com"));
        assert_eq!(pattern("client.example:8443").as_deref(), Ok("client.example:8443"));
        for bad in [
            "*",
            "*.",
            "*.com",
            "a.*.com",
            "",
            "https://a.example",
            "a.example/b",
            "localhost",
            "10.0.0.1",
            "a b",
        ] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
    }
}
