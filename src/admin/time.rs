//! Dates and times as they are written for people and by SCIM (RFC 7643
//! section 2.3.5: RFC 3339).

use alloc::string::{String, ToString};
use core::time::Duration;

use x509_cert::der::DateTime;

use crate::time::Timestamp;

/// `2026-11-21T08:31:33Z`.
pub(super) fn written(at: Timestamp) -> String {
    let at = DateTime::from_unix_duration(Duration::from_secs(at.0));
    at.unwrap_or(DateTime::INFINITY).to_string()
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::time::Timestamp;

    #[test]
    fn an_instant_is_written_in_utc() {
        assert_eq!(written(Timestamp(1_305_261_754)), "2011-05-13T04:42:34Z");
    }
}
