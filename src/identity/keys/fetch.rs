//! Documents of an issuer: fetched, and why they are not there.

use alloc::format;
use alloc::string::{String, ToString};

use super::Origin;
use crate::audit::shown;
use crate::host::{Fetched, Host};
use crate::jose::MAX_SET_BYTES;
use crate::reason::{self, Fault, Reason};
use crate::step::Failed;
use crate::url;

/// How often a redirect is followed.
pub(super) const MAX_REDIRECTS: usize = 3;

/// Why a document of an issuer is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchError {
    why: Why,
    /// In words, with its URL, for the trace.
    detail: String,
}

/// What kind of cause it is. Of the first ones nobody gave the document, and it
/// may be there later. The last ones are of a document that was given: it, or
/// what is configured, has to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Why {
    Connection,
    Name,
    Untrusted,
    TimedOut,
    Proxy,
    Status,
    NoHost,
    NotExpected,
    TooLong,
    Elsewhere,
    OtherIssuer,
}

impl Why {
    /// The reason, and what the client is told.
    fn said(self) -> (&'static Reason, &'static str) {
        match self {
            Self::Connection => {
                (&reason::KEYS_UNAVAILABLE, "their server could not be connected to, or broke off")
            }
            Self::Name => (&reason::KEYS_NAME, "the name of their server could not be resolved"),
            Self::Untrusted => (
                &reason::KEYS_UNTRUSTED,
                "the TLS certificate of their server is not trusted by this server",
            ),
            Self::TimedOut => (&reason::KEYS_TIMED_OUT, "their server did not answer in time"),
            Self::Proxy => {
                (&reason::KEYS_PROXY, "the proxy of this server did not connect to their server")
            }
            Self::Status => (&reason::KEYS_STATUS, "their server answered with an error"),
            Self::NoHost => (&reason::KEYS_NO_HOST, "this server does not fetch their URL"),
            Self::NotExpected => (
                &reason::KEYS_UNUSABLE,
                "the document that should hold them is not one that can be used",
            ),
            Self::TooLong => {
                (&reason::KEYS_TOO_LONG, "the document that should hold them is too long")
            }
            Self::Elsewhere => {
                (&reason::KEYS_ELSEWHERE, "their URL redirects to a place that is not followed")
            }
            Self::OtherIssuer => {
                (&reason::KEYS_OTHER_ISSUER, "the discovery document is of another issuer")
            }
        }
    }

    fn is_lasting(self) -> bool {
        matches!(self, Self::NotExpected | Self::TooLong | Self::Elsewhere | Self::OtherIssuer)
    }
}

impl FetchError {
    pub(in crate::identity) fn new(why: Why, detail: impl Into<String>) -> Self {
        Self { why, detail: detail.into() }
    }

    /// In words, with its URL.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    #[cfg(feature = "admin")]
    pub(crate) fn reason(&self) -> &'static Reason {
        self.why.said().0
    }

    /// The fault of a request that needed the document.
    pub(super) fn fault(&self) -> Fault {
        let (reason, said) = self.why.said();
        let message = if self.why.is_lasting() {
            format!(
                "the issuer's keys cannot be used: {said}; the operator of this server or the \
                 issuer has to correct it"
            )
        } else {
            format!("the issuer's keys are temporarily unavailable: {said}; try again later")
        };
        Fault::new(reason, message).comparing(self.detail())
    }
}

/// The document at a URL, with redirects followed to the same host only.
pub(in crate::identity) async fn get(
    host: &Host,
    origin: &Origin,
    url: &str,
) -> Result<Fetched, FetchError> {
    let mut at = url.to_string();
    for _ in 0..=MAX_REDIRECTS {
        let fetched = host
            .fetch(at.clone(), origin.timeout_ms, MAX_SET_BYTES)
            .await
            .map_err(|failed| failure(&at, origin, failed, MAX_SET_BYTES))?;
        match (fetched.status, &fetched.location) {
            (200, _) => return Ok(fetched),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let to = url::resolve(&at, location).filter(|to| url::same_host(&at, to));
                at = to.ok_or_else(|| led_away(&at, location))?;
            }
            (status, _) => {
                let detail = format!("{at} answered with status {status}");
                return Err(FetchError::new(Why::Status, detail));
            }
        }
    }
    let detail = format!("{url} redirects more than {MAX_REDIRECTS} times");
    Err(FetchError::new(Why::Elsewhere, detail))
}

/// The answer of an endpoint of an issuer to a form. A redirect is not followed:
/// the form holds a secret.
#[cfg(feature = "admin")]
pub(in crate::identity) async fn submit(
    host: &Host,
    origin: &Origin,
    url: &str,
    form: String,
    max_bytes: u32,
) -> Result<Fetched, FetchError> {
    let answer = host.submit(url.into(), form, origin.timeout_ms, max_bytes).await;
    let answer = answer.map_err(|failed| failure(url, origin, failed, MAX_SET_BYTES))?;
    match (answer.status, &answer.location) {
        (300..=399, location) => Err(led_away(url, location.as_deref().unwrap_or_default())),
        (500..=599, _) => {
            let detail = format!("{url} answered with status {}", answer.status);
            Err(FetchError::new(Why::Status, detail))
        }
        _ => Ok(answer),
    }
}

pub(in crate::identity) fn failure(
    at: &str,
    origin: &Origin,
    failed: Failed,
    max_bytes: u32,
) -> FetchError {
    let (why, what) = match failed {
        Failed::TooLarge => (Why::TooLong, format!("is longer than {} KiB", max_bytes / 1024)),
        Failed::TimedOut => {
            (Why::TimedOut, format!("did not answer within {} ms", origin.timeout_ms))
        }
        Failed::Unresolved => (Why::Name, failed.to_string()),
        Failed::Untrusted => (Why::Untrusted, failed.to_string()),
        Failed::Proxy => (Why::Proxy, failed.to_string()),
        Failed::Unreachable => (Why::Connection, failed.to_string()),
        Failed::Unsupported | Failed::Broken => (Why::NoHost, failed.to_string()),
    };
    FetchError::new(why, format!("{at} {what}"))
}

fn led_away(at: &str, location: &str) -> FetchError {
    let detail = format!(
        "{at} redirects to `{}`: only redirects to the same host are followed",
        shown(location)
    );
    FetchError::new(Why::Elsewhere, detail)
}
