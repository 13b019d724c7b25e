//! The job as one writes it by hand with the crate `jsonwebtoken`, which has
//! `aws-lc-rs` below it: the same checks and the same token.

use std::collections::HashMap;

use anyhow::{Result, anyhow, ensure};
use aws_lc_rs::rand::fill;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::limit::Signer;
use crate::{Job, Party, member, now};

/// How many verified tokens the map keeps; when it is full it is emptied.
const KEPT: usize = 10_000;

/// What is read of a subject token.
#[derive(Clone, Deserialize)]
struct Subject {
    sub: String,
    email: String,
    iat: u64,
    exp: u64,
}

#[derive(Serialize)]
struct Issued<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    scope: &'a str,
    email: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
}

pub(crate) fn hand_written(job: &Job) -> Result<Party> {
    let (verify, issue) = (verifier(job)?, issuer(job)?);
    Ok(Box::new(move |token| issue(&verify(token)?)))
}

/// The same with a map of verified tokens. What depends on the time is checked again.
pub(crate) fn with_map(job: &Job) -> Result<Party> {
    let (verify, issue) = (verifier(job)?, issuer(job)?);
    let (leeway, max_age) = (job.leeway, job.max_age);
    let mut verified: HashMap<String, Subject> = HashMap::new();
    Ok(Box::new(move |token| {
        if let Some(subject) = verified.get(token) {
            is_current(subject, leeway, max_age)?;
            return issue(subject);
        }
        let subject = verify(token)?;
        if verified.len() >= KEPT {
            verified.clear();
        }
        verified.insert(token.into(), subject.clone());
        issue(&subject)
    }))
}

fn is_current(subject: &Subject, leeway: u64, max_age: u64) -> Result<()> {
    let now = now()?;
    ensure!(now < subject.exp + leeway, "the token has expired");
    ensure!(now <= subject.iat + max_age + leeway, "the token is too old");
    Ok(())
}

fn verifier(job: &Job) -> Result<impl Fn(&str) -> Result<Subject> + 'static> {
    let key =
        DecodingKey::from_rsa_components(member(&job.theirs, "n")?, member(&job.theirs, "e")?)?;
    let mut expected = Validation::new(Algorithm::RS256);
    expected.set_issuer(&[&job.issuer]);
    expected.set_audience(&[&job.sts]);
    expected.set_required_spec_claims(&["exp", "sub", "iss", "aud"]);
    expected.leeway = job.leeway;
    expected.validate_nbf = true;
    let (leeway, max_age) = (job.leeway, job.max_age);
    Ok(move |token: &str| {
        let subject = decode::<Subject>(token, &key, &expected)?.claims;
        is_current(&subject, leeway, max_age)?;
        Ok(subject)
    })
}

fn issuer(job: &Job) -> Result<impl Fn(&Subject) -> Result<String> + 'static> {
    let key = EncodingKey::from_ec_der(&Signer::new(&job.ours)?.pkcs8()?);
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some("at+jwt".into());
    header.kid = Some(member(&job.ours, "kid")?.into());
    let [iss, aud, client_id, scope] =
        [&job.sts, &job.api, &job.client, &job.scope].map(Clone::clone);
    let lifetime = job.lifetime;
    Ok(move |subject: &Subject| {
        let mut id = [0; 16];
        fill(&mut id).map_err(|_| anyhow!("there is no randomness"))?;
        let iat = now()?;
        let claims = Issued {
            iss: &iss,
            sub: &subject.sub,
            aud: &aud,
            client_id: &client_id,
            scope: &scope,
            email: &subject.email,
            iat,
            exp: iat + lifetime,
            jti: URL_SAFE_NO_PAD.encode(id),
        };
        Ok(encode(&header, &claims, &key)?)
    })
}
