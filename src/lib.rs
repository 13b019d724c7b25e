//! OAuth 2.0 token exchange that runs anywhere WebAssembly runs.
//!
//! This crate is the engine: the whole security token service without any
//! I/O. It parses a request, decides, and makes the reply. It has no clock, no
//! randomness, no network and no storage; what it needs from the world it
//! *asks* for, and a host answers.
//!
//! ```text
//!             ┌──────────────────────── engine ────────────────────────┐
//!  request ──▶│ parse → client → issuer → verify → claims → decide →   │──▶ reply
//!             │ mint                                                   │
//!             └──────────┬──────────────────────▲──────────────────────┘
//!                        │ Ask                  │ Answer
//!             ┌──────────▼──────────────────────┴──────────────────────┐
//!             │ host: Fetch · Read · List · Commit · Verify · Sign     │
//!             └────────────────────────────────────────────────────────┘
//! ```
//!
//! **The one invariant: one answer per ask, until done.**
//!
//! ```
//! use exchequer::{Answer, Config, Engine, Entropy, Failed, HostCrypto, Request, Step, Timestamp};
//!
//! let config = Config::parse(r#"{ "issuer": "https://sts.example.com" }"#)?.without_secrets()?;
//! let engine = Engine::new(config, HostCrypto::default());
//!
//! let request = Request::new("GET", "/healthz");
//! let mut step = engine.handle(request, Timestamp(1_790_000_000), Entropy::new([7; 32]));
//! let reply = loop {
//!     step = match step {
//!         Step::Done(reply) => break reply,
//!         // A host would fetch, read, commit or sign here.
//!         Step::Ask(pending) => pending.resume(Answer::Failed { failed: Failed::Unsupported })?,
//!     };
//! };
//! // Neither keys in the configuration nor a store that keeps them: fails closed.
//! assert_eq!(reply.status, 503);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules import each other in one direction only: `jose` knows nothing of
//! `exchange`, and `crypto` nothing of `jose`. DESIGN.md has the order.
//!
//! # Features
//!
//! - `admin` (default): the administration API, SCIM and linked accounts below
//!   `/api` and `/scim2`. Without it these paths are unknown.
//! - `ed25519-tables` (default): EdDSA signs two and a half times as fast, for
//!   30 KB.
//! - `schema`: the JSON Schema of the configuration document. Needs `std`.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "schema"))]
extern crate std;

/// The tutorial is compiled and run as it stands.
#[cfg(doctest)]
#[doc = include_str!("../docs/tutorials/rust.md")]
struct Tutorial;

#[cfg(feature = "admin")]
mod activity;
#[cfg(feature = "admin")]
mod admin;
mod administrator;
mod audit;
mod base64url;
pub mod config;
mod crypto;
mod dpop;
mod endpoints;
mod engine;
mod exchange;
mod gateway;
mod gather;
mod grant;
mod host;
mod http;
mod identity;
mod jose;
mod json_writer;
mod limits;
mod metrics;
mod mtls;
mod own_keys;
mod proof_keys;
pub mod reason;
#[cfg(feature = "admin")]
mod recent_refusals;
mod refusal;
mod scan;
#[cfg(feature = "schema")]
pub mod schema;
mod state;
mod step;
mod storage;
mod time;
mod token_cache;
mod token_type;
mod url;
mod validate;
mod verified_tokens;

pub use audit::{Audit, Change, Check, Outcome, Parties, Trace};
pub use config::Config;
pub use crypto::{Algorithm, AlgorithmSet, HostCrypto, KeyProblem, PublicKey, SigningKey, Verdict};
pub use dpop::DpopProof;
pub use endpoints::AccessDenied;
pub use engine::{Engine, KeysNotFetched};
pub use exchange::{
    AccessCredentials, AccessRequirements, AccessToken, Decided, ExchangeParameters, Explanation,
    GrantRequest, Introspection, Issued, JwtBearer, Refresh, Rehearsal, RehearsedReply, Target,
    TokenExchange, TokenRequest, Unauthorized, WouldIssue,
};
pub use gateway::{
    Call, Clusters, Filter, FilterDocument, FilterMode, Forward, Gateway, GatewayStep, Need,
    Refused, Waiting,
};
pub use http::{Caller, KnownCertificate, Reply, Request, Sender, TlsCertificate};
pub use identity::{Client, SupplyKeysError};
pub use metrics::{TokenCacheFigures, TokenCaches};
pub use refusal::{OAuthError, Refusal};
pub use step::{Answer, Ask, Expect, Failed, Misuse, Pending, Record, Step, Write};
pub use time::{Entropy, Timestamp};
pub use token_type::TokenType;
pub use validate::{Invalid, Validation};
