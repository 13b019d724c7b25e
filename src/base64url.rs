//! Bytes as unpadded base64url, for the serialised form.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(value: &[u8], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&Base64UrlUnpadded::encode_string(value))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = Cow::<'de, str>::deserialize(from)?;
    Base64UrlUnpadded::decode_vec(&text).map_err(D::Error::custom)
}

pub(crate) mod option {
    use super::{Base64UrlUnpadded, Deserialize, Deserializer, Encoding, Error, String, Vec};
    use serde::Serializer;

    #[allow(clippy::ref_option, reason = "the signature serde asks for")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Vec<u8>>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, out),
            None => out.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| Base64UrlUnpadded::decode_vec(&text).map_err(D::Error::custom))
            .transpose()
    }
}
