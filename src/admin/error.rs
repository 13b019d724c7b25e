//! Errors of the administration API: `{code, message, description, traceId}`,
//! with WSO2's codes where it has one. Where members of the body are wrong,
//! `problems` lists them: `[{path, problem, remedy}]`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::config::{Problem, Problems};
use crate::http::Reply;
use crate::refusal::Denial;
use crate::refusal::plain;
use crate::step::Failed;

/// What kind of error: its status, its code and its message, which stay the
/// same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

/// A call that was not carried out.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) kind: &'static Kind,
    /// What was wrong, what was expected, where to change it.
    pub(crate) description: String,
    /// The members of the body that are wrong.
    problems: Vec<Problem>,
    header: Option<(&'static str, String)>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:literal $message:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: Kind =
            Kind { status: $status, code: $code, message: $message };)*
    };
}

kinds! {
    /// The caller did not say who it is, or is not who it says.
    UNAUTHENTICATED 401 "EXQ-40100" "Unauthorized.";
    /// The caller may not do this.
    FORBIDDEN 403 "EXQ-40300" "Forbidden.";
    /// There is no such path.
    NO_SUCH_PATH 404 "EXQ-40400" "Not found.";
    /// The path does not take this method.
    METHOD 405 "EXQ-40500" "Method not allowed.";
    /// The body is longer than 64 KiB.
    TOO_LARGE 413 "EXQ-41300" "The request body is too large.";
    /// The body is not JSON by its `Content-Type`.
    MEDIA_TYPE 415 "EXQ-41500" "Unsupported media type.";
    /// The store failed.
    UNAVAILABLE 503 "EXQ-50300" "Temporarily unavailable.";
    /// The object stands in the configuration document.
    READ_ONLY 409 "EXQ-40900" "The object is read-only.";
    /// Somebody else changed the object at the same time.
    CHANGED 409 "EXQ-40901" "The object was changed at the same time.";
    /// `If-Match` names another version than there is.
    STALE 412 "EXQ-41200" "The object was changed.";
    /// A page that cannot be had.
    PAGE 400 "EXQ-40000" "Invalid page.";
}

impl Error {
    pub(crate) fn new(kind: &'static Kind, description: impl Into<String>) -> Self {
        Self { kind, description: description.into(), problems: Vec::new(), header: None }
    }

    /// An error in members of the body; the description has a line for each.
    pub(crate) fn about(kind: &'static Kind, problems: impl Into<Problems>) -> Self {
        let problems = problems.into();
        Self { problems: problems.0.clone(), ..Self::new(kind, problems.to_string()) }
    }

    /// The same with one more header field in its reply.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    pub(crate) fn header(&self) -> Option<(&'static str, String)> {
        self.header.clone()
    }

    /// The reply; `trace_id` stands in the audit log, too.
    pub(crate) fn reply(&self, trace_id: &str) -> Reply {
        let mut body = json!({
            "code": self.kind.code,
            "message": self.kind.message,
            "description": self.description,
            "traceId": trace_id,
        });
        if let (false, Value::Object(members)) = (self.problems.is_empty(), &mut body) {
            members.insert("problems".into(), json!(self.problems));
        }
        let mut reply = Reply::json(self.kind.status, &body);
        reply.headers.extend(self.header.clone());
        reply
    }
}

/// The store failed: nothing happened, or nobody knows whether it did.
impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        let description = format!("the store {failed}; nothing is lost, try again");
        Self::new(&UNAVAILABLE, description).with("retry-after", "1")
    }
}

/// A bearer token that does not count, or about which nobody can say.
impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Fault(fault) => Self::new(&UNAUTHENTICATED, fault.message.clone()).with(
                "www-authenticate",
                format!(
                    "Bearer realm=\"administration\", error=\"invalid_token\", error_description=\"{}\"",
                    plain(&fault.message)
                ),
            ),
            Denial::Unavailable { fault, retry_after } => Self::new(&UNAVAILABLE, fault.message)
                .with("retry-after", retry_after.max(1).to_string()),
        }
    }
}
