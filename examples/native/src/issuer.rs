//! Stands in for an identity provider, so that the example needs no other: a
//! key, a server that publishes it, and tokens that are signed with it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, SigningKey};
use serde_json::{Value, json};

/// An issuer that listens on this machine for as long as the program runs.
pub struct Issuer {
    /// What its tokens have as `iss`.
    pub url: String,
    key: SigningKey,
    /// The document with its public half.
    jwks: Arc<Mutex<String>>,
}

impl Issuer {
    /// Makes a key and begins to publish it.
    ///
    /// # Errors
    /// When there is no randomness or no free port.
    pub fn start() -> Result<Self> {
        let key = generate()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let jwks = Arc::new(Mutex::new(document(&key)));
        let published = Arc::clone(&jwks);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let jwks = published.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let _ = publish(connection, &jwks);
            }
        });
        Ok(Self { url, key, jwks })
    }

    /// Makes another key, and publishes it in the place of the one before.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn rotate(&mut self) -> Result<()> {
        self.key = generate()?;
        *self.jwks.lock().unwrap_or_else(PoisonError::into_inner) = document(&self.key);
        Ok(())
    }

    /// A token about this subject, for this audience, for five minutes.
    ///
    /// # Errors
    /// When the clock is before 1970, or there is no randomness.
    pub fn token(&self, subject: &str, audience: &str) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let header = json!({ "alg": "ES256", "kid": self.key.kid() });
        let claims = json!({
            "iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + 300,
        });
        let input = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = self.key.sign(input.as_bytes(), &random()?).context("the key is broken")?;
        Ok(format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature)))
    }
}

fn generate() -> Result<SigningKey> {
    SigningKey::generate(Algorithm::ES256, &random()?).context("no key was made")
}

fn document(key: &SigningKey) -> String {
    json!({ "keys": [key.public_jwk()] }).to_string()
}

/// Answers any request with the public key.
fn publish(mut connection: TcpStream, jwks: &str) -> Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    write!(connection, "{head}\r\ncontent-length: {}\r\n\r\n{jwks}", jwks.len())?;
    Ok(())
}

fn encoded(part: &Value) -> String {
    Base64UrlUnpadded::encode_string(part.to_string().as_bytes())
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
