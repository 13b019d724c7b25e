//! Tokens that count once. A request spends them in the batch that keeps
//! what is issued for them, or not at all.

use alloc::vec::Vec;

use super::presented_token::PresentedToken;
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::refusal::{OAuthError, Refusal};
use crate::step::Write;

/// Tokens that count once, by the parameter that carried each.
pub(super) struct SingleUse {
    /// What the grant says an unacceptable token is.
    error: OAuthError,
    /// The parameters.
    roles: Vec<&'static str>,
    /// The writes that spend their tokens, and then the one that spends the DPoP proof of
    /// the request, until they are taken.
    writes: Vec<Write>,
    has_proof: bool,
    /// What a proof is that was used before.
    proof_error: OAuthError,
}

impl SingleUse {
    /// Those among the tokens that were brought.
    ///
    /// # Errors
    /// A [`Refusal`] when the same one was brought twice.
    pub(super) fn of(
        error: OAuthError,
        brought: &[(&'static str, &PresentedToken)],
    ) -> Result<Self, Refusal> {
        let mut single_use = Self { error, ..Self::none() };
        for (role, evidence) in brought {
            let Some(write) = &evidence.spend else { continue };
            if single_use.writes.iter().any(|other| other.key == write.key) {
                return Err(single_use.replayed(role));
            }
            single_use.roles.push(role);
            single_use.writes.push(write.clone());
        }
        Ok(single_use)
    }

    /// None: what a refresh token brings again.
    pub(super) fn none() -> Self {
        Self {
            error: OAuthError::InvalidGrant,
            roles: Vec::new(),
            writes: Vec::new(),
            has_proof: false,
            proof_error: OAuthError::InvalidDpopProof,
        }
    }

    /// The same with the proof of the request.
    pub(super) fn add_proof(&mut self, proof: Option<Write>, error: OAuthError) {
        self.has_proof = proof.is_some();
        self.writes.extend(proof);
        self.proof_error = error;
    }

    /// What the request is when its proof was used before.
    pub(super) const fn proof_error(&self) -> OAuthError {
        self.proof_error
    }

    /// The writes that spend all of them: a batch begins with them.
    pub(super) fn take_writes(&mut self) -> Vec<Write> {
        core::mem::take(&mut self.writes)
    }

    /// Whether so many writes are that of the proof and no other.
    pub(super) fn is_proof_alone(&self, writes: usize) -> bool {
        self.has_proof && writes == 1
    }

    /// Whether the proof was used before. `batch` begins with the writes that were taken.
    ///
    /// # Errors
    /// A [`Refusal`] when the store fails.
    pub(super) async fn is_proof_spent(
        &self,
        host: &Host,
        batch: &[Write],
    ) -> Result<bool, Refusal> {
        match batch.get(self.roles.len()).filter(|_| self.has_proof) {
            Some(proof) => {
                let found = host.read(proof.key.clone()).await;
                Ok(found.map_err(Refusal::of_store)?.is_some())
            }
            None => Ok(false),
        }
    }

    /// Checks that none was spent before, without spending any.
    ///
    /// # Errors
    /// A [`Refusal`] when one was, or when the store fails.
    pub(super) async fn check_unspent(&self, host: &Host) -> Result<(), Refusal> {
        let of_tokens = self.writes.iter().take(self.roles.len());
        let keys = of_tokens.map(|write| write.key.clone()).collect();
        let spent = host.read_all(keys).await.map_err(Refusal::of_store)?;
        match self.refusal().filter(|_| spent.iter().any(Option::is_some)) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    pub(super) fn roles(&self) -> impl Iterator<Item = &'static str> {
        self.roles.iter().copied()
    }

    /// What a conflict means, if anything was to be spent.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.roles.first().map(|role| self.replayed(role))
    }

    fn replayed(&self, role: &'static str) -> Refusal {
        let fault = Fault::new(&reason::REPLAYED, "the token was used before");
        Refusal::of_fault(role, self.error, fault)
    }
}
