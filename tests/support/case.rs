//! A case as its file has it (`tests/vectors/README.md`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use exchequer::{Caller, KnownCertificate, Request, Sender, TlsCertificate};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fixtures::{root, text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[allow(dead_code, reason = "for the reader")]
    about: String,
    pub(crate) config: Value,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) now: u64,
    #[serde(default)]
    #[allow(dead_code, reason = "for the reader")]
    tokens: Value,
    pub(crate) request: CaseRequest,
    #[serde(default)]
    pub(crate) fetch: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    pub(crate) store: StoreState,
    pub(crate) expect: Expected,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreState {
    #[default]
    Ok,
    Failed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseRequest {
    method: Option<String>,
    pub(crate) target: Option<String>,
    #[serde(default)]
    headers: Vec<(String, Value)>,
    basic: Option<(String, String)>,
    pub(crate) form: Option<Vec<(String, Value)>>,
    body: Option<Value>,
    #[serde(default)]
    caller: Caller,
    connection: Option<CaseConnection>,
}

/// The connection of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseConnection {
    peer: Option<String>,
    certificate: Option<CaseCertificate>,
}

/// A client certificate: base64 of DER, or its SHA-256 in hex and its subject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseCertificate {
    der: Option<String>,
    sha256: Option<String>,
    subject: Option<String>,
    verified: bool,
}

impl CaseConnection {
    fn certificate(&self) -> Option<TlsCertificate> {
        self.certificate.as_ref().map(|one| TlsCertificate {
            known: match &one.der {
                Some(der) => KnownCertificate::Der(Base64::decode_vec(der).unwrap()),
                None => KnownCertificate::Described {
                    sha256: one.sha256.clone().unwrap(),
                    subject: one.subject.clone(),
                },
            },
            verified: one.verified,
        })
    }

    /// What is no address is unknown.
    fn sender(&self) -> Sender {
        let peer = self.peer.as_deref().and_then(|peer| peer.parse().ok());
        peer.map_or(Sender::Unknown, Sender::Peer)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) fetches: Option<usize>,
    #[serde(default)]
    pub(crate) headers: Map<String, Value>,
    #[serde(default)]
    pub(crate) body: Value,
    #[serde(default)]
    pub(crate) header: Value,
    #[serde(default)]
    pub(crate) claims: Value,
    pub(crate) checks: Option<Vec<String>>,
}

impl Case {
    /// Whether it is about what is fetched, and when.
    pub(crate) fn counts_fetches(&self) -> bool {
        let counts = |step: &Step| {
            !step.fetch.is_empty() || step.expect.fetches.is_some_and(|count| count > 0)
        };
        self.steps.iter().any(counts)
    }
}

impl CaseRequest {
    /// The user name of `basic`.
    pub(crate) fn user(&self) -> Option<&str> {
        self.basic.as_ref().map(|(user, _)| user.as_str())
    }

    /// The request as the host gets it; `answered` are the bodies of the
    /// replies to the steps before.
    pub(crate) fn request(&self, answered: &[Value]) -> Request {
        let mut request = Request::new(
            self.method.as_deref().unwrap_or("POST"),
            self.target.as_deref().unwrap_or("/oauth2/token"),
        );
        if let Some((user, password)) = &self.basic {
            let pair = Base64::encode_string(format!("{user}:{password}").as_bytes());
            request = request.header("Authorization", &format!("Basic {pair}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, &text(value, answered));
        }
        if let Some(form) = &self.form {
            if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                request = request.header("Content-Type", "application/x-www-form-urlencoded");
            }
            let mut body = form_urlencoded::Serializer::new(String::new());
            for (name, value) in form {
                body.append_pair(name, &text(value, answered));
            }
            request = request.body(body.finish());
        } else if let Some(body) = &self.body {
            request = request.body(text(body, answered));
        }
        request.caller = self.caller;
        if let Some(connection) = &self.connection {
            request.sender = connection.sender();
            request.certificate = connection.certificate();
        }
        request
    }

    /// The password of `basic`.
    pub(crate) fn password(&self) -> Option<&str> {
        self.basic.as_ref().map(|(_, password)| password.as_str())
    }
}

/// Every case file, by its path below `tests/vectors`.
pub(crate) fn files() -> Vec<PathBuf> {
    const NO_GROUPS: [&str; 4] = ["configs", "forge", "keys", "runner"];
    let mut files = Vec::new();
    for group in entries(&root()) {
        let name = group.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if group.is_dir() && !NO_GROUPS.contains(&name) {
            files.extend(
                entries(&group)
                    .into_iter()
                    .filter(|path| path.extension().is_some_and(|extension| extension == "json")),
            );
        }
    }
    files.sort();
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
