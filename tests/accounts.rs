//! Local accounts: every combination of subject mode, existing link, implicit
//! association and number of users who match, as a table; the modules below
//! prove what surrounds it.
//!
//! | module | proves |
//! |---|---|
//! | `parties`, `service` | nothing: issuer, users and application; a service that can be restarted |
//! | `linking` | who is linked: order, ambiguity, verification, user stores, locked users |
//! | `subjects` | a federated subject is never a local user, and what a local one gets |
//! | `failures` | a store that fails, and users who are gone |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "accounts/failures.rs"]
mod failures;
#[path = "accounts/linking.rs"]
mod linking;
#[path = "accounts/parties.rs"]
mod parties;
#[path = "accounts/service.rs"]
mod service;
#[path = "accounts/subjects.rs"]
mod subjects;
mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use parties::{BEARER, EXCHANGE, document, foreign, with};
use service::Service;

/// What comes of a token about `x-1`.
///
/// - *link*: whether `x-1` was linked to `u-linked` before
/// - *association*: whether the issuer's implicit association is on
/// - *match*: how many users have the address that the token says
/// - *outcome*: `federated`: issued about `x-1` of the issuer; `local`: about
///   `u-linked`; `linked now`: about the one who matches, and the link is
///   kept; a reason code: refused with it, by token exchange as
///   `invalid_request`, by JWT bearer as `invalid_grant`
///
/// Only `linked now` writes anything.
const TABLE: &str = "
    mode       link   association   match     | outcome
    off        no     off           none      | federated
    off        no     off           one       | federated
    off        no     off           several   | federated
    off        no     on            none      | federated
    off        no     on            one       | federated
    off        no     on            several   | federated
    off        yes    off           none      | federated
    off        yes    off           one       | federated
    off        yes    off           several   | federated
    off        yes    on            none      | federated
    off        yes    on            one       | federated
    off        yes    on            several   | federated
    preferred  no     off           none      | federated
    preferred  no     off           one       | federated
    preferred  no     off           several   | federated
    preferred  no     on            none      | federated
    preferred  no     on            one       | linked now
    preferred  no     on            several   | account.ambiguous
    preferred  yes    off           none      | local
    preferred  yes    off           one       | local
    preferred  yes    off           several   | local
    preferred  yes    on            none      | local
    preferred  yes    on            one       | local
    preferred  yes    on            several   | local
    required   no     off           none      | account.link_required
    required   no     off           one       | account.link_required
    required   no     off           several   | account.link_required
    required   no     on            none      | account.no_match
    required   no     on            one       | linked now
    required   no     on            several   | account.ambiguous
    required   yes    off           none      | local
    required   yes    off           one       | local
    required   yes    off           several   | local
    required   yes    on            none      | local
    required   yes    on            one       | local
    required   yes    on            several   | local
";

struct Cell {
    mode: &'static str,
    link: bool,
    association: bool,
    matching: &'static str,
    outcome: String,
}

impl Cell {
    fn parse(row: &'static str) -> Self {
        let (given, outcome) = row.split_once('|').unwrap();
        let given: Vec<_> = given.split_whitespace().collect();
        let [mode, link, association, matching] = given[..] else { panic!("{row}") };
        Self {
            mode,
            link: link == "yes",
            association: association == "on",
            matching,
            outcome: outcome.trim().into(),
        }
    }

    /// The configuration that the token comes to.
    fn document(&self) -> Value {
        let enabled = "/trustedTokenIssuers/0/implicitAssociation/isEnabled";
        with(document(self.mode), enabled, json!(self.association))
    }

    /// The address that the token says.
    fn email(&self) -> &'static str {
        match self.matching {
            "none" => "nobody@example.com",
            "one" => "one@example.com",
            _ => "shared@example.com",
        }
    }

    /// The outcome as [`service::Said`] has it.
    fn expected(&self, grant: &str) -> String {
        let error = if grant == BEARER { "invalid_grant" } else { "invalid_request" };
        match &*self.outcome {
            "federated" => "federated x-1".into(),
            "local" => "local u-linked".into(),
            "linked now" => "linked u-one".into(),
            reason => format!("{error} {reason}"),
        }
    }
}

fn table() -> Vec<Cell> {
    TABLE.lines().map(str::trim).filter(|row| !row.is_empty()).skip(1).map(Cell::parse).collect()
}

#[test]
fn the_table_has_every_combination_once() {
    let cells = table();
    let names: BTreeSet<_> =
        cells.iter().map(|cell| (cell.mode, cell.link, cell.association, cell.matching)).collect();
    assert_eq!((cells.len(), names.len()), (36, 3 * 2 * 2 * 3));
}

#[test]
fn token_exchange_does_what_the_table_says() {
    plays(EXCHANGE);
}

#[test]
fn the_jwt_bearer_grant_does_what_the_table_says() {
    plays(BEARER);
}

/// Plays every cell and says which differ.
fn plays(grant: &str) {
    let wrong: Vec<String> = table()
        .iter()
        .filter_map(|cell| {
            let problem = play(cell, grant)?;
            let Cell { mode, link, association, matching, .. } = cell;
            Some(format!("{mode}, link {link}, association {association}, {matching}: {problem}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} cells differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn play(cell: &Cell, grant: &str) -> Option<String> {
    let mut sts = Service::new(&document("preferred"));
    if cell.link {
        let said = sts.exchange(&json!({ "email": "linked@example.com" }));
        assert_eq!(said.outcome, "linked u-linked");
    }
    sts.restart(&cell.document());
    let (links, _) = (sts.links(), sts.commits());

    let said = sts.grant(grant, &foreign(&json!({ "email": cell.email() })), "read");
    let expected = cell.expected(grant);
    let status = if expected.starts_with("invalid") { 400 } else { 200 };
    if (said.status, &said.outcome) != (status, &expected) {
        return Some(format!("wanted {expected}, found {} {}", said.status, said.outcome));
    }
    let linked = cell.outcome == "linked now";
    let after = if linked { vec!["x-1 -> u-one".to_string()] } else { links };
    if (sts.commits(), sts.links()) != (usize::from(linked), after.clone()) {
        return Some(format!("wanted the links {after:?}, found {:?}", sts.links()));
    }
    // It stays so: linked is linked, and what was refused is refused again.
    let again = sts.grant(grant, &foreign(&json!({ "email": cell.email() })), "read");
    let expected = expected.replace("linked ", "local ");
    (again.outcome != expected).then(|| format!("then {}", again.outcome))
}
