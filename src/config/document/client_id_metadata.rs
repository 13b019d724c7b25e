//! Clients that are not registered, in the document.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

/// Clients whose client id is the URL of a document about them
/// (draft-ietf-oauth-client-id-metadata-document). The document says which keys they
/// authenticate with; what they may do is said here.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClientIdMetadata {
    /// The hosts of such URLs: `client.example.com`, or `*.example.com` for every host
    /// below it. With a port, like `client.example.com:8443`, where it is not 443.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) hosts: Vec<String>,
    /// The client id of the application of this document whose rights they have:
    /// its grants, issuers, audiences, scopes and tokens. Not its credentials, its
    /// `clientAssertion`, its `resources` and its `idJag`, nor its client ids at issuers.
    pub(crate) template: String,
}

objects!(ClientIdMetadata);
