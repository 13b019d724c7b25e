//! One file for each target, and for two that are alike.

pub(crate) mod answers;
pub(crate) mod certificate;
pub(crate) mod claims;
pub(crate) mod configuration;
pub(crate) mod form;
pub(crate) mod key_set;
pub(crate) mod path;
pub(crate) mod protobuf;
pub(crate) mod request;
pub(crate) mod scim;
pub(crate) mod token;
