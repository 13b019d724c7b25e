//! Errors of what only administrators may use: `{code, message, description,
//! traceId}`, with WSO2's codes where it has one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value, json};

use crate::config::Problem;
#[cfg(feature = "admin")]
use crate::config::Problems;

use crate::exchange::Unauthorized;
use crate::http::Reply;
use crate::limits::TooMany;
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
    /// More header fields of the reply.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// More members of the body. Neither the audit log nor a trace has them: what was
    /// made before the error may be a secret.
    members: Members,
}

#[derive(Default)]
struct Members(Map<String, Value>);

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The caller did not say who it is, or is not who it says.
pub(crate) static UNAUTHENTICATED: Kind =
    Kind { status: 401, code: "EXQ-40100", message: "Unauthorized." };
/// The caller may not do this.
pub(crate) static FORBIDDEN: Kind = Kind { status: 403, code: "EXQ-40300", message: "Forbidden." };
/// Too many calls failed.
pub(crate) static TOO_MANY_REQUESTS: Kind =
    Kind { status: 429, code: "EXQ-42900", message: "Too many requests." };
/// The store failed.
pub(crate) static UNAVAILABLE: Kind =
    Kind { status: 503, code: "EXQ-50300", message: "Temporarily unavailable." };

impl Error {
    pub(crate) fn new(kind: &'static Kind, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: description.into(),
            problems: Vec::new(),
            headers: Vec::new(),
            members: Members::default(),
        }
    }

    /// An error in members of the body; the description has a line for each.
    #[cfg(feature = "admin")]
    pub(crate) fn about(kind: &'static Kind, problems: impl Into<Problems>) -> Self {
        let problems = problems.into();
        Self { problems: problems.0.clone(), ..Self::new(kind, problems.to_string()) }
    }

    /// The same about members of an object that stands at this path.
    #[cfg(feature = "admin")]
    pub(crate) fn within(self, path: &str) -> Self {
        if self.problems.is_empty() {
            let problem = Problem::new(path, self.description, "correct it, and send it again");
            return Self::about(self.kind, problem);
        }
        let mut problems = self.problems;
        for problem in &mut problems {
            problem.path = format!("{path}.{}", problem.path);
        }
        Self::about(self.kind, Problems(problems))
    }

    /// What is wrong, member by member.
    #[cfg(feature = "admin")]
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The same with one more header field in its reply.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with one more member in the body of its reply.
    #[cfg(feature = "admin")]
    pub(crate) fn and(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.0.insert(name.into(), value.into());
        self
    }

    /// The reply. The audit log has the same `trace_id`.
    pub(crate) fn reply(&self, trace_id: &str) -> Reply {
        let mut body = json!({
            "code": self.kind.code,
            "message": self.kind.message,
            "description": self.description,
            "traceId": trace_id,
        });
        if let Value::Object(members) = &mut body {
            if !self.problems.is_empty() {
                members.insert("problems".into(), json!(self.problems));
            }
            members.extend(self.members.0.clone());
        }
        let mut reply = Reply::json(self.kind.status, &body);
        reply.headers.extend(self.headers.iter().cloned());
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

/// Whoever calls has failed too often.
impl From<TooMany> for Error {
    fn from(too_many: TooMany) -> Self {
        let error = Self::new(&TOO_MANY_REQUESTS, too_many.message());
        error.with("retry-after", too_many.retry_after.to_string())
    }
}

/// An access token that does not count, or about which nobody can say.
impl From<Unauthorized> for Error {
    fn from(unauthorized: Unauthorized) -> Self {
        match unauthorized {
            Unauthorized::Unavailable { message, retry_after } => {
                Self::new(&UNAVAILABLE, message).with("retry-after", retry_after.max(1).to_string())
            }
            other => {
                let challenge = other.challenge("administration", true);
                let error = Self::new(&UNAUTHENTICATED, other.to_string());
                let mut error = error.with("www-authenticate", challenge);
                error.headers.extend(other.dpop_nonce().map(|one| ("dpop-nonce", one.into())));
                error
            }
        }
    }
}
