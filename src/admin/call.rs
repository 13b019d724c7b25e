//! A call of the administration API under way: what came, what may be asked
//! for, and what is noted of it.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::error::{Error, Kind, MEDIA_TYPE, METHOD, TOO_LARGE};
use crate::administrator::{Caller, Right, Rights};
use crate::audit::Change;
use crate::config::User;
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::jose::json::object;
use crate::state::State;

/// Longest body that is read, in bytes, but for a configuration document.
const MAX_BODY: usize = 64 * 1024;
/// Longest configuration document that is read, in bytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// Goes through everything that serves a call.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) host: &'a Host,
    pub(crate) request: &'a Request,
    /// Who calls, as soon as that is known, whether they may or not.
    pub(crate) caller: Option<Caller>,
    /// What was changed, for the audit log.
    pub(crate) changes: alloc::vec::Vec<Change>,
}

impl Call<'_> {
    /// What the caller may do.
    pub(crate) fn rights(&self) -> Rights {
        self.caller.as_ref().map(Caller::rights).unwrap_or_default()
    }

    /// Why this user may not be changed by the caller, or become what it would be: an
    /// administrator of this server is changed by those with every right only.
    /// Otherwise somebody with the right to change users could make an
    /// administrator, or link somebody to one.
    pub(crate) fn forbids(&self, user: &User) -> Option<&'static str> {
        let is_forbidden =
            self.state.directory.administers(user) && !self.rights().allow(Right::All);
        is_forbidden.then_some(
            "a role of the user grants the administration of this server, and the access token does \
             not have the scope `exchequer:admin`; somebody who has it must do this",
        )
    }

    /// The JSON object in the body. `malformed` is the error that this part of
    /// the API has for a body that is none.
    pub(crate) fn object(&self, malformed: &'static Kind) -> Result<Map<String, Value>, Error> {
        let body = self.json()?;
        object(body).ok_or_else(|| {
            Error::new(
                malformed,
                "the request body is not a JSON object in which every member stands once",
            )
        })
    }

    /// The JSON array in the body.
    pub(crate) fn array(&self, malformed: &'static Kind) -> Result<alloc::vec::Vec<Value>, Error> {
        // Read as a member, so that what holds for objects holds in it, too.
        let mut wrapped = alloc::vec::Vec::from(*b"{\"a\":");
        wrapped.extend_from_slice(self.json()?);
        wrapped.push(b'}');
        match object(&wrapped).as_mut().and_then(|object| object.remove("a")) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(Error::new(malformed, "the request body is not a JSON array")),
        }
    }

    /// The JSON in the body, unread.
    pub(crate) fn json(&self) -> Result<&[u8], Error> {
        if self.request.body.len() > MAX_BODY {
            return Err(Error::new(&TOO_LARGE, "the request body is longer than 64 KiB"));
        }
        self.json_of_any_length()
    }

    /// The configuration document in the body, unread.
    pub(crate) fn document(&self) -> Result<&[u8], Error> {
        if self.request.body.len() > MAX_DOCUMENT {
            return Err(Error::new(
                &TOO_LARGE,
                "the document is longer than 1 MiB; import it in parts, each with the issuers that \
                 its applications name",
            ));
        }
        self.json_of_any_length()
    }

    fn json_of_any_length(&self) -> Result<&[u8], Error> {
        let media_type = self.request.values("content-type").next().unwrap_or("application/json");
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let is_json = media_type.eq_ignore_ascii_case("application/json")
            || media_type.eq_ignore_ascii_case("application/scim+json");
        if is_json {
            return Ok(&self.request.body);
        }
        Err(Error::new(
            &MEDIA_TYPE,
            "the request body must be JSON: send `Content-Type: application/json`",
        ))
    }

    /// The URL of a path of this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.state.config.issuer.trim_end_matches('/'))
    }

    /// The error for a method that a path does not take.
    pub(crate) fn method_not_allowed(&self, allowed: &'static str) -> Error {
        let description = format!("this path takes {allowed}");
        Error::new(&METHOD, description).with("allow", allowed)
    }
}

/// 204: done, and nothing to say.
pub(crate) fn no_content() -> Reply {
    Reply {
        status: 204,
        headers: alloc::vec::Vec::new(),
        body: alloc::vec::Vec::new(),
        audit: None,
    }
}
