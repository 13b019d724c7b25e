//! What a text that is no compact JWS most likely is: a token with something
//! around it, or one that was encoded twice or in another way.
//!
//! Nothing here makes a token acceptable. It is asked after a token was refused,
//! so that the refusal says what to look at.

use alloc::format;

use crate::reason::{self, Fault, Reason};

/// The fault of a text that is not a token alone; `None` when nothing of the kind
/// is seen. It holds for tokens in any form.
pub(crate) fn surroundings(text: &str) -> Option<Fault> {
    let (reason, what): (&'static Reason, _) = if is_utf_16(text) {
        (&reason::UTF_16, "is UTF-16; send it as ASCII")
    } else if text.starts_with('\u{feff}') {
        (&reason::BYTE_ORDER_MARK, "begins with a byte order mark; send the token alone")
    } else if is_placeholder(text.trim()) {
        (&reason::PLACEHOLDER, "is a placeholder, or shortened with dots; send the token itself")
    } else if has_bearer(text) {
        (&reason::BEARER_PREFIX, "has `Bearer` in front of it; send the token alone")
    } else if is_quoted(text.trim()) {
        (&reason::QUOTED, "has quotation marks around it; send the token alone")
    } else if text.trim_start().starts_with(['{', '[']) {
        (&reason::JSON_DOCUMENT, "is a JSON document; send the token alone")
    } else {
        return white_space(text);
    };
    Some(Fault::new(reason, format!("the token {what}")))
}

/// The fault of a text whose parts are not base64url, or that are not three.
pub(super) fn encoding(text: &str) -> Option<Fault> {
    surroundings(text).or_else(|| {
        let (reason, what): (&'static Reason, _) = if text.contains('%') {
            (&reason::PERCENT_ENCODED, "has percent signs in it; it was percent-encoded twice")
        } else if is_base64_of_a_token(text) {
            (&reason::ENCODED_AGAIN, "is the base64 of a JWT; decode it once")
        } else if text.split('.').any(|part| part.ends_with('=')) {
            (&reason::PADDED, "is padded with `=`; a JWT is base64url without padding")
        } else if text.contains(['+', '/']) {
            (
                &reason::STANDARD_ALPHABET,
                "has `+` or `/` in it; a JWT is base64url with `-` and `_`",
            )
        } else {
            return foreign_character(text);
        };
        Some(Fault::new(reason, format!("the token {what}")))
    })
}

/// A character that no part of a JWT has. A text without two dots is none at all, and
/// may have any.
fn foreign_character(text: &str) -> Option<Fault> {
    let is_foreign = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.');
    let found = text.chars().find(is_foreign)?;
    if text.matches('.').count() < 2 {
        return None;
    }
    let what = if found.is_ascii_graphic() {
        format!("the character `{found}`")
    } else {
        format!("the character U+{:04X}, which may be invisible,", u32::from(found))
    };
    let message = format!("the token has {what} in it, which no JWT has; send the token alone");
    Some(Fault::new(&reason::NOT_BASE64URL, message))
}

/// What programs and people write where a token should be.
fn is_placeholder(text: &str) -> bool {
    let words = ["undefined", "null", "(null)", "none", "nil", "<nil>", "nan", "[object object]"];
    let between = |from: &str, until: &str| {
        text.len() > from.len() && text.starts_with(from) && text.ends_with(until)
    };
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.starts_with(['$', '@'])
        || between("%", "%")
        || between("<", ">")
        || between("{{", "}}")
        || (text.starts_with(char::is_alphanumeric) && text.contains("..."))
        || text.contains('\u{2026}')
}

/// Whether this is base64 of a text that begins as the header of a JWT does (`eyJ`).
fn is_base64_of_a_token(text: &str) -> bool {
    text.starts_with("ZXlK") && !text.contains('.')
}

/// Whether about every second character is NUL, as when UTF-16 is read as UTF-8.
fn is_utf_16(text: &str) -> bool {
    let nuls = text.bytes().filter(|byte| *byte == 0).count();
    nuls > 0 && nuls * 3 >= text.len()
}

fn has_bearer(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || is_quote(c));
    let rest = ["bearer", "authorization"]
        .iter()
        .find_map(|word| text.get(..word.len()).filter(|it| it.eq_ignore_ascii_case(word)))
        .and_then(|word| text.get(word.len()..));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == ':'))
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(is_quote) || text.ends_with(is_quote)
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}')
}

fn white_space(text: &str) -> Option<Fault> {
    let found = text.find(char::is_whitespace)?;
    let is_break = |c: char| matches!(c, '\r' | '\n');
    let what = if text.contains(is_break) { "a line break" } else { "a space" };
    let place = match () {
        () if text.trim_end().len() == found => "behind it",
        () if text.trim_start().len() < text.len() => "before it",
        () => "in it",
    };
    let message = format!("the token has {what} {place}; send the token alone");
    Some(Fault::new(&reason::WHITE_SPACE, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<(&'static str, std::string::String)> {
        encoding(text).map(|fault| (fault.reason.code, fault.message))
    }

    #[test]
    fn what_is_around_a_token_is_named() {
        let cases = [
            ("a.b.c\n", "shape.white_space", "a line break behind it"),
            ("a.b.c\r\n", "shape.white_space", "a line break behind it"),
            (" a.b.c", "shape.white_space", "a space before it"),
            ("a.b .c", "shape.white_space", "a space in it"),
            ("a.b\n.c\n", "shape.white_space", "a line break in it"),
            ("\"a.b.c\"", "shape.quotes", "quotation marks"),
            ("'a.b.c'\n", "shape.quotes", "quotation marks"),
            ("\u{201c}a.b.c\u{201d}", "shape.quotes", "quotation marks"),
            ("a.b.c\"", "shape.quotes", "quotation marks"),
            ("Bearer a.b.c", "shape.bearer", "`Bearer`"),
            ("bearer\ta.b.c", "shape.bearer", "`Bearer`"),
            ("\"Bearer a.b.c\"", "shape.bearer", "`Bearer`"),
            ("Authorization: Bearer a.b.c", "shape.bearer", "`Bearer`"),
            ("{\"access_token\":\"a.b.c\"}", "shape.json_document", "JSON"),
            ("\u{feff}a.b.c", "shape.byte_order_mark", "byte order mark"),
            ("a\0.\0b\0.\0c\0", "shape.utf16", "UTF-16"),
            ("\u{fffd}\u{fffd}a\0.\0b\0.\0c\0d\0e\0f\0", "shape.utf16", "UTF-16"),
            ("a%2Eb%2Ec", "shape.percent_encoded", "percent"),
            ("a.b==.c", "shape.padding", "`=`"),
            ("a+.b.c", "shape.standard_base64", "`+`"),
            ("a.b/.c", "shape.standard_base64", "`/`"),
            ("undefined", "shape.placeholder", "placeholder"),
            ("[object Object]", "shape.placeholder", "placeholder"),
            ("$TOKEN\n", "shape.placeholder", "placeholder"),
            ("${ID_TOKEN}", "shape.placeholder", "placeholder"),
            ("%TOKEN%", "shape.placeholder", "placeholder"),
            ("{{token}}", "shape.placeholder", "placeholder"),
            ("<token>", "shape.placeholder", "placeholder"),
            ("@token.jwt", "shape.placeholder", "placeholder"),
            ("a.b...c", "shape.placeholder", "shortened"),
            ("a.b\u{2026}c", "shape.placeholder", "shortened"),
            ("ZXlKaGJHY2lPaUpTVXpJMU5pSjk=", "shape.encoded_again", "base64 of a JWT"),
            ("a.b.c,a.b.c", "shape.base64url", "`,`"),
            ("<a.b.c", "shape.base64url", "`<`"),
            ("token=a.b.c", "shape.base64url", "`=`"),
            ("a.b.c\\n", "shape.base64url", "`\\`"),
            ("\u{200b}a.b.c", "shape.base64url", "U+200B"),
            ("\u{430}.b.c", "shape.base64url", "U+0430"),
            ("a.b.c\0", "shape.base64url", "U+0000"),
        ];
        for (text, code, words) in cases {
            let (found, message) = said(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(found, code, "{text:?}");
            assert!(message.contains(words), "{text:?}: {message}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_only_wrong() {
        for text in ["", "a.b.c", "bearer", "bearer.b.c", "a.b", "xoxb-12~34", "nullify"] {
            assert_eq!(said(text), None, "{text:?}");
        }
    }
}
