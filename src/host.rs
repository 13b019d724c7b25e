//! What a request may ask of the world: the inside of the seam.
//!
//! [`Host`] turns each [`Ask`] into an `await` with a typed result, so that a
//! flow reads top to bottom. Crypto goes through here too: an algorithm that
//! the host said it answers becomes an ask, every other is computed in the
//! engine.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::crypto::{self, Algorithm, HostCrypto, PublicKey, SigningKey, Verdict};
use crate::http::Network;
use crate::jose::Jws;
use crate::proof_keys::ProofKeys;
use crate::reason::Fault;
use crate::step::{Answer, Ask, Expect, Failed, Mailbox, Record, Write};
use crate::verified_tokens::{Signer, VerifiedTokens};

/// What a request knows of the world: the time it came at, its randomness,
/// and whom to ask for the rest.
#[derive(Clone)]
pub(crate) struct Host {
    mailbox: Arc<Mailbox>,
    host_crypto: HostCrypto,
    verified: Arc<VerifiedTokens>,
    /// The keys of DPoP proofs that were good.
    pub(crate) proof_keys: Arc<ProofKeys>,
    /// When the request came.
    pub(crate) now: crate::time::Timestamp,
    /// What it may draw secrets and identifiers from.
    pub(crate) entropy: crate::time::Entropy,
    /// A rehearsal writes nothing. It ends before anything is to be written;
    /// that the store refuses as well is a second bolt on the same door.
    may_write: bool,
    /// The trace that the request belongs to.
    traceparent: Option<String>,
    /// Where it came from, if that is known.
    pub(crate) sender: Option<Network>,
}

/// A fetched document.
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) cache_control: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What became of a batch of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Committed,
    Conflict,
}

/// A page of records and the cursor of the next.
pub(crate) type Page = (Vec<Record>, Option<String>);

impl Host {
    pub(crate) fn new(
        mailbox: Arc<Mailbox>,
        host_crypto: HostCrypto,
        verified: Arc<VerifiedTokens>,
        proof_keys: Arc<ProofKeys>,
        now: crate::time::Timestamp,
        entropy: crate::time::Entropy,
    ) -> Self {
        Self {
            mailbox,
            host_crypto,
            verified,
            proof_keys,
            now,
            entropy,
            may_write: true,
            traceparent: None,
            sender: None,
        }
    }

    /// The same host, whose store takes no writes.
    pub(crate) fn without_writes(self) -> Self {
        Self { may_write: false, ..self }
    }

    /// The same host, for a request that belongs to this trace.
    pub(crate) fn traced(self, traceparent: Option<String>) -> Self {
        Self { traceparent, ..self }
    }

    /// The same host, for a request that comes from here.
    pub(crate) fn for_sender(self, sender: Option<Network>) -> Self {
        Self { sender, ..self }
    }

    pub(crate) async fn fetch(
        &self,
        url: String,
        timeout_ms: u32,
        max_bytes: u32,
    ) -> Result<Fetched, Failed> {
        let traceparent = self.traceparent.clone();
        self.fetched(Ask::Fetch { url, timeout_ms, max_bytes, traceparent }, max_bytes).await
    }

    /// Sends a form.
    #[cfg(feature = "admin")]
    pub(crate) async fn submit(
        &self,
        url: String,
        body: String,
        timeout_ms: u32,
        max_bytes: u32,
    ) -> Result<Fetched, Failed> {
        self.fetched(Ask::Submit { url, body, timeout_ms, max_bytes }, max_bytes).await
    }

    async fn fetched(&self, ask: Ask, max_bytes: u32) -> Result<Fetched, Failed> {
        match self.mailbox.ask(ask).await {
            // A host that reads on past the limit does not make us read on.
            Answer::Fetched { body, .. } if body.len() > max_bytes as usize => {
                Err(Failed::TooLarge)
            }
            Answer::Fetched { status, cache_control, location, body } => {
                Ok(Fetched { status, cache_control, location, body })
            }
            answer => Err(failed(&answer)),
        }
    }

    /// One record by its key.
    pub(crate) async fn read(&self, key: String) -> Result<Option<Record>, Failed> {
        Ok(self.read_all(alloc::vec![key]).await?.pop().flatten())
    }

    /// Several records by their keys, in the order of the keys.
    pub(crate) async fn read_all(&self, keys: Vec<String>) -> Result<Vec<Option<Record>>, Failed> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match self.mailbox.ask(Ask::Read { keys }).await {
            Answer::Records { records } => Ok(records),
            answer => Err(failed(&answer)),
        }
    }

    /// A page of the records whose keys begin with `prefix`, in the order of
    /// their keys, and the cursor of the next if there is one.
    pub(crate) async fn list(
        &self,
        prefix: String,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page, Failed> {
        match self.mailbox.ask(Ask::List { prefix, cursor, limit }).await {
            Answer::Page { records, next } => Ok((records, next)),
            answer => Err(failed(&answer)),
        }
    }

    /// One atomic batch of writes.
    pub(crate) async fn commit(&self, batch: Vec<Write>) -> Result<Outcome, Failed> {
        self.commit_and_return(batch).await.0
    }

    /// The same, and the batch comes back.
    ///
    /// Where the store fails, only its answer may be lost. A client that repeats what
    /// did happen would be refused for it, or taken for a thief, so this looks. The
    /// first write of the batch has to tell it from every other batch.
    pub(crate) async fn commit_and_return(
        &self,
        batch: Vec<Write>,
    ) -> (Result<Outcome, Failed>, Vec<Write>) {
        let (outcome, batch) = self.write(batch).await;
        let outcome = match (outcome, batch.first().filter(|first| is_witness(first))) {
            (Err(failed), Some(first)) if failed != Failed::Unsupported => {
                if self.holds(first).await { Ok(Outcome::Committed) } else { Err(failed) }
            }
            (outcome, _) => outcome,
        };
        (outcome, batch)
    }

    /// The same, when the caller looks for itself whether a batch that failed was
    /// written.
    pub(crate) async fn commit_unseen(&self, batch: Vec<Write>) -> Result<Outcome, Failed> {
        self.write(batch).await.0
    }

    async fn write(&self, batch: Vec<Write>) -> (Result<Outcome, Failed>, Vec<Write>) {
        if !self.may_write {
            return (Err(Failed::Unsupported), batch);
        }
        let (answer, ask) = self.mailbox.ask_for_both(Ask::Commit { batch }).await;
        let outcome = match answer {
            Answer::Committed => Ok(Outcome::Committed),
            Answer::Conflict => Ok(Outcome::Conflict),
            answer => Err(failed(&answer)),
        };
        let Ask::Commit { batch } = ask else { return (Err(Failed::Broken), Vec::new()) };
        (outcome, batch)
    }

    /// Whether the store is known to have what was to be written: this value, or nothing.
    async fn holds(&self, write: &Write) -> bool {
        let found = self.read(write.key.clone()).await;
        found.is_ok_and(|record| record.map(|record| record.value) == write.value)
    }

    /// Whether anything was read from the store, or came from it a moment ago.
    pub(crate) fn used_the_store(&self) -> bool {
        self.mailbox.used_the_store()
    }

    /// Notes that something counts as it was read from the store a moment ago.
    pub(crate) fn note_store(&self) {
        self.mailbox.note_store();
    }

    /// Takes a token apart. One that was verified before is known: the same text says
    /// the same.
    ///
    /// # Errors
    /// A [`Fault`], as [`Jws::parse`] has it.
    pub(crate) fn read_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Fault> {
        match self.verified.content(token) {
            Some(content) => Ok(Jws::known(token, content)),
            None => Jws::parse(token),
        }
    }

    /// The one of these keys that made the signature of a token. A token that
    /// was verified before is compared, if the configuration allows that.
    pub(crate) async fn verify_token<'k>(
        &self,
        signer: Signer<'_>,
        jws: &Jws<'_>,
        keys: &'k [Arc<PublicKey>],
    ) -> Result<Option<&'k Arc<PublicKey>>, Failed> {
        if let Some(key) = self.verified.key(signer, jws, keys) {
            return Ok(Some(key));
        }
        let found = self.verify_once(jws, keys).await?;
        if let Some(key) = found {
            self.verified.keep(signer, jws, key);
        }
        Ok(found)
    }

    /// The same of a token that is not expected again.
    pub(crate) async fn verify_once<'k>(
        &self,
        jws: &Jws<'_>,
        keys: &'k [Arc<PublicKey>],
    ) -> Result<Option<&'k Arc<PublicKey>>, Failed> {
        for key in keys {
            let verdict = self.verify(jws.alg, key, jws.signing_input(), &jws.signature).await?;
            if verdict == Verdict::Accept {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Whether `signature` over `message` is good under `key` and `alg`.
    ///
    /// What no answerer may be trusted to refuse, a malformed or malleable
    /// signature, is refused here, before it is asked.
    async fn verify(
        &self,
        alg: Algorithm,
        key: &Arc<PublicKey>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<Verdict, Failed> {
        if !key.fits(alg) || !key.well_formed(alg, signature) {
            return Ok(Verdict::Reject);
        }
        if !self.host_crypto.verify.contains(alg) {
            return Ok(crypto::verify(alg, key, message, signature));
        }
        let ask = Ask::Verify {
            alg,
            key: Arc::clone(key),
            message: message.to_vec(),
            signature: signature.to_vec(),
        };
        match self.mailbox.ask(ask).await {
            Answer::Verdict { verdict } => Ok(verdict),
            answer => Err(failed(&answer)),
        }
    }

    /// A signature in JOSE form.
    pub(crate) async fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let alg = key.algorithm();
        if !key.is_with_host() && !self.host_crypto.sign.contains(alg) {
            let entropy = self.entropy.draw("signature blinding");
            return crypto::sign(key, message, &entropy).ok_or(Failed::Broken);
        }
        let ask = Ask::Sign { alg, key_id: key.kid().into(), message: message.to_vec() };
        match self.mailbox.ask(ask).await {
            Answer::Signature { signature } => {
                // A device may have another key under this name. A token that nobody
                // can verify is not given out.
                let is_good = key.public().well_formed(alg, &signature)
                    && (!key.is_with_host()
                        || crypto::verify(alg, key.public(), message, &signature)
                            == Verdict::Accept);
                if is_good { Ok(signature) } else { Err(Failed::Broken) }
            }
            answer => Err(failed(&answer)),
        }
    }
}

/// Whether it shows that its batch was written: by a value that was not there before,
/// or because nothing is there any more.
fn is_witness(write: &Write) -> bool {
    write.value.is_none() || write.expect != Expect::Any
}

/// `Pending::resume` lets only fitting answers through: what is left is a
/// failure.
fn failed(answer: &Answer) -> Failed {
    match answer {
        Answer::Failed { failed } => *failed,
        _ => Failed::Broken,
    }
}
