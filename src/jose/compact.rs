//! Compact JWS (RFC 7515 section 7.1), taken apart and read strictly.
//!
//! What a header asks for is never done: keys that it carries or points at
//! (`jwk`, `jku`, `x5u`, `x5c`) are not looked at, and its `alg` only has to
//! agree with what the caller's policy allows. `kid`, `x5t` and `x5t#S256`
//! choose among keys that are trusted already.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};

use super::json::Object;
use super::mistaken;
use crate::audit::shown;
use crate::crypto::Algorithm;
use crate::crypto::thumbprint::Thumbprints;
use crate::reason::{self, Fault};
use crate::scan;

/// Longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// A signed token whose shape is right; nothing in it is to be believed yet.
pub(crate) struct Jws<'a> {
    /// The whole token.
    pub(crate) token: &'a str,
    content: Arc<Content>,
}

/// What a token says. The same token always says the same.
pub(crate) struct Content {
    pub(crate) alg: Algorithm,
    pub(crate) kid: Option<Arc<str>>,
    /// Of the certificate whose key signed, as far as the header names it.
    pub(crate) thumbprints: Thumbprints,
    pub(crate) typ: Option<String>,
    pub(crate) claims: Object,
    pub(crate) signature: Vec<u8>,
    /// How many bytes of the token are signed.
    signed: usize,
}

/// The parts of a token, as they came.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    token: &'a str,
    /// Base64url.
    pub(crate) header: &'a str,
    payload: &'a str,
    signature: &'a str,
    signing_input: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// A [`Fault`] for whatever does not have the three parts of a compact JWS.
    pub(crate) fn of(token: &'a str) -> Result<Self, Fault> {
        if token.len() > MAX_LENGTH {
            return Err(Fault::new(&reason::TOO_LARGE, "the token is longer than 16 KiB"));
        }
        let parts = split(token).map_err(|fault| mistaken::encoding(token).unwrap_or(fault))?;
        let (signing_input, header, payload, signature) = parts;
        Ok(Self { token, header, payload, signature, signing_input })
    }

    /// Reads them. The header is returned too, for a token whose key is in it.
    ///
    /// # Errors
    /// A [`Fault`] when `alg` is not asymmetric, or the payload is not a JSON object.
    pub(crate) fn read(self) -> Result<(Jws<'a>, Object), Fault> {
        let (header, all) = Header::parse(self.decode(self.header, "header")?)?;
        Ok((self.with(header)?, all))
    }

    /// Reads all but the header, which was read before: this algorithm is in it.
    ///
    /// # Errors
    /// A [`Fault`] when the payload is not a JSON object.
    pub(crate) fn read_all_but_header(self, alg: Algorithm) -> Result<Jws<'a>, Fault> {
        let (kid, thumbprints, typ) = (None, Thumbprints::default(), None);
        self.with(Header { alg, kid, thumbprints, typ })
    }

    fn with(self, header: Header) -> Result<Jws<'a>, Fault> {
        let Header { alg, kid, thumbprints, typ } = header;
        let claims = Object::parse(self.decode(self.payload, "payload")?)
            .ok_or_else(|| Fault::new(&reason::NOT_JSON, "the payload is not a JSON object that has one meaning: a member stands twice, or it is nested too deeply"))?;
        let signature = self.decode(self.signature, "signature")?;
        let signed = self.signing_input.len();
        let content = Content { alg, kid, thumbprints, typ, claims, signature, signed };
        Ok(Jws { token: self.token, content: Arc::new(content) })
    }

    fn decode(&self, part: &str, name: &str) -> Result<Vec<u8>, Fault> {
        decode(part, name).map_err(|fault| mistaken::encoding(self.token).unwrap_or(fault))
    }
}

impl<'a> Jws<'a> {
    /// Takes a token apart and reads it.
    ///
    /// # Errors
    /// A [`Fault`] for whatever is not a compact JWS with an asymmetric `alg`
    /// and a JSON object as payload.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Fault> {
        Parts::of(token)?.read().map(|(jws, _)| jws)
    }

    /// The same for a token that was read before, and this is what it says.
    pub(crate) fn known(token: &'a str, content: Arc<Content>) -> Self {
        Self { token, content }
    }

    /// What it says, to be kept.
    pub(crate) fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// The bytes that are signed.
    pub(crate) fn signing_input(&self) -> &'a [u8] {
        self.token.as_bytes().get(..self.signed).unwrap_or_default()
    }

    /// The header, decoded once more.
    pub(super) fn header_json(&self) -> Option<Vec<u8>> {
        let header = self.signing_input().split(|byte| *byte == b'.').next()?;
        URL_SAFE_NO_PAD.decode(header).ok()
    }
}

impl Deref for Jws<'_> {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.content
    }
}

impl Content {
    /// How many bytes it takes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        let kid = self.kid.as_ref().map_or(0, |kid| kid.len());
        let typ = self.typ.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.claims.bytes() + self.signature.len() + kid + typ
    }
}

/// Signing input, header, payload, signature.
fn split(token: &str) -> Result<(&str, &str, &str, &str), Fault> {
    let not_compact = || {
        let parts = token.split('.').filter(|part| !part.is_empty()).count();
        Fault::new(
            &reason::NOT_COMPACT,
            "the token is not a JWT: three base64url parts with dots between them",
        )
        .comparing(alloc::format!("{parts} of 3 parts"))
    };
    let (header, rest) = at_dot(token).ok_or_else(not_compact)?;
    let (payload, signature) = at_dot(rest).ok_or_else(not_compact)?;
    if let Some((_, rest)) = at_dot(signature) {
        return Err(match at_dot(rest) {
            Some((_, last)) if at_dot(last).is_none() => Fault::new(
                &reason::ENCRYPTED,
                "the token is encrypted (JWE); only signed tokens are accepted",
            ),
            _ => not_compact(),
        });
    }
    let signing_input = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
    if header.is_empty() || payload.is_empty() {
        return Err(not_compact());
    }
    Ok((signing_input, header, payload, signature))
}

/// What is before the first dot, and what is behind it.
fn at_dot(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(scan::before(text.as_bytes(), dot))?;
    Some((before, rest.strip_prefix('.')?))
}

fn dot(word: u64) -> u64 {
    scan::is(word, b'.')
}

fn decode(part: &str, name: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|error| {
        let fault = Fault::new(
            &reason::NOT_BASE64URL,
            alloc::format!("the {name} of the token is not canonical unpadded base64url"),
        );
        match error {
            DecodeError::InvalidLength(_) | DecodeError::InvalidLastSymbol { .. } => fault
                .comparing(alloc::format!(
                    "the {name} does not end as base64url does: was it cut off?"
                )),
            DecodeError::InvalidByte(..) | DecodeError::InvalidPadding => fault,
        }
    })
}

struct Header {
    alg: Algorithm,
    kid: Option<Arc<str>>,
    thumbprints: Thumbprints,
    typ: Option<String>,
}

impl Header {
    /// What counts in a header, and all of it.
    fn parse(json: Vec<u8>) -> Result<(Self, Object), Fault> {
        let header = Object::parse(json).ok_or_else(|| {
            Fault::new(
                &reason::NOT_JSON,
                "the header is not a JSON object that has one meaning: a member stands twice, or it is nested too deeply",
            )
        })?;
        // "If any of the listed extension Header Parameters are not understood
        // and supported by the recipient, then the JWS is invalid" (RFC 7515
        // section 4.1.11). None are.
        if header.get("crit").is_some() {
            return Err(Fault::new(
                &reason::CRIT,
                "the token has a `crit` header; no extensions are supported",
            ));
        }
        if header.get("b64").is_some() {
            return Err(Fault::new(
                &reason::B64,
                "the token has a `b64` header, which a JWT must not have",
            ));
        }
        if header.get("enc").is_some() {
            return Err(Fault::new(
                &reason::ENCRYPTED,
                "the token is encrypted (JWE); only signed tokens are accepted",
            ));
        }
        let alg = header.text("alg");
        let Some(alg) = alg.as_deref().and_then(Algorithm::from_name) else {
            return Err(forbidden(alg.as_deref()));
        };
        let (x5t, x5t_s256) = (text(&header, "x5t")?, text(&header, "x5t#S256")?);
        let parsed = Self {
            alg,
            kid: text(&header, "kid")?.map(Into::into),
            thumbprints: Thumbprints::named(x5t.as_deref(), x5t_s256.as_deref()),
            typ: text(&header, "typ")?.map(Cow::into_owned),
        };
        Ok((parsed, header))
    }
}

fn forbidden(alg: Option<&str>) -> Fault {
    let found = match alg {
        Some(alg) => alloc::format!("the token's `alg` is `{}`", shown(alg)),
        None => "the token's `alg` is missing".into(),
    };
    Fault::new(
        &reason::ALG_FORBIDDEN,
        alloc::format!("{found}; it must be an asymmetric signature algorithm"),
    )
}

fn text<'a>(header: &'a Object, name: &str) -> Result<Option<Cow<'a, str>>, Fault> {
    let Some(value) = header.get(name) else { return Ok(None) };
    let not_text = || {
        Fault::new(
            &reason::HEADER_MALFORMED,
            alloc::format!("the token's `{name}` header is not a string"),
        )
    };
    value.text().ok_or_else(not_text).map(Some)
}
