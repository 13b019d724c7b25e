//! The issuer of the stories: its keys, what its server is like, and its tokens.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use exchequer::{Answer, Failed};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const JWKS: &str = "https://idp.example/jwks";

/// How the server of the keys behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Answers what is right, a second later.
    Slow,
    Down,
    /// Answers nothing until the host gives up.
    Hanging,
    /// Answers 200 with something that is no key set.
    Lying,
}

/// A key that no issuer published.
pub(crate) const INVENTED: u8 = 255;

pub(crate) struct Issuer {
    /// The keys that it publishes.
    pub(crate) published: Vec<u8>,
    pub(crate) mood: Mood,
    /// The `max-age` that it gives.
    pub(crate) max_age: Option<u64>,
    /// It gives every key the same `kid`.
    names_keys: bool,
    newest: u8,
}

impl Issuer {
    pub(crate) fn new(names_keys: bool) -> Self {
        Self { published: vec![0], mood: Mood::Well, max_age: None, names_keys, newest: 0 }
    }

    /// Publishes one more key.
    pub(crate) fn add(&mut self) {
        self.newest = (self.newest + 1) % INVENTED;
        self.published.push(self.newest);
        if self.published.len() > 4 {
            self.published.remove(0);
        }
    }

    /// Publishes only the newest one.
    pub(crate) fn retire(&mut self) {
        self.published = vec![self.newest];
    }

    /// Withdraws every key.
    pub(crate) fn withdraw(&mut self) {
        self.published.clear();
    }

    fn kid(&self, key: u8) -> String {
        if self.names_keys { format!("k{key}") } else { "the-key".into() }
    }

    /// What the server answers now.
    pub(crate) fn answer(&self) -> Answer {
        let jwk = |key: &u8| {
            let public = secret(*key).verifying_key().to_bytes();
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.kid(*key), "alg": "EdDSA",
                "use": "sig", "x": Base64UrlUnpadded::encode_string(&public) })
        };
        let keys: Vec<Value> = self.published.iter().map(jwk).collect();
        let body = match self.mood {
            Mood::Well | Mood::Slow => json!({ "keys": keys }).to_string(),
            Mood::Down => return Answer::Failed { failed: Failed::Unreachable },
            Mood::Hanging => return Answer::Failed { failed: Failed::TimedOut },
            Mood::Lying => "<html>Please sign in</html>".into(),
        };
        Answer::Fetched {
            status: 200,
            cache_control: self.max_age.map(|seconds| format!("max-age={seconds}")),
            location: None,
            body: body.into_bytes(),
        }
    }

    /// A token signed with this key.
    pub(crate) fn token(&self, key: u8, serial: u64, now: u64) -> String {
        let kid =
            if key == INVENTED && self.names_keys { format!("x{serial}") } else { self.kid(key) };
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let claims = json!({ "iss": ISSUER, "sub": "a-job", "aud": "https://sts.example",
            "iat": now - 5, "exp": now + 600 });
        let header = json!({ "alg": "EdDSA", "kid": kid, "typ": "JWT" });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = secret(key).sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
    }
}

fn secret(key: u8) -> SigningKey {
    SigningKey::from_bytes(&[key ^ 0x5a; 32])
}
