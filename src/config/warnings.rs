//! What is allowed and probably not meant, for `exchequer check`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::model::{Config, KeySource};
use super::problem::{At, Problem, Report};
use crate::crypto::certificate::{Certificate, SOON};
use crate::time::Timestamp;

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
        let Some(problem) = one.lifetime(now) else {
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
