//! The configuration of the filter in a proxy: the document of the service, and
//! what the proxy does with it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{FilterMode, SubjectTokenType, TokenRule};
use crate::config::Secret;
use crate::config::document::Root;
use crate::config::document::object::objects;

/// What the filter of a proxy is configured with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(super) struct Filter {
    /// What the proxy does.
    pub(super) mode: FilterMode,
    /// The configuration of the service.
    pub(super) config: Root,
    /// The clusters through which the documents of issuers are fetched, by URL
    /// or by its beginning.
    #[serde(default)]
    pub(super) clusters: BTreeMap<String, String>,
    /// Which requests pass, and with what.
    #[serde(default)]
    pub(super) gateway: Option<Gateway>,
}

/// What the gateway does with a path that no rule names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(super) struct Gateway {
    pub(super) client_id: String,
    #[serde(default)]
    pub(super) audience: Option<Vec<String>>,
    #[serde(default)]
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) subject_token_type: Option<SubjectTokenType>,
    #[serde(default)]
    pub(super) forward_subject_token: Option<bool>,
    #[serde(default)]
    pub(super) claim_headers: Option<Vec<ClaimHeader>>,
    #[serde(default)]
    pub(super) remote: Option<Remote>,
    /// Scheme and authority by which clients reach the gateway. Without it no
    /// DPoP proof is taken, because a proof names the URL of its request.
    #[serde(default)]
    pub(super) origin: Option<String>,
    /// Header fields that are taken out of every request, besides those that
    /// the gateway itself sets.
    #[serde(default)]
    pub(super) strip_headers: Vec<String>,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
}

/// What the gateway does with the paths below a prefix: what is left out is
/// that of the gateway.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(super) struct Rule {
    pub(super) path_prefix: String,
    #[serde(default)]
    pub(super) token: TokenRule,
    #[serde(default)]
    pub(super) client_id: Option<String>,
    #[serde(default)]
    pub(super) audience: Option<Vec<String>>,
    #[serde(default)]
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) subject_token_type: Option<SubjectTokenType>,
    #[serde(default)]
    pub(super) forward_subject_token: Option<bool>,
    #[serde(default)]
    pub(super) claim_headers: Option<Vec<ClaimHeader>>,
    #[serde(default)]
    pub(super) remote: Option<Remote>,
}

/// A claim of the issued token that the upstream finds in a header field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(super) struct ClaimHeader {
    pub(super) claim: String,
    pub(super) header: String,
}

/// A token endpoint elsewhere that exchanges in our place (RFC 8693).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(super) struct Remote {
    pub(super) cluster: String,
    /// Default: `/oauth2/token`.
    #[serde(default)]
    pub(super) path: Option<String>,
    /// The `Host` of the request. Default: the name of the cluster.
    #[serde(default)]
    pub(super) authority: Option<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Secret<Zeroizing<String>>,
    /// Default: 2000.
    #[serde(default)]
    pub(super) timeout_ms: Option<u64>,
}

objects!(Filter, Gateway, Rule, ClaimHeader, Remote);
