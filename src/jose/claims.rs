//! Registered claims (RFC 7519 section 4.1) by their types, and the checks on
//! time. A claim of the wrong type is not an absent claim: it is refused.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::json::{Kind, Members, Object, Raw};
use crate::reason::{self, Fault};
use crate::time::Timestamp;

/// The claims of a token, the registered ones by type.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: Vec<String>,
    pub(crate) exp: Timestamp,
    pub(crate) nbf: Option<Timestamp>,
    pub(crate) iat: Option<Timestamp>,
    pub(crate) jti: Option<String>,
    /// All of them, as they came.
    pub(crate) all: Object,
}

impl Claims {
    /// Reads the claims that every token here must have, and the types of
    /// those it may have.
    ///
    /// # Errors
    /// A [`Fault`] that names the first claim that is missing or of the wrong
    /// type.
    pub(crate) fn parse(all: Object) -> Result<Self, Fault> {
        let iss = required(&all, "iss", text(&all, "iss")?)?;
        Self::with_iss(all, iss)
    }

    /// The same for a token whose issuer is known without its claim `iss`, which
    /// is not looked at.
    ///
    /// # Errors
    /// A [`Fault`], as above.
    pub(crate) fn of_issuer(all: Object, issuer: &str) -> Result<Self, Fault> {
        Self::with_iss(all, issuer.into())
    }

    fn with_iss(all: Object, iss: String) -> Result<Self, Fault> {
        Ok(Self {
            iss,
            sub: subject(&all)?,
            exp: required(&all, "exp", date(&all, "exp")?)?,
            aud: required(&all, "aud", audience(&all)?)?,
            nbf: date(&all, "nbf")?,
            iat: date(&all, "iat")?,
            jti: text(&all, "jti")?,
            all,
        })
    }

    /// Checks `exp`, `nbf` and `iat`, each with `skew` seconds of leeway in
    /// the token's favour.
    ///
    /// # Errors
    /// A [`Fault`] that says by how much it was missed.
    pub(crate) fn check_time(
        &self,
        now: Timestamp,
        skew: u64,
        max_age: Option<u64>,
    ) -> Result<(), Fault> {
        // "The current date/time MUST be before the expiration date/time
        // listed in the exp claim", with "some small leeway" (section 4.1.4).
        if now >= self.exp.plus(skew) {
            return Err(Fault::new(
                &reason::EXPIRED,
                format!("the token expired {} seconds ago", now.since(self.exp)),
            )
            .of_claim("exp")
            .comparing(compared("exp", self.exp, now, skew)));
        }
        if let Some(nbf) = self.nbf
            && now.plus(skew) < nbf
        {
            return Err(Fault::new(
                &reason::NOT_YET,
                format!("the token is not valid for another {} seconds", nbf.since(now)),
            )
            .of_claim("nbf")
            .comparing(compared("nbf", nbf, now, skew)));
        }
        let Some(iat) = self.iat else {
            return Ok(());
        };
        if now.plus(skew) < iat {
            return Err(Fault::new(
                &reason::ISSUED_IN_FUTURE,
                format!("the token was issued {} seconds in the future", iat.since(now)),
            )
            .of_claim("iat")
            .comparing(compared("iat", iat, now, skew)));
        }
        if let Some(max_age) = max_age
            && now.since(iat) > max_age.saturating_add(skew)
        {
            return Err(Fault::new(
                &reason::TOO_OLD,
                format!(
                    "the token was issued {} seconds ago; at most {max_age} are accepted",
                    now.since(iat)
                ),
            )
            .of_claim("iat")
            .comparing(compared("iat", iat, now, skew)));
        }
        Ok(())
    }
}

/// The claim `sub`, as [`Claims`] read it.
///
/// # Errors
/// A [`Fault`] when it is missing or of the wrong type.
pub(crate) fn subject(all: &Object) -> Result<String, Fault> {
    required(all, "sub", text(all, "sub")?)
}

fn compared(name: &str, value: Timestamp, now: Timestamp, skew: u64) -> String {
    format!("{name} {}, now {}, leeway {skew} s", value.0, now.0)
}

fn required<T>(all: &Object, name: &'static str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| {
        let what = if all.get(name).is_some() { "is empty" } else { "is missing" };
        Fault::new(&reason::CLAIM_MISSING, format!("the token's claim `{name}` {what}"))
            .of_claim(name)
    })
}

fn wrong_type(name: &'static str, found: Raw<'_>, expected: &str) -> Fault {
    let found = Kind::of(&found.value());
    let message = format!("the token's claim `{name}` is {found}; expected {expected}");
    Fault::new(&reason::CLAIM_TYPE, message).of_claim(name)
}

/// An empty string identifies nobody: as good as absent.
fn text(all: &Object, name: &'static str) -> Result<Option<String>, Fault> {
    let Some(value) = all.get(name) else { return Ok(None) };
    let value = value.text().ok_or_else(|| wrong_type(name, value, "a string"))?;
    Ok((!value.is_empty()).then(|| value.into_owned()))
}

/// A `NumericDate` may have a fraction (section 2); whole seconds decide.
pub(crate) fn date(all: &Object, name: &'static str) -> Result<Option<Timestamp>, Fault> {
    /// 9999-12-31T23:59:59Z: what lies behind it is no date.
    const END: u64 = 253_402_300_799;
    let Some(value) = all.get(name) else { return Ok(None) };
    if !value.is_number() {
        return Err(wrong_type(name, value, "a number"));
    }
    let seconds = match value.json().parse() {
        Ok(whole) => Some(whole),
        // It has a fraction, an exponent or a sign.
        Err(_) => match value.value().as_f64() {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            Some(seconds) if (0.0..=END as f64).contains(&seconds) => Some(seconds as u64),
            _ => None,
        },
    };
    match seconds {
        Some(seconds) if seconds <= END => Ok(Some(Timestamp(seconds))),
        _ => Err(wrong_type(name, value, "a date: seconds since 1970")),
    }
}

fn audience(all: &Object) -> Result<Option<Vec<String>>, Fault> {
    let Some(aud) = all.get("aud") else { return Ok(None) };
    if let Some(one) = aud.text() {
        return Ok((!one.is_empty()).then(|| alloc::vec![one.into_owned()]));
    }
    match aud.value() {
        Value::Array(several) => {
            let texts: Option<Vec<String>> = several.into_iter().map(owned).collect();
            let texts = texts.ok_or_else(|| wrong_type("aud", aud, "an array of strings only"))?;
            Ok((!texts.is_empty()).then_some(texts))
        }
        _ => Err(wrong_type("aud", aud, "a string or an array of strings")),
    }
}

fn owned(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// What a dotted path leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found<'a> {
    Nothing,
    One(Raw<'a>),
    /// Names may themselves have dots, so that a path can be read in several
    /// ways. If more than one of them leads to a claim, none counts: whoever
    /// may add a claim to a token must not choose what another one means.
    Several,
}

/// The claim at a dotted path: `realm_access.roles`, `kubernetes.io.namespace`.
pub(crate) fn lookup<'a>(claims: &'a Object, path: &str) -> Found<'a> {
    let mut readings = Vec::new();
    read(&claims.members(), path, &mut readings);
    match *readings {
        [] => Found::Nothing,
        [only] => Found::One(only),
        _ => Found::Several,
    }
}

fn read<'a>(members: &Members<'a>, path: &str, readings: &mut Vec<Raw<'a>>) {
    readings.extend(members.get(path));
    for (dot, _) in path.match_indices('.') {
        if let (Some(name), Some(rest)) = (path.get(..dot), path.get(dot + 1..))
            && let Some(inner) = members.get(name).and_then(Raw::members)
        {
            read(&inner, rest, readings);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_path_that_can_be_read_in_two_ways_leads_nowhere() {
        let claims = serde_json::json!({
            "kubernetes.io": { "namespace": "prod", "pod": { "name": "a" } },
            "realm_access": { "roles": ["user"] },
            "realm_access.roles": ["admin"],
        });
        let claims = Object::parse(claims.to_string().into()).unwrap();
        let one = |path| match lookup(&claims, path) {
            Found::One(value) => value.value(),
            other => panic!("{other:?}"),
        };
        assert_eq!(one("kubernetes.io.namespace"), "prod");
        assert_eq!(one("kubernetes.io.pod.name"), "a");
        assert_eq!(lookup(&claims, "realm_access.roles"), Found::Several);
        assert_eq!(lookup(&claims, "kubernetes"), Found::Nothing);
        assert_eq!(lookup(&claims, "kubernetes.io.namespace.x"), Found::Nothing);
    }
}
