use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Object;

fn is_object(text: &[u8]) -> bool {
    Object::parse(text.to_vec()).is_some()
}

#[test]
fn a_name_that_stands_twice_is_refused_at_every_level() {
    assert!(is_object(br#"{"a":1,"b":{"c":[{"d":1}]}}"#));
    assert!(!is_object(br#"{"a":1,"a":1}"#));
    assert!(!is_object(br#"{"a":1,"\u0061":2}"#));
    assert!(!is_object(br#"{"\u0061":1,"\u0061":2}"#));
    assert!(!is_object(br#"{"b":{"c":[{"d":1,"d":2}]}}"#));
    // The same name at another level is another one.
    assert!(is_object(br#"{"a":{"a":{"a":1}},"b":{"a":1}}"#));
}

#[test]
fn a_name_that_stands_twice_among_many_is_refused() {
    let members = |count: usize| (0..count).map(|n| format!("\"n{n}\":{n}")).collect::<Vec<_>>();
    let object = |members: &[String]| is_object(format!("{{{}}}", members.join(",")).as_bytes());
    for count in [2, 24, 25, 26, 1000] {
        let mut members = members(count);
        assert!(object(&members), "{count}");
        members.push("\"n\\u0030\":7".to_string());
        assert!(!object(&members), "{count}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |open: &str, depth: usize, inner: &str, close: &str| {
        let text = format!("{{\"a\":{}{inner}{}}}", open.repeat(depth), close.repeat(depth));
        is_object(text.as_bytes())
    };
    assert!(nested("[", 15, "", "]"));
    assert!(nested("[", 15, "1", "]"));
    assert!(!nested("[", 16, "", "]"));
    assert!(nested("[", 15, "{}", "]"));
    assert!(!nested("[", 15, "[]", "]"));
    assert!(!nested("[", 15, r#"{"b":1}"#, "]"));
    assert!(nested("{\"b\":", 15, "1", "}"));
    assert!(!nested("{\"b\":", 16, "1", "}"));
    assert!(!nested("[", 100_000, "", "]"));
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["", "[]", "1", "null", "{}{}", "{} x", "\u{feff}{}", "{'a':1}", "{\"a\":1,}"] {
        assert!(!is_object(text.as_bytes()), "{text}");
    }
    assert!(!is_object(b"{\"a\":\"\xff\"}"));
    assert!(!is_object(br#"{"a":1e999}"#));
}

#[test]
fn members_are_found_however_they_are_written() {
    let object = Object::parse(br#" { "a\u0062" : "c\n" , "ab2":[1, 2],"n":null } "#.to_vec());
    let object = object.unwrap();
    assert_eq!(object.text("ab").as_deref(), Some("c\n"));
    assert_eq!(object.get("ab2").unwrap().value(), serde_json::json!([1, 2]));
    assert!(object.get("n").unwrap().is_null());
    assert!(object.get("a").is_none() && object.text("n").is_none());
}

/// The reader of before, which builds every value while it checks: what it
/// refuses is refused, and what it accepts is accepted and says the same.
fn reference(bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 16 }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("nested too deeply")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper()?)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self.deeper()?)?;
            if all.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Value::Object(all))
    }
}

/// Accepted by both or by none, and then every value is the same.
fn compare(bytes: &[u8]) -> Result<(), TestCaseError> {
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    let (expected, object) = (reference(bytes), Object::parse(bytes.to_vec()));
    prop_assert_eq!(expected.is_some(), object.is_some(), "{}", shown());
    let (Some(expected), Some(object)) = (expected, object) else { return Ok(()) };
    prop_assert_eq!(&object.to_map(), &expected, "{}", shown());
    for (name, value) in &expected {
        let raw = object.get(name).ok_or_else(|| TestCaseError::fail(shown()))?;
        prop_assert_eq!(&raw.value(), value, "{}", shown());
        let text = raw.text();
        prop_assert_eq!(text.as_deref(), value.as_str(), "{}", shown());
        prop_assert_eq!(raw.is_null(), value.is_null());
        prop_assert_eq!(raw.is_number(), value.is_number());
        let members = raw.members().map(|members| {
            let all = members.iter().map(|(name, value)| (name.into_owned(), value.value()));
            all.collect::<Map<_, _>>()
        });
        prop_assert_eq!(members.as_ref(), value.as_object(), "{}", shown());
    }
    Ok(())
}

/// What JSON is made of, and what it is often mistaken for.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    " ",
    "\n",
    "\t",
    "\r",
    "\u{b}",
    "\u{a0}",
    "\0",
    "\u{1f}",
    "\u{7f}",
    "\u{2028}",
    "\u{feff}",
    "true",
    "false",
    "null",
    "nul",
    "True",
    "NaN",
    "Infinity",
    "0",
    "-0",
    "-",
    "+1",
    "01",
    "1.",
    ".5",
    "1.5",
    "-1.25e-3",
    "1e5",
    "1E+5",
    "1e",
    "1e+",
    "1e308",
    "1e309",
    "-1e309",
    "0e999",
    "1e-400",
    "0.0e99999999999",
    "1e99999999999",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "\"\"",
    "\"a\"",
    "\"b\"",
    "\"aa\"",
    "\"\\u0061\"",
    "\"\\u00e9\"",
    "\"é\"",
    "\"\\ud83d\\ude00\"",
    "\"😀\"",
    "\"\\ud83d\"",
    "\"\\ude00\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83dx\"",
    "\"\\u12\"",
    "\"\\uD83D\\uDE0g\"",
    "\"\\x\"",
    "\"\\n\\t\\r\\b\\f\\/\\\\\\\"\"",
    "\"\\u0000\"",
    "\"a\nb\"",
    "\"{\"",
    "//",
    "/**/",
    "{}",
    "[]",
    "{\"a\":1}",
    "[[",
    "]]",
    "{\"a\":",
    "\"a\":",
    ",\"a\":1",
    ",\"b\":2",
    "\"iss\":\"x\"",
];

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0u64..3_000_000_000).prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        ".{0,6}".prop_map(Value::from),
        "[a-z\"\\\\\u{0}-\u{1f}é😀]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(17, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-c\\\\\"é]{0,3}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An object of many members, written in one of two ways.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof!["[a-d]{1,2}", ".{0,6}", "(iss|sub|aud|exp|iat|jti)"];
    (prop::collection::vec((name, value()), 0..30), any::<bool>()).prop_map(|(members, pretty)| {
        let object = Value::Object(members.into_iter().collect());
        let written =
            if pretty { serde_json::to_vec_pretty(&object) } else { serde_json::to_vec(&object) };
        written.unwrap()
    })
}

/// A change: at which place, how much is taken away, and what is put there.
fn mutations() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let put = prop_oneof![
        3 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| alloc::vec![byte]),
        1 => Just(Vec::new()),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, put), 0..4)
}

fn mutated(mut text: Vec<u8>, changes: Vec<(prop::sample::Index, usize, Vec<u8>)>) -> Vec<u8> {
    for (place, taken, put) in changes {
        let start = place.index(text.len() + 1);
        let end = (start + taken).min(text.len());
        text.splice(start..end, put);
    }
    text
}

/// `PROPTEST_CASES` says how many; tens of thousands take some seconds in a
/// release build.
fn config(usual: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    config
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn documents_are_read_as_before(text in document()) {
        compare(&text)?;
    }

    #[test]
    fn documents_with_changes_are_read_as_before(
        text in document(),
        changes in mutations(),
    ) {
        compare(&mutated(text, changes))?;
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn pieces_in_any_order_are_read_as_before(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        is_wrapped in any::<bool>(),
    ) {
        let pieces = pieces.concat();
        let text = if is_wrapped { format!("{{\"a\":{pieces}}}") } else { pieces };
        compare(text.as_bytes())?;
    }

    #[test]
    fn numbers_are_read_as_before(
        number in "-?[0-9]{1,3}(\\.[0-9]{0,25})?([eE][-+]?[0-9]{0,4})?|-?[0-9.eE+-]{1,12}|[0-9]{15,40}|[1-9][0-9]{295,320}",
    ) {
        compare(format!("{{\"a\":{number}}}").as_bytes())?;
    }

    #[test]
    fn strings_are_read_as_before(
        text in prop::collection::vec(
            prop_oneof![
                5 => "[a-z]{1,9}".prop_map(String::into_bytes),
                2 => ".{1,3}".prop_map(String::into_bytes),
                2 => "\\\\u[0-9a-fA-Fg]{4}".prop_map(String::into_bytes),
                2 => "\\\\u[dD][89abAB][0-9a-f]{2}\\\\u[dD][c-fC-F][0-9a-f]{2}".prop_map(String::into_bytes),
                1 => "\\\\.".prop_map(String::into_bytes),
                1 => any::<u8>().prop_map(|byte| alloc::vec![byte]),
            ],
            0..8,
        ),
    ) {
        let text = text.concat();
        compare(&[b"{\"a\":\"", &*text, b"\"}"].concat())?;
        compare(&[b"{\"", &*text, b"\":1}"].concat())?;
    }
}
