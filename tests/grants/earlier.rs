//! What an earlier version stored or issued is read. It does not say what it
//! was issued for, so that it is refused, and nothing fails.

use exchequer::{Expect, Write};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::parties::{Clients, FRONT, document, issuing, refusal, with};
use crate::support::administered::Service;

/// What 0.1.0 kept of a grant.
fn grant() -> Value {
    json!({
        "clientId": "front",
        "application": "AAAAAAAAAAAAAAAAAAAAAA",
        "subject": { "kind": "federated", "idp": "https://idp.example", "sub": "x-1" },
        "issuer": "https://idp.example",
        "audience": ["https://api.example"],
        "scope": ["read"],
    })
}

/// As records are named: a hash of texts, each behind its length.
fn hash(texts: &[&str]) -> String {
    let length = |text: &str| (text.len() as u64).to_be_bytes();
    let hash = texts
        .iter()
        .fold(Sha256::new(), |hash, text| hash.chain_update(length(text)).chain_update(text));
    Base64UrlUnpadded::encode_string(&hash.finalize())
}

fn keep(sts: &mut Service, key: String, record: &Value) {
    let value = Some(record.to_string().into_bytes());
    let write = Write { key, value, expect: Expect::Any, expires_at: None };
    sts.world.store.commit(&[write], sts.world.now);
}

#[test]
fn a_refresh_token_without_evidence_is_refused() {
    let mut sts = Service::new(&document());
    let now = sts.world.now.0;
    let handle = "B".repeat(22);
    let token = format!("{handle}.{}", "C".repeat(43));
    let family = json!({
        "grant": grant(), "newest": hash(&[&token]), "issued": now, "expires": now + 3600,
    });
    let id = &hash(&["refresh family", &handle])[..22];
    keep(&mut sts, format!("refresh/{id}"), &family);
    let said = sts.refresh("front", &token);
    assert_eq!(refusal(&said), "invalid_grant refresh_token.own.no_evidence");
    assert_eq!(sts.about("front", &token), json!({ "active": false }));
}

#[test]
fn an_opaque_token_without_evidence_is_refused() {
    let mut sts = Service::new(&issuing("opaque"));
    let now = sts.world.now.0;
    let token = "D".repeat(43);
    let record = json!({
        "grant": grant(), "jti": "j", "issued": now, "expires": now + 3600, "family": "f",
    });
    keep(&mut sts, format!("opaque/{}", hash(&[&token])), &record);
    assert_eq!(sts.about("front", &token), json!({ "active": false }));
    let said = sts.pass_on("front", &token, &[]);
    assert_eq!(refusal(&said), "invalid_request subject_token.own.no_evidence");
}

/// A JWT whose evidence is missing or unreadable, signed with the right key.
#[test]
fn a_jwt_without_evidence_is_refused() {
    let mut sts = Service::new(&document());
    let good = sts.issue("front", &[]).with_status(200).text("access_token");
    for evidence in [None, Some(json!("x")), Some(json!({ "i": 1 }))] {
        let token = altered(&good, evidence);
        assert_eq!(sts.about("front", &token), json!({ "active": false }));
        let said = sts.pass_on("front", &token, &[]);
        assert_eq!(refusal(&said), "invalid_request subject_token.own.no_evidence");
    }
    // The same token, signed anew and otherwise unchanged, counts.
    let parts: Vec<_> = good.split('.').collect();
    let claims = Base64UrlUnpadded::decode_vec(parts[1]).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let token = altered(&good, Some(claims["exq"].clone()));
    assert_eq!(sts.about("front", &token)["active"], true);
    // Its application may not be another one of the same name.
    let other = with(document(), &format!("{FRONT}/name"), json!("Another"));
    sts.restart(&other);
    assert_eq!(sts.about("front", &token)["active"], true, "the id is made from the client id");
}

/// The token with other evidence, signed with the server's key.
fn altered(token: &str, evidence: Option<Value>) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let claims = Base64UrlUnpadded::decode_vec(parts[1]).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    match evidence {
        Some(evidence) => claims["exq"] = evidence,
        None => drop(claims.as_object_mut().unwrap().remove("exq")),
    }
    let signed =
        format!("{}.{}", parts[0], Base64UrlUnpadded::encode_string(claims.to_string().as_bytes()));
    let key = crate::support::fixtures::key("ours");
    let key = exchequer::SigningKey::from_jwk(&key).unwrap();
    let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}
