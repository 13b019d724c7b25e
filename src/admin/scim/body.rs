//! The JSON body of a request.

use alloc::string::String;

use exchequer_scim::ScimType;
use serde_json::{Map, Value};

use super::super::Call;
use super::error::Problem;
use crate::jose::json::object;

/// Longest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The JSON object in the body. `application/scim+json` is what it should be
/// called; `application/json` is accepted, too (RFC 7644 section 3.1).
///
/// # Errors
/// 413, 415, or `invalidSyntax`.
pub(super) fn read(call: &Call<'_>) -> Result<Map<String, Value>, Problem> {
    let request = call.request;
    if request.body.len() > MAX_BODY {
        return Err(Problem::new(413, "the request body is longer than 64 KiB"));
    }
    let media_type = request.values("content-type").next().unwrap_or("application/scim+json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let known = ["application/scim+json", "application/json"];
    if !known.iter().any(|known| known.eq_ignore_ascii_case(media_type)) {
        return Err(Problem::new(415, "the request body has to be application/scim+json"));
    }
    object(&request.body).ok_or_else(|| {
        let detail = "the request body is no JSON object in which every member stands once";
        Problem::of(ScimType::InvalidSyntax, detail)
    })
}
