//! A request under decision: what is known, whom to ask, and what the audit
//! log will say about it.

use alloc::string::String;
use alloc::sync::Arc;

use super::binding::Sender;
use crate::audit::{Audit, Detail, Parties, Trace};
use crate::config::{Application, ClientAuthentication};
use crate::dpop::{DpopProof, Proven};
use crate::host::Host;
use crate::identity::Client;
use crate::identity::accounts::PendingLink;
use crate::identity::client::Noted;
use crate::limits::Attempt;
use crate::mtls::ClientCertificate;
use crate::refusal::{OAuthError, Refusal};
use crate::state::State;
use crate::step::{Write, cold};
use crate::time::Timestamp;

/// Goes through every step of a decision.
pub(crate) struct RequestContext<'a> {
    pub(crate) state: &'a State,
    pub(crate) host: &'a Host,
    pub(crate) trace: Trace,
    pub(crate) parties: Parties,
    /// The family of refresh tokens that ends with this request, because a
    /// spent token of it came back. A rehearsal leaves it alone.
    pub(super) reused_family: Option<String>,
    /// The link that implicit association makes with this request.
    pub(super) new_link: Option<PendingLink>,
    /// The DPoP proof that came with the request.
    pub(crate) proof: Option<DpopProof>,
    /// What a proof that does not count is, by the grant.
    pub(super) proof_error: OAuthError,
    /// What it proves.
    pub(super) proven: Proven,
    /// The client certificate of the connection.
    pub(super) certificate: Option<Arc<ClientCertificate>>,
    /// It is that of somebody whose request a gateway passes on.
    pub(super) certificate_of_presenter: bool,
    /// What is issued is bound to it.
    pub(super) binds_certificate: bool,
    /// The write that spends it.
    pub(super) spend_proof: Option<Write>,
    /// The nonce that the client's next proof needs.
    pub(super) next_nonce: Option<String>,
    /// Whether somebody on the network sent it, whose failures count.
    is_limited: bool,
    /// How many checks there were when the client was authorized.
    pub(super) authorized: usize,
}

/// The result of a typed call, and what the audit log says about it.
#[derive(Debug)]
pub struct Decided<T> {
    /// What was asked for, or why it is refused.
    pub result: Result<T, Refusal>,
    /// What was checked and decided. It holds no token and no secret.
    pub audit: Audit,
    /// The nonce for the client's next DPoP proof (RFC 9449 section 8): the value
    /// of the header field `DPoP-Nonce` of the reply.
    pub dpop_nonce: Option<String>,
}

impl<T> Decided<T> {
    /// The request waited and asked for nothing. No request of this engine does.
    pub(crate) fn internal_error() -> Self {
        let refusal = Refusal::internal();
        let mut audit = Audit::of("token".into(), Timestamp::default());
        refusal.record(&mut audit);
        Self { result: Err(refusal), audit, dpop_nonce: None }
    }
}

impl<'a> RequestContext<'a> {
    pub(crate) fn new(state: &'a State, host: &'a Host) -> Self {
        Self {
            state,
            host,
            trace: Trace::default(),
            parties: Parties::default(),
            reused_family: None,
            new_link: None,
            proof: None,
            proof_error: OAuthError::InvalidDpopProof,
            proven: Proven::Nothing,
            certificate: None,
            certificate_of_presenter: false,
            binds_certificate: false,
            spend_proof: None,
            next_nonce: None,
            is_limited: false,
            authorized: 0,
        }
    }

    /// The application that the request comes from.
    ///
    /// # Errors
    /// A [`Refusal`] when the client does not authenticate.
    pub(super) async fn client(&mut self, client: &Client) -> Result<Arc<Application>, Refusal> {
        if self.certificate.is_none() {
            self.certificate.clone_from(&client.certificate);
        }
        let clients = self.state.clients(self.host);
        self.is_limited = client.is_presented();
        if self.is_limited {
            clients.gate.check_address()?;
        }
        let mut noted = Noted { parties: &mut self.parties, trace: &mut self.trace };
        let authenticated = clients.authenticate(self.host, &mut noted, client).await;
        match &authenticated {
            Ok(application) if self.is_limited && clients.gate.counts_requests() => {
                let id = &application.client_id;
                let is_public = matches!(application.authentication, ClientAuthentication::None);
                cold(clients.gate.request(self.host, id, is_public)).await?;
            }
            Err(refusal) if refusal.error() == OAuthError::InvalidClient => {
                cold(self.note_failure()).await;
            }
            _ => {}
        }
        authenticated
    }

    /// Counts a failed authentication: for the client, if there is one of that id.
    pub(super) async fn note_failure(&self) {
        if self.is_limited {
            let client_id = self.parties.client_id.as_deref();
            let attempt = client_id.map_or(Attempt::UnknownClient, Attempt::Client);
            self.state.gate(self.host).failed(self.host, attempt).await;
        }
    }

    /// What the sender of the request has.
    pub(super) fn sender(&self) -> Sender<'_> {
        Sender {
            proven: &self.proven,
            certificate: self.certificate.as_ref().map(|one| &*one.thumbprint),
            is_presenter: self.certificate_of_presenter,
        }
    }

    /// The certificate of somebody whose request a gateway passes on.
    pub(crate) fn present(&mut self, certificate: Option<Arc<ClientCertificate>>) {
        self.certificate_of_presenter = certificate.is_some();
        self.certificate = certificate;
    }

    /// Forgets what was noted about a decision that has to be made again. The
    /// client stays authenticated.
    pub(super) fn begin_again(&mut self) {
        self.trace.truncate(self.authorized);
    }

    /// Notes a check that held.
    pub(crate) fn pass(&mut self, role: &'static str, check: &'static str, detail: Detail) {
        self.trace.pass(role, check, detail);
    }

    /// Ends the request: its result, and its line in the audit log.
    pub(crate) fn decided<T>(
        mut self,
        event: &'static str,
        result: Result<T, Refusal>,
    ) -> Decided<T> {
        let mut audit = Audit::of(event.into(), self.host.now);
        if let Err(refusal) = &result {
            refusal.note(&mut self.trace);
            refusal.record(&mut audit);
        }
        let audit = Audit { parties: self.parties, checks: self.trace, ..audit };
        Decided { result, audit, dpop_nonce: self.next_nonce }
    }

    /// The same, counted in the metrics and kept among the recent refusals.
    pub(crate) async fn finish<T>(
        self,
        event: &'static str,
        result: Result<T, Refusal>,
    ) -> Decided<T> {
        let (state, host) = (self.state, self.host);
        let mut decided = self.decided(event, result);
        state.note(host, &mut decided.audit).await;
        decided
    }
}
