//! JOSE: compact JWS, strict JSON, claims, JWK sets, and the checks on them
//! that hold whoever the issuer is (RFC 7515, 7517, 7519, 8725).

mod jwk;

pub(crate) use jwk::{Jwk, JwkSet};
