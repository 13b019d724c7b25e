//! A call that was not carried out, in the form of its part of the API.

use alloc::borrow::Cow;

use super::error::Error;
use super::scim::Problem;
use crate::http::Reply;

/// Why, in one form or the other.
pub(super) enum Refused {
    /// `{code, message, description, traceId}`.
    Api(Error),
    /// RFC 7644 section 3.12.
    Scim(Problem),
}

impl Refused {
    pub(super) fn reply(&self, trace_id: &str) -> Reply {
        match self {
            Self::Api(error) => error.reply(trace_id),
            Self::Scim(problem) => problem.reply(),
        }
    }

    /// The code that the audit log knows it by.
    pub(super) fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Api(error) => error.kind.code.into(),
            Self::Scim(problem) => problem.code(),
        }
    }

    /// What was wrong, in a sentence.
    pub(super) fn description(&self) -> &str {
        match self {
            Self::Api(error) => &error.description,
            Self::Scim(problem) => problem.detail(),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Scim(problem)
    }
}
