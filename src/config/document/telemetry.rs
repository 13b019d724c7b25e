//! Where traces and metrics are sent, in the document.

use alloc::string::String;

use serde::Deserialize;

/// Where traces and metrics of decisions are sent. `/metrics` is there without it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Telemetry {
    /// The URL of an OpenTelemetry collector that takes OTLP over HTTP, such as
    /// `http://localhost:4318`. `/v1/traces` and `/v1/metrics` are added to it. Only
    /// JavaScript hosts send.
    pub(crate) otlp: String,
    /// The name of the service in traces and metrics. Default: `exchequer`.
    #[serde(default)]
    pub(crate) service_name: Option<String>,
}

objects!(Telemetry);
