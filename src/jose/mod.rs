//! JOSE: compact JWS, strict JSON, claims, JWK sets, and the checks on them
//! that hold whoever the issuer is (RFC 7515, 7517, 7519, 8725).

mod claims;
mod compact;
pub(crate) mod json;
mod jwk;
mod mint;
mod select;

pub(crate) use claims::{Claims, Found, lookup};
pub(crate) use compact::Jws;
pub(crate) use json::{Object, Raw, Writer};

pub(crate) use jwk::{JwkSet, MAX_SET_BYTES, document_json};
pub(crate) use mint::mint;
pub(crate) use select::{candidates, no_key};
