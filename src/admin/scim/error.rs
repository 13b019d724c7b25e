//! Errors as SCIM reports them (RFC 7644 section 3.12), as replies.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use exchequer_scim::{ScimError, ScimType};
use serde_json::Value;

use crate::admin::error::Error;
use crate::admin::version;
use crate::audit::redacted;
use crate::http::Reply;
use crate::step::Failed;
use crate::storage::users::UserRecord;

const MEDIA_TYPE: &str = "application/scim+json";
/// The header field that names the attribute which is wrong. It is no member of the
/// body: clients refuse an error that has more than those of RFC 7644.
const ATTRIBUTE: &str = "exchequer-attribute";

/// Why a request is not carried out.
#[derive(Debug)]
pub(in crate::admin) struct Problem {
    error: ScimError,
    /// More header fields.
    headers: Vec<(&'static str, String)>,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { error: ScimError::new(status, detail), headers: Vec::new() }
    }

    /// A request that is wrong, with its `scimType`.
    pub(super) fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { error: ScimError::of(scim_type, detail), headers: Vec::new() }
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidValue, detail)
    }

    pub(super) fn too_many(detail: impl Into<String>) -> Self {
        Self::of(ScimType::TooMany, detail)
    }

    pub(super) fn method(allowed: &'static str) -> Self {
        Self::method_not_allowed(allowed, format!("this endpoint takes {allowed}"))
    }

    /// The same with a sentence of its own.
    pub(super) fn method_not_allowed(allowed: &'static str, detail: impl Into<String>) -> Self {
        let headers = Vec::from([("allow", allowed.into())]);
        Self { headers, ..Self::new(405, detail) }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(404, detail)
    }

    pub(super) fn taken() -> Self {
        Self::of(ScimType::Uniqueness, "another user of this user store has this userName")
            .at("userName")
    }

    /// The same, with the attribute that is wrong.
    pub(super) fn at(self, attribute: &'static str) -> Self {
        Self { error: self.error.at(attribute), ..self }
    }

    /// The user is not at the version of `If-Match`.
    pub(super) fn changed(user: &UserRecord) -> Self {
        Self::new(412, version::changed(user.modified_by.as_deref(), user.modified))
    }

    /// What is wrong, for a person.
    pub(in crate::admin) fn detail(&self) -> &str {
        &self.error.detail
    }

    /// The code in the audit log: its `scimType`, or its status.
    pub(in crate::admin) fn code(&self) -> Cow<'static, str> {
        let scim_type = self.error.scim_type.map(|scim_type| scim_type.name().into());
        scim_type.unwrap_or_else(|| self.error.status.to_string().into())
    }

    pub(in crate::admin) fn reply(&self) -> Reply {
        let reply = reply(self.error.status, &self.error.body());
        let reply = match self.error.attribute {
            Some(attribute) => reply.with(ATTRIBUTE, attribute),
            None => reply,
        };
        let headers = self.headers.iter().cloned();
        headers.fold(reply, |reply, (name, value)| reply.with(name, value))
    }
}

/// A detail may repeat the name of an attribute as the client sent it, and
/// credentials that were swapped for a name must not reach the audit log.
impl From<ScimError> for Problem {
    fn from(mut error: ScimError) -> Self {
        error.detail = redacted(&error.detail);
        Self { error, headers: Vec::new() }
    }
}

/// A caller without the right to call.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self { headers: error.headers, ..Self::new(error.kind.status, error.description) }
    }
}

/// The store failed: nothing was decided, and the request may be repeated.
impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        let detail = format!("the store {failed}; try again");
        let headers = Vec::from([("retry-after", "1".into())]);
        Self { headers, ..Self::new(503, detail) }
    }
}

/// A reply with a SCIM document.
pub(super) fn reply(status: u16, body: &Value) -> Reply {
    match serde_json::to_vec(body) {
        Ok(body) => Reply { body, ..empty(status) }.with("content-type", MEDIA_TYPE),
        Err(_) => Reply::internal_error(),
    }
}

/// A reply without a body.
pub(super) fn empty(status: u16) -> Reply {
    Reply { status, headers: Vec::new(), body: Vec::new(), audit: None }
}

#[cfg(test)]
mod tests {
    use exchequer_scim::{ScimError, ScimType};

    use super::Problem;

    #[test]
    fn a_token_as_the_name_of_an_attribute_is_not_shown() {
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let detail = alloc::format!("User has no attribute `{token}`");
        let problem = Problem::from(ScimError::of(ScimType::InvalidSyntax, detail));
        assert_eq!(problem.detail(), "User has no attribute `eyJhbG…`");
    }
}
