//! The configuration of the filter in a proxy: parsed and checked like the
//! document of the service, which it contains.
//!
//! `document` is what an operator writes, `check` and `rules` turn it into the
//! model here, and `storeless` reports what only a store could do.

mod check;
mod document;
mod rules;
mod storeless;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::resources::GatewayResource;
use crate::config::{At, Config, Document, Problem, Problems, Report, SecretSource, brought, read};
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// The header field with the token that the client sent, where a rule has
/// `forwardSubjectToken`.
pub(crate) const SUBJECT_TOKEN_HEADER: &str = "x-subject-token";

/// What a filter does in its proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterMode {
    /// Exchanges the token of every request on its way to the upstream.
    Gateway,
    /// Answers every request itself: the endpoints of the service.
    Authority,
}

/// A filter in whose configuration nothing is wrong.
#[derive(Debug)]
pub struct Filter {
    /// What it does.
    pub mode: FilterMode,
    /// The service.
    pub config: Config,
    /// How documents of issuers are reached.
    pub clusters: Clusters,
    pub(crate) gateway: Option<GatewayRules>,
}

/// The text of a filter's configuration, of the right shape.
pub struct FilterDocument(document::Filter);

impl core::fmt::Debug for FilterDocument {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FilterDocument").finish_non_exhaustive()
    }
}

impl Filter {
    /// Reads the configuration of a filter: JSON, at most 8 MiB.
    ///
    /// # Errors
    /// The first thing that is wrong with its shape.
    pub fn parse(text: &str) -> Result<FilterDocument, Problems> {
        Ok(FilterDocument(read(text)?))
    }

    /// What is allowed in it and probably not meant.
    #[must_use]
    pub fn warnings(&self, now: Timestamp) -> Vec<Problem> {
        below_config(Problems(self.config.warnings(now))).0
    }
}

impl FilterDocument {
    /// Brings the secrets and checks everything, also that nothing is asked for
    /// that only a store could give: a filter has none. `bring` is that of
    /// [`Document::resolve`].
    ///
    /// # Errors
    /// Everything that is wrong, not only the first.
    pub fn resolve(
        self,
        mut bring: impl FnMut(&SecretSource) -> Result<String, String>,
    ) -> Result<Filter, Problems> {
        let document::Filter { mode, config, clusters, mut gateway } = self.0;
        let mut report = Report::default();
        if let Some(gateway) = &mut gateway {
            bring_secrets(gateway, &mut bring, &mut report);
        }
        let document = Document::nested(config);
        // Without the service nothing else can be checked.
        let config = document.resolve(&mut bring).map_err(below_config)?;
        storeless::check(&config, mode, &mut report);
        let clusters = check::clusters(clusters, &config, &mut report);
        let gateway = check::gateway(mode, gateway, &config, &mut report);
        report.so(Some(())).map_err(in_order)?;
        Ok(Filter { mode, config, clusters, gateway })
    }
}

fn bring_secrets(
    gateway: &mut document::Gateway,
    bring: &mut impl FnMut(&SecretSource) -> Result<String, String>,
    report: &mut Report,
) {
    let at = At::top("gateway");
    let secret_at = |at: At| at.field("remote").field("clientSecret");
    if let Some(remote) = &mut gateway.remote {
        brought(&mut remote.client_secret, &secret_at(at.clone()), bring, report);
    }
    for (index, rule) in gateway.rules.iter_mut().enumerate() {
        if let Some(remote) = &mut rule.remote {
            let at = secret_at(at.field("rules").item(index));
            brought(&mut remote.client_secret, &at, bring, report);
        }
    }
}

/// The service's problems, where its document stands in the filter's.
fn below_config(mut problems: Problems) -> Problems {
    for problem in &mut problems.0 {
        problem.path.insert_str(0, "config.");
    }
    problems
}

fn in_order(mut problems: Problems) -> Problems {
    problems.0.sort_by(|a, b| a.path.cmp(&b.path));
    problems
}

/// Which cluster of the proxy a URL is fetched through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters(BTreeMap<String, String>);

impl Clusters {
    /// The cluster for this URL: that of the URL itself, else of the longest
    /// part of it that ends in front of a `/` or a `?`.
    #[must_use]
    pub fn of(&self, url: &str) -> Option<&str> {
        let covers = |prefix: &str| {
            url.strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty() || prefix.ends_with('/') || rest.starts_with(['/', '?'])
            })
        };
        let fitting = self.0.iter().filter(|(prefix, _)| covers(prefix));
        fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, cluster)| cluster.as_str())
    }
}

/// Whether a request needs a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenRule {
    /// Without a good one it does not pass.
    #[default]
    Required,
    /// It passes without one; a bad one does not pass.
    Optional,
    /// It passes as it is.
    Off,
}

/// What inbound tokens are taken for (RFC 8693 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectTokenType {
    /// Access tokens: an ID token is refused.
    #[default]
    AccessToken,
    IdToken,
    /// JWTs of any kind.
    Jwt,
}

impl From<SubjectTokenType> for TokenType {
    fn from(kind: SubjectTokenType) -> Self {
        match kind {
            SubjectTokenType::AccessToken => Self::AccessToken,
            SubjectTokenType::IdToken => Self::IdToken,
            SubjectTokenType::Jwt => Self::Jwt,
        }
    }
}

/// The rules of a gateway.
#[derive(Debug)]
pub(crate) struct GatewayRules {
    /// The longest prefix first.
    pub(crate) rules: Vec<PathRule>,
    /// For paths that no rule names.
    pub(crate) otherwise: Arc<Treatment>,
    /// Header fields that no request from outside may bring.
    pub(crate) stripped: Vec<String>,
    /// Scheme and authority by which clients reach the gateway.
    pub(crate) origin: Option<String>,
    /// The APIs whose metadata it publishes.
    pub(crate) resources: Vec<GatewayResource>,
}

/// What happens to paths below a prefix.
#[derive(Debug)]
pub(crate) struct PathRule {
    /// Without a slash at its end: the root is the empty string.
    pub(crate) prefix: String,
    pub(crate) treatment: Arc<Treatment>,
}

/// What happens to a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Treatment {
    pub(crate) token: TokenRule,
    /// The application that the proxy speaks for.
    pub(crate) client_id: String,
    pub(crate) audience: Vec<String>,
    pub(crate) scope: Option<String>,
    pub(crate) subject_token_type: SubjectTokenType,
    pub(crate) forward_subject_token: bool,
    /// Claims of the issued token by header field.
    pub(crate) claim_headers: Vec<(String, String)>,
    pub(crate) remote: Option<Remote>,
}

/// A token endpoint elsewhere.
#[derive(Clone, PartialEq)]
pub(crate) struct Remote {
    pub(crate) cluster: String,
    pub(crate) path: String,
    pub(crate) authority: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Zeroizing<String>,
    pub(crate) timeout_ms: u32,
}

impl core::fmt::Debug for Remote {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Remote({}{})", self.cluster, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::Clusters;

    #[test]
    fn a_url_is_fetched_through_the_cluster_of_its_longest_part() {
        let all = [
            ("https://idp.example", "idp"),
            ("https://idp.example/keys", "keys"),
            ("https://a.example/", "a"),
        ];
        let clusters =
            Clusters(all.map(|(url, cluster)| (url.into(), cluster.into())).into_iter().collect());
        assert_eq!(clusters.of("https://idp.example/jwks"), Some("idp"));
        assert_eq!(clusters.of("https://idp.example?x"), Some("idp"));
        assert_eq!(clusters.of("https://idp.example/keys/1"), Some("keys"));
        assert_eq!(clusters.of("https://idp.example/keys2"), Some("idp"));
        assert_eq!(clusters.of("https://a.example/jwks"), Some("a"));
        assert_eq!(clusters.of("https://idp.example.evil/jwks"), None);
        assert_eq!(clusters.of("https://idp.example:8443/jwks"), None);
    }
}
