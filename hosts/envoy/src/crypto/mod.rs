//! Signatures by the proxy, where it has functions for them: `verify_signature`
//! and, from Envoy 1.37 on, `sign`. They are tried once, with signatures that
//! are known; what does not answer rightly is not used, and the engine computes
//! it itself.
//!
//! The algorithm and the key come with the ask. A function that fails rejects.

mod known;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use exchequer::{
    Algorithm, AlgorithmSet, Answer, Failed, HostCrypto, PublicKey, SigningKey, Verdict,
};
use proxy_wasm::hostcalls::call_foreign_function;
use zeroize::Zeroizing;

use crate::protobuf::{self, Field};

/// Most public keys that are kept in the proxy's form.
const MAX_KEYS: usize = 256;

/// What the proxy's functions can do: RSASSA-PSS, Ed25519 and other hashes they
/// cannot, or it was not tried.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];
const HASH: &[u8] = b"sha256";

#[derive(Default)]
pub(crate) struct Crypto {
    host: HostCrypto,
    /// By thumbprint: DER `SubjectPublicKeyInfo`.
    public: RefCell<BTreeMap<String, Rc<Vec<u8>>>>,
    /// By `kid`: the arguments of `sign` up to the message.
    private: RefCell<BTreeMap<String, Rc<Zeroizing<Vec<u8>>>>>,
}

impl Crypto {
    /// Tries the proxy's functions.
    pub(crate) fn detect() -> Self {
        let of = |set: &[bool; 2]| {
            let all = ALGORITHMS.iter().zip(set).filter_map(|(one, good)| good.then_some(*one));
            AlgorithmSet::of(&all.collect::<Vec<_>>())
        };
        let verifies = [
            tells_good_from_bad(&known::RSA_PUBLIC, &known::RSA_SIGNATURE),
            tells_good_from_bad(&known::EC_PUBLIC, &known::EC_SIGNATURE),
        ];
        // A proxy that signs with keys of one kind need not with the other.
        let [rsa, ec] = verifies;
        let signs = [
            rsa && is_signing(&known::RSA_PRIVATE, &known::RSA_PUBLIC),
            ec && is_signing(&known::EC_PRIVATE, &known::EC_PUBLIC),
        ];
        let host = HostCrypto { verify: of(&verifies), sign: of(&signs) };
        Self { host, ..Self::default() }
    }

    /// What the proxy answers for.
    pub(crate) fn host_crypto(&self) -> HostCrypto {
        self.host
    }

    /// The same for the operator.
    pub(crate) fn described(&self) -> String {
        let of = |set: AlgorithmSet| {
            let all = ALGORITHMS.iter().filter(|alg| set.contains(**alg)).map(|alg| alg.name());
            all.collect::<Vec<_>>().join(" ")
        };
        format!(
            "the proxy verifies [{}] and signs [{}]; the filter computes every other signature",
            of(self.host.verify),
            of(self.host.sign)
        )
    }

    pub(crate) fn verify(
        &self,
        alg: Algorithm,
        key: &Arc<PublicKey>,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        let good = self.host.verify.contains(alg)
            && alg.signature_to_der(signature).is_some_and(|der| {
                verify_signature(&self.public_key(key), message, &der) == Some(true)
            });
        Answer::Verdict { verdict: Verdict::from(good) }
    }

    pub(crate) fn sign(
        &self,
        alg: Algorithm,
        kid: &str,
        message: &[u8],
        key: impl FnOnce() -> Option<Arc<SigningKey>>,
    ) -> Answer {
        let signature = self.host.sign.contains(alg).then(|| {
            let arguments = self.arguments(kid, key)?;
            alg.signature_from_der(&sign(&arguments, message)?)
        });
        match signature.flatten() {
            Some(signature) => Answer::Signature { signature },
            None => Answer::Failed { failed: Failed::Broken },
        }
    }

    fn public_key(&self, key: &PublicKey) -> Rc<Vec<u8>> {
        let mut known = self.public.borrow_mut();
        if known.len() >= MAX_KEYS && !known.contains_key(key.thumbprint()) {
            known.clear();
        }
        let entry = known.entry(key.thumbprint().into());
        Rc::clone(entry.or_insert_with(|| Rc::new(key.to_spki_der())))
    }

    fn arguments(
        &self,
        kid: &str,
        key: impl FnOnce() -> Option<Arc<SigningKey>>,
    ) -> Option<Rc<Zeroizing<Vec<u8>>>> {
        if let Some(known) = self.private.borrow().get(kid) {
            return Some(Rc::clone(known));
        }
        let arguments = Rc::new(signing_arguments(&key()?.to_pkcs8_der()?));
        self.private.borrow_mut().insert(kid.into(), Rc::clone(&arguments));
        Some(arguments)
    }
}

fn tells_good_from_bad(key: &[u8], signature: &[u8]) -> bool {
    verify_signature(key, known::MESSAGE, signature) == Some(true)
        && verify_signature(key, b"another message", signature) == Some(false)
}

fn is_signing(private: &[u8], public: &[u8]) -> bool {
    sign(&signing_arguments(private), known::MESSAGE)
        .is_some_and(|signature| tells_good_from_bad(public, &signature))
}

/// `VerifySignatureArguments`: 1 hash function, 2 public key, 3 signature, 4
/// text. Its answer: 1 result, 2 error. A call that went well says nothing yet;
/// `None` when there is no such function.
fn verify_signature(key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let mut arguments =
        Vec::with_capacity(key.len() + message.len() + signature.len() + HASH.len() + 32);
    for (field, bytes) in [(1, HASH), (2, key), (3, signature), (4, message)] {
        protobuf::put(&mut arguments, field, bytes);
    }
    let answer = call_foreign_function("verify_signature", Some(&arguments)).ok()?;
    let answer = answer.unwrap_or_default();
    Some(matches!(protobuf::find(&answer, 1), Some(Field::Number(1))))
}

/// `SignArguments`: 1 hash function, 2 private key, 3 text.
fn signing_arguments(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut arguments = Zeroizing::new(Vec::with_capacity(key.len() + HASH.len() + 16));
    protobuf::put(&mut arguments, 1, HASH);
    protobuf::put(&mut arguments, 2, key);
    arguments
}

/// Its answer: 1 result, 2 signature, 3 error.
fn sign(arguments: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    // At its whole size at once, so that no copy of the key is left behind.
    let length = arguments.len() + message.len() + 16;
    let mut whole = Zeroizing::new(Vec::with_capacity(length));
    whole.extend_from_slice(arguments);
    protobuf::put(&mut whole, 3, message);
    let answer = call_foreign_function("sign", Some(&whole)).ok()??;
    match (protobuf::find(&answer, 1), protobuf::find(&answer, 2)) {
        (Some(Field::Number(1)), Some(Field::Bytes(signature))) => Some(signature.to_vec()),
        _ => None,
    }
}
