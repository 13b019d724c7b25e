//! The trace that a request belongs to: the header field `traceparent` (W3C Trace
//! Context, section 3.2). It comes from anybody, so that only its exact form is taken
//! over.

use alloc::string::String;

use super::Request;

/// `version "-" trace-id "-" parent-id "-" trace-flags`, in hexadecimal.
const LENGTHS: [usize; 4] = [2, 32, 16, 2];

impl Request {
    /// The trace that the request belongs to, in the form of version 00. "If parsing
    /// fails … the vendor MUST NOT use the traceparent": it is passed over then, as is
    /// one of several.
    pub(crate) fn traceparent(&self) -> Option<String> {
        let mut values = self.values("traceparent");
        let (value, None) = (values.next()?, values.next()) else { return None };
        parse(value)
    }
}

fn parse(value: &str) -> Option<String> {
    let mut parts = value.split('-');
    let [version, trace, parent, flags] =
        [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let is_well_formed = [version, trace, parent, flags]
        .iter()
        .zip(LENGTHS)
        .all(|(part, length)| part.len() == length && is_hex(part));
    if !is_well_formed || version == "ff" || is_zero(trace) || is_zero(parent) {
        return None;
    }
    // A later version may have more behind it; this one may not.
    if version == "00" && parts.next().is_some() {
        return None;
    }
    Some(alloc::format!("00-{trace}-{parent}-{flags}"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::http::Request;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_has_exactly_the_form_is_taken_over() {
        assert_eq!(parse(GOOD).unwrap(), GOOD);
        let later = GOOD.replacen("00", "cc", 1);
        assert_eq!(parse(&later).unwrap(), GOOD);
        assert_eq!(parse(&alloc::format!("{later}-what-comes")).unwrap(), GOOD);
    }

    #[test]
    fn anything_else_is_passed_over() {
        let wrong = [
            "",
            "00",
            "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
            &GOOD[..54],
            &alloc::format!("{GOOD}-more"),
            &alloc::format!("{GOOD}\n"),
            &GOOD.to_uppercase(),
            &GOOD.replacen("00", "ff", 1),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GOOD.replace("4b", "g0"),
        ];
        for value in wrong {
            assert_eq!(parse(value), None, "{value}");
        }
        let twice =
            Request::new("GET", "/").header("traceparent", GOOD).header("Traceparent", GOOD);
        assert_eq!(twice.traceparent(), None);
    }
}
