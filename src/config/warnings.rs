//! What is allowed and probably not meant, for `exchequer check`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::model::{Config, KeySource};
use super::problem::{At, Problem, Report};
use crate::crypto::certificate::Certificate;
use crate::time::Timestamp;

const DAY: u64 = 24 * 60 * 60;

/// How long before its end a certificate is spoken of.
const SOON: u64 = 30 * DAY;

impl Config {
    /// What works, or will at first, and is probably not meant: secrets
    /// written out, certificates that run out, names that lead nowhere.
    #[must_use]
    pub fn warnings(&self, now: Timestamp) -> Vec<Problem> {
        let mut report = Report { notes: self.notes.clone(), ..Report::default() };
        for (index, issuer) in self.trusted_token_issuers.iter().enumerate() {
            if let KeySource::Certificates(all) = &issuer.keys {
                let at = At::top("trustedTokenIssuers").item(index).field("certificate");
                certificates(all, now, &at.field("certificates"), &mut report);
            }
        }
        report.notes
    }
}

fn certificates(all: &[Certificate], now: Timestamp, at: &At, report: &mut Report) {
    let lasting = all.iter().any(|one| one.valid_at(now) && one.valid_at(now.plus(SOON)));
    for (index, one) in all.iter().enumerate() {
        let Some(problem) = lifetime(one, now) else {
            continue;
        };
        let which =
            if all.len() > 1 { format!("certificate {} ", index + 1) } else { String::new() };
        let remedy = if lasting {
            "remove it when nothing is signed with it any more; another one is valid"
        } else {
            "add the issuer's next certificate to the list"
        };
        report.note(at, format!("{which}{problem}"), remedy);
    }
}

fn lifetime(certificate: &Certificate, now: Timestamp) -> Option<String> {
    let (from, to) = (certificate.not_before, certificate.not_after);
    if to < now {
        Some(format!("expired {} ago and is skipped", days(now.since(to))))
    } else if now < from {
        Some(format!(
            "is not valid for another {} and is skipped until then",
            days(from.since(now))
        ))
    } else if to <= now.plus(SOON) {
        Some(format!("expires in {}", days(to.since(now))))
    } else {
        None
    }
}

fn days(seconds: u64) -> String {
    match seconds / DAY {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}
