//! How people sign in to the console, after every check.

use alloc::string::String;
use alloc::sync::Arc;

use super::model::TrustedTokenIssuer;

/// People sign in at a trusted token issuer.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "there is no console"))]
pub(crate) struct SignIn {
    pub(crate) issuer: Arc<TrustedTokenIssuer>,
    /// What the console is called there.
    pub(crate) client_id: String,
    /// The application that exchanges the ID tokens, by its client id here.
    pub(crate) application: String,
}
