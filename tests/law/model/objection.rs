//! Why the model refuses. It collects every objection, so that the order in
//! which an engine checks does not matter: the error of a refusal must be that
//! of one of the objections.

use crate::vocabulary::Key;

/// An error code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// What the grant says that an unacceptable token is: `invalid_request` for
    /// token exchange, `invalid_grant` for the other grants.
    OfToken,
    InvalidRequest,
    InvalidGrant,
    InvalidClient,
    InvalidScope,
    InvalidTarget,
    UnauthorizedClient,
    AccessDenied,
    /// An API does not let the bearer of a good token do this: 403.
    Forbidden,
}

/// One reason to refuse.
#[derive(Clone, Debug)]
pub(crate) struct Objection {
    pub(crate) why: String,
    pub(crate) codes: Vec<Code>,
}

/// The reasons to refuse a request. None: it is granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objections(pub(crate) Vec<Objection>);

impl Objections {
    /// One objection.
    pub(crate) fn one(code: Code, why: impl Into<String>) -> Self {
        Self(vec![Objection { why: why.into(), codes: vec![code] }])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Objects to the token that was presented.
    pub(crate) fn of_token(&mut self, wrong: bool, why: impl FnOnce() -> String) {
        self.add(wrong, &[Code::OfToken], why);
    }

    /// Objects with an error code of its own.
    pub(crate) fn of(&mut self, code: Code, wrong: bool, why: impl FnOnce() -> String) {
        self.add(wrong, &[code], why);
    }

    pub(crate) fn add(&mut self, wrong: bool, codes: &[Code], why: impl FnOnce() -> String) {
        if wrong {
            self.0.push(Objection { why: why(), codes: codes.to_vec() });
        }
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Objects to a token that is bound to a key which was not proven.
    pub(crate) fn of_key(&mut self, bound: Option<Key>, proven: Option<Key>) {
        let wrong = bound.is_some() && bound != proven;
        let why = match proven {
            None => "the token is bound to a key, and none is proven",
            Some(_) => "the token is bound to another key",
        };
        self.of(Code::InvalidGrant, wrong, || why.into());
    }

    /// This, if nothing was objected to.
    pub(crate) fn or<T>(self, granted: T) -> Result<T, Self> {
        if self.is_empty() { Ok(granted) } else { Err(self) }
    }

    /// All of them in one line.
    pub(crate) fn told(&self) -> String {
        self.0.iter().map(|one| one.why.as_str()).collect::<Vec<_>>().join("; ")
    }
}

impl Code {
    pub(crate) const fn text(self, of_token: &'static str) -> &'static str {
        match self {
            Self::OfToken => of_token,
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidClient => "invalid_client",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::Forbidden => "insufficient_scope",
        }
    }
}
