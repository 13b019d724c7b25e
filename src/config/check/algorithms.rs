//! The signature algorithms of an issuer.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::model::KeySource;
use super::super::problem::{At, Report, list, shown};
use super::values::{no_repetition, or_known};
use crate::crypto::Algorithm;

/// The algorithms an issuer's tokens may use.
pub(super) fn of_issuer(
    names: Option<&[String]>,
    keys: Option<&KeySource>,
    at: &At,
    report: &mut Report,
) -> Vec<Algorithm> {
    let fits = |algorithm: &Algorithm| keys.is_none_or(|keys| fits(keys, *algorithm));
    let Some(names) = names else {
        return Algorithm::ALL.into_iter().filter(fits).collect();
    };
    if names.is_empty() {
        report.problem(
            at,
            "is empty, so no token would ever be accepted",
            format!(
                "list some of {}, or leave it out for all that the keys can be used with",
                supported()
            ),
        );
    }
    no_repetition(names, at, report);
    let mut algorithms = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let at = at.item(index);
        match Algorithm::from_name(name) {
            Some(algorithm) if fits(&algorithm) => algorithms.push(algorithm),
            Some(algorithm) => report.problem(
                &at,
                format!("no key in `certificate` can be used with `{algorithm}`"),
                "remove it, or add a key for it",
            ),
            None => unknown_algorithm(name, &at, report),
        }
    }
    algorithms
}

fn fits(keys: &KeySource, algorithm: Algorithm) -> bool {
    match keys {
        KeySource::JwksUri(_) | KeySource::Discovery(_) | KeySource::ClientMetadata(_) => true,
        KeySource::Jwks(set) => set.keys.iter().any(|jwk| jwk.fits(algorithm)),
        KeySource::Certificates(all) => all.iter().any(|one| one.key.fits(algorithm)),
    }
}

fn supported() -> String {
    list(Algorithm::ALL.map(Algorithm::name))
}

fn unknown_algorithm(name: &str, at: &At, report: &mut Report) {
    let remedy = format!("use one of {}", supported());
    if name.eq_ignore_ascii_case("none") {
        report.problem(at, "`none` is no signature: anyone can make such a token", remedy);
    } else if matches!(name, "HS256" | "HS384" | "HS512") {
        report.problem(
            at,
            format!(
                "{} signs with the key that verifies, so whoever can check a token can make one",
                shown(name)
            ),
            format!("let the issuer sign with a private key, and {remedy}"),
        );
    } else {
        report.problem(
            at,
            format!("{} is no signature algorithm known here", shown(name)),
            or_known(name, Algorithm::ALL.map(Algorithm::name), ""),
        );
    }
}
