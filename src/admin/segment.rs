//! Segments of a path, which are percent-encoded (RFC 3986 section 3.3).

use alloc::borrow::Cow;
use alloc::string::String;

use fluent_uri::pct_enc::encoder::{Data, Path};
use fluent_uri::pct_enc::{EStr, EString};

/// What a segment says; `None` when it is not the encoding of a text.
pub(crate) fn decoded(segment: &str) -> Option<String> {
    EStr::<Path>::new(segment)?.decode().to_string().ok().map(Cow::into_owned)
}

/// The segment that says this.
pub(crate) fn encoded(text: &str) -> String {
    let mut segment = EString::<Path>::new();
    segment.encode_str::<Data>(text);
    segment.into_string()
}

#[cfg(test)]
mod tests {
    use super::{decoded, encoded};

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["u-1", "ada@example.com", "a/b?c#d", "50%", "Åsa Ekström", "+", ".."] {
            let segment = encoded(text);
            assert!(segment.bytes().all(|b| b.is_ascii_graphic() && !b"/?#@+".contains(&b)));
            assert_eq!(decoded(&segment).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_encodes_no_text_is_refused() {
        for segment in ["%", "%4", "%zz", "%ff", "a b", "ö"] {
            assert_eq!(decoded(segment), None, "{segment}");
        }
        assert_eq!(decoded("a+b").as_deref(), Some("a+b"), "a plus is no space in a path");
    }
}
