//! The job done by Exchequer, by its crate.

use std::collections::HashMap;

use anyhow::{Context, Result, anyhow, bail};
use aws_lc_rs::rand::fill;
use aws_lc_rs::signature::ParsedPublicKey;
use exchequer::{Algorithm, AlgorithmSet, Answer, Ask, HostCrypto};

use crate::exchange::Exchanges;
use crate::limit::{Signer, parsed};
use crate::{Job, Party, now};

/// With a host that computes signatures by `aws-lc-rs`.
pub(crate) fn with_aws_lc(job: &Job) -> Result<Party> {
    let signer = Signer::new(&job.ours)?;
    let mut keys: HashMap<String, ParsedPublicKey> = HashMap::new();
    let host = HostCrypto {
        verify: AlgorithmSet::of(&[Algorithm::RS256]),
        sign: AlgorithmSet::of(&[Algorithm::ES256]),
    };
    exchange(job, host, move |ask| match ask {
        Ask::Verify { key, message, signature, .. } => {
            if !keys.contains_key(key.thumbprint()) {
                keys.insert(key.thumbprint().into(), parsed(key)?);
            }
            let key = keys.get(key.thumbprint()).context("it was inserted")?;
            let good = key.verify_sig(message, signature).is_ok();
            Ok(Answer::Verdict { verdict: good.into() })
        }
        Ask::Sign { message, .. } => Ok(Answer::Signature { signature: signer.sign(message)? }),
        other => bail!("nothing answers `{}`", other.name()),
    })
}

/// With a host that answers nothing: the engine computes every signature.
pub(crate) fn alone(job: &Job) -> Result<Party> {
    exchange(job, HostCrypto::default(), |ask| bail!("nothing answers `{}`", ask.name()))
}

fn exchange(
    job: &Job,
    host: HostCrypto,
    mut answer: impl FnMut(&Ask) -> Result<Answer> + 'static,
) -> Result<Party> {
    let exchanges = Exchanges::new(&job.document.to_string(), &job.client, &job.scope, host)?;
    Ok(Box::new(move |token| {
        let mut entropy = [0; 32];
        fill(&mut entropy).map_err(|_| anyhow!("there is no randomness"))?;
        exchanges.of(token, now()?, entropy, &mut answer)
    }))
}
