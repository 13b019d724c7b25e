//! Measures one exchange in a native program, beside its peers.
//!
//! Standard input has the job as JSON (`rows/native.mjs` writes it): keys, the
//! configuration document and the tokens of every round. Standard output gets
//! the samples, with a token that each party has issued.

mod exchange;
mod limit;
mod own;
mod peer;

use std::collections::BTreeMap;
use std::io::{Read, stdin};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is measured, and with what.
#[derive(Deserialize)]
pub(crate) struct Job {
    /// The configuration document of the service.
    pub(crate) document: Value,
    /// The issuer's public JWK.
    pub(crate) theirs: Value,
    /// The private JWK that tokens are issued with.
    pub(crate) ours: Value,
    pub(crate) client: String,
    pub(crate) issuer: String,
    pub(crate) sts: String,
    pub(crate) api: String,
    pub(crate) scope: String,
    pub(crate) lifetime: u64,
    pub(crate) leeway: u64,
    pub(crate) max_age: u64,
    /// Rounds that are not told.
    warmup: usize,
    /// The tokens of each round, all of them different.
    cold: Vec<Vec<String>>,
    /// The tokens of the rounds in which they are repeated, and how many those are.
    repeated: Vec<String>,
    rounds: usize,
}

/// One exchange: a subject token goes in; what was issued comes out, or the
/// signature of a party that issues nothing.
pub(crate) type Party = Box<dyn FnMut(&str) -> Result<String>>;

#[derive(Serialize)]
struct Sample {
    cpu: f64,
    wall: f64,
}

type Parties = Vec<(&'static str, Party)>;

fn main() -> Result<()> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let job: Job = serde_json::from_str(&text)?;

    let mut cold: Parties = vec![
        ("exchequer, signatures by `aws-lc-rs`", own::with_aws_lc(&job)?),
        ("exchequer, its own signatures", own::alone(&job)?),
        ("`jsonwebtoken`, hand-written", peer::hand_written(&job)?),
        ("the limit: two native signatures", limit::two_signatures(&job)?),
    ];
    let mut repeated: Parties = vec![
        ("exchequer, signatures by `aws-lc-rs`", own::with_aws_lc(&job)?),
        ("`jsonwebtoken`, hand-written", peer::hand_written(&job)?),
        ("`jsonwebtoken` and a map of verified tokens", peer::with_map(&job)?),
        ("the limit: two native signatures", limit::two_signatures(&job)?),
        ("one native signature", limit::one_signature(&job)?),
    ];
    let subject = job.repeated.first().context("there is no token")?;
    let truth = [issued(&mut cold, subject)?, issued(&mut repeated, subject)?];
    let rounds = vec![&job.repeated; job.rounds + job.warmup];
    let report = json!({
        "length": subject.len(),
        "truth": truth,
        "cold": interleave(&mut cold, job.cold.iter(), job.warmup)?,
        "repeated": interleave(&mut repeated, rounds.into_iter(), job.warmup)?,
    });
    println!("{report}");
    Ok(())
}

/// What each party issues, those that only sign left out.
fn issued(parties: &mut Parties, subject: &str) -> Result<Value> {
    let mut issued = BTreeMap::new();
    for (name, party) in parties {
        let token = party(subject)?;
        if token.contains('.') {
            issued.insert(*name, token);
        }
    }
    Ok(json!({ "subject": subject, "issued": issued }))
}

/// Every party once a round; the order is turned round each time.
fn interleave<'a>(
    parties: &mut Parties,
    rounds: impl Iterator<Item = &'a Vec<String>>,
    warmup: usize,
) -> Result<BTreeMap<&'static str, Vec<Sample>>> {
    let mut samples: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (round, tokens) in rounds.enumerate() {
        for (name, party) in parties.iter_mut() {
            let sample = measured(party, tokens)?;
            if round >= warmup {
                samples.entry(*name).or_default().push(sample);
            }
        }
        parties.reverse();
    }
    Ok(samples)
}

/// Microseconds for each token.
#[allow(clippy::cast_precision_loss, reason = "there are few tokens")]
fn measured(party: &mut Party, tokens: &[String]) -> Result<Sample> {
    let (cpu, wall) = (cpu_microseconds(), Instant::now());
    for token in tokens {
        party(token)?;
    }
    let count = tokens.len() as f64;
    Ok(Sample {
        cpu: (cpu_microseconds() - cpu) / count,
        wall: wall.elapsed().as_secs_f64() * 1e6 / count,
    })
}

#[allow(clippy::cast_precision_loss, reason = "a process does not run for years")]
fn cpu_microseconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Seconds since the epoch.
pub(crate) fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// A member of a JWK.
pub(crate) fn member<'a>(jwk: &'a Value, name: &str) -> Result<&'a str> {
    jwk.get(name).and_then(Value::as_str).with_context(|| format!("the key has no `{name}`"))
}
