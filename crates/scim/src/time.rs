//! Dates and times (RFC 7643 section 2.3.5: RFC 3339), as far as they have to
//! be ordered.

/// Something to order instants by: seconds since 1970, and the digits of the
/// fraction of a second.
pub(crate) type Instant<'a> = (i64, &'a str);

/// The instant that a date and time with a zone names; `None` if the text is
/// none.
pub(crate) fn read(text: &str) -> Option<Instant<'_>> {
    let (whole, rest) = text.split_at_checked(19)?;
    let (fraction, zone) = rest.split_at_checked(rest.find(['Z', 'z', '+', '-'])?)?;
    let digits = match fraction {
        "" => "",
        fraction => fraction.strip_prefix('.').filter(|digits| !digits.is_empty())?,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((seconds(whole)?.checked_sub(offset(zone)?)?, digits.trim_end_matches('0')))
}

/// Seconds between 1970 and `2011-05-13T04:42:34` in the same zone.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days between 1970-01-01 and a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is their last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 719_469)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(clock, ':', [2, 2])?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Numbers of exactly these many digits.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn one_instant_is_one_however_it_is_written() {
        let at = read("2011-05-13T04:42:34Z");
        assert_eq!(at, Some((1_305_261_754, "")));
        for same in
            ["2011-05-13t04:42:34z", "2011-05-13T06:42:34.00+02:00", "2011-05-12T23:12:34-05:30"]
        {
            assert_eq!(read(same), at, "{same}");
        }
        assert!(read("2011-05-13T04:42:34.1Z") > at);
        assert!(read("2011-05-13T04:42:34.25Z") > read("2011-05-13T04:42:34.1999Z"));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            assert_eq!(read(text), Some((seconds, "")), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_and_time_is_none() {
        for wrong in [
            "",
            "2011-05-13",
            "2011-05-13T04:42:34",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34.xZ",
            "2011-02-29T04:42:34Z",
            "2100-02-29T04:42:34Z",
            "2011-13-01T04:42:34Z",
            "2011-00-01T04:42:34Z",
            "2011-04-31T04:42:34Z",
            "2011-05-13T24:00:00Z",
            "2011-05-13T04:60:00Z",
            "2011-05-13T04:42:60Z",
            "2011-05-13 04:42:34Z",
            "2011-05-13T04:42:34+2:00",
            "2011-05-13T04:42:34+24:00",
            "2011-05-13T04:42:34+02",
            "+011-05-13T04:42:34Z",
            "☃",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
