//! Tokens of trusted token issuers, made when they are presented.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::SigningKey;
use serde_json::{Value, json};

use crate::administrator::address;
use crate::given;
use crate::model::OUR_ISSUER;
use crate::model::evidence::Party;
use crate::model::foreign::ForeignToken;
use crate::model::today::Today;
use crate::operations::{Foreign, Named, Sub};
use crate::proofs::Proof;
use crate::support::fixtures;
use crate::vocabulary::{Idp, Iss};

/// What a foreign token says today.
pub(crate) fn facts(token: &Foreign, sub: String, today: &Today) -> ForeignToken {
    let iss = iss(token.idp, today);
    let party = |named: &Named| {
        let of = named.of.map_or(iss, |idp| self::iss(idp, today));
        Party { iss: Some(of), sub: named.name.text().into() }
    };
    ForeignToken {
        iss,
        sub,
        high: token.high,
        staff: token.staff,
        exp: today.now + token.seconds,
        email: token.email.map(|email| (email.of, email.verified)),
        act: token.act.as_ref().map(party),
        may_act: token.may_act.as_ref().map(party),
        key: token.key,
        id_jag: token.id_jag.clone(),
    }
}

/// The `sub` of a subject; that of a user who never was is made up.
pub(crate) fn sub(sub: Sub, today: &Today) -> String {
    match sub {
        Sub::Is(name) => name.text().into(),
        Sub::LooksLike(user) => {
            today.user_named(user).map_or_else(|| user.text().into(), |account| account.id.clone())
        }
    }
}

/// The `iss` of an issuer; the first one of an issuer that there is not today.
pub(crate) fn iss(idp: Idp, today: &Today) -> Iss {
    today.issuer_named(idp).map_or_else(|| given::issuer(idp).iss, |issuer| issuer.iss)
}

/// The token. Where `act` and `may_act` name somebody of its own issuer, they
/// leave `iss` out.
pub(crate) fn signed(token: &ForeignToken, now: u64) -> String {
    let named = |party: &Party| match party.iss {
        Some(iss) if iss != token.iss => json!({ "sub": party.sub, "iss": iss.text() }),
        _ => json!({ "sub": party.sub }),
    };
    let mut claims = json!({
        "iss": token.iss.text(), "sub": token.sub, "aud": OUR_ISSUER,
        "iat": now - 10, "exp": token.exp,
        "level": if token.high { "high" } else { "low" },
        "staff": token.staff,
    });
    if let Some((user, verified)) = token.email {
        claims["email"] = address(user).into();
        if let Some(verified) = verified {
            claims["email_verified"] = verified.into();
        }
    }
    if let Some(key) = token.key {
        claims["cnf"] = json!({ "jkt": Proof::thumbprint(key.text()) });
    }
    for (name, party) in [("act", &token.act), ("may_act", &token.may_act)] {
        if let Some(party) = party {
            claims[name] = named(party);
        }
    }
    if let Some(id_jag) = &token.id_jag {
        // Each counts once, and every token is presented once.
        static MADE: AtomicU64 = AtomicU64::new(0);
        claims["jti"] = format!("id-jag-{}", MADE.fetch_add(1, Ordering::Relaxed)).into();
        claims["client_id"] = id_jag.client.text().into();
        if let Some(resource) = id_jag.resource.as_ref().filter(|some| !some.is_empty()) {
            claims["resource"] = resource.iter().map(|one| one.text()).collect();
        }
        if let Some(scope) = &id_jag.scope {
            let scope: Vec<_> = scope.iter().map(|one| one.text()).collect();
            claims["scope"] = scope.join(" ").into();
        }
    }
    let typ = if token.id_jag.is_some() { "oauth-id-jag+jwt" } else { "JWT" };
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let header = json!({ "alg": "EdDSA", "kid": "idp-ed25519", "typ": typ });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key().sign(signed.as_bytes(), &[7; 32]).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_jwk(&fixtures::key("idp-ed25519")).unwrap())
}
