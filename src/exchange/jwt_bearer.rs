//! The JWT bearer grant (RFC 7521 section 4.1, RFC 7523 section 2.1).

use super::RequestContext;
use super::issue::{Issued, Refresh, issue};
use super::refusal::{OAuthError, Refusal};
use super::requested_scope;
use super::single_use::Spends;
use super::subject_token::{Declared, Manner, Part, accept};
use crate::config::{Application, GrantType};
use crate::exchange::policy::{Kind, Wanted, decide};
use crate::http::Form;

/// The parameter that carries the token.
const ROLE: &str = "assertion";

/// Oldest `iat` of an assertion whose issuer does not say, in seconds.
const MAX_AGE: u64 = 1800;

/// Grants a token for an assertion.
///
/// # Errors
/// A [`Refusal`]; "if the assertion is not valid or has expired [...] the value
/// of the `error` parameter MUST be the `invalid_grant` error code" (RFC 7521
/// section 4.1.1).
pub(super) async fn grant(
    context: &mut RequestContext<'_>,
    application: &Application,
    form: &Form,
) -> Result<Issued, Refusal> {
    let assertion = form.required(ROLE)?;
    let manner = Manner { role: ROLE, part: Part::Assertion, application, max_age: MAX_AGE };
    let subject = accept(context, &manner, assertion, Declared::Jwt)
        .await
        .map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial))?;
    let targets = form.values("audience").chain(form.values("resource"));
    let wanted = Wanted {
        kind: Kind::AccessToken,
        targets: targets.map(Into::into).collect(),
        scope: requested_scope(form),
    };
    let decision =
        decide(application, &context.state.config, &subject, None, &wanted, context.host.now)
            .map_err(|fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault))?;
    decision.note(&mut context.trace);

    let refreshable = application.grant_types.contains(&GrantType::RefreshToken);
    let refresh = if refreshable { Refresh::First } else { Refresh::None };
    let spends = Spends::of(OAuthError::InvalidGrant, &[(ROLE, &subject)])?;
    issue(context, application, decision, refresh, spends).await.map(Issued::plain)
}
