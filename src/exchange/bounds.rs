//! What an application may ask for: the audiences and the scopes of an issued
//! token, never wider than those of an issued token that was presented.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::presented_token::Limit;
use crate::config::{Application, Config, User};
use crate::reason::{self, Fault};
use crate::token_type::TokenType;

/// The audiences that an application may ask tokens for.
pub(super) fn targets(application: &Application) -> &[String] {
    match &*application.audiences {
        [] => core::slice::from_ref(&application.client_id),
        audiences => audiences,
    }
}

/// The requested audiences, if the application may ask for them; all that it
/// may ask for when it requests none. An ID token is for the client itself and
/// nobody else: an API that sees its own name in one might take it for an
/// access token. What was granted to a refresh token bounds an exchange of it, and
/// what an identity assertion grant is for bounds what it gives.
pub(super) fn audience(
    application: &Application,
    limit: &Limit,
    kind: TokenType,
    requested: &[String],
) -> Result<Arc<[String]>, Fault> {
    let allowed = match kind {
        TokenType::IdToken => core::slice::from_ref(&application.client_id),
        _ => targets(application),
    };
    if let Some(target) = requested.iter().find(|target| !allowed.contains(target)) {
        let compared =
            alloc::format!("{}; allowed: {}", crate::audit::shown_name(target), allowed.join(", "));
        return Err(Fault::new(
            &reason::TARGET,
            "the application may not ask for tokens for the requested audience or resource",
        )
        .comparing(compared));
    }
    match &limit.audience {
        Some(granted) if kind != TokenType::IdToken => narrowed(granted, requested),
        _ if requested.is_empty() => Ok(allowed.into()),
        _ => Ok(distinct(requested).into()),
    }
}

/// The requested ones among the granted audiences; all of them when none is
/// requested.
pub(super) fn narrowed(
    granted: &Arc<[String]>,
    requested: &[String],
) -> Result<Arc<[String]>, Fault> {
    if let Some(target) = requested.iter().find(|target| !granted.contains(target)) {
        return Err(Fault::new(
            &reason::TARGET,
            "the requested audience or resource was not granted at first",
        )
        .comparing(crate::audit::shown_name(target)));
    }
    Ok(if requested.is_empty() { Arc::clone(granted) } else { distinct(requested).into() })
}

fn distinct(values: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for value in values {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    distinct
}

/// The scopes that an application may be granted: its own, and for a local
/// user those of the user's roles.
pub(super) fn allowed_scopes<'a>(
    application: &'a Application,
    config: &'a Config,
    user: Option<&User>,
) -> Vec<&'a String> {
    let of_roles =
        user.into_iter().flat_map(|user| &user.roles).filter_map(|role| config.roles.get(role));
    application.scopes.iter().chain(of_roles.flatten()).collect()
}

/// Those that are allowed and within the limit, in their order.
pub(super) fn within(
    scopes: &[String],
    allowed: &[&String],
    limit: Option<&[String]>,
) -> Vec<String> {
    let mut granted: Vec<String> = Vec::new();
    for scope in scopes {
        let within = limit.is_none_or(|limit| limit.contains(scope));
        if within && allowed.contains(&scope) && !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    granted
}

/// The same for what was requested, of which something must remain.
pub(super) fn some_of(
    requested: &[String],
    allowed: &[&String],
    limit: Option<&[String]>,
) -> Result<Vec<String>, Fault> {
    let granted = within(requested, allowed, limit);
    if granted.is_empty() {
        let allowed: Vec<&str> = allowed.iter().map(|scope| scope.as_str()).collect();
        return Err(Fault::new(
            &reason::SCOPE,
            "the application may not ask for any of the requested scopes",
        )
        .comparing(alloc::format!("allowed: {}", allowed.join(" "))));
    }
    Ok(granted)
}
