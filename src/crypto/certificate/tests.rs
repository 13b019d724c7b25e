//! Certificates and public keys as operators give them.

use super::*;
use crate::crypto::Algorithm;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../tests/certificates/", $name))
    };
}

macro_rules! octets {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/certificates/", $name)).as_slice()
    };
}

const IN_2024: Timestamp = Timestamp(1_704_067_200);

fn one(text: &str) -> Certificate {
    match Certificate::parse_all(text).unwrap().as_slice() {
        [one] => one.clone(),
        others => panic!("{} certificates", others.len()),
    }
}

fn problem(text: &str) -> String {
    Certificate::parse_all(text).unwrap_err().0
}

#[test]
fn every_kind_of_key() {
    let kinds = [
        (file!("rsa.pem"), octets!("rsa.spki.der"), Algorithm::PS256),
        (file!("p256.pem"), octets!("p256.spki.der"), Algorithm::ES256),
        (file!("p384.pem"), octets!("p384.spki.der"), Algorithm::ES384),
        (file!("p521.pem"), octets!("p521.spki.der"), Algorithm::ES512),
        (file!("ed25519.pem"), octets!("ed25519.spki.der"), Algorithm::EdDSA),
    ];
    for (pem, spki, alg) in kinds {
        let key = one(pem).key;
        assert!(key.fits(alg));
        assert_eq!(key.to_spki_der(), spki);
    }
}

#[test]
fn validity_includes_both_ends() {
    let certificate = one(file!("expired.pem"));
    assert_eq!(certificate.not_before, Timestamp(1_577_836_800));
    assert_eq!(certificate.not_after, Timestamp(1_577_836_800 + 366 * DAY));
    assert!(certificate.valid_at(certificate.not_before));
    assert!(certificate.valid_at(certificate.not_after));
    assert!(!certificate.valid_at(Timestamp(certificate.not_before.0 - 1)));
    assert!(!certificate.valid_at(certificate.not_after.plus(1)));
    assert!(one(file!("rsa.pem")).valid_at(IN_2024.plus(DAY)));
}

#[test]
fn one_certificate_in_every_wrapping() {
    let pem = file!("p256.pem");
    let expected = one(pem);
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let texts = [
        pem.replace('\n', "\r\n"),
        format!("\u{feff}what my provider sent me:\n\n{pem}\nbest regards"),
        file!("bag-attributes-crlf.pem").into(),
        file!("p256.pem.base64").into(),
        body.clone(),
        format!("  {}\n", body.replace('A', "A\r\n")),
        body.trim_end_matches('=').into(),
        pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
    ];
    for text in texts {
        assert_eq!(one(&text), expected, "{text}");
    }
    let der = octets!("rsa.der");
    assert_eq!(Certificate::parse_der(der), Ok(one(file!("rsa.pem"))));
    assert_eq!(Certificate::parse_all(file!("p384.pem")).unwrap().len(), 1);
}

#[test]
fn several_certificates_keep_their_order() {
    let parts = [file!("p256.pem"), file!("rsa.pem"), file!("expired.pem")];
    let expected: Vec<_> = parts.into_iter().map(one).collect();
    assert_eq!(Certificate::parse_all(file!("chain.pem")), Ok(expected));
}

#[test]
fn what_is_pasted_instead_is_named() {
    assert_eq!(problem(file!("wrong-request.pem")), REQUEST);
    // The private key of RFC 8410 section 10.3.
    let private = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    assert_eq!(problem(private), PRIVATE_KEY);
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS"] {
        let pem = format!("-----BEGIN {label}-----\n{private}\n-----END {label}-----\n");
        assert_eq!(problem(&pem), PRIVATE_KEY);
        assert_eq!(problem(&(pem + file!("p256.pem"))), format!("block 1: {PRIVATE_KEY}"));
    }
    let bare = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    assert_eq!(problem(&bare(file!("wrong-request.pem"))), REQUEST);
}

#[test]
fn a_bare_public_key_counts_for_ever() {
    let pem = file!("public-key.pem");
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = one(pem);
    assert!(key.is_bare() && key.valid_at(Timestamp(0)) && key.valid_at(Timestamp(u64::MAX)));
    assert_eq!(key.lifetime(IN_2024), None);
    assert_eq!(one(&bare), key);
    let rsa = one(file!("rsa.pem"));
    assert!(!rsa.is_bare());
    assert_eq!(one(file!("rsa-public-key.pem")).key, rsa.key);
    assert_eq!(one(file!("rsa-pkcs1-public-key.pem")).key, rsa.key);
    let several = [file!("p256.pem"), pem].concat();
    assert_eq!(Certificate::parse_all(&several).unwrap().len(), 2);
    let broken = file!("rsa-pkcs1-public-key.pem").replace("RSA PUBLIC", "PUBLIC");
    assert!(problem(&broken).starts_with("not a DER `SubjectPublicKeyInfo`"));
}

#[test]
fn problems_say_what_was_expected() {
    let pem = file!("p256.pem");
    let cases = [
        ("", "the text is empty: expected a certificate or a public key in PEM or base64"),
        ("  \r\n", "the text is empty: expected a certificate or a public key in PEM or base64"),
        ("https://idp.example/cert", "neither PEM (`BEGIN CERTIFICATE`) nor base64"),
        (file!("rsa1024.pem"), "the RSA modulus has 1024 bits: expected 2048 to 4096"),
        (file!("k256.pem"), "the curve is not P-256, P-384 or P-521"),
        (
            pem.split_once("-----END").unwrap().0,
            "a PEM block has no `-----END CERTIFICATE-----`: is it cut off?",
        ),
        (&pem.replace("MII", "M?I"), "the PEM block is not base64 between its lines"),
        (
            &pem.replace("CERTIFICATE", "PKCS7"),
            "this is a PEM block `PKCS7`: expected `CERTIFICATE` or `PUBLIC KEY`",
        ),
        (
            &format!("{pem}{}", file!("rsa1024.pem")),
            "block 2: the RSA modulus has 1024 bits: expected 2048 to 4096",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(problem(text), expected);
    }
    assert!(problem("bm90IGEgY2VydGlmaWNhdGU=").starts_with("not a DER certificate: "));
    assert!(problem(&pem.repeat(101)).starts_with("more than 100 certificates"));
    assert!(problem(&"A".repeat(MAX_TEXT + 1)).ends_with("expected at most 262144"));
}

#[test]
fn cut_and_garbled_certificates_do_no_harm() {
    let der = octets!("rsa.der");
    for end in 0..der.len() {
        assert!(Certificate::parse_der(&der[..end]).is_err());
    }
    for at in 0..der.len() {
        for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut garbled = der.to_vec();
            garbled[at] = value;
            // Any answer will do, as long as it is one.
            let _ = Certificate::parse_der(&garbled);
        }
    }
}
