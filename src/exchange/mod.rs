//! OAuth 2.0: who the client is, what it asks for, and what it gets. One file
//! for each grant and for each thing that can be done with a token of ours.

mod application;
mod client;
mod client_assertion;
mod delegation;
mod introspect;
mod issue;
mod issued_token;
mod jwt_bearer;
pub(crate) mod policy;
mod protect;
mod refresh_token;
mod refusal;
mod request_context;
mod revoke;
mod single_use;
mod subject_token;
mod token_exchange;

pub(crate) use client::{authenticate, authenticate_confidential};
pub(crate) use introspect::introspect;
pub(crate) use issue::Issued;
pub use protect::Protection;
pub(crate) use protect::{access_token, bearer, protect};
pub(crate) use refusal::{OAuthError, Refusal};
pub(crate) use request_context::RequestContext;
pub(crate) use revoke::revoke;
pub(crate) use token_exchange::examine;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{Application, GrantType};
use crate::http::Form;

/// Carries out a grant that the application may use.
///
/// # Errors
/// A [`Refusal`] as the grant has it.
pub(crate) async fn grant(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    grant_type: GrantType,
    form: &Form,
) -> Result<Issued, Refusal> {
    match grant_type {
        GrantType::TokenExchange => token_exchange::exchange(context, application, form).await,
        GrantType::JwtBearer => jwt_bearer::grant(context, application, form).await,
        GrantType::RefreshToken => refresh_token::grant(context, application, form).await,
    }
}

/// The scopes a request asks for, space-delimited (RFC 6749 section 3.3);
/// `None` when it says nothing.
fn requested_scope(form: &Form) -> Option<Vec<String>> {
    let scope = form.value("scope")?;
    let scopes: Vec<String> =
        scope.split(' ').filter(|one| !one.is_empty()).map(String::from).collect();
    (!scopes.is_empty()).then_some(scopes)
}
