//! Problems as SCIM says them (RFC 7644 section 3.12).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Value, json};

use crate::admin::error::Error;
use crate::admin::version;
use crate::http::Reply;
use crate::step::Failed;
use crate::storage::users::UserRecord;

const MEDIA_TYPE: &str = "application/scim+json";
/// The extension of an error that names the attribute.
const ERROR: &str = "urn:exchequer:params:scim:api:messages:1.0:Error";

/// Why a request is not answered as it would like.
#[derive(Debug)]
pub(in crate::admin) struct Problem {
    pub(super) status: u16,
    /// `scimType`, where RFC 7644 table 9 or RFC 9865 section 2.3 has one.
    pub(super) kind: Option<&'static str>,
    /// For a person: what was wrong and what was expected.
    pub(in crate::admin) detail: String,
    /// The attribute of the resource that is wrong.
    attribute: Option<&'static str>,
    /// One more header field.
    header: Option<(&'static str, String)>,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into(), attribute: None, header: None }
    }

    /// A request that is wrong, with its `scimType`.
    pub(super) fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { kind: Some(kind), ..Self::new(400, detail) }
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    pub(super) fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    pub(super) fn too_many(detail: impl Into<String>) -> Self {
        Self::bad("tooMany", detail)
    }

    pub(super) fn method(allowed: &'static str) -> Self {
        let detail = format!("this endpoint takes {allowed}");
        Self { header: Some(("allow", allowed.into())), ..Self::new(405, detail) }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(404, detail)
    }

    pub(super) fn taken() -> Self {
        let detail = "another user of this user store has this userName";
        Self { kind: Some("uniqueness"), ..Self::new(409, detail) }.at("userName")
    }

    /// The user is not at the version of `If-Match`.
    pub(super) fn changed(user: &UserRecord) -> Self {
        Self::new(412, version::changed(user.modified_by.as_deref(), user.modified))
    }

    /// The same, with the attribute that is wrong.
    pub(super) fn at(self, attribute: &'static str) -> Self {
        Self { attribute: Some(attribute), ..self }
    }

    /// The same, said of a part of the request.
    pub(super) fn of(self, part: &str) -> Self {
        Self { detail: format!("{part}: {}", self.detail), ..self }
    }

    /// As the audit log knows it: its `scimType`, or its status.
    pub(in crate::admin) fn code(&self) -> Cow<'static, str> {
        self.kind.map_or_else(|| self.status.to_string().into(), Into::into)
    }

    pub(in crate::admin) fn reply(&self) -> Reply {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(kind), Value::Object(members)) = (self.kind, &mut body) {
            members.insert("scimType".into(), kind.into());
        }
        if let (Some(attribute), Value::Object(members)) = (self.attribute, &mut body) {
            members.entry("schemas").and_modify(|schemas| {
                schemas.as_array_mut().into_iter().for_each(|all| all.push(ERROR.into()));
            });
            members.insert(ERROR.into(), json!({ "attribute": attribute }));
        }
        let reply = reply(self.status, &body);
        match self.header.clone() {
            Some((name, value)) => reply.with(name, value),
            None => reply,
        }
    }
}

/// Somebody who may not call.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let header = error.header();
        Self { header, ..Self::new(error.kind.status, error.description) }
    }
}

/// The world's failure: nothing was decided, and the request may be repeated.
impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        let detail = format!("the store {failed}; try again");
        Self { header: Some(("retry-after", "1".into())), ..Self::new(503, detail) }
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
    Reply { status, headers: alloc::vec::Vec::new(), body: alloc::vec::Vec::new(), audit: None }
}
