//! Tokens that count once: (issuer, `jti`) pairs that were spent.
//!
//! Spending is one create-only write, so that of two requests with the same
//! token exactly one wins, on every store.

use alloc::string::String;

use super::{CLOCKS_DIFFER, key};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Write};
use crate::time::{Entropy, Timestamp};

/// What the keys of these records begin with.
const SPENT: &str = "spent/";

/// A UUID has 36 characters, a hash in hexadecimal 64.
const LONGEST_WORD: usize = 64;

/// Whether a token was spent by this request or by an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    Now,
    Before,
}

/// Who gave a token its `jti`: two of them may use the same.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Minter<'a> {
    Issuer(&'a str),
    Client(&'a str),
    /// Whoever has the key with this thumbprint.
    Key(&'a str),
}

/// The write that spends a token. Its value is the id of the token that the request
/// issues, which no other request has: when the answer of the store is lost, the
/// request knows its own write again.
pub(crate) fn write(entropy: &Entropy, minter: Minter<'_>, jti: &str, until: Timestamp) -> Write {
    Write {
        key: key_of(minter, jti),
        value: Some(entropy.token_id().to_vec()),
        expect: Expect::Absent,
        expires_at: Some(until.plus(CLOCKS_DIFFER).0),
    }
}

/// The key of the record: a hash, or for a proof with a short id the thumbprint and the
/// id. A request mostly brings a new proof, and a thumbprint is a hash already.
fn key_of(minter: Minter<'_>, jti: &str) -> String {
    match minter {
        Minter::Issuer(name) => key(SPENT, &["issuer", name, jti]),
        Minter::Client(name) => key(SPENT, &["client", name, jti]),
        // No hash has a dot in it.
        Minter::Key(thumbprint) if is_word(jti) => [SPENT, thumbprint, ".", jti].concat(),
        Minter::Key(thumbprint) => key(SPENT, &["key", thumbprint, jti]),
    }
}

/// Whether it is short, and has only characters that mean nothing to any store.
fn is_word(jti: &str) -> bool {
    (1..=LONGEST_WORD).contains(&jti.len())
        && jti.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Spends a token by itself.
pub(crate) async fn spend(
    host: &Host,
    minter: Minter<'_>,
    jti: &str,
    until: Timestamp,
) -> Result<Spent, Failed> {
    Ok(match host.commit(alloc::vec![write(&host.entropy, minter, jti, until)]).await? {
        Outcome::Committed => Spent::Now,
        Outcome::Conflict => Spent::Before,
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    static ENTROPY: Entropy = Entropy::new([7; 32]);

    #[test]
    fn a_spent_token_is_remembered_longer_than_any_clock_takes_it_for_valid() {
        let until = Timestamp(1000);
        let write = write(&ENTROPY, Minter::Issuer("https://idp.example"), "a", until);
        assert_eq!(write.expires_at, Some(until.plus(CLOCKS_DIFFER).0));
        assert_eq!(write.expect, Expect::Absent);
    }

    #[test]
    fn the_record_names_the_token_that_the_request_issues() {
        let write = write(&ENTROPY, Minter::Issuer("https://idp.example"), "a", Timestamp(0));
        let named = URL_SAFE_NO_PAD.encode(write.value.unwrap());
        assert_eq!(named, ENTROPY.jti());
        assert_ne!(named, Entropy::new([8; 32]).jti());
    }

    #[test]
    fn a_proof_with_a_short_id_is_named_by_its_key_and_its_id() {
        let key_of = |jti| key_of(Minter::Key("thumbprint"), jti);
        assert_eq!(key_of("3f9a-B_2"), "spent/thumbprint.3f9a-B_2");
        assert_eq!(key_of(&"a".repeat(64)).len(), "spent/thumbprint.".len() + 64);
    }

    #[test]
    fn what_a_client_writes_into_an_id_is_no_key_of_another_record() {
        let long = "a".repeat(65);
        for jti in ["../link/a", "a/b", "a.b", "a b", "a\nb", "ä", "", &long] {
            let key = key_of(Minter::Key("thumbprint"), jti);
            let hash = key.strip_prefix("spent/").unwrap();
            assert_eq!(hash.len(), 43, "{jti:?} became {key}");
            assert!(hash.bytes().all(|byte| byte != b'.' && byte != b'/'), "{jti:?} became {key}");
        }
    }

    #[test]
    fn an_issuer_and_a_client_of_one_name_do_not_spend_each_others_tokens() {
        let now = Timestamp(0);
        let key_of = |minter| write(&ENTROPY, minter, "a", now).key;
        assert_ne!(key_of(Minter::Issuer("a")), key_of(Minter::Client("a")));
    }
}
