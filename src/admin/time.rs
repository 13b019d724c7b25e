//! Dates and times as they are written for people and by SCIM (RFC 7643
//! section 2.3.5: RFC 3339).

use alloc::string::{String, ToString};
use core::time::Duration;

use x509_cert::der::DateTime;

use crate::Timestamp;

/// `2026-11-21T08:31:33Z`.
pub(super) fn written(at: Timestamp) -> String {
    let at = DateTime::from_unix_duration(Duration::from_secs(at.0));
    at.unwrap_or(DateTime::INFINITY).to_string()
}

/// Something to order instants by: seconds, and the digits of the fraction.
pub(super) type Instant<'a> = (i64, &'a str);

/// The instant that a date and time with a zone names.
pub(super) fn read(text: &str) -> Option<Instant<'_>> {
    let (whole, rest) = text.split_at_checked(19)?;
    let whole: DateTime = alloc::format!("{}Z", whole.replace('t', "T")).parse().ok()?;
    let seconds = i64::try_from(whole.unix_duration().as_secs()).ok()?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone_at)?;
    let digits = match fraction {
        "" => "",
        fraction => fraction.strip_prefix('.').filter(|digits| !digits.is_empty())?,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((seconds.checked_sub(offset(zone)?)?, digits.trim_end_matches('0')))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let (hours, minutes) = clock.split_once(':')?;
    let number = |text: &str, most: i64| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= most)
    };
    let seconds = number(hours, 23)? * 3600 + number(minutes, 59)? * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::{read, written};
    use crate::Timestamp;

    #[test]
    fn one_instant_is_one_however_it_is_written() {
        let at = read("2011-05-13T04:42:34Z");
        assert!(at.is_some());
        for same in
            ["2011-05-13t04:42:34z", "2011-05-13T06:42:34.00+02:00", "2011-05-12T23:12:34-05:30"]
        {
            assert_eq!(read(same), at, "{same}");
        }
        assert!(read("2011-05-13T04:42:34.1Z") > at);
        assert!(read("2011-05-13T04:42:34.25Z") > read("2011-05-13T04:42:34.1999Z"));
        assert_eq!(read(&written(Timestamp(1_305_261_754))), at);
        for wrong in ["", "2011-05-13", "2011-05-13T04:42:34", "2011-05-13T04:42:34.Z", "☃"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
