//! The filter of a proxy: its clusters, its rules, and whether they agree with
//! the service's configuration.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::{Clusters, FilterMode, GatewayRules, document, rules};
use crate::config::{
    Application, At, ClientAuthentication, Config, GrantType, KeySource, Report, or_known, shown,
};

/// The clusters, and whether there is one for every URL that is fetched.
pub(super) fn clusters(
    clusters: BTreeMap<String, String>,
    config: &Config,
    report: &mut Report,
) -> Clusters {
    let at = At::top("clusters");
    for (url, cluster) in &clusters {
        if cluster.is_empty() {
            report.problem(
                &at,
                format!("{} is fetched through a cluster without a name", shown(url)),
                "give the name of a cluster of the proxy",
            );
        }
    }
    let clusters = Clusters(clusters);
    for url in fetched(config) {
        if clusters.of(url).is_none() {
            report.problem(
                &at,
                format!("there is no cluster for {}", shown(url)),
                format!("add `{url}` with the name of a cluster that leads there"),
            );
        }
    }
    clusters
}

/// Every URL that the engine may fetch, but for those that are discovered.
fn fetched(config: &Config) -> impl Iterator<Item = &str> {
    let issuers = config.trusted_token_issuers.iter().map(|issuer| &issuer.keys);
    let clients = config.applications.values().filter_map(|one| match &one.authentication {
        ClientAuthentication::PrivateKeyJwt(keys) => Some(keys),
        _ => None,
    });
    issuers.chain(clients).filter_map(|keys| match keys {
        KeySource::JwksUri(url) | KeySource::Discovery(url) => Some(url.as_str()),
        KeySource::Jwks(_) | KeySource::Certificates(_) | KeySource::ClientMetadata(_) => None,
    })
}

/// The rules, where the filter is a gateway; `None` where it is none, or where
/// they cannot be built, which is then said.
pub(super) fn gateway(
    mode: FilterMode,
    gateway: Option<document::Gateway>,
    config: &Config,
    report: &mut Report,
) -> Option<GatewayRules> {
    let at = At::top("gateway");
    match (mode, gateway) {
        (FilterMode::Gateway, Some(gateway)) => rules::of(gateway, &at, config, report),
        (FilterMode::Authority, None) => None,
        (FilterMode::Gateway, None) => {
            report.problem(
                &at,
                "is missing, and the mode is `gateway`",
                r#"add `"gateway": { "clientId": "…" }`"#,
            );
            None
        }
        (FilterMode::Authority, Some(_)) => {
            report.problem(
                &at,
                "is there, and the mode is `authority`, which has no use for it",
                "remove it, or set `mode` to `gateway`",
            );
            None
        }
    }
}

/// The application of a gateway, which must be able to exchange.
pub(super) fn application<'a>(
    client_id: &str,
    config: &'a Config,
    at: &At,
    report: &mut Report,
) -> Option<&'a Application> {
    let Some(application) = config.applications.get(client_id) else {
        let known = config.applications.keys().map(String::as_str);
        report.problem(
            at,
            format!("there is no application {}", shown(client_id)),
            or_known(client_id, known, "add it to `config.applications`"),
        );
        return None;
    };
    let exchange = GrantType::TokenExchange;
    if !application.grant_types.contains(&exchange) {
        report.problem(
            at,
            format!("the application {} may not exchange tokens", shown(client_id)),
            format!("add `{}` to its `grantTypes`", exchange.name()),
        );
    }
    Some(application)
}
