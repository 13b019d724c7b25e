//! Whether the sender of a request may use a token that is bound to a key or to a
//! client certificate (RFC 9449 section 6, RFC 8705 section 3, RFC 7800): one rule for
//! issued and for foreign tokens.

use alloc::sync::Arc;

use crate::config::BoundTokens;
use crate::dpop::Proven;
use crate::jose::{Object, Raw};
use crate::reason::{self, Fault};

/// Characters of a SHA-256 thumbprint in base64url.
const THUMBPRINT: usize = 43;

/// What the sender of a request has.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(super) proven: &'a Proven,
    /// The thumbprint of its client certificate.
    pub(super) certificate: Option<&'a str>,
    /// The certificate is that of somebody whose request a gateway passes on: of the
    /// one that the token is bound to, or of nobody.
    pub(super) is_presenter: bool,
}

/// It has nothing.
impl Default for Sender<'_> {
    fn default() -> Self {
        Self { proven: &Proven::Nothing, certificate: None, is_presenter: false }
    }
}

/// What a token is bound to.
#[derive(Clone, Debug, Default)]
pub(super) struct Confirmation {
    pub(super) jkt: Option<Arc<str>>,
    pub(super) x5t: Option<Arc<str>>,
}

/// What the sender of a bound foreign token has to prove.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// What its issuer is configured to have.
    pub(super) bound_tokens: BoundTokens,
    /// It is an identity assertion grant: "If the cnf claim is present [...] the client
    /// MUST present a DPoP proof" (section 9.8.1.2 of the draft), whatever is configured.
    pub(super) is_id_jag: bool,
    /// What the sender has takes the place of what the token is bound to.
    pub(super) rebind: bool,
}

/// What came out of the binding of a foreign token.
pub(super) enum Binding {
    /// The sender has what the token is bound to, if it is.
    Kept(Confirmation),
    /// The token is bound, and nobody asked for that.
    Ignored,
}

/// Checks that the sender may use a foreign token with these claims.
///
/// # Errors
/// A [`Fault`] when it has not what the token is bound to, or when bound tokens of the
/// issuer are refused.
pub(super) fn of_foreign(
    claims: &Object,
    terms: Terms,
    sender: &Sender<'_>,
) -> Result<Binding, Fault> {
    let Terms { bound_tokens, is_id_jag, rebind } = terms;
    match (bound_tokens, claims.get("cnf")) {
        (BoundTokens::Refuse, Some(_)) => Err(Fault::new(
            &reason::BOUND_REFUSED,
            "the token is bound to a key or a certificate (`cnf`), and such tokens of its issuer are not accepted",
        )
        .of_claim("cnf")),
        (BoundTokens::Ignore, Some(cnf)) if !is_id_jag => {
            // A proof that is there is no proof by somebody else.
            if let Proven::Presenter(_) = sender.proven {
                let jkt = read(cnf).and_then(|confirmation| confirmation.jkt);
                check_key(jkt.as_deref(), sender.proven, false)?;
            }
            Ok(Binding::Ignored)
        }
        _ => {
            let rebind = rebind && !is_id_jag;
            let confirmation = confirmation(claims)?;
            let Confirmation { jkt, x5t } = &confirmation;
            check(jkt.as_deref(), x5t.as_deref(), sender, rebind)?;
            Ok(Binding::Kept(confirmation))
        }
    }
}

/// Checks that the sender has what a token is bound to. `rebind`: what it has takes
/// the place of that.
///
/// # Errors
/// A [`Fault`] when it has nothing, or something else.
pub(super) fn check(
    jkt: Option<&str>,
    x5t: Option<&str>,
    sender: &Sender<'_>,
    rebind: bool,
) -> Result<(), Fault> {
    check_key(jkt, sender.proven, rebind)?;
    check_certificate(x5t, sender, rebind)
}

fn check_certificate(x5t: Option<&str>, sender: &Sender<'_>, rebind: bool) -> Result<(), Fault> {
    let Some(x5t) = x5t else { return Ok(()) };
    let rebind = rebind && !sender.is_presenter;
    match (sender.proven, sender.certificate) {
        (Proven::Assumed(_), _) => Ok(()),
        (_, Some(one)) if rebind || one == x5t => Ok(()),
        (Proven::Key(_), None) if rebind => Ok(()),
        (_, Some(_)) => Err(Fault::new(
            &reason::BOUND_TO_ANOTHER_CERTIFICATE,
            "the token is bound to another client certificate than that of the request",
        )),
        (_, None) => Err(Fault::new(
            &reason::BOUND_TO_CERTIFICATE,
            "the token is bound to a client certificate, and the request has none",
        )),
    }
}

fn check_key(bound: Option<&str>, proven: &Proven, rebind: bool) -> Result<(), Fault> {
    let Some(jkt) = bound else {
        return match proven {
            Proven::Presenter(_) => Err(Fault::new(
                &reason::NOT_BOUND,
                "the token is not bound to a key, and was presented with the scheme `DPoP`",
            )),
            _ => Ok(()),
        };
    };
    match proven {
        Proven::Assumed(_) => Ok(()),
        Proven::Key(key) if rebind || **key == *jkt => Ok(()),
        Proven::Presenter(key) if **key == *jkt => Ok(()),
        Proven::Key(_) | Proven::Presenter(_) => Err(Fault::new(
            &reason::BOUND_TO_ANOTHER,
            "the token is bound to another key than that of the DPoP proof",
        )),
        Proven::Nothing => Err(Fault::new(
            &reason::BOUND,
            "the token is bound to a key, and the request has no DPoP proof of it",
        )),
    }
}

/// What the claim `cnf` of a token says, if it has one. A confirmation that cannot be
/// checked is not ignored: the token would become one that anybody may use.
///
/// # Errors
/// A [`Fault`] for a `cnf` with anything but `jkt` and `x5t#S256`.
pub(super) fn confirmation(claims: &Object) -> Result<Confirmation, Fault> {
    let Some(cnf) = claims.get("cnf") else { return Ok(Confirmation::default()) };
    read(cnf).ok_or_else(|| {
        Fault::new(
            &reason::BOUND_UNKNOWN,
            "the token's `cnf` is something else than the thumbprint of a key (`jkt`) or of a certificate (`x5t#S256`)",
        )
        .of_claim("cnf")
    })
}

fn read(cnf: Raw<'_>) -> Option<Confirmation> {
    let mut read = Confirmation::default();
    for (name, value) in cnf.members()?.iter() {
        let thumbprint = value.text().filter(|text| text.len() == THUMBPRINT)?;
        match &*name {
            "jkt" => read.jkt = Some((&*thumbprint).into()),
            "x5t#S256" => read.x5t = Some((&*thumbprint).into()),
            _ => return None,
        }
    }
    (read.jkt.is_some() || read.x5t.is_some()).then_some(read)
}
