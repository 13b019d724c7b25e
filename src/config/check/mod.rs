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
mod claim_types;
mod client;
mod condition;
mod console;
mod contradiction;
mod issuer;
mod keys;
mod open;
mod passing_on;
mod values;

use alloc::sync::Arc;

pub(super) use self::application::{application, issuers_by_id};
pub(super) use self::issuer::issuer;
pub(crate) use self::values::{Seen, bounded, or_known, scopes};
use super::document::Root;
use super::model::Config;
use super::problem::{At, Problems, Report};
use crate::gather::gathered;
use crate::url::Web;

/// The configuration of this document. `report` has what was found so far.
///
/// # Errors
/// Everything that is wrong.
pub(super) fn config(root: Root, mut report: Report) -> Result<Config, Problems> {
    let report = &mut report;
    own_issuer(&root.issuer, report);
    let keys = keys::own(root.keys, report);
    let known = issuer::all(root.trusted_token_issuers, &root.issuer, report);
    let applications = application::all(root.applications, &known, report);
    let roles = account::roles(root.roles, report);
    let users = account::users(root.users, &roles, report);
    let caches = caches::caches(root.caches, report);
    let audit = audit::policy(root.audit, report);
    let sign_in = console::sign_in(root.console, &root.issuer, &known, &applications, report);

    if !report.problems.is_empty() {
        return Err(Problems(core::mem::take(&mut report.problems)));
    }
    issuer::note_unused(&known, &applications, report);
    open::note(&known, &applications, report);
    passing_on::note(&known, &applications, report);
    Ok(Config {
        issuer: root.issuer,
        keys,
        trusted_token_issuers: known.issuers.into_iter().flatten().collect(),
        applications: gathered(
            applications
                .into_iter()
                .map(|application| (application.client_id.clone(), Arc::new(application))),
        ),
        roles,
        users,
        caches,
        admin_token: None,
        audit,
        sign_in,
        #[cfg(feature = "admin")]
        documents: Default::default(),
        notes: core::mem::take(&mut report.notes),
    })
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
