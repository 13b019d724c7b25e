//! The configuration of the filter in a proxy: the document of the service, and
//! what the proxy does with it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::Root;
use crate::config::filter::{FilterMode, SubjectTokenType, TokenRule};
use crate::config::secret::Secret;

/// What the filter of a proxy is configured with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Filter {
    /// What the proxy does.
    pub(crate) mode: FilterMode,
    /// The configuration of the service.
    pub(crate) config: Root,
    /// The clusters through which the documents of issuers are fetched, by URL
    /// or by its beginning.
    #[serde(default)]
    pub(crate) clusters: BTreeMap<String, String>,
    /// Which requests pass, and with what.
    #[serde(default)]
    pub(crate) gateway: Option<Gateway>,
}

/// What the gateway does with a path that no rule names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Gateway {
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) audience: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) subject_token_type: Option<SubjectTokenType>,
    #[serde(default)]
    pub(crate) forward_subject_token: Option<bool>,
    #[serde(default)]
    pub(crate) claim_headers: Option<Vec<ClaimHeader>>,
    #[serde(default)]
    pub(crate) remote: Option<Remote>,
    /// Header fields that are taken out of every request, besides those that
    /// the gateway itself sets.
    #[serde(default)]
    pub(crate) strip_headers: Vec<String>,
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
}

/// What the gateway does with the paths below a prefix: what is left out is
/// that of the gateway.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Rule {
    pub(crate) path_prefix: String,
    #[serde(default)]
    pub(crate) token: TokenRule,
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    #[serde(default)]
    pub(crate) audience: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) subject_token_type: Option<SubjectTokenType>,
    #[serde(default)]
    pub(crate) forward_subject_token: Option<bool>,
    #[serde(default)]
    pub(crate) claim_headers: Option<Vec<ClaimHeader>>,
    #[serde(default)]
    pub(crate) remote: Option<Remote>,
}

/// A claim of the issued token that the upstream finds in a header field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClaimHeader {
    pub(crate) claim: String,
    pub(crate) header: String,
}

/// A token endpoint elsewhere that exchanges in our place (RFC 8693).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Remote {
    pub(crate) cluster: String,
    /// Default: `/oauth2/token`.
    #[serde(default)]
    pub(crate) path: Option<String>,
    /// The `Host` of the request. Default: the name of the cluster.
    #[serde(default)]
    pub(crate) authority: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret<Zeroizing<String>>,
    /// Default: 2000.
    #[serde(default)]
    pub(crate) timeout_ms: Option<u64>,
}

objects!(Filter, Gateway, Rule, ClaimHeader, Remote);
