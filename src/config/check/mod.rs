//! From the document to a configuration in which nothing is wrong.
//!
//! Every check reports and goes on, so that an operator sees all problems at
//! once. What cannot be built is left out; a report with a problem in it never
//! becomes a configuration.

mod account;
mod algorithms;
mod application;
mod audit;
mod caches;
mod certificates;
mod claim_types;
mod client;
mod client_id_metadata;
mod condition;
mod console;
mod contradiction;
mod fapi;
mod id_jag;
mod issuer;
mod issuer_grant;
mod key_rotation;
mod keys;
mod limits;
mod open;
mod passing_on;
mod platform;
mod telemetry;
mod values;

use alloc::sync::Arc;

pub(super) use self::application::application;
pub(super) use self::issuer::issuer;
pub(super) use self::issuer_grant::issuers_by_id;
pub(crate) use self::values::{Seen, bounded, is_scope, or_known, scopes};
use super::document::Root;
use super::model::{Application, Config};
use super::problem::{At, Problems, Report, shown};
use super::protected_resources::protected_resources;
use crate::crypto::SigningKey;
use crate::gather::gathered;
use crate::url::Web;

/// The configuration of this document. `report` has what was found so far.
///
/// # Errors
/// Everything that is wrong.
pub(super) fn config(root: Root, mut report: Report) -> Result<Config, Problems> {
    let report = &mut report;
    own_issuer(&root.issuer, report);
    let has_keys = !root.keys.is_empty();
    let keys = keys::own(root.keys, report);
    let key_rotation = key_rotation::rotation(root.key_rotation, has_keys, report);
    let known = issuer::all(root.trusted_token_issuers, &root.issuer, report);
    let applications = application::all(root.applications, &known, &root.issuer, report);
    nonces(&keys, &applications, report);
    let client_id_metadata =
        client_id_metadata::metadata(root.client_id_metadata, &applications, report);
    fapi::check_keys(&keys, &applications, report);
    let roles = account::roles(root.roles, report);
    let users = account::users(root.users, &roles, report);
    let caches = caches::caches(root.caches, report);
    let limits = limits::limits(root.limits, report);
    let audit = audit::policy(root.audit, report);
    let client_certificates = certificates::policy(root.client_certificate, report);
    telemetry::check(root.telemetry.as_ref(), report);
    let sign_in = console::sign_in(root.console, &root.issuer, &known, &applications, report);

    if !report.problems.is_empty() {
        return Err(Problems(core::mem::take(&mut report.problems)));
    }
    issuer::note_unused(&known, &applications, report);
    open::note(&known, &applications, report);
    passing_on::note(&known, &applications, report);
    certificates::note(client_certificates.as_ref(), &applications, report);
    let protected_resources = protected_resources(&root.issuer, applications.iter()).into();
    Ok(Config {
        issuer: root.issuer,
        keys,
        key_rotation,
        wrapping_keys: None,
        trusted_token_issuers: known.issuers.into_iter().flatten().collect(),
        applications: gathered(
            applications
                .into_iter()
                .map(|application| (application.client_id.clone(), Arc::new(application))),
        ),
        client_id_metadata,
        protected_resources,
        roles,
        users,
        caches,
        client_certificates,
        limits,
        admin_token: None,
        audit,
        sign_in,
        #[cfg(feature = "admin")]
        documents: Default::default(),
        notes: core::mem::take(&mut report.notes),
    })
}

/// Nonces of DPoP are sealed with a secret that is derived from a key, which a device
/// does not give out.
fn nonces(keys: &[Arc<SigningKey>], applications: &[Application], report: &mut Report) {
    let mut demanding = applications.iter().filter(|application| application.dpop.needs_nonce);
    if let Some(application) = demanding.next()
        && !keys.is_empty()
        && keys.iter().all(|key| key.is_with_host())
    {
        report.problem(
            &At::top("keys"),
            format_args!(
                "every key is kept by the host, and {} demands nonces, which are sealed with a secret of a key",
                shown(&application.client_id)
            ),
            "add a key with its private half behind the first one, or remove `dpop.nonce` from the application",
        );
    }
}

/// RFC 8414 section 2: the issuer identifier is "a URL that uses the "https"
/// scheme and has no query or fragment components".
fn own_issuer(issuer: &str, report: &mut Report) {
    let at = At::top("issuer");
    let remedy =
        "give the https URL under which clients reach the service, like `https://sts.example.com`";
    match Web::parse(issuer) {
        Err(why) => report.problem(&at, format_args!("the URL {why}"), remedy),
        Ok(url) if url.has_query() || url.has_fragment() => report.problem(
            &at,
            "the URL has a query or a fragment, which an issuer may not have (RFC 8414 section 2)",
            "remove everything from `?` or `#` on",
        ),
        Ok(url) if !url.is_secure() && !url.is_loopback() => report.problem(
            &at,
            "the URL is plain http, which is only for a loopback host (`localhost`, `127.0.0.1`, `[::1]`)",
            remedy,
        ),
        Ok(_) => {}
    }
}
