//! The trusted token issuers whose tokens an application may exchange.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::document;
use super::super::model::IssuerGrant;
use super::super::problem::{At, Report, shown};
use super::issuer::Known;
use super::values::{name, no_repetition, or_known};
use super::{claim_types, condition, contradiction};

/// Those of a document, which names issuers that it has itself.
pub(super) fn named(
    grants: Vec<document::IssuerGrant>,
    known: &Known,
    at: &At,
    report: &mut Report,
) -> Vec<IssuerGrant> {
    no_repetition(grants.iter().map(|grant| &grant.name), at, report);
    let mut granted = Vec::new();
    for (index, grant) in grants.into_iter().enumerate() {
        let at = at.item(index);
        let conditions = condition::conditions(grant.conditions, &at.field("conditions"), report);
        let client_id = own_client_id(grant.client_id, &at.field("clientId"), report);
        match known.named(&grant.name) {
            Some(Some(issuer)) => {
                if !issuer.enabled {
                    report.note(
                        &at,
                        format!("{} is disabled, so its tokens are refused", shown(&grant.name)),
                        "enable the issuer, or remove it here",
                    );
                }
                let conditions_at = at.field("conditions");
                contradiction::note(&conditions, &issuer.conditions, &conditions_at, report);
                contradiction::note_issuer(&conditions, &issuer.issuer, &conditions_at, report);
                claim_types::note(&conditions, &issuer.issuer, &conditions_at, report);
                granted.push(IssuerGrant { issuer: issuer.id.clone(), client_id, conditions });
            }
            // What is wrong with the issuer has been said where it stands.
            Some(None) => {}
            None => report.problem(
                &at,
                format!("there is no trusted token issuer named {}", shown(&grant.name)),
                or_known(
                    &grant.name,
                    known.names(),
                    "add it to `trustedTokenIssuers` of the document",
                ),
            ),
        }
    }
    granted
}

/// The same for an object of which issuers are named by their ids.
pub(in super::super) fn issuers_by_id(
    grants: Vec<document::IssuerGrant>,
    at: &At,
    report: &mut Report,
) -> Vec<IssuerGrant> {
    let mut granted = Vec::new();
    for (index, grant) in grants.into_iter().enumerate() {
        let at = at.item(index);
        let conditions = condition::conditions(grant.conditions, &at.field("conditions"), report);
        let client_id = own_client_id(grant.client_id, &at.field("clientId"), report);
        granted.push(IssuerGrant { issuer: grant.name, client_id, conditions });
    }
    granted
}

/// What an issuer calls the application.
fn own_client_id(client_id: Option<String>, at: &At, report: &mut Report) -> Option<String> {
    if let Some(client_id) = &client_id {
        name(client_id, at, report);
    }
    client_id
}
