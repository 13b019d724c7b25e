//! What is remembered of tokens, in the document.

use serde::Deserialize;

/// What is remembered of tokens, so that one that comes again costs less. Each
/// cache is in the memory of one process (in Envoy: of one worker), and off unless
/// it is named here.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Caches {
    /// Tokens whose signature was found good. Of the same token again the signature is
    /// not computed and the text is not read; everything else is checked every time.
    #[serde(default)]
    pub(crate) verified_tokens: Option<VerifiedTokens>,
    /// Tokens that a gateway gives out again for the same token and the same
    /// rule. Only a gateway uses it.
    #[serde(default)]
    pub(crate) issued_tokens: Option<IssuedTokens>,
}

/// Tokens whose signature was found good. `{}` turns it on.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct VerifiedTokens {
    /// How much memory it takes at most, in bytes: a token of 1500 bytes takes about
    /// 4000. 65536 to 268435456; default: 8388608.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 65_536, max = 268_435_456), extend("default" = 8_388_608)))]
    pub(crate) max_bytes: Option<u64>,
}

/// Tokens that a gateway gives out again. `{}` turns it on.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct IssuedTokens {
    /// How much memory it takes at most, in bytes. 65536 to 268435456; default:
    /// 4194304.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 65_536, max = 268_435_456), extend("default" = 4_194_304)))]
    pub(crate) max_bytes: Option<u64>,
    /// How long before its end a token is not given out any more, in seconds; a
    /// fifth of its lifetime, if that is shorter. 1 to 3600; default: 30.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3600), extend("default" = 30)))]
    pub(crate) margin_seconds: Option<u64>,
}

objects!(Caches, VerifiedTokens, IssuedTokens);
