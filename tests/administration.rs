//! The administration API: trusted token issuers and applications.
//!
//! | module | proves |
//! |---|---|
//! | `parties` | nothing: the document, and bodies to begin with |
//! | `credentials` | who may call |
//! | `issuers`, `applications`, `oidc` | what each call does, and that it is seen by others |
//! | `apis` | the metadata of APIs whose applications were made here, bounded |
//! | `lists` | pages and filters |
//! | `filters` | what a filter finds, and what it reads for that |
//! | `refused` | every body, path and page that is none |
//! | `versions` | a change of another version than there is writes nothing |
//! | `writes` | atomicity, races, the audit log, secrets |
//! | `activity` | decisions are stored where that is on, bounded, and nothing private |
//! | `changes` | who changed what is told, bounded, and enough to undo it |
//! | `configuration` | it is exported without a secret, compared, and imported |
//! | `exports` | every export passes its own comparison |
//! | `imports` | imports of several batches: names change hands, and nothing that was made is lost |
//! | `grants` | grants are listed and revoked, and no token is told |
//! | `keys` | the server's own keys are told, without their private parts |
//! | `refusals` | recent refusals are told to administrators, and nothing secret |
//! | `rights` | what each scope of administrators lets them do |
//! | `exchanges` | what was made works at every replica, and stops working |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "administration/activity.rs"]
mod activity;
#[path = "administration/apis.rs"]
mod apis;
#[path = "administration/applications.rs"]
mod applications;
#[path = "administration/changes.rs"]
mod changes;
#[path = "administration/checks.rs"]
mod checks;
#[path = "administration/configuration.rs"]
mod configuration;
#[path = "administration/credentials.rs"]
mod credentials;
#[path = "administration/exchanges.rs"]
mod exchanges;
#[path = "administration/exports.rs"]
mod exports;
#[path = "administration/filters.rs"]
mod filters;
#[path = "administration/grants.rs"]
mod grants;
#[path = "administration/imports.rs"]
mod imports;
#[path = "administration/issuers.rs"]
mod issuers;
#[path = "administration/keys.rs"]
mod keys;
#[path = "administration/lists.rs"]
mod lists;
#[path = "administration/members.rs"]
mod members;
#[path = "administration/metrics.rs"]
mod metrics;
#[path = "administration/oidc.rs"]
mod oidc;
#[path = "administration/parties.rs"]
mod parties;
#[path = "administration/refusals.rs"]
mod refusals;
#[path = "administration/refused.rs"]
mod refused;
#[path = "administration/rights.rs"]
mod rights;
#[path = "administration/sign_in.rs"]
mod sign_in;
mod support;
#[path = "administration/versions.rs"]
mod versions;
#[path = "administration/writes.rs"]
mod writes;
