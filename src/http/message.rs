//! The request and the reply, as plain data.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Sender, TlsCertificate};
use crate::audit::Audit;

/// An HTTP request, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// Path and query, as on the request line. The absolute form, which clients
    /// send that take this server for a proxy, means the path in it.
    pub target: String,
    /// Header fields in the order they came; names in any letter case.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Vec<u8>,
    /// Who sends it.
    #[serde(default)]
    pub caller: Caller,
    /// Which address it comes from.
    #[serde(default)]
    pub sender: Sender,
    /// The certificate that the client showed in TLS (RFC 8705), where the host, or the
    /// platform it runs on, ends TLS. Never set this from anything in the request.
    #[serde(default)]
    pub certificate: Option<TlsCertificate>,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Caller {
    /// Somebody on the network: clients authenticate.
    #[default]
    Network,
    /// The program that embeds the engine. It speaks for the application it
    /// names in `client_id` and needs no client secret. Never set this from
    /// anything the network sent.
    Embedder,
}

impl Request {
    /// A request from the network without headers or body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
            caller: Caller::Network,
            sender: Sender::Unknown,
            certificate: None,
        }
    }

    /// The same from this address.
    #[must_use]
    pub fn sent_by(mut self, sender: Sender) -> Self {
        self.sender = sender;
        self
    }

    /// The same with one more header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same over a TLS connection with this client certificate.
    #[must_use]
    pub fn with_certificate(mut self, certificate: Option<TlsCertificate>) -> Self {
        self.certificate = certificate;
        self
    }

    /// The same, sent by the embedding program itself.
    #[must_use]
    pub fn from_embedder(mut self) -> Self {
        self.caller = Caller::Embedder;
        self
    }

    /// The one bearer token of the request (RFC 6750 section 2.1).
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let mut values = self.values("authorization");
        let (value, None) = (values.next()?, values.next()) else { return None };
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The credentials in the first `Authorization` with this scheme, in lower
    /// case.
    pub(crate) fn credentials_of(&self, scheme: &str) -> Option<&str> {
        self.values("authorization").find_map(|value| {
            let (named, credentials) = value.split_once(' ')?;
            named.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
        })
    }

    /// The values of a header field, in order; the name in lower case.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the method only reads.
    pub(crate) fn reads(&self) -> bool {
        matches!(&*self.method, "GET" | "HEAD")
    }

    /// The host and port that the client named. HTTP/2 has them in a field of its
    /// own (RFC 9113 section 8.3.1).
    pub(crate) fn host(&self) -> Option<&str> {
        self.values(":authority").chain(self.values("host")).next()
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// The same with path and query as its target, for a server of its own: a
    /// gateway looks at the target as it came, because its upstream does.
    pub(crate) fn in_origin_form(mut self) -> Self {
        let path = origin_form(&self.target);
        if path.len() < self.target.len() {
            self.target = path.into();
        }
        self
    }
}

/// "A server MUST accept the absolute-form in requests even though most HTTP/1.1
/// clients will only send the absolute-form to a proxy" (RFC 9112 section 3.2.2).
/// Its authority says where the client wanted to go and decides nothing.
fn origin_form(target: &str) -> &str {
    let scheme = ["http://", "https://"].iter().find_map(|scheme| {
        target.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(rest) = scheme.and_then(|scheme| target.get(scheme.len()..)) else { return target };
    rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// An HTTP reply, whole, with what is to be said about it in the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header fields; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What was decided and why. Contains no token and no secret.
    pub audit: Option<Audit>,
}

impl Reply {
    /// A JSON reply.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::of_json(status, body),
            Err(_) => Self::internal_error(),
        }
    }

    /// A reply whose body is this JSON text.
    pub(crate) fn of_json(status: u16, body: String) -> Self {
        Self {
            status,
            headers: alloc::vec![("content-type", "application/json".into())],
            body: body.into_bytes(),
            audit: None,
        }
    }

    /// The same with one more header field.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says in a challenge to a client where the metadata of the API is: "The URL of
    /// the protected resource metadata" (RFC 9728 section 5.1).
    pub(crate) fn name_metadata(&mut self, url: Option<&str>) {
        let Some(url) = url else { return };
        let challenge = self.headers.iter_mut().find(|(name, _)| *name == "www-authenticate");
        if let Some((_, challenge)) = challenge
            && (challenge.starts_with("Bearer ") || challenge.starts_with("DPoP "))
        {
            challenge.push_str(&alloc::format!(", resource_metadata=\"{url}\""));
        }
    }

    pub(crate) fn internal_error() -> Self {
        Self {
            status: 500,
            headers: alloc::vec![
                ("content-type", "application/json".into()),
                ("cache-control", "no-store".into()),
            ],
            body: br#"{"error":"server_error"}"#.to_vec(),
            audit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_absolute_form_of_a_target_means_its_path() {
        let read = |target: &str| {
            let request = Request::new("GET", target).in_origin_form();
            (String::from(request.path()), request.query().map(String::from))
        };
        for (target, path, query) in [
            ("/oauth2/token", "/oauth2/token", None),
            ("/oauth2/token?a=b", "/oauth2/token", Some("a=b")),
            ("http://sts.example.com/oauth2/token", "/oauth2/token", None),
            ("HTTPS://sts.example.com:8443/oauth2/token?a=/b", "/oauth2/token", Some("a=/b")),
            ("http://sts.example.com", "/", None),
            ("http://sts.example.com?a", "", Some("a")),
            ("//sts.example.com/x", "//sts.example.com/x", None),
            ("/http://sts.example.com/x", "/http://sts.example.com/x", None),
            ("*", "*", None),
        ] {
            assert_eq!(read(target), (path.into(), query.map(String::from)), "{target}");
        }
    }
}
