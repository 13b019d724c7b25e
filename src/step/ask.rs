//! What crosses the seam: asks and their answers, as plain data.
//!
//! Every type here has a serialised form (`serde`, camelCase, bytes as
//! unpadded base64url), so that a host in another language, or a test file,
//! speaks the same words.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::base64url;
use crate::crypto::{Algorithm, PublicKey, Verdict};

/// Something the engine needs from its host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Ask {
    /// An HTTP `GET` of a URL that comes from the configuration or from a
    /// discovery document named there. With `clientIdMetadata` it may be a client
    /// id, also one that an assertion names, or the `jwks_uri` of its document.
    ///
    /// The host follows no redirect, sends no credentials, stops reading at
    /// `max_bytes` (answering [`Failed::TooLarge`]) and gives up after
    /// `timeout_ms` ([`Failed::TimedOut`]). A URL that is being fetched
    /// already with the same limits is not fetched again: its answer serves
    /// every request that asked for it meanwhile. With other limits it is
    /// fetched: what is too long for one request may be what another needs.
    Fetch {
        /// Absolute URL.
        url: String,
        /// For the whole exchange, body included, in milliseconds.
        timeout_ms: u32,
        /// Longest body the engine will look at, in bytes.
        max_bytes: u32,
        /// The header field `traceparent` to send, for the trace that the request
        /// belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// An HTTP `POST` of a form to a URL that a discovery document names, which the
    /// configuration names: where people sign in to the console. `body` is
    /// `application/x-www-form-urlencoded`.
    ///
    /// What holds for [`Ask::Fetch`] holds here, but that requests never share an
    /// answer. A host that cannot do it answers [`Failed::Unsupported`].
    Submit {
        /// Absolute URL.
        url: String,
        /// The form. It holds a secret, which is not logged.
        body: String,
        /// For the whole exchange, body included, in milliseconds.
        timeout_ms: u32,
        /// Longest body of the answer that the engine will look at, in bytes.
        max_bytes: u32,
    },
    /// Records by key, in the order asked for.
    Read {
        /// Store keys: printable ASCII, at most 512 bytes each.
        keys: Vec<String>,
    },
    /// A page of records whose key begins with a prefix, in key order.
    List {
        /// The prefix; never empty.
        prefix: String,
        /// The last key of the page before, to go on behind it.
        cursor: Option<String>,
        /// Most records to return, 1 to 1000.
        limit: u32,
    },
    /// Writes that happen all or not at all.
    ///
    /// A host without a store that has several engines may take the records whose keys
    /// begin with `limit/`, and answer [`Failed::Unsupported`] for all others: then its
    /// engines count failures and requests together.
    Commit {
        /// At most 100 writes, each key at most once.
        batch: Vec<Write>,
    },
    /// Whether a signature is good. Only algorithms that the host said it
    /// answers ([`HostCrypto`](crate::crypto::HostCrypto)) are asked for; the
    /// host takes algorithm and key from here and chooses neither.
    Verify {
        /// The signature algorithm.
        alg: Algorithm,
        /// The key; its thumbprint is a good name for a cache of parsed keys.
        key: Arc<PublicKey>,
        /// The signed bytes.
        #[serde(with = "base64url")]
        message: Vec<u8>,
        /// The signature in JOSE form: ECDSA is `r ‖ s`, not DER.
        #[serde(with = "base64url")]
        signature: Vec<u8>,
    },
    /// A signature by a key of this server.
    Sign {
        /// The signature algorithm.
        alg: Algorithm,
        /// Which of our keys: its `kid`.
        key_id: String,
        /// The bytes to sign.
        #[serde(with = "base64url")]
        message: Vec<u8>,
    },
}

impl Ask {
    /// The name of this kind of ask, as in its serialised form.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fetch { .. } => "fetch",
            Self::Submit { .. } => "submit",
            Self::Read { .. } => "read",
            Self::List { .. } => "list",
            Self::Commit { .. } => "commit",
            Self::Verify { .. } => "verify",
            Self::Sign { .. } => "sign",
        }
    }
}

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its key.
    pub key: String,
    /// What was written.
    #[serde(with = "base64url")]
    pub value: Vec<u8>,
    /// Changes with every write of the key; never 0.
    pub version: u64,
}

/// One write of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    /// The key.
    pub key: String,
    /// The new value, or `None` to delete.
    #[serde(with = "base64url::option")]
    pub value: Option<Vec<u8>>,
    /// What must be there now, or the whole batch is a [`Answer::Conflict`].
    pub expect: Expect,
    /// Seconds since the epoch from which on the record is as good as
    /// absent; `None`: it stays.
    pub expires_at: Option<u64>,
}

/// What a write expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expect {
    /// Nothing, or an expired record.
    Absent,
    /// A live record with this version.
    Version(u64),
    /// Anything, or nothing.
    Any,
}

/// The host's answer to an [`Ask`].
///
/// [`from_json`](Self::from_json) reads the serialised form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Answer {
    /// To [`Ask::Fetch`] and [`Ask::Submit`]: what the server said, whatever the status.
    Fetched {
        /// HTTP status.
        status: u16,
        /// `Cache-Control`, if there was one.
        cache_control: Option<String>,
        /// `Location`, if there was one.
        location: Option<String>,
        /// The body.
        #[serde(with = "base64url")]
        body: Vec<u8>,
    },
    /// To [`Ask::Read`]: a record or nothing for each key, in order. Expired
    /// records are nothing.
    Records {
        /// As many as there were keys.
        records: Vec<Option<Record>>,
    },
    /// To [`Ask::List`].
    Page {
        /// At most `limit`, in key order, without expired ones.
        records: Vec<Record>,
        /// The cursor of the next page; `None` when this was the last.
        next: Option<String>,
    },
    /// To [`Ask::Commit`]: every write happened, and will survive a crash.
    Committed,
    /// To [`Ask::Commit`]: an expectation did not hold; nothing happened.
    Conflict,
    /// To [`Ask::Verify`].
    Verdict {
        /// Whether the signature is good.
        verdict: Verdict,
    },
    /// To [`Ask::Sign`]: the signature in JOSE form.
    Signature {
        /// The signature.
        #[serde(with = "base64url")]
        signature: Vec<u8>,
    },
    /// To any ask: the host could not. The engine fails closed.
    Failed {
        /// Why.
        failed: Failed,
    },
}

impl Answer {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Fetched { .. } => "fetched",
            Self::Records { .. } => "records",
            Self::Page { .. } => "page",
            Self::Committed => "committed",
            Self::Conflict => "conflict",
            Self::Verdict { .. } => "verdict",
            Self::Signature { .. } => "signature",
            Self::Failed { .. } => "failed",
        }
    }

    pub(super) fn fits(&self, ask: &Ask) -> bool {
        match (ask, self) {
            (Ask::Read { keys }, Self::Records { records }) => keys.len() == records.len(),
            (Ask::Fetch { .. } | Ask::Submit { .. }, Self::Fetched { .. })
            | (Ask::List { .. }, Self::Page { .. })
            | (Ask::Commit { .. }, Self::Committed | Self::Conflict)
            | (Ask::Verify { .. }, Self::Verdict { .. })
            | (Ask::Sign { .. }, Self::Signature { .. })
            | (_, Self::Failed { .. }) => true,
            _ => false,
        }
    }
}

/// Why a host could not do what it was asked for. An ordinary answer: it says
/// that something outside is down, not that the host is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Failed {
    /// Nobody there: the connection was refused, broke off, or failed in a way
    /// that the host cannot tell.
    Unreachable,
    /// The name of the server could not be resolved (DNS).
    Unresolved,
    /// The TLS certificate of the server is not trusted: its authority is not
    /// known, it has expired, or it is for another name.
    Untrusted,
    /// The proxy through which the server is reached did not answer, or refused.
    Proxy,
    /// No answer in time.
    TimedOut,
    /// More bytes than asked for.
    TooLarge,
    /// The host has no such thing: no store, no such key, an algorithm it
    /// did not say it answers.
    Unsupported,
    /// Anything else that went wrong in the host.
    Broken,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "could not be connected to, or broke off",
            Self::Unresolved => "has a host name that could not be resolved",
            Self::Untrusted => "has a TLS certificate that is not trusted here",
            Self::Proxy => "could not be reached through the proxy of the environment",
            Self::TimedOut => "did not answer in time",
            Self::TooLarge => "answered with more bytes than allowed",
            Self::Unsupported => "is not available on this host",
            Self::Broken => "failed",
        })
    }
}
