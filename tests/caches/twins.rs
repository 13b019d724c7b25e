//! Tokens that differ from a good one in little: none of them is believed because
//! the good one was.

use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::server::{Server, document};
use crate::support::foreign::foreign;

/// The characters of a token.
const ALPHABET: &str = "ABCXYZabcxyz0189-_.=+/";

/// Header, payload and signature, as they are in the token.
fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(String::from).collect();
    parts.try_into().unwrap()
}

/// The same token with another first character of one part. Its end stays.
fn with_other(token: &str, part: usize, change: impl Fn(&mut Vec<u8>)) -> String {
    let mut parts = parts(token);
    let mut bytes = Base64UrlUnpadded::decode_vec(&parts[part]).unwrap();
    change(&mut bytes);
    parts[part] = Base64UrlUnpadded::encode_string(&bytes);
    parts.join(".")
}

/// One bit of the beginning of the signature is another.
pub(crate) fn with_bit_of_signature(token: &str) -> String {
    with_other(token, 2, |bytes| bytes[3] ^= 1)
}

fn with_json(token: &str, part: usize, change: impl Fn(&mut Value)) -> String {
    with_other(token, part, |bytes| {
        let mut json: Value = serde_json::from_slice(bytes).unwrap();
        change(&mut json);
        *bytes = json.to_string().into_bytes();
    })
}

#[test]
fn a_twin_of_a_good_token_is_refused() {
    let mut sts = Server::new(&document());
    let good = foreign(&json!({}));
    let rejected = "subject_token.signature.rejected";
    let twins = [
        (with_bit_of_signature(&good), rejected),
        (with_other(&good, 2, |bytes| *bytes.last_mut().unwrap() ^= 1), rejected),
        (with_json(&good, 1, |claims| claims["sub"] = "x-2".into()), rejected),
        (with_json(&good, 1, |claims| claims["exp"] = 4_000_000_000_u64.into()), rejected),
        (with_json(&good, 1, |claims| claims["iss"] = "https://globex.example".into()), rejected),
        (with_json(&good, 0, |header| header["x"] = 1.into()), rejected),
        (
            with_json(&good, 0, |header| header["kid"] = "other".into()),
            "subject_token.key.not_found",
        ),
        (
            with_json(&good, 0, |header| header["alg"] = "ES384".into()),
            "subject_token.key.not_found",
        ),
        (
            with_json(&good, 0, |header| header["alg"] = "none".into()),
            "subject_token.header.alg.forbidden",
        ),
        (
            with_json(&good, 0, |header| header["alg"] = "HS256".into()),
            "subject_token.header.alg.forbidden",
        ),
        (good[..good.len() - 6].into(), rejected),
        (good[4..].into(), "subject_token.shape.json"),
        (format!("{good}AAAA"), rejected),
        (format!("{}.", good), "subject_token.shape.not_compact"),
    ];
    sts.granted(&good);
    for (twin, reason) in &twins {
        assert_ne!(*twin, good);
        sts.refused(twin, reason);
        let before = sts.world.verifications;
        sts.granted(&good);
        assert_eq!(sts.world.verifications, before, "the good one is still known: {reason}");
    }
    // Nor is one believed the second time that it comes.
    for (twin, reason) in &twins {
        sts.refused(twin, reason);
    }
}

#[test]
fn a_token_is_not_good_for_an_issuer_with_the_same_key() {
    let mut sts = Server::new(&document());
    let good = foreign(&json!({}));
    sts.granted(&good);
    let before = sts.world.verifications;
    let twin = foreign(&json!({ "iss": "https://twin.example" }));
    assert_eq!(sts.exchange_as(("stranger", "stranger-secret-for-tests"), &twin, &[]).status, 200);
    assert_eq!(sts.world.verifications, before + 1);
    sts.refused(&twin, "subject_token.issuer.not_allowed");
}

#[derive(Clone, Debug)]
enum Change {
    Replace(usize, usize),
    Insert(usize, usize),
    Remove(usize),
    Swap(usize, usize),
    Cut(usize),
}

impl Change {
    fn of(&self, token: &str) -> String {
        let mut text: Vec<char> = token.chars().collect();
        let len = text.len();
        let letter = |at: usize| ALPHABET.chars().nth(at % ALPHABET.len()).unwrap();
        match *self {
            Self::Replace(at, with) => text[at % len] = letter(with),
            Self::Insert(at, with) => text.insert(at % len, letter(with)),
            Self::Remove(at) => drop(text.remove(at % len)),
            Self::Swap(one, other) => text.swap(one % len, other % len),
            Self::Cut(at) => text.truncate(at % len),
        }
        text.into_iter().collect()
    }
}

fn change() -> impl Strategy<Value = Change> {
    let at = || any::<usize>();
    prop_oneof![
        4 => (at(), at()).prop_map(|(at, with)| Change::Replace(at, with)),
        1 => (at(), at()).prop_map(|(at, with)| Change::Insert(at, with)),
        1 => at().prop_map(Change::Remove),
        1 => (at(), at()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => at().prop_map(Change::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Only exactly the token that was verified passes.
    #[test]
    fn no_change_of_a_known_token_passes(changes in proptest::collection::vec(change(), 1..40)) {
        let mut sts = Server::new(&document());
        let good = foreign(&json!({}));
        sts.granted(&good);
        for change in changes {
            let twin = change.of(&good);
            if twin != good {
                let reply = sts.exchange_with(&twin, &[]);
                prop_assert_eq!(reply.status, 400, "{:?} {}", change, reply.body);
            }
        }
        sts.granted(&good);
    }
}
