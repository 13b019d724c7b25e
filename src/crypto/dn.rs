//! Distinguished names as values (RFC 4514): two spellings of one name are equal.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{Any, ObjectIdentifier};
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;

/// Longest text of a name, in bytes.
const MAX_TEXT: usize = 2048;

/// Short names of attribute types (RFC 4514 section 3, RFC 4519), and the one of
/// PKCS #9 that every tool writes.
const TYPES: [(&str, &str); 13] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
    ("E", "1.2.840.113549.1.9.1"),
];

/// A distinguished name: its relative names from the most specific one on, each a
/// set of attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dn(Vec<BTreeSet<(String, Value)>>);

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Text(String),
    /// DER of what is no text.
    Other(Vec<u8>),
}

impl Dn {
    /// The name in this text, such as `CN=deployer,O=Acme\, Inc.`
    ///
    /// # Errors
    /// What is wrong with it, to be read behind "it".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_TEXT {
            return Err(format!("is longer than {MAX_TEXT} bytes"));
        }
        let mut names = Vec::new();
        let mut set = BTreeSet::new();
        let mut rest = text.trim_start_matches(' ');
        if rest.is_empty() {
            return Err("is empty".into());
        }
        loop {
            let (kind, after) =
                rest.split_once('=').ok_or_else(|| String::from("has an attribute without `=`"))?;
            let kind = oid(kind.trim_matches(' '))?;
            let (value, after) = value(after.trim_start_matches(' '))?;
            if !set.insert((kind, value)) {
                return Err("has the same attribute twice".into());
            }
            let mut separators = after.chars();
            match separators.next() {
                Some('+') => {}
                separator => {
                    names.push(core::mem::take(&mut set));
                    if separator.is_none() {
                        return Ok(Self(names));
                    }
                }
            }
            rest = separators.as_str().trim_start_matches(' ');
        }
    }

    /// The name in a certificate; `None` when it is empty.
    pub(super) fn of(name: &Name) -> Option<Self> {
        let attribute = |one: &AttributeTypeAndValue| (one.oid.to_string(), of_der(&one.value));
        let names = name.as_ref().as_ref().iter().rev();
        let names: Vec<_> = names.map(|set| set.iter().map(attribute).collect()).collect();
        (!names.is_empty()).then_some(Self(names))
    }
}

fn of_der(any: &Any) -> Value {
    let text = matches!(
        any.tag(),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::TeletexString
    );
    match core::str::from_utf8(any.value()) {
        Ok(value) if text => Value::Text(value.into()),
        _ => Value::Other(any.to_der().unwrap_or_default()),
    }
}

/// The bytes that these hex digits spell.
pub(crate) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = core::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(text, 16).ok().filter(|_| is_hex)
    };
    pairs.map(byte).collect()
}

/// The object identifier of an attribute type.
fn oid(kind: &str) -> Result<String, String> {
    let known = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
    if let Some((_, oid)) = known {
        return Ok((*oid).into());
    }
    match ObjectIdentifier::new(kind) {
        Ok(oid) => Ok(oid.to_string()),
        Err(_) => Err("has an attribute whose type is neither a short name of RFC 4514, such as `CN`, nor an object identifier".into()),
    }
}

/// The value at the beginning of this text, and what stands behind it.
fn value(text: &str) -> Result<(Value, &str), String> {
    if let Some(hex) = text.strip_prefix('#') {
        let end = hex.find([',', '+', ';', ' ']).unwrap_or(hex.len());
        let (digits, after) = hex.split_at(end);
        let der = unhex(digits);
        let any = der.and_then(|der| Any::from_der(&der).ok());
        let any =
            any.ok_or_else(|| String::from("has a value behind `#` that is not DER in hex"))?;
        return Ok((of_der(&any), after.trim_start_matches(' ')));
    }
    match text.strip_prefix('"') {
        Some(quoted) => {
            let (value, after) = unescaped(quoted, true, |c| c == '"')?;
            let after = after
                .strip_prefix('"')
                .ok_or_else(|| String::from("has a quote that does not end"))?;
            Ok((value, after.trim_start_matches(' ')))
        }
        None => unescaped(text, false, |c| matches!(c, ',' | '+' | ';')),
    }
}

/// The text up to a character that ends it, without its escapes, and without the
/// spaces at its end that are neither escaped nor in quotes.
fn unescaped(
    text: &str,
    is_quoted: bool,
    ends: impl Fn(char) -> bool,
) -> Result<(Value, &str), String> {
    let broken = || String::from("has a `\\` with nothing behind it that could be escaped");
    let (mut bytes, mut kept) = (Vec::new(), 0);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if ends(next) {
            break;
        }
        if next != '\\' {
            let (one, after) = rest.split_at(next.len_utf8());
            bytes.extend_from_slice(one.as_bytes());
            rest = after;
            if is_quoted || next != ' ' {
                kept = bytes.len();
            }
            continue;
        }
        let escaped = rest.get(1..).unwrap_or_default();
        let pair = escaped.get(..2).and_then(unhex);
        match (pair, escaped.chars().next()) {
            (Some(byte), _) => {
                bytes.extend(byte);
                rest = escaped.get(2..).unwrap_or_default();
            }
            (None, Some(one)) if one.is_ascii_punctuation() || one == ' ' => {
                bytes.push(one as u8);
                rest = escaped.get(1..).unwrap_or_default();
            }
            _ => return Err(broken()),
        }
        kept = bytes.len();
    }
    bytes.truncate(kept);
    let value =
        String::from_utf8(bytes).map_err(|_| String::from("has a value that is not UTF-8"))?;
    Ok((Value::Text(value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_name_are_equal() {
        let same = |one: &str, other: &str| assert_eq!(Dn::parse(one), Dn::parse(other), "{one}");
        same("CN=deployer,O=Acme", " cn = deployer , 2.5.4.10=Acme");
        same("CN=a+OU=b,O=c", "OU=b+CN=a,O=c");
        same("O=Acme\\, Inc.", "O=\"Acme, Inc.\"");
        same("O=Acme\\, Inc.", "O=Acme\\2c Inc.");
        same("CN=\\C3\\A9", "CN=é");
        same("CN=a ", "CN=a");
        same("CN=a\\ ", "CN=\"a \"");
        same("CN=#0c0161", "CN=a");
    }

    #[test]
    fn other_names_are_not() {
        let differ = |one: &str, other: &str| {
            assert_ne!(Dn::parse(one).unwrap(), Dn::parse(other).unwrap(), "{one}");
        };
        differ("CN=a,O=b", "O=b,CN=a");
        differ("CN=a", "CN=A");
        differ("CN=a", "CN=a,O=b");
        differ("CN=a+OU=b", "CN=a,OU=b");
        differ("CN=a,O=b", "CN=a\\,O=b");
        differ("CN=a", "OU=a");
        differ("CN=a", "CN=a\\ ");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "  ",
            "a",
            "CN",
            "=a",
            "CN=a,",
            "CN=a,,O=b",
            "XX=a",
            "CN=\"a",
            "CN=a\\",
            "CN=a\\x",
            "CN=#0",
            "CN=#zz",
            "CN=a+CN=a",
            "CN=\\ff",
        ] {
            assert!(Dn::parse(text).is_err(), "{text}");
        }
        assert!(Dn::parse(&format!("CN={}", "a".repeat(3000))).is_err());
    }
}
