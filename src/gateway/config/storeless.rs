//! What a configuration asks for that only a store can give, on a host that
//! has none: said when it starts, and not by a 503 to every request.

use alloc::format;

use super::FilterMode;
use crate::config::{
    AccessTokenType, Application, At, ClientAuthentication, Config, GrantType, ReplayProtection,
    Report, SubjectMode, shown,
};

/// Reports it.
pub(super) fn check(config: &Config, mode: FilterMode, report: &mut Report) {
    let at = At::top("config");
    if config.keys.is_empty() {
        report.problem(
            &at.field("keys"),
            "the configuration has no key, and this host has no store to keep one in",
            "add a private JWK: `exchequer keys new` makes one",
        );
    }
    for issuer in &config.trusted_token_issuers {
        if issuer.replay_protection == ReplayProtection::Jti {
            report.problem(
                &at.field("trustedTokenIssuers"),
                format!(
                    "{} has `replayProtection`, and this host has no store that remembers tokens",
                    shown(&issuer.name)
                ),
                "leave `replayProtection` off, or exchange at a `remote` service that has a store",
            );
        }
    }
    if config.client_id_metadata.is_some() && mode == FilterMode::Authority {
        report.problem(
            &at.field("clientIdMetadata"),
            "allows clients that authenticate with assertions, and this host has no store that remembers them",
            "remove it",
        );
    }
    for application in config.applications.values() {
        self::application(application, mode, &at.field("applications"), report);
    }
}

fn application(application: &Application, mode: FilterMode, at: &At, report: &mut Report) {
    let mut problem = |what: &str, remedy: &str| {
        report.problem(at, format!("{} {what}", shown(&application.client_id)), remedy);
    };
    if application.access_token_type == AccessTokenType::Opaque {
        problem(
            "has opaque access tokens, and this host has no store to keep them in",
            "set `accessToken.type` to `jwt`",
        );
    }
    if application.grant_types.contains(&GrantType::RefreshToken) {
        problem(
            "has refresh tokens, and this host has no store to keep them in",
            "remove `refresh_token` from `grantTypes`",
        );
    }
    if application.subject != SubjectMode::Off {
        problem(
            "maps subjects to local users, and this host has no store for their links",
            "remove `subject.useMappedLocalSubject`",
        );
    }
    let keyed = matches!(application.authentication, ClientAuthentication::PrivateKeyJwt(_));
    if keyed && mode == FilterMode::Authority {
        problem(
            "authenticates with assertions, and this host has no store that remembers them",
            "give it a `clientSecret`",
        );
    }
}
