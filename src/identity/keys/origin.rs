//! Where keys are fetched from, and which of these places share a cache.

use alloc::string::String;

use super::fetch::MAX_REDIRECTS;

/// Where keys are fetched from, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The JWK set's URL, the issuer's for discovery, or a client id.
    pub(crate) url: String,
    pub(crate) document: KeyDocument,
    pub(crate) timeout_ms: u32,
    pub(crate) danger_allow_http: bool,
}

/// What is at the URL of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyDocument {
    KeySet,
    /// The URL is an issuer, whose discovery document says where its keys are.
    Discovery,
    /// The URL is the client id of a client that is not registered.
    ClientMetadata,
}

impl Origin {
    /// Seconds after which a fetch is given up for lost: two documents, each
    /// with its redirects.
    pub(super) fn patience(&self) -> u64 {
        let documents = if self.document == KeyDocument::KeySet { 1 } else { 2 };
        u64::from(self.timeout_ms) * documents * (MAX_REDIRECTS as u64 + 1) / 1000 + 1
    }

    pub(in super::super) fn name(&self) -> Name {
        let Self { url, document, danger_allow_http, .. } = self;
        Name { document: *document, url: url.clone(), danger_allow_http: *danger_allow_http }
    }
}

/// Origins of one name share a cache. One URL may be the issuer of one party and
/// the key set of another. Keys that were found under `dangerAllowHttp` are not
/// used by an issuer without it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Name {
    // First, so that origins of one kind stand together.
    pub(super) document: KeyDocument,
    url: String,
    danger_allow_http: bool,
}

impl Name {
    pub(super) fn is_of_client(&self) -> bool {
        self.document == KeyDocument::ClientMetadata
    }
}
