//! The typed operations: no form is parsed and no reply is made.
//!
//! Each takes its parameters from the input buffer (see `fields`), where they are
//! `length` bytes behind 32 bytes of entropy, and returns the number of the
//! request, -1 when it is done, or -2 when the host has a bug. The caller is the
//! embedding program: it names an application and proves nothing.

use exchequer::{Client, Entropy, Timestamp, TlsCertificate, TokenRequest};
use wasm_bindgen::prelude::*;

use crate::authority::{Authority, DONE, timestamp};
use crate::certificate::Certificate;
use crate::input::Problem;

#[wasm_bindgen]
impl Authority {
    /// Begins a token request: the client id, the scope if there is one, and
    /// what belongs to the grant of this number.
    pub fn exchange(&self, grant: u32, length: usize, now: f64) -> i32 {
        self.step(|| {
            let (now, entropy, request) = self.token_request(grant, length, now)?;
            Ok(self.show(|engine| engine.exchange(request, now, entropy)))
        })
    }

    /// Begins a rehearsal of the same.
    pub fn explain(&self, grant: u32, length: usize, now: f64) -> i32 {
        self.step(|| {
            let (now, entropy, request) = self.token_request(grant, length, now)?;
            Ok(self.show(|engine| engine.explain(request, now, entropy)))
        })
    }

    /// Begins the description of a token: client id and token.
    pub fn introspect(&self, length: usize, now: f64) -> i32 {
        self.step(|| {
            let (now, entropy, (client, token)) = self.of_token(length, now)?;
            Ok(self.show(|engine| engine.introspect(client, token, now, entropy)))
        })
    }

    /// Begins the revocation of a token: client id and token.
    pub fn revoke(&self, length: usize, now: f64) -> i32 {
        self.step(|| {
            let (now, entropy, (client, token)) = self.of_token(length, now)?;
            Ok(self.show(|engine| engine.revoke(client, token, now, entropy)))
        })
    }

    /// Begins protecting an API: an access token, or the `Authorization` header
    /// of a request if it has one; what belongs to it (see `fields`), with as many
    /// scopes. The request comes with this client certificate, if there is one.
    pub fn authenticate(
        &self,
        is_header: bool,
        scopes: usize,
        length: usize,
        now: f64,
        certificate: Option<Certificate>,
    ) -> i32 {
        let certificate = certificate.map(TlsCertificate::from);
        self.step(|| {
            let (now, entropy) = self.begun(now)?;
            let (credentials, requirements) =
                self.input.parameters(length, |mut fields| fields.access(is_header, scopes))?;
            let credentials = credentials.map(|found| match (found, &certificate) {
                (Some(credentials), Some(one)) => Some(credentials.with_certificate(one)),
                (found, _) => found,
            });
            Ok(self.show(|engine| engine.admit(credentials, requirements, now, entropy)))
        })
    }

    /// Begins fetching keys that are about to expire; -1 when none are due.
    pub fn refresh_keys(&self, now: f64) -> i32 {
        self.step(|| {
            let (now, entropy) = self.begun(now)?;
            let due = self.engine().refresh_keys(now, entropy);
            Ok(due.map_or(DONE, |step| self.show(|_| step)))
        })
    }
}

impl Authority {
    fn begun(&self, now: f64) -> Result<(Timestamp, Entropy), Problem> {
        Ok((timestamp(now)?, self.input.entropy()?))
    }

    fn token_request(
        &self,
        grant: u32,
        length: usize,
        now: f64,
    ) -> Result<(Timestamp, Entropy, TokenRequest), Problem> {
        let (now, entropy) = self.begun(now)?;
        let request = self.input.parameters(length, |mut fields| fields.token_request(grant))?;
        Ok((now, entropy, request))
    }

    fn of_token(
        &self,
        length: usize,
        now: f64,
    ) -> Result<(Timestamp, Entropy, (Client, String)), Problem> {
        let (now, entropy) = self.begun(now)?;
        let of_token = self.input.parameters(length, |mut fields| {
            Ok((Client::embedder(fields.required()?), fields.required()?.into()))
        })?;
        Ok((now, entropy, of_token))
    }
}
