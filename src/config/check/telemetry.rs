//! Where traces and metrics are sent: the host reads it, and only its form is checked.

use alloc::format;

use super::super::document::Telemetry;
use super::super::problem::{At, Report};
use crate::url::Web;

/// Says what is wrong with it. Plain http is allowed: what is sent has no secret in it,
/// and collectors stand beside the server.
pub(super) fn check(telemetry: Option<&Telemetry>, report: &mut Report) {
    let Some(Telemetry { otlp, service_name }) = telemetry else { return };
    let at = At::top("telemetry");
    let remedy =
        "give the URL of a collector without a path of its own, like `http://localhost:4318`";
    match Web::parse(otlp) {
        Err(why) => report.problem(&at.field("otlp"), format!("the URL {why}"), remedy),
        Ok(url) if url.has_query() || url.has_fragment() => {
            report.problem(&at.field("otlp"), "the URL has a query or a fragment", remedy);
        }
        Ok(_) => {}
    }
    if service_name.as_ref().is_some_and(|name| name.is_empty() || name.len() > 100) {
        let remedy = "give a name of 1 to 100 bytes, or leave it out";
        report.problem(&at.field("serviceName"), "is empty or too long", remedy);
    }
}
