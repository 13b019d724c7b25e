//! What the engine keeps, over `Read`, `List` and `Commit`: the names of its
//! keys and the form of its records. Nobody else knows either.
//!
//! | key | record | gone |
//! |---|---|---|
//! | `signing-keys` | the signing keys made at first start | never |
//! | `spent/{hash of issuer and jti}` | nothing: that it exists says it all | when the token has expired |

pub(crate) mod replay;
pub(crate) mod signing_keys;
