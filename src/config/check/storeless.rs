//! What a configuration asks for that only a store can give, on a host that
//! has none: said when it starts, and not by a 503 to every request.

use super::super::filter::FilterMode;
use super::super::model::{
    AccessTokenType, ClientAuthentication, Config, GrantType, ReplayProtection, SubjectMode,
};
use super::super::problem::{At, Report, shown};

/// Reports it.
pub(in super::super) fn storeless(config: &Config, mode: FilterMode, report: &mut Report) {
    let top = |field: &str| At::top("config").field(field);
    if config.keys.is_empty() {
        report.problem(
            &top("keys"),
            "there is no key of ours, and this host has no store to keep one in",
            "add a private JWK: `exchequer keys new` makes one",
        );
    }
    for issuer in &config.trusted_token_issuers {
        if issuer.replay_protection == ReplayProtection::Jti {
            report.problem(
                &top("trustedTokenIssuers"),
                alloc::format!(
                    "{} has `replayProtection`, and this host has no store that remembers tokens",
                    shown(&issuer.name)
                ),
                "leave `replayProtection` off, or exchange at a `remote` service that has a store",
            );
        }
    }
    for application in config.applications.values() {
        let needs = |what: &str| alloc::format!("{} {what}", shown(&application.client_id));
        let mut problem = |what: &str, remedy: &str| {
            report.problem(&top("applications"), needs(what), remedy);
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
}
