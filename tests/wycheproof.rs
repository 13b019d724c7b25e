//! Every Wycheproof vector of every supported algorithm, through the public
//! face: a key from its `SubjectPublicKeyInfo` and its JWK, then `verify`.
//!
//! The rule for each vector is one: `valid` is accepted, everything else is
//! rejected. So `acceptable` ones are rejected too; they are PKCS #1 v1.5
//! encodings without the NULL, which no honest signer makes.
//!
//! Outside of the policy, and refused before there is a signature to look at:
//! RSA keys of 8192 bits, keys limited to PSS by their own parameters, and PSS
//! with another MGF or salt than RFC 7518 section 3.5 has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, helpers included"
)]

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, PublicKey, Verdict};
use serde_json::{Value, json};
use wycheproof::{HashFunction, Mgf, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

/// How many vectors of one algorithm were accepted and rejected.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    accepted: usize,
    rejected: usize,
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Accept => self.accepted += 1,
            Verdict::Reject => self.rejected += 1,
        }
    }
}

/// Runs one vector; its macro is its type, which differs by algorithm.
macro_rules! run {
    ($tally:ident, $key:ident, $alg:ident, $test:ident) => {
        let verdict = $key.verify($alg, &$test.msg, &$test.sig);
        let expected = Verdict::from($test.result == TestResult::Valid);
        assert_eq!(verdict, expected, "{} vector {}: {}", $alg, $test.tc_id, $test.comment);
        $tally.count(verdict);
    };
}

/// The key, after its other forms were seen to be the same key.
fn key(spki: &[u8], jwk: &Value) -> PublicKey {
    let key = PublicKey::from_jwk(jwk).unwrap();
    assert_eq!(key.to_jwk(), *jwk);
    assert_eq!(PublicKey::from_spki_der(spki).as_ref(), Ok(&key));
    assert_eq!(key.to_spki_der(), spki);
    key
}

/// A number as a JWK has it: without leading zeros, or padded to a size.
fn number(octets: &[u8], size: usize) -> String {
    let significant: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
    let padding = vec![0; size.saturating_sub(significant.len())];
    Base64UrlUnpadded::encode_string(&[padding, significant].concat())
}

fn rsa_jwk(key: &wycheproof::RsaPublic) -> Value {
    json!({ "kty": "RSA", "n": number(&key.n, 0), "e": number(&key.e, 0) })
}

fn ecdsa(name: ecdsa::TestName, alg: Algorithm, curve: &str, size: usize) -> Tally {
    let mut tally = Tally::default();
    for group in ecdsa::TestSet::load(name).unwrap().test_groups {
        let (x, y) = (number(&group.key.affine_x, size), number(&group.key.affine_y, size));
        let key = key(&group.der, &json!({ "kty": "EC", "crv": curve, "x": x, "y": y }));
        for test in group.tests {
            run!(tally, key, alg, test);
        }
    }
    tally
}

#[test]
fn es256() {
    let tally = ecdsa(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::ES256, "P-256", 32);
    assert_eq!(tally, Tally { accepted: 173, rejected: 89 });
}

#[test]
fn es384() {
    let tally = ecdsa(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::ES384, "P-384", 48);
    assert_eq!(tally, Tally { accepted: 193, rejected: 87 });
}

#[test]
fn es512() {
    let tally = ecdsa(ecdsa::TestName::EcdsaSecp521r1Sha512P1363, Algorithm::ES512, "P-521", 66);
    assert_eq!(tally, Tally { accepted: 231, rejected: 87 });
}

#[test]
fn eddsa() {
    let (mut tally, alg) = (Tally::default(), Algorithm::EdDSA);
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let x = Base64UrlUnpadded::encode_string(&group.key.pk);
        let key = key(&group.der, &json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
        for test in group.tests {
            run!(tally, key, alg, test);
        }
    }
    assert_eq!(tally, Tally { accepted: 88, rejected: 63 });
}

fn pkcs1(names: [rsa_pkcs1_verify::TestName; 3], alg: Algorithm) -> Tally {
    let mut tally = Tally::default();
    for name in names {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, &rsa_jwk(&group.key));
            for test in group.tests {
                run!(tally, key, alg, test);
            }
        }
    }
    tally
}

#[test]
fn rs256() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256};
    let tally = pkcs1([Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256], Algorithm::RS256);
    assert_eq!(tally, Tally { accepted: 24, rejected: 752 });
}

#[test]
fn rs384() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384};
    let tally = pkcs1([Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384], Algorithm::RS384);
    assert_eq!(tally, Tally { accepted: 21, rejected: 755 });
}

#[test]
fn rs512() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512};
    let tally = pkcs1([Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512], Algorithm::RS512);
    assert_eq!(tally, Tally { accepted: 23, rejected: 755 });
}

#[test]
fn rsa_keys_of_8192_bits_are_refused() {
    let name = rsa_pkcs1_verify::TestName::Rsa8192Sha256;
    let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
    assert!(!set.test_groups.is_empty());
    for group in set.test_groups {
        let problem = PublicKey::from_jwk(&rsa_jwk(&group.key)).unwrap_err().to_string();
        assert_eq!(problem, "the RSA modulus has 8192 bits: expected 2048 to 4096");
        assert!(PublicKey::from_spki_der(&group.der).is_err());
    }
}

/// The algorithm with these parameters of PSS, and what of it is right.
fn pss_algorithm(group: &rsa_pss_verify::TestGroup) -> Option<(Algorithm, bool)> {
    let (alg, size) = match group.hash {
        HashFunction::Sha2_256 => (Algorithm::PS256, 32),
        HashFunction::Sha2_384 => (Algorithm::PS384, 48),
        HashFunction::Sha2_512 => (Algorithm::PS512, 64),
        _ => return None,
    };
    let jose = group.mgf == Mgf::Mgf1
        && group.mgf_hash.as_ref() == Some(&group.hash)
        && group.salt_size == size;
    Some((alg, jose))
}

/// All sets of PSS, so that every combination of parameters comes by.
#[test]
fn ps256_ps384_ps512() {
    let mut tallies = [Tally::default(), Tally::default(), Tally::default()];
    let mut refused_parameters = 0;
    let sets = rsa_pss_verify::TestName::all().into_iter();
    for group in sets.flat_map(|name| rsa_pss_verify::TestSet::load(name).unwrap().test_groups) {
        let key = match group.test_type {
            rsa_pss_verify::TestGroupTypeId::RsaPssVerify => key(&group.der, &rsa_jwk(&group.key)),
            rsa_pss_verify::TestGroupTypeId::RsaPssVerifyWithParam => {
                let problem = PublicKey::from_spki_der(&group.der).unwrap_err().to_string();
                assert!(problem.contains("limited to PSS"), "{problem}");
                PublicKey::from_jwk(&rsa_jwk(&group.key)).unwrap()
            }
        };
        let Some((alg, jose)) = pss_algorithm(&group) else { continue };
        let tally = match alg {
            Algorithm::PS256 => &mut tallies[0],
            Algorithm::PS384 => &mut tallies[1],
            _ => &mut tallies[2],
        };
        for test in group.tests {
            if jose {
                run!(tally, key, alg, test);
            } else if test.result == TestResult::Valid {
                assert_eq!(key.verify(alg, &test.msg, &test.sig), Verdict::Reject);
                refused_parameters += 1;
            }
        }
    }
    assert_eq!(tallies[0], Tally { accepted: 317, rejected: 225 });
    assert_eq!(tallies[1], Tally { accepted: 192, rejected: 92 });
    assert_eq!(tallies[2], Tally { accepted: 266, rejected: 94 });
    assert_eq!(refused_parameters, 755);
}
