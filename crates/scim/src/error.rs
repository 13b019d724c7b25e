//! Errors as SCIM reports them (RFC 7644 section 3.12).

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde_json::{Value, json};

/// Most characters of a client's text that an error repeats.
const MAX_QUOTED: usize = 100;

/// Why a request cannot be carried out (RFC 7644 section 3.12).
///
/// `detail` may repeat the name of an attribute as the client sent it: without
/// control characters, and cut at 100 characters. It repeats no values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScimError {
    /// The HTTP status of the response.
    pub status: u16,
    /// `scimType`: what kind of error it is, where the RFC has a name for it.
    pub scim_type: Option<ScimType>,
    /// For a person: what is wrong and what was expected.
    pub detail: String,
    /// The attribute of the resource that is wrong, where it is one.
    pub attribute: Option<&'static str>,
}

/// The kinds of error (`scimType`) of RFC 7644 table 9 and RFC 9865
/// section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScimType {
    /// The filter is malformed, or compares what cannot be compared.
    InvalidFilter,
    /// The filter yields more results than the service can handle.
    TooMany,
    /// A value has to be unique and is taken. The status is 409.
    Uniqueness,
    /// The attribute is read-only, or required and would be removed.
    Mutability,
    /// The body does not have the structure of its schema.
    InvalidSyntax,
    /// A PATCH path is malformed or names no attribute.
    InvalidPath,
    /// A PATCH path selects no value.
    NoTarget,
    /// A value is missing or has the wrong type.
    InvalidValue,
    /// The version of the protocol is not supported.
    InvalidVers,
    /// The request carries sensitive information in its URI. The status is 403.
    Sensitive,
    /// The cursor is none that the service issued (RFC 9865).
    InvalidCursor,
    /// The cursor is no longer valid (RFC 9865).
    ExpiredCursor,
    /// The count is not supported with this cursor (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The name in a response.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The HTTP status of a response with this error.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Sensitive => 403,
            Self::Uniqueness => 409,
            _ => 400,
        }
    }
}

impl ScimError {
    /// An error of this status, without a `scimType`.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), attribute: None }
    }

    /// An error of this kind, with its status.
    #[must_use]
    pub fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(scim_type.status(), detail) }
    }

    /// The same error, in this attribute of the resource.
    #[must_use]
    pub fn at(self, attribute: &'static str) -> Self {
        Self { attribute: Some(attribute), ..self }
    }

    /// The body of the response, `application/scim+json`.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Value::Object(members)) = (self.scim_type, &mut body) {
            members.insert("scimType".into(), scim_type.name().into());
        }
        body
    }

    pub(crate) fn value(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidValue, detail)
    }

    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidSyntax, detail)
    }

    /// The same error, in this part of the request.
    pub(crate) fn within(self, part: &str) -> Self {
        Self { detail: format!("{part}: {}", self.detail), ..self }
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl core::error::Error for ScimError {}

/// A client's text in backticks: without control characters, and cut short.
pub(crate) fn quoted(text: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut out: String = text.chars().map(printable).take(MAX_QUOTED).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        out.push('…');
    }
    format!("`{out}`")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ScimError, ScimType, quoted};

    #[test]
    fn a_body_has_the_status_as_text_and_the_kind_if_there_is_one() {
        let body = ScimError::of(ScimType::Uniqueness, "taken").body();
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
        let want = json!({
            "schemas": schemas, "status": "409", "scimType": "uniqueness", "detail": "taken",
        });
        assert_eq!(body, want);
        let body = ScimError::new(404, "no such user").body();
        assert_eq!(body, json!({"schemas": schemas, "status": "404", "detail": "no such user"}));
    }

    #[test]
    fn a_quoted_text_is_one_short_line() {
        assert_eq!(quoted("a\nb"), "`a\u{fffd}b`");
        assert_eq!(quoted(&"ä".repeat(101)), std::format!("`{}…`", "ä".repeat(100)));
        assert_eq!(quoted(&"ä".repeat(100)), std::format!("`{}`", "ä".repeat(100)));
    }
}
