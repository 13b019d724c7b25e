//! What a request is answered that does not pass (RFC 6750 section 3).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Value, json};

use super::remote::Fault;
use crate::audit::Audit;
use crate::dpop::algorithm_names;
use crate::http::Reply;
use crate::reason::{self, BINDING, Reason};
use crate::refusal::{OAuthError, Refusal, plain};

/// A request that does not pass.
#[derive(Debug)]
pub struct Refused {
    /// What it is answered.
    pub reply: Box<Reply>,
    /// Why, as a reason code.
    pub reason: String,
}

/// Which error of RFC 6750 section 3.1 it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// "If the request lacks any authentication information [...] the resource
    /// server SHOULD NOT include an error code."
    Unauthenticated,
    InvalidRequest,
    InvalidToken,
    /// RFC 9449 section 7.1.
    InvalidProof,
    /// RFC 9449 section 9.
    NonceRequired,
    InsufficientScope,
    Unavailable,
}

/// The scheme of a challenge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// Whether the client has to send a proof, or another one.
fn is_about_key(reason: &str) -> bool {
    let of_token = reason.strip_prefix("subject_token.");
    reason.starts_with("dpop.") || BINDING.iter().any(|one| of_token == Some(one.code))
}

impl Kind {
    const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Unauthenticated
            | Self::InvalidToken
            | Self::InvalidProof
            | Self::NonceRequired => 401,
            Self::InsufficientScope => 403,
            Self::Unavailable => 503,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthenticated | Self::InvalidToken => "invalid_token",
            Self::InvalidProof => "invalid_dpop_proof",
            Self::NonceRequired => "use_dpop_nonce",
            Self::InsufficientScope => "insufficient_scope",
            Self::Unavailable => "temporarily_unavailable",
        }
    }
}

impl Refused {
    pub(super) fn unauthenticated() -> Self {
        let message = "the request has no bearer token";
        Self::new(Kind::Unauthenticated, &reason::BEARER_MISSING, message)
    }

    pub(super) fn several() -> Self {
        let message = "the request has more than one `Authorization`";
        Self::new(Kind::InvalidRequest, &reason::BEARER_SEVERAL, message)
    }

    /// The gateway does not know its own URL, or a token service elsewhere
    /// exchanges the token.
    pub(super) fn no_proofs() -> Self {
        let message = "this gateway takes no DPoP proofs";
        Self::new(Kind::InvalidToken, &reason::BEARER_MISSING, message)
    }

    pub(super) fn path() -> Self {
        let message = "servers read this path in different ways, and `gateway.rules` differ there: \
                       send it without `//`, dot segments and encoded delimiters, \
                       or give the rules that it could fall under the same settings";
        Self::new(Kind::InvalidRequest, &reason::PATH_AMBIGUOUS, message)
    }

    /// A token service elsewhere issued nothing for a token that was found good here.
    /// `examined` is the line of the audit log about that.
    pub(super) fn remote(fault: Fault, examined: Option<Audit>) -> Self {
        let (kind, reason, message) = match fault {
            Fault::Token => (
                Kind::InvalidToken,
                &reason::REMOTE_REFUSED,
                "the token service did not accept the token",
            ),
            Fault::Denied => (
                Kind::InsufficientScope,
                &reason::REMOTE_REFUSED,
                "the token service denies what the request needs",
            ),
            Fault::Unavailable => (
                Kind::Unavailable,
                &reason::REMOTE_UNAVAILABLE,
                "the token service cannot be reached at the moment; try again later",
            ),
        };
        let mut refused = Self::new(kind, reason, message);
        refused.reply.audit = examined.map(|audit| Audit {
            status: kind.status(),
            error: Some(kind.code().into()),
            reason: Some(reason.code.into()),
            message: Some(message.into()),
            ..audit
        });
        refused
    }

    /// The exchange of the request's token was refused.
    pub(super) fn exchange(refusal: &Refusal, audit: Audit) -> Self {
        let reason = refusal.reason();
        // A token that is good and may not do this is no reason to get
        // another one (RFC 6750 section 3.1).
        let kind = match (refusal.status(), reason.strip_prefix("subject_token.")) {
            (500.., _) => Kind::Unavailable,
            _ if refusal.error() == OAuthError::UseDpopNonce => Kind::NonceRequired,
            _ if reason.starts_with("dpop.") => Kind::InvalidProof,
            (_, Some(of_token)) if !of_token.starts_with("condition.") => Kind::InvalidToken,
            _ => Kind::InsufficientScope,
        };
        let retry_after = refusal.retry_after().unwrap_or(1).to_string();
        let scheme = if is_about_key(&reason) { Scheme::Dpop } else { Scheme::Bearer };
        let mut reply = Box::new(answer(kind, scheme, refusal.message(), &retry_after));
        reply.audit = Some(Audit { status: kind.status(), ..audit });
        Self { reply, reason }
    }

    /// The same with the nonce that the client has to use.
    pub(super) fn with_nonce(mut self, nonce: Option<String>) -> Self {
        self.reply.headers.extend(nonce.map(|nonce| ("dpop-nonce", nonce)));
        self
    }

    fn new(kind: Kind, reason: &Reason, message: &str) -> Self {
        Self {
            reply: Box::new(answer(kind, Scheme::Bearer, message, "1")),
            reason: reason.code.into(),
        }
    }
}

fn answer(kind: Kind, scheme: Scheme, message: &str, retry_after: &str) -> Reply {
    let message = plain(message);
    let code = kind.code();
    let body: Value = json!({ "error": code, "error_description": message });
    let reply = Reply::json(kind.status(), &body).with("cache-control", "no-store");
    match kind {
        Kind::Unavailable => reply.with("retry-after", retry_after),
        Kind::Unauthenticated => reply.with("www-authenticate", r#"Bearer realm="gateway""#),
        Kind::InvalidRequest
        | Kind::InvalidToken
        | Kind::InvalidProof
        | Kind::NonceRequired
        | Kind::InsufficientScope => {
            let fault =
                format!(r#"realm="gateway", error="{code}", error_description="{message}""#);
            let challenge = match scheme {
                Scheme::Bearer => format!("Bearer {fault}"),
                Scheme::Dpop => format!(r#"DPoP {fault}, algs="{}""#, algorithm_names()),
            };
            reply.with("www-authenticate", challenge)
        }
    }
}
