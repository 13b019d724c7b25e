//! The tokens that a request spends: those that count once. They are spent in
//! the batch that keeps what is issued for them, or not at all.

use alloc::vec::Vec;

use super::refusal::{OAuthError, Refusal};
use crate::exchange::policy::Evidence;
use crate::reason::{self, Fault};
use crate::step::Write;

/// Tokens that count once, by the parameter that carried each.
pub(super) struct Spends {
    /// What the grant says an unacceptable token is.
    error: OAuthError,
    tokens: Vec<(&'static str, Write)>,
}

impl Spends {
    /// Those among the tokens that were brought.
    ///
    /// # Errors
    /// A [`Refusal`] when the same one was brought twice.
    pub(super) fn of(
        error: OAuthError,
        brought: &[(&'static str, &Evidence)],
    ) -> Result<Self, Refusal> {
        let mut spends = Self { error, tokens: Vec::new() };
        for (role, evidence) in brought {
            let Some(write) = &evidence.spend else { continue };
            if spends.tokens.iter().any(|(_, other)| other.key == write.key) {
                return Err(spends.replayed(role));
            }
            spends.tokens.push((role, write.clone()));
        }
        Ok(spends)
    }

    /// None: what a refresh token brings again.
    pub(super) fn none() -> Self {
        Self { error: OAuthError::InvalidGrant, tokens: Vec::new() }
    }

    pub(super) fn writes(&self) -> Vec<Write> {
        self.tokens.iter().map(|(_, write)| write.clone()).collect()
    }

    pub(super) fn roles(&self) -> impl Iterator<Item = &'static str> {
        self.tokens.iter().map(|(role, _)| *role)
    }

    /// What a conflict means, if anything was to be spent.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.tokens.first().map(|(role, _)| self.replayed(role))
    }

    fn replayed(&self, role: &'static str) -> Refusal {
        let fault = Fault::new(&reason::REPLAYED, "the token was used before");
        Refusal::of_fault(role, self.error, fault)
    }
}
