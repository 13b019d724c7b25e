//! Clients that are not registered: which hosts may have some, and what they may do.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::client_id_metadata::{ClientIdMetadata, pattern};
use super::super::document;
use super::super::model::{Application, ClientAuthentication};
use super::super::problem::{At, Report, shown};
use super::values::{no_repetition, or_known};

/// What is configured, if nothing is wrong with it.
pub(super) fn metadata(
    document: Option<document::ClientIdMetadata>,
    applications: &[Application],
    report: &mut Report,
) -> Option<ClientIdMetadata> {
    let document::ClientIdMetadata { hosts, template } = document?;
    let at = At::top("clientIdMetadata");
    let hosts_at = at.field("hosts");
    if hosts.is_empty() {
        let remedy = "name the hosts whose clients may come, or remove `clientIdMetadata`";
        report.problem(&hosts_at, "is empty, so there are no such clients", remedy);
    }
    no_repetition(&hosts, &hosts_at, report);
    let mut patterns = Vec::new();
    for (index, host) in hosts.iter().enumerate() {
        match pattern(host) {
            Ok(pattern) => patterns.push(pattern),
            Err(why) => report.problem(
                &hosts_at.item(index),
                format!("{} {why}", shown(host)),
                "write it as `client.example.com`, or as `*.example.com` for every host below it",
            ),
        }
    }
    let of_template = at.field("template");
    let Some(found) = applications.iter().find(|one| one.client_id == template) else {
        let known = applications.iter().map(|one| one.client_id.as_str());
        report.problem(
            &of_template,
            format!("there is no usable application with the client id {}", shown(&template)),
            or_known(&template, known, "add it to `applications`"),
        );
        return None;
    };
    // Such a client proves by a key that it is the one of its document.
    if matches!(found.authentication, ClientAuthentication::None) {
        report.problem(
            &of_template,
            format!(
                "{} is a public client, so that anybody could act as one of these clients",
                shown(&template)
            ),
            "name an application of type `web` or `machine`".to_string(),
        );
    }
    Some(ClientIdMetadata { hosts: patterns, template: Arc::new(found.clone()) })
}
