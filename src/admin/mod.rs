//! The administration API: trusted token issuers, applications, users and
//! their links, over HTTP. WSO2's paths, shapes and codes where it has them;
//! users by SCIM 2.0 (RFC 7643, RFC 7644).

mod call;
mod scim;

pub(crate) use call::Call;
