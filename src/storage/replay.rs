//! Tokens that count once: (issuer, `jti`) pairs that were spent.
//!
//! Spending is one create-only write, so that of two requests with the same
//! token exactly one wins, on every store.

use super::{CLOCKS_DIFFER, key};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Write};
use crate::time::{Entropy, Timestamp};

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
    let (kind, name) = match minter {
        Minter::Issuer(name) => ("issuer", name),
        Minter::Client(name) => ("client", name),
        Minter::Key(name) => ("key", name),
    };
    Write {
        key: key("spent/", &[kind, name, jti]),
        value: Some(entropy.token_id().to_vec()),
        expect: Expect::Absent,
        expires_at: Some(until.plus(CLOCKS_DIFFER).0),
    }
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
    fn an_issuer_and_a_client_of_one_name_do_not_spend_each_others_tokens() {
        let now = Timestamp(0);
        let key_of = |minter| write(&ENTROPY, minter, "a", now).key;
        assert_ne!(key_of(Minter::Issuer("a")), key_of(Minter::Client("a")));
    }
}
