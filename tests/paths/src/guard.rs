//! What the gateway decides about a path: the engine itself, by its public
//! face.

use anyhow::{Context, Result, bail};
use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use exchequer::{Engine, Entropy, Filter, Gateway, GatewayStep, HostCrypto, Request, Timestamp};
use serde_json::{Value, json};

use crate::rules::{AUDIENCES, RuleSet, Treatment};

const NOW: u64 = 1_790_000_000;
const ISSUER: &str = "https://idp.example";
const STS: &str = "https://sts.example";

/// The gateway of a set of rules.
pub(crate) struct Guard {
    set: RuleSet,
    gateway: Gateway,
    authorization: String,
}

impl Guard {
    pub(crate) fn new(set: &RuleSet) -> Result<Self> {
        let key = SigningKey::from_bytes(&[7; 32]);
        let document = document(set, &key)?;
        let document = Filter::parse(&document.to_string()).map_err(|e| anyhow::anyhow!("{e}"))?;
        let filter = document.resolve(|_| Err("there are no secrets here".into()));
        let mut filter = filter.map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let engine = Engine::new(filter.config.clone(), HostCrypto::default());
        let gateway = Gateway::new(&mut filter, engine).context("the filter is no gateway")?;
        Ok(Self { set: set.clone(), gateway, authorization: format!("Bearer {}", token(&key)?) })
    }

    /// The treatment under which a path passes; `None` when it is refused.
    pub(crate) fn decide(&self, path: &str) -> Result<Option<Treatment>> {
        let request = Request::new("GET", path).header("authorization", &self.authorization);
        let entropy = || Some(Entropy::new([7; 32]));
        let step = self.gateway.cross(&request, Timestamp(NOW), entropy);
        let forward = match step.context("entropy was given")? {
            GatewayStep::Forward(forward) => forward,
            GatewayStep::Refuse(refused) if refused.reason == "gateway.path.ambiguous" => {
                return Ok(None);
            }
            other => bail!("{path} came to {other:?}"),
        };
        let issued = forward.set.iter().find(|(name, _)| name == "authorization");
        let Some((_, issued)) = issued else { return Ok(Some(Treatment::Off)) };
        let audience = audience(issued)?;
        let treatments = (0..AUDIENCES).map(Treatment::Audience);
        let found = treatments.into_iter().find(|one| one.audience().as_ref() == Some(&audience));
        found.map(Some).with_context(|| format!("no rule of {} has {audience}", self.set.name))
    }
}

fn document(set: &RuleSet, key: &SigningKey) -> Result<Value> {
    let public = Base64UrlUnpadded::encode_string(key.verifying_key().as_bytes());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "one", "x": public });
    let mut private = jwk.clone();
    let members = private.as_object_mut().context("a JWK is an object")?;
    members.insert("d".into(), Base64UrlUnpadded::encode_string(key.as_bytes()).into());
    let audiences: Vec<_> = (0..AUDIENCES).map(|one| Treatment::Audience(one).audience()).collect();
    Ok(json!({
        "mode": "gateway",
        "config": {
            "issuer": STS,
            "keys": [private],
            "trustedTokenIssuers": [{
                "name": "Login", "issuer": ISSUER, "certificate": { "jwks": { "keys": [jwk] } },
            }],
            "applications": [{
                "clientId": "edge",
                "type": "mobile",
                "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
                "trustedTokenIssuers": ["Login"],
                "audiences": audiences,
            }],
        },
        "gateway": set.gateway(),
    }))
}

/// A token that the gateway accepts.
fn token(key: &SigningKey) -> Result<String> {
    let encoded = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let header = encoded(json!({ "alg": "EdDSA", "kid": "one", "typ": "at+jwt" }));
    let claims = json!({ "iss": ISSUER, "sub": "ada", "aud": STS, "iat": NOW, "exp": NOW + 600 });
    let input = format!("{header}.{}", encoded(claims));
    let signature = Base64UrlUnpadded::encode_string(&key.sign(input.as_bytes()).to_bytes());
    Ok(format!("{input}.{signature}"))
}

fn audience(authorization: &str) -> Result<String> {
    let payload = authorization.split('.').nth(1).context("the issued token is not a JWT")?;
    let payload = Base64UrlUnpadded::decode_vec(payload).map_err(|e| anyhow::anyhow!("{e}"))?;
    let claims: Value = serde_json::from_slice(&payload)?;
    let audience = claims.get("aud").and_then(Value::as_str);
    Ok(audience.context("the issued token has no audience")?.into())
}
