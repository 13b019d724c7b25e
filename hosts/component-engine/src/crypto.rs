//! Algorithms, each way.

use exchequer::{Algorithm, AlgorithmSet, HostCrypto};

use crate::bindings::steps;

pub(crate) fn host_crypto(host: &steps::HostCrypto) -> HostCrypto {
    HostCrypto { verify: set(&host.verify), sign: set(&host.sign) }
}

fn set(algorithms: &[steps::Algorithm]) -> AlgorithmSet {
    let algorithms: Vec<_> = algorithms.iter().copied().map(from_host).collect();
    AlgorithmSet::of(&algorithms)
}

fn from_host(algorithm: steps::Algorithm) -> Algorithm {
    match algorithm {
        steps::Algorithm::Rs256 => Algorithm::RS256,
        steps::Algorithm::Rs384 => Algorithm::RS384,
        steps::Algorithm::Rs512 => Algorithm::RS512,
        steps::Algorithm::Ps256 => Algorithm::PS256,
        steps::Algorithm::Ps384 => Algorithm::PS384,
        steps::Algorithm::Ps512 => Algorithm::PS512,
        steps::Algorithm::Es256 => Algorithm::ES256,
        steps::Algorithm::Es384 => Algorithm::ES384,
        steps::Algorithm::Es512 => Algorithm::ES512,
        steps::Algorithm::Eddsa => Algorithm::EdDSA,
    }
}

pub(crate) fn to_host(algorithm: Algorithm) -> steps::Algorithm {
    match algorithm {
        Algorithm::RS256 => steps::Algorithm::Rs256,
        Algorithm::RS384 => steps::Algorithm::Rs384,
        Algorithm::RS512 => steps::Algorithm::Rs512,
        Algorithm::PS256 => steps::Algorithm::Ps256,
        Algorithm::PS384 => steps::Algorithm::Ps384,
        Algorithm::PS512 => steps::Algorithm::Ps512,
        Algorithm::ES256 => steps::Algorithm::Es256,
        Algorithm::ES384 => steps::Algorithm::Es384,
        Algorithm::ES512 => steps::Algorithm::Es512,
        Algorithm::EdDSA => steps::Algorithm::Eddsa,
    }
}
