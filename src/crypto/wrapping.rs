//! Signing keys at rest, encrypted by a key that the host has: compact JWE with
//! direct encryption (RFC 7516, RFC 7518 sections 4.5 and 5.3), which every JOSE
//! library opens.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Stands beside the keys of a server whose store has keys that are not wrapped yet.
const PLAIN: &str = "plain";

/// The keys that wrap signing keys: the first wraps, all unwrap.
pub(crate) struct WrappingKeys {
    keys: Vec<WrappingKey>,
    take_plain: bool,
}

struct WrappingKey {
    /// The protected header of what it wraps, encoded. It names the key.
    header: String,
    octets: Zeroizing<[u8; KEY_BYTES]>,
}

impl WrappingKeys {
    /// From their text: keys of 32 bytes in base64 or base64url, with spaces or
    /// commas between them, and `plain` where keys that are not wrapped yet are to be
    /// taken and wrapped.
    ///
    /// # Errors
    /// What is wrong, to be read behind a name. It repeats nothing of the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut keys, mut take_plain) = (Vec::new(), false);
        let words = text.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
        for (index, word) in words.enumerate() {
            if word == PLAIN {
                take_plain = true;
                continue;
            }
            let key = WrappingKey::parse(word)
                .ok_or_else(|| format!("has no 32 bytes in base64 at place {}", index + 1))?;
            keys.push(key);
        }
        if keys.is_empty() {
            return Err("names no key".into());
        }
        Ok(Self { keys, take_plain })
    }

    /// Whether signing keys that are not wrapped are taken.
    pub(crate) fn take_plain(&self) -> bool {
        self.take_plain
    }

    /// The JWE of this text. The nonce may not be used for another text.
    pub(crate) fn seal(&self, text: &[u8], nonce: &[u8; 32]) -> Option<String> {
        let WrappingKey { header, octets } = self.keys.first()?;
        let nonce = nonce.get(..NONCE_BYTES)?;
        let cipher = Aes256Gcm::new_from_slice(&**octets).ok()?;
        let payload = Payload { msg: text, aad: header.as_bytes() };
        let sealed = cipher.encrypt(Nonce::try_from(nonce).ok().as_ref()?, payload).ok()?;
        let (sealed, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
        let encode = Base64UrlUnpadded::encode_string;
        Some(format!("{header}..{}.{}.{}", encode(nonce), encode(sealed), encode(tag)))
    }

    /// The text of a JWE, and whether the first key wrapped it. `None` for what none
    /// of the keys wrapped, or what was changed since.
    pub(crate) fn open(&self, jwe: &str) -> Option<(Zeroizing<Vec<u8>>, bool)> {
        let mut parts = jwe.split('.');
        let mut part = || parts.next();
        let (header, empty, nonce, sealed, tag) = (part()?, part()?, part()?, part()?, part()?);
        if !empty.is_empty() || parts.next().is_some() {
            return None;
        }
        // The header says what this server writes and nothing else, so it is compared
        // and not read.
        let place = self.keys.iter().position(|key| key.header == header)?;
        let key = self.keys.get(place)?;
        let decode = |text| Base64UrlUnpadded::decode_vec(text).ok();
        let (nonce, mut sealed, tag) = (decode(nonce)?, decode(sealed)?, decode(tag)?);
        if tag.len() != TAG_BYTES {
            return None;
        }
        sealed.extend(tag);
        let cipher = Aes256Gcm::new_from_slice(&*key.octets).ok()?;
        let payload = Payload { msg: &sealed, aad: header.as_bytes() };
        let text = cipher.decrypt(Nonce::try_from(&*nonce).ok().as_ref()?, payload).ok()?;
        Some((Zeroizing::new(text), place == 0))
    }
}

impl WrappingKey {
    fn parse(word: &str) -> Option<Self> {
        let word = word.trim_end_matches('=');
        let decoded = Base64UrlUnpadded::decode_vec(word)
            .or_else(|_| Base64::decode_vec(&format!("{word}=")))
            .map(Zeroizing::new)
            .ok()?;
        let octets = Zeroizing::new(<[u8; KEY_BYTES]>::try_from(&**decoded).ok()?);
        // It names the key and does not give it away: the key is random.
        let name = Sha256::new().chain_update("wrapping key").chain_update(*octets).finalize();
        let name = Base64UrlUnpadded::encode_string(name.get(..9)?);
        let header = format!(r#"{{"alg":"dir","enc":"A256GCM","kid":"{name}","cty":"jwk+json"}}"#);
        Some(Self { header: Base64UrlUnpadded::encode_string(header.as_bytes()), octets })
    }
}

impl core::fmt::Debug for WrappingKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("WrappingKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use base64ct::{Base64, Base64UrlUnpadded, Encoding};

    use super::WrappingKeys;

    fn text(byte: u8) -> String {
        Base64::encode_string(&[byte; 32])
    }

    fn keys(text: &str) -> WrappingKeys {
        WrappingKeys::parse(text).unwrap()
    }

    #[test]
    fn the_first_key_wraps_and_every_key_unwraps() {
        let old = keys(&text(1)).seal(b"secret", &[7; 32]).unwrap();
        let both = keys(&format!("{}, {}", text(2), text(1)));
        let (opened, is_current) = both.open(&old).unwrap();
        assert_eq!((&**opened, is_current), (&b"secret"[..], false));
        let new = both.seal(b"secret", &[8; 32]).unwrap();
        assert!(keys(&text(2)).open(&new).unwrap().1);
        assert!(keys(&text(1)).open(&new).is_none());
        assert!(keys(&text(3)).open(&old).is_none());
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let all = keys(&text(1));
        let jwe = all.seal(b"secret", &[7; 32]).unwrap();
        for place in 0..jwe.len() {
            let mut bytes = jwe.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(all.open(&changed).is_none(), "{place}");
            assert!(all.open(&jwe[..place]).is_none());
        }
        assert!(all.open(&format!("{jwe}.")).is_none());
    }

    #[test]
    fn every_spelling_of_a_key_is_the_same_key() {
        let spelt = [
            Base64::encode_string(&[0xfb; 32]),
            Base64UrlUnpadded::encode_string(&[0xfb; 32]),
            format!(" plain\n{} ", Base64::encode_string(&[0xfb; 32])),
        ];
        let jwe = keys(&spelt[0]).seal(b"secret", &[7; 32]).unwrap();
        for text in &spelt {
            assert!(keys(text).open(&jwe).is_some(), "{text}");
        }
        assert!(keys(&spelt[2]).take_plain() && !keys(&spelt[1]).take_plain());
    }

    #[test]
    fn what_is_no_key_of_32_bytes_is_refused_and_not_repeated() {
        for text in ["", "plain", "hunter2", &text(1)[..40], &format!("{} hunter2", text(1))] {
            let why = WrappingKeys::parse(text).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
