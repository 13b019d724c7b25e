//! JOSE: compact JWS, strict JSON, claims, JWK sets, and the checks on them
//! that hold whoever the issuer is (RFC 7515, 7517, 7519, 8725).

mod claims;
mod compact;
pub(crate) mod json;
mod jwk;
mod mistaken;
mod rejected;
mod select;

pub(crate) use claims::{Claims, Found, date, lookup, subject};
pub(crate) use compact::{Content, Jws, Parts};
pub(crate) use json::{Kind, Object, Raw};

pub(crate) use jwk::{Jwk, JwkSet, MAX_SET_BYTES, document_json};
pub(crate) use mistaken::surroundings;
pub(crate) use rejected::{is_rejection, rejected};
pub(crate) use select::{candidates, named};
