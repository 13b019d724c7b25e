//! The APIs of which metadata is published (RFC 9728): the `resources` of the
//! applications that are URLs, and this server itself.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::model::{
    ADMIN_READ_SCOPE, ADMIN_SCOPE, ADMIN_TRUST_SCOPE, ADMIN_USERS_SCOPE, Application, Config,
    LINKS_SCOPE, administers,
};
use crate::url::Web;

/// The beginning of the paths of metadata (section 3.1).
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// An API of which metadata is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProtectedResource {
    /// Its identifier, exactly as it is configured.
    pub(crate) resource: String,
    /// Where its metadata is.
    pub(crate) metadata_url: String,
    /// The scopes that applications may ask for together with it.
    pub(crate) scopes: Vec<String>,
    /// Whether an application may ask this server for tokens for it.
    pub(crate) has_clients: bool,
    /// All of these applications get tokens that are bound to a key, and no others.
    pub(crate) dpop_required: bool,
    /// It is this server.
    pub(crate) is_own: bool,
}

impl ProtectedResource {
    /// A resource with this identifier; `None`: it is no URL at which metadata
    /// could be published.
    fn of(resource: &str) -> Option<Self> {
        let url = Web::parse(resource).ok()?;
        if url.has_fragment() || !(url.is_secure() || url.is_loopback()) {
            return None;
        }
        Some(Self {
            resource: resource.into(),
            metadata_url: metadata_url(resource)?,
            scopes: Vec::new(),
            has_clients: false,
            dpop_required: true,
            is_own: false,
        })
    }

    /// Path and query of its metadata.
    pub(crate) fn target(&self) -> &str {
        split(&self.metadata_url).map(|(_, target)| target).unwrap_or_default()
    }

    /// Host and port, as they are written in the URL.
    pub(crate) fn authority(&self) -> &str {
        let origin = split(&self.metadata_url).map(|(origin, _)| origin).unwrap_or_default();
        origin.split_once("://").map(|(_, authority)| authority).unwrap_or_default()
    }

    /// The path of the resource itself.
    pub(crate) fn path(&self) -> &str {
        let below = self.target().strip_prefix(WELL_KNOWN).unwrap_or_default();
        below.split('?').next().unwrap_or_default()
    }

    fn add_client(&mut self, application: &Application) {
        self.has_clients = true;
        self.dpop_required &= application.dpop.required;
        for scope in &application.scopes {
            // Administration is no business of an API.
            if !administers(scope) && !self.scopes.contains(scope) {
                self.scopes.push(scope.clone());
            }
        }
    }
}

/// "by inserting a well-known URI path suffix into the protected resource's
/// resource identifier between the host component and the path and/or query
/// components, if any. [...] any terminating slash (/) following the host
/// component MUST be removed" (section 3.1).
fn metadata_url(resource: &str) -> Option<String> {
    let (origin, rest) = split(resource)?;
    let rest = match rest.strip_prefix('/') {
        Some(rest) if rest.is_empty() || rest.starts_with('?') => rest,
        _ => rest,
    };
    Some(format!("{origin}{WELL_KNOWN}{rest}"))
}

/// Scheme and authority of a URL, and what comes behind.
fn split(url: &str) -> Option<(&str, &str)> {
    let host = url.find("://")? + 3;
    let end = url.get(host..)?.find(['/', '?']).map_or(url.len(), |at| host + at);
    url.split_at_checked(end)
}

/// APIs by identifier.
pub(crate) type ProtectedResources = BTreeMap<String, ProtectedResource>;

/// The resources of these applications, and this server.
pub(crate) fn protected_resources<'a>(
    issuer: &str,
    applications: impl Iterator<Item = &'a Application> + Clone,
) -> ProtectedResources {
    let mut all = BTreeMap::new();
    for resource in applications.clone().flat_map(|application| &application.resources) {
        if let Some(found) = ProtectedResource::of(resource) {
            all.insert(resource.clone(), found);
        }
    }
    for application in applications {
        for audience in &application.audiences {
            if let Some(resource) = all.get_mut(audience) {
                resource.add_client(application);
            }
        }
    }
    for resource in all.values_mut() {
        resource.dpop_required &= resource.has_clients;
    }
    if let Some(own) = ProtectedResource::of(issuer) {
        let scopes =
            [ADMIN_SCOPE, ADMIN_READ_SCOPE, ADMIN_USERS_SCOPE, ADMIN_TRUST_SCOPE, LINKS_SCOPE];
        let scopes = scopes.map(String::from).into();
        let own = ProtectedResource {
            scopes,
            has_clients: true,
            dpop_required: false,
            is_own: true,
            ..own
        };
        all.insert(issuer.into(), own);
    }
    all
}

/// The URL of the metadata of the first of these audiences that has any.
pub(crate) fn metadata_of<'a>(
    all: &'a ProtectedResources,
    audiences: &[String],
) -> Option<&'a str> {
    audiences.iter().find_map(|audience| all.get(audience)).map(|one| &*one.metadata_url)
}

impl Config {
    /// The URL of the metadata of this server.
    pub(crate) fn own_metadata(&self) -> Option<&str> {
        metadata_of(&self.protected_resources, core::slice::from_ref(&self.issuer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_comes_between_host_and_path() {
        for (resource, url) in [
            ("https://a.example", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/b", "https://a.example/.well-known/oauth-protected-resource/b"),
            ("https://a.example/b/", "https://a.example/.well-known/oauth-protected-resource/b/"),
            ("https://a.example/?c", "https://a.example/.well-known/oauth-protected-resource?c"),
            ("https://a.example?c", "https://a.example/.well-known/oauth-protected-resource?c"),
            (
                "https://a.example:8443/b?c=d",
                "https://a.example:8443/.well-known/oauth-protected-resource/b?c=d",
            ),
            ("http://localhost:1/b", "http://localhost:1/.well-known/oauth-protected-resource/b"),
        ] {
            let found = ProtectedResource::of(resource).map(|one| one.metadata_url);
            assert_eq!(found.as_deref(), Some(url), "{resource}");
        }
    }

    #[test]
    fn what_is_no_https_url_has_no_metadata() {
        for resource in
            ["api", "urn:example:api", "http://a.example", "https://a.example/#b", "https:///x"]
        {
            assert_eq!(ProtectedResource::of(resource), None, "{resource}");
        }
    }

    #[test]
    fn a_resource_is_taken_apart_as_it_is_written() {
        let resource = ProtectedResource::of("https://A.example:8443/b/c?d=/e");
        let parts = resource.as_ref().map(|one| (one.authority(), one.target(), one.path()));
        let target = "/.well-known/oauth-protected-resource/b/c?d=/e";
        assert_eq!(parts, Some(("A.example:8443", target, "/b/c")));
    }
}
