//! The metadata of the APIs behind a gateway (RFC 9728): the `resources` of the
//! applications that it speaks for.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::{Application, Config, ProtectedResource, WELL_KNOWN};
use crate::endpoints::{asked_for, resource_document};
use crate::http::{Reply, Request};

/// An API behind the gateway.
#[derive(Debug)]
pub(crate) struct GatewayResource {
    /// The application that the gateway speaks for there.
    client_id: String,
    resource: ProtectedResource,
    /// Who issues the tokens that the gateway takes.
    servers: Vec<String>,
}

/// The place of an API among those behind a gateway. Every request that waits has one,
/// so it is small; no gateway has more APIs.
pub(super) type Place = u16;

impl GatewayResource {
    pub(super) fn metadata_url(&self) -> &str {
        &self.resource.metadata_url
    }
}

/// The APIs of the application with this client id.
pub(super) fn of(client_id: &str, config: &Config) -> Vec<GatewayResource> {
    let Some(application) = config.applications.get(client_id) else { return Vec::new() };
    let resources = application.resources.iter();
    let resources = resources.filter_map(|name| config.protected_resources.get(name));
    let of_gateway = resources.map(|resource| GatewayResource {
        client_id: client_id.into(),
        resource: resource.clone(),
        servers: servers(resource, application, config),
    });
    of_gateway.collect()
}

/// This server, if it issues tokens for the API, and the issuers whose tokens the
/// gateway exchanges.
fn servers(
    resource: &ProtectedResource,
    application: &Application,
    config: &Config,
) -> Vec<String> {
    let own = resource.has_clients.then(|| config.issuer.clone());
    let known = &config.trusted_token_issuers;
    let listed = application.trusted_token_issuers.iter();
    let listed = listed.filter_map(|one| known.iter().find(|issuer| issuer.id == one.issuer));
    let issuers = listed.filter(|issuer| issuer.enabled).map(|issuer| issuer.issuer.clone());
    own.into_iter().chain(issuers).collect()
}

/// The answer to a request for the metadata of an API behind the gateway.
pub(super) fn document(resources: &[GatewayResource], request: &Request) -> Option<Reply> {
    if !request.target.starts_with(WELL_KNOWN) || !request.reads() {
        return None;
    }
    let resource = asked_for(resources.iter().map(|one| &one.resource), request)?;
    let found = resources.iter().find(|one| one.resource == *resource)?;
    let servers: Vec<&str> = found.servers.iter().map(String::as_str).collect();
    Some(resource_document(resource, &servers))
}

/// The place of the API that a request is for: that of the longest path.
pub(super) fn requested(
    resources: &[GatewayResource],
    client_id: &str,
    request: &Request,
) -> Option<Place> {
    let covers = |one: &GatewayResource| {
        let path = one.resource.path().trim_end_matches('/');
        let below = request.path().strip_prefix(path);
        one.client_id == client_id
            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let host = request.host().unwrap_or_default();
    let rank = |one: &GatewayResource| {
        let is_here = one.resource.authority().eq_ignore_ascii_case(host);
        (is_here, one.resource.path().len())
    };
    let covering = resources.iter().enumerate().filter(|(_, one)| covers(one));
    covering.max_by_key(|(_, one)| rank(one)).and_then(|(place, _)| place.try_into().ok())
}
