//! Documents of an issuer: fetched, and why they are not there.

use alloc::format;
use alloc::string::{String, ToString};

use serde::Serialize;

use super::Origin;
use crate::audit::shown;
use crate::host::{Fetched, Host};
use crate::jose::MAX_SET_BYTES;
use crate::reason::{self, Reason};
use crate::step::Failed;
use crate::url;

/// How often a redirect is followed.
pub(super) const MAX_REDIRECTS: usize = 3;

/// Why a document of an issuer is not there; in words, with its URL, for the
/// trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum FetchError {
    /// Nobody gave it: the name, the connection, the time or the status is at
    /// fault, and it may be there later.
    Unreachable(String),
    /// It was given and is not what was expected: it, or what is configured,
    /// has to be changed.
    Unusable(String),
}

impl FetchError {
    pub(crate) fn detail(&self) -> &str {
        let (Self::Unreachable(detail) | Self::Unusable(detail)) = self;
        detail
    }

    pub(crate) fn reason(&self) -> &'static Reason {
        match self {
            Self::Unreachable(_) => &reason::KEYS_UNAVAILABLE,
            Self::Unusable(_) => &reason::KEYS_UNUSABLE,
        }
    }
}

/// The document at a URL, with redirects followed to the same host only.
pub(super) async fn get(host: &Host, origin: &Origin, url: &str) -> Result<Fetched, FetchError> {
    let mut at = url.to_string();
    for _ in 0..=MAX_REDIRECTS {
        let fetched = host
            .fetch(at.clone(), origin.timeout_ms, MAX_SET_BYTES)
            .await
            .map_err(|failed| failure(&at, origin, failed))?;
        match (fetched.status, &fetched.location) {
            (200, _) => return Ok(fetched),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let to = url::resolve(&at, location).filter(|to| url::same_host(&at, to));
                at = to.ok_or_else(|| led_away(&at, location))?;
            }
            (status, _) => {
                return Err(FetchError::Unreachable(format!("{at} answered with status {status}")));
            }
        }
    }
    Err(FetchError::Unusable(format!("{url} redirects more than {MAX_REDIRECTS} times")))
}

fn failure(at: &str, origin: &Origin, failed: Failed) -> FetchError {
    FetchError::Unreachable(match failed {
        Failed::TooLarge => {
            let limit = MAX_SET_BYTES / 1024;
            return FetchError::Unusable(format!("{at} is longer than {limit} KiB"));
        }
        Failed::TimedOut => format!("{at} did not answer within {} ms", origin.timeout_ms),
        Failed::Unreachable => format!(
            "{at} could not be reached: its name, the connection or its TLS certificate is at fault"
        ),
        failed => format!("{at} {failed}"),
    })
}

fn led_away(at: &str, location: &str) -> FetchError {
    FetchError::Unusable(format!(
        "{at} redirects to `{}`: only redirects to the same host are followed",
        shown(location)
    ))
}
