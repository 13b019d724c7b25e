//! What contradicts FAPI 2.0 (FAPI 2.0 Security Profile sections 5.3.2.1 and 5.4).

use alloc::format;
use alloc::sync::Arc;

use super::super::model::{Application, ApplicationType, ClientAuthentication};
use super::super::problem::{At, Report, list, shown};
use crate::crypto::{Algorithm, FAPI, SigningKey};

/// Says what of an application contradicts the profile.
pub(super) fn check(
    kind: ApplicationType,
    authentication: Option<&ClientAuthentication>,
    allows_endpoint: bool,
    at: &At,
    report: &mut Report,
) {
    let at_profile = at.field("profile");
    let wrong = match authentication {
        _ if kind.is_public() => "the application is a public client, which does not authenticate",
        Some(ClientAuthentication::Secret(_)) => "the application authenticates by a secret",
        Some(ClientAuthentication::PlatformToken(_)) => {
            "the application authenticates by the tokens of its platform"
        }
        _ => "",
    };
    if !wrong.is_empty() {
        report.problem(
            &at_profile,
            format!("{wrong}, and FAPI 2.0 wants `private_key_jwt` or a client certificate"),
            "give the application `jwks` or `jwksUri`, or a client certificate in `mtls`; or remove `profile`",
        );
    }
    if allows_endpoint {
        report.problem(
            &at.field("clientAssertion").field("allowTokenEndpointAudience"),
            "contradicts FAPI 2.0: the `aud` of an assertion is the issuer of this server alone",
            "remove it, and have the client send the issuer",
        );
    }
}

/// Says which keys of this server sign as the profile does not allow.
pub(super) fn check_keys(
    keys: &[Arc<SigningKey>],
    applications: &[Application],
    report: &mut Report,
) {
    let Some(application) = applications.iter().find(|one| one.keeps_fapi) else { return };
    for (index, key) in keys.iter().enumerate() {
        if !FAPI.contains(&key.algorithm()) {
            report.problem(
                &At::top("keys").item(index),
                format!(
                    "signs with {}, and {} keeps FAPI 2.0, which allows {}",
                    key.algorithm(),
                    shown(&application.client_id),
                    list(FAPI.map(Algorithm::name))
                ),
                "replace it by an ES256 key: `exchequer keys new` makes one",
            );
        }
    }
}
