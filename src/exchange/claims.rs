//! The claims of an issued JWT. One function says which there are; they are
//! written into a token, or read by somebody who rehearses.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::{Map, Value};

use super::id_jag::Elsewhere;
use super::issued_token::EVIDENCE;
use crate::gather::gathered;
use crate::grant::{Evidence, Grant};
use crate::host::Host;
use crate::json_writer::Writer;
use crate::state::State;
use crate::token_type::TokenType;

/// Room for the claims of an ordinary token, and for their text.
const USUAL: usize = 16;
const USUAL_BYTES: usize = 1024;

/// Claims of an identity assertion grant that no attribute is.
const OF_ID_JAG: [&str; 14] = [
    "acr",
    "act",
    "amr",
    "aud_sub",
    "aud_tenant",
    "auth_time",
    "authorization_details",
    "cnf",
    "may_act",
    "nbf",
    "resource",
    "scope",
    "sub_id",
    "tenant",
];

/// Claims by their names, in the order of the alphabet.
pub(super) struct Claims<'a>(Vec<(&'a str, Claim<'a>)>);

/// The value of a claim.
#[derive(Serialize)]
#[serde(untagged)]
enum Claim<'a> {
    Text(Cow<'a, str>),
    Number(u64),
    Texts(&'a [String]),
    Evidence(&'a Evidence),
    Confirmation(Confirmation<'a>),
    Any(&'a Value),
}

/// The key or certificate that a token is bound to (RFC 7800 section 3, RFC 9449
/// section 6.1, RFC 8705 section 3.1).
#[derive(Serialize)]
struct Confirmation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jkt: Option<&'a str>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t: Option<&'a str>,
}

/// What the token is bound to, if it is.
fn confirmation(grant: &Grant) -> Option<Claim<'_>> {
    let (jkt, x5t) = (grant.jkt.as_deref(), grant.x5t.as_deref());
    let is_bound = jkt.is_some() || x5t.is_some();
    is_bound.then_some(Claim::Confirmation(Confirmation { jkt, x5t }))
}

/// What is said of a token beside its grant.
pub(super) struct Terms<'a> {
    pub(super) kind: TokenType,
    /// Of a grant for another server.
    pub(super) elsewhere: Option<&'a Elsewhere>,
    pub(super) lifetime: u64,
    pub(super) jti: &'a str,
}

impl<'a> Claims<'a> {
    /// The claims of RFC 9068 section 2.2; of an ID token, those of OpenID
    /// Connect Core section 2. No attribute overrides a registered claim.
    pub(super) fn of(state: &'a State, host: &Host, grant: &'a Grant, terms: &Terms<'a>) -> Self {
        if let Some(elsewhere) = terms.elsewhere {
            return Self::of_id_jag(state, host, grant, elsewhere, terms);
        }
        let is_id_token = terms.kind == TokenType::IdToken;
        let mut claims = Self(Vec::with_capacity(USUAL));
        claims.put("act", grant.act.as_ref().map(Claim::Any));
        claims.put("aud", Some(one_or_several(&grant.audience)));
        let client_id = Claim::Text(grant.client_id.as_str().into());
        claims.put(if is_id_token { "azp" } else { "client_id" }, Some(client_id));
        // Also in an ID token: what is made of a bound token is bound.
        claims.put("cnf", confirmation(grant));
        claims.put("exp", Some(Claim::Number(host.now.plus(terms.lifetime).0)));
        let for_access = |claim: Option<Claim<'a>>| claim.filter(|_| !is_id_token);
        claims.put(EVIDENCE, for_access(grant.evidence.as_ref().map(Claim::Evidence)));
        claims.put("iat", Some(Claim::Number(host.now.0)));
        // The issuer that gave `sub` its name; a token without `idp` is about a
        // local user.
        claims.put("idp", grant.subject.idp().map(|idp| Claim::Text(idp.into())));
        claims.put("iss", Some(Claim::Text(state.config.issuer.as_str().into())));
        claims.put("jti", Some(Claim::Text(terms.jti.into())));
        claims.put("may_act", for_access(grant.may_act.as_ref().map(Claim::Any)));
        let scope = (!grant.scope.is_empty()).then(|| Claim::Text(spaced(&grant.scope)));
        claims.put("scope", for_access(scope));
        claims.put("sub", Some(Claim::Text(grant.sub())));
        for (name, value) in &grant.attributes {
            claims.add(name, Claim::Any(value));
        }
        claims
    }

    /// The claims of an identity assertion grant (section 3.1 of the draft). It is
    /// for another server, so it has no evidence for this one.
    fn of_id_jag(
        state: &'a State,
        host: &Host,
        grant: &'a Grant,
        elsewhere: &'a Elsewhere,
        terms: &Terms<'a>,
    ) -> Self {
        let mut claims = Self(Vec::with_capacity(USUAL));
        claims.put("act", grant.act.as_ref().map(Claim::Any));
        claims.put("aud", Some(one_or_several(&grant.audience)));
        claims.put("client_id", Some(Claim::Text(elsewhere.client_id.as_str().into())));
        claims.put("cnf", confirmation(grant));
        claims.put("exp", Some(Claim::Number(host.now.plus(terms.lifetime).0)));
        claims.put("iat", Some(Claim::Number(host.now.0)));
        claims.put("iss", Some(Claim::Text(state.config.issuer.as_str().into())));
        claims.put("jti", Some(Claim::Text(terms.jti.into())));
        let resources = &*elsewhere.resources;
        claims.put("resource", (!resources.is_empty()).then(|| one_or_several(resources)));
        let scope = (!grant.scope.is_empty()).then(|| Claim::Text(spaced(&grant.scope)));
        claims.put("scope", scope);
        claims.put("sub", Some(Claim::Text(grant.sub())));
        for (name, value) in &elsewhere.login {
            claims.add(name, Claim::Any(value));
        }
        // A receiver decides by the draft's claims: no mapping writes one of them.
        for (name, value) in &grant.attributes {
            if !OF_ID_JAG.contains(&&**name) {
                claims.add(name, Claim::Any(value));
            }
        }
        claims
    }

    /// A registered claim, if there is one. They come in their order.
    fn put(&mut self, name: &'a str, claim: Option<Claim<'a>>) {
        self.0.extend(claim.map(|claim| (name, claim)));
    }

    /// An attribute, unless a registered claim has its name.
    fn add(&mut self, name: &'a str, claim: Claim<'a>) {
        if let Err(place) = self.0.binary_search_by(|(other, _)| (*other).cmp(name)) {
            self.0.insert(place, (name, claim));
        }
    }

    /// As JSON text.
    pub(super) fn to_json(&self) -> String {
        let mut writer = Writer::new(USUAL_BYTES);
        for (name, claim) in &self.0 {
            match claim {
                Claim::Text(text) => writer.text(name, text),
                Claim::Any(Value::String(text)) => writer.text(name, text),
                Claim::Number(number) => writer.number(name, *number),
                other => writer.value(name, other),
            }
        }
        writer.end()
    }

    /// As values.
    pub(super) fn to_map(&self) -> Map<String, Value> {
        let value = |claim| serde_json::to_value(claim).unwrap_or_default();
        gathered(self.0.iter().map(|(name, claim)| ((*name).to_owned(), value(claim))))
    }
}

fn one_or_several(audience: &[String]) -> Claim<'_> {
    match audience {
        [only] => Claim::Text(only.as_str().into()),
        several => Claim::Texts(several),
    }
}

/// With spaces between them.
fn spaced(scope: &[String]) -> Cow<'_, str> {
    match scope {
        [only] => only.as_str().into(),
        several => several.join(" ").into(),
    }
}
