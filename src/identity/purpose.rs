//! What a foreign token is presented for, and what that adds to its issuer's rules.

use alloc::format;
use alloc::sync::Arc;

use crate::audit::Conditioned;
use crate::config::{Application, Condition, IssuerGrant, PlatformToken, TrustedTokenIssuer};
use crate::reason::{self, Fault};

/// What a foreign token is for. An application lists the issuers whose tokens it may
/// present.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// It is exchanged (RFC 8693).
    Exchange(&'a Arc<Application>),
    /// It is exchanged for a grant for another server, which is about who signed in
    /// at this client and at no other one.
    IdJag(&'a Arc<Application>),
    /// It is an authorization grant (RFC 7523 section 2.1).
    Grant(&'a Arc<Application>),
    /// The same, and an identity assertion grant.
    IdentityGrant(&'a Arc<Application>),
    /// It authenticates a client (RFC 7523 section 2.2).
    Client(PlatformClient<'a>),
}

/// The client that a foreign token is to authenticate.
#[derive(Clone, Copy)]
pub(crate) struct PlatformClient<'a> {
    pub(crate) token: &'a Arc<PlatformToken>,
    /// The trust domain, for a JWT-SVID: its claim `iss` is not looked at.
    pub(crate) trust_domain: Option<&'a str>,
}

/// What comes to an issuer's own rules when its token is for this purpose.
pub(super) struct Added<'a> {
    pub(super) conditions: &'a [Condition],
    /// Who says these conditions, and at which place of its issuers.
    pub(super) of: Arc<dyn Conditioned>,
    pub(super) place: usize,
    /// The entry of the application's list.
    pub(super) listed: Option<&'a IssuerGrant>,
}

impl<'a> Purpose<'a> {
    /// The application that presents the token, unless that is what it is to prove.
    fn application(self) -> Option<&'a Arc<Application>> {
        match self {
            Self::Exchange(one)
            | Self::IdJag(one)
            | Self::Grant(one)
            | Self::IdentityGrant(one) => Some(one),
            Self::Client(_) => None,
        }
    }

    /// What is added for the issuer with this id; `None` when its tokens are not for
    /// this purpose.
    pub(super) fn added(self, issuer: &str) -> Option<Added<'a>> {
        if let Self::Client(PlatformClient { token, .. }) = self {
            let of = Arc::clone(token) as _;
            let added = Added { conditions: &token.conditions, of, place: 0, listed: None };
            return (token.issuer == issuer).then_some(added);
        }
        let application = self.application()?;
        let mut listed = application.trusted_token_issuers.iter().enumerate();
        let (place, listed) = listed.find(|(_, listed)| listed.issuer == issuer)?;
        let of = Arc::clone(application) as _;
        Some(Added { conditions: &listed.conditions, of, place, listed: Some(listed) })
    }

    /// The fault of a token whose issuer is trusted, and not for this.
    pub(super) fn not_allowed(self, issuer: &TrustedTokenIssuer) -> Fault {
        let name = &issuer.name;
        match self {
            Self::Client(_) => Fault::new(
                &reason::CLIENT_ISSUER,
                format!("tokens of `{name}` do not authenticate this client"),
            ),
            _ => Fault::new(
                &reason::ISSUER_NOT_ALLOWED,
                format!("the application may not exchange tokens of `{name}`"),
            ),
        }
    }
}
