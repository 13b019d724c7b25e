//! Tokens that are bound to a client certificate: the gateway compares the one of the
//! connection (RFC 8705 section 3).

use base64ct::{Base64, Encoding};
use exchequer::{Gateway, KnownCertificate, Request, TlsCertificate};
use serde_json::{Value, json};

use crate::support::fixtures::expand;
use crate::support::foreign::foreign;
use crate::support::start::world;
use crate::support::world::World;
use crate::{challenge, cross, forwarded, gateway, header, refused, rules, with, with_token};

/// The SHA-256 of two certificates in DER, in hex and in base64url.
fn certificate(name: &str) -> TlsCertificate {
    let pem = expand(&json!({ "$certificate": name }));
    let body: String =
        pem.as_str().unwrap().lines().filter(|line| !line.starts_with("-----")).collect();
    let der = Base64::decode_vec(&body).unwrap();
    TlsCertificate { known: KnownCertificate::Der(der), verified: false }
}

/// What introspection and tokens say of it.
fn thumbprint(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let KnownCertificate::Der(der) = certificate(name).known else { panic!("it is DER") };
    base64ct::Base64UrlUnpadded::encode_string(&Sha256::digest(der))
}

fn bound() -> String {
    foreign(&json!({ "cnf": { "x5t#S256": thumbprint("client-es256") } }))
}

fn request(token: &str, name: Option<&str>) -> Request {
    with_token("/api/orders", token).with_certificate(name.map(certificate))
}

fn refusal(gateway: &Gateway, world: &mut World, request: &Request) -> (u16, String) {
    let refused = refused(cross(gateway, world, request));
    assert!(challenge(&refused).starts_with("Bearer realm=\"gateway\""), "{}", challenge(&refused));
    (refused.reply.status, refused.reason)
}

fn confirmation(authorization: &str) -> Value {
    crate::payload(authorization.strip_prefix("Bearer ").unwrap())["cnf"].clone()
}

#[test]
fn a_bound_token_passes_with_its_certificate_and_what_is_issued_is_bound() {
    let (gateway, mut world) = (gateway(rules()), world());
    let token = bound();
    let sent = request(&token, Some("client-es256"));
    let forward = forwarded(cross(&gateway, &mut world, &sent));
    let cnf = confirmation(header(&forward, "authorization").unwrap());
    assert_eq!(cnf, json!({ "x5t#S256": thumbprint("client-es256") }));
}

#[test]
fn a_bound_token_does_not_pass_without_its_certificate_also_after_it_passed() {
    let (gateway, mut world) = (gateway(rules()), world());
    let token = bound();
    for _ in 0..2 {
        let mut said = |name| refusal(&gateway, &mut world, &request(&token, name));
        assert_eq!(said(None), (401, "subject_token.binding.no_certificate".into()));
        let other = (401, "subject_token.binding.other_certificate".into());
        assert_eq!(said(Some("client-spiffe")), other);
        forwarded(cross(&gateway, &mut world, &request(&token, Some("client-es256"))));
    }
}

#[test]
fn anybodys_certificate_does_not_take_the_place_of_the_tokens() {
    let (gateway, _, mut world) = with(|document| {
        document["config"]["applications"][0]["dpop"] = json!({ "rebind": true });
    });
    let token = bound();
    let said = refusal(&gateway, &mut world, &request(&token, Some("client-spiffe")));
    assert_eq!(said, (401, "subject_token.binding.other_certificate".into()));
    forwarded(cross(&gateway, &mut world, &request(&token, Some("client-es256"))));
}

#[test]
fn a_header_field_of_a_client_is_no_certificate() {
    let (gateway, mut world) = (gateway(rules()), world());
    let KnownCertificate::Der(der) = certificate("client-es256").known else { panic!("it is DER") };
    let value = format!(":{}:", Base64::encode_string(&der));
    let sent = request(&bound(), None).header("client-cert", &value);
    let said = refusal(&gateway, &mut world, &sent);
    assert_eq!(said, (401, "subject_token.binding.no_certificate".into()));
}
