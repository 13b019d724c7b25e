//! The configuration document: parsed, checked, and explained when it is wrong.
//!
//! [`Config::parse`] reads the text into a [`Document`], in which secrets may
//! still be references; [`Document::resolve`] brings them and makes a
//! [`Config`], in which nothing is wrong. What is wrong is said as
//! [`Problems`]: the shape of the document one problem at a time, as it is
//! read from the top; everything else at once.
//!
//! The modules: `document` is what an operator writes, `structure` explains
//! when it has another shape, `check` turns it into `model`, which is what the
//! rest of the engine reads.

mod audit_policy;
mod check;
mod client_id_metadata;
mod condition;
mod conditions_digest;
mod console;
pub(crate) mod document;
mod glob;
mod grant_type;
mod model;
mod parse_errors;
mod place;
mod problem;
mod protected_resources;
#[cfg(feature = "admin")]
mod redacted;
mod resource;
#[cfg(feature = "schema")]
mod schema;
mod secret;
mod succession;
pub(crate) mod suggest;
mod warnings;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::crypto::{SecretHash, WrappingKeys};

#[cfg(all(feature = "admin", test))]
pub(crate) use self::audit_policy::ActivityPolicy;
#[cfg(feature = "admin")]
pub(crate) use self::audit_policy::{AuditPolicy, ChangesPolicy, SubjectShown};
#[cfg(feature = "admin")]
pub(crate) use self::console::SignIn;
// The document of a gateway contains this one and is read and checked alike; the scopes
// of a request have the form of those of the document.
pub(crate) use self::check::{Seen, bounded, is_scope, or_known, scopes};
pub(crate) use self::client_id_metadata::ClientIdMetadata;
pub(crate) use self::conditions_digest::conditions_digest;
pub(crate) use self::document::CertificateHeader;
pub(crate) use self::glob::glob;
pub use self::model::Config;
#[allow(unused_imports, reason = "the whole model, whoever reads it")]
pub(crate) use self::model::{
    ADMIN_READ_SCOPE, ADMIN_SCOPE, ADMIN_TRUST_SCOPE, ADMIN_USERS_SCOPE, AccessTokenType,
    Application, ApplicationType, BoundTokens, Caches, CertificateIdentity, ClaimMapping,
    ClientAuthentication, ClientCertificates, Condition, Dpop, GrantType, IdJagAudience,
    ImplicitAssociation, IssuedTokens, IssuerGrant, KeyRotation, KeySource, LINKS_SCOPE,
    LookupAttribute, Mode, PlatformToken, RateLimits, ReplayProtection, SubjectIdentifier,
    SubjectMode, Test, TrustedTokenIssuer, User, administers,
};
pub(crate) use self::parse_errors::read;
pub(crate) use self::problem::{At, Report, shown};
pub use self::problem::{Problem, Problems};
#[cfg(feature = "admin")]
pub(crate) use self::protected_resources::protected_resources;
pub(crate) use self::protected_resources::{
    ProtectedResource, ProtectedResources, WELL_KNOWN, metadata_of,
};
#[cfg(feature = "admin")]
use self::redacted::Documents;
#[cfg(feature = "admin")]
pub(crate) use self::redacted::{Attribute, OTHERS, Objects, Shown};
#[cfg(feature = "schema")]
pub use self::schema::schema;
#[cfg(feature = "schema")]
pub(crate) use self::schema::tidy;
pub(crate) use self::secret::Secret;
pub use self::secret::{SecretReference, SecretSource};

impl Config {
    /// The same, administered by callers with this token, besides bearers of
    /// access tokens with the scope `exchequer:admin`.
    ///
    /// # Errors
    /// A [`Problem`] when the token could be guessed, or could not be sent:
    /// expected are at least 16 printable ASCII characters without spaces.
    pub fn administered_by(mut self, token: &str) -> Result<Self, Problem> {
        const MIN: usize = 16;
        if token.len() < MIN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problem {
                path: "the admin token".into(),
                problem: format!(
                    "has {} characters; expected at least {MIN}, printable ASCII without spaces",
                    token.chars().count()
                ),
                remedy: "make one with `openssl rand -base64 32`".into(),
            });
        }
        self.admin_token = Some(SecretHash::new("admin", token));
        Ok(self)
    }

    /// The same, whose signing keys in the store are encrypted. `text` is a key of 32
    /// bytes in base64, or several with commas between them: the first encrypts, all
    /// decrypt. The word `plain` among them has keys taken that are not encrypted
    /// yet, and encrypts them.
    ///
    /// # Errors
    /// A [`Problem`] when the text has something else in it.
    pub fn keys_wrapped_by(mut self, text: &str) -> Result<Self, Problem> {
        let wrapping = WrappingKeys::parse(text).map_err(|problem| Problem {
            path: "the key wrapping key".into(),
            problem,
            remedy: "make one with `openssl rand -base64 32`".into(),
        })?;
        self.wrapping_keys = Some(wrapping.into());
        Ok(self)
    }

    /// Reads a configuration document: JSON, at most 8 MiB.
    ///
    /// # Errors
    /// The first thing that is wrong with the shape of the document.
    ///
    /// ```
    /// let problems = exchequer::Config::parse(r#"{ "isuer": "https://sts.example.com" }"#).unwrap_err();
    /// assert_eq!(
    ///     problems.to_string(),
    ///     "`isuer`: `isuer` is no field known here, at line 1, column 9; did you mean `issuer`?"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Document, Problems> {
        let root = parse_errors::read(text)?;
        Ok(Document {
            #[cfg(feature = "admin")]
            shown: redacted::documents(text, &root),
            root,
        })
    }
}

/// A configuration of the right shape, whose secrets may still be references.
pub struct Document {
    root: document::Root,
    /// What of it the administration API shows.
    #[cfg(feature = "admin")]
    shown: Documents,
}

impl core::fmt::Debug for Document {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

impl Document {
    /// One that is part of another document. The administration API does not
    /// show it.
    pub(crate) fn nested(root: document::Root) -> Self {
        Self {
            root,
            #[cfg(feature = "admin")]
            shown: Documents::default(),
        }
    }

    /// The secrets it refers to, for a host that must bring them beforehand.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretReference> {
        let keys = self.root.keys.iter().enumerate().map(|(i, key)| (key_at(i), key.source()));
        let clients = self.root.applications.iter().enumerate();
        let clients = clients.filter_map(|(i, client)| {
            Some((client_secret_at(i), client.client_secret.as_ref()?.source()))
        });
        keys.chain(clients)
            .filter_map(|(at, source)| {
                Some(SecretReference { path: format!("{at}"), source: source?.clone() })
            })
            .collect()
    }

    /// Brings the secrets and checks everything. `bring` answers the content
    /// of an environment variable or a file, or a sentence that says why it
    /// could not. A key's content is the text of its private JWK.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first.
    pub fn resolve(
        mut self,
        mut bring: impl FnMut(&SecretSource) -> Result<String, String>,
    ) -> Result<Config, Problems> {
        let mut report = Report::default();
        for (index, key) in self.root.keys.iter_mut().enumerate() {
            brought(key, &key_at(index), &mut bring, &mut report);
        }
        for (index, client) in self.root.applications.iter_mut().enumerate() {
            if let Some(secret) = &mut client.client_secret {
                brought(secret, &client_secret_at(index), &mut bring, &mut report);
            }
        }
        let config = check::config(self.root, report)?;
        #[cfg(feature = "admin")]
        let config = Config { documents: self.shown.into(), ..config };
        Ok(config)
    }

    /// Checks everything but keys and secrets, which are not looked at: for a
    /// document that is compared with the configuration, or imported into it.
    ///
    /// # Errors
    /// Everything that is wrong.
    #[cfg(feature = "admin")]
    pub(crate) fn without_keys(mut self) -> Result<Config, Problems> {
        self.root.keys.clear();
        self.resolve(|_| Ok("a-secret-that-is-kept-elsewhere".into()))
    }

    /// The configuration, on a host that has neither environment nor files.
    ///
    /// # Errors
    /// Everything that is wrong; a reference to a secret is.
    pub fn without_secrets(self) -> Result<Config, Problems> {
        self.resolve(|_| Err("this host has neither environment nor files".into()))
    }
}

fn key_at(index: usize) -> At {
    At::top("keys").item(index)
}

fn client_secret_at(index: usize) -> At {
    At::top("applications").item(index).field("clientSecret")
}

/// Replaces a secret that is a reference by its value, or says why it cannot.
pub(crate) fn brought<T>(
    secret: &mut Secret<T>,
    at: &At,
    bring: &mut impl FnMut(&SecretSource) -> Result<String, String>,
    report: &mut Report,
) {
    let Secret::Reference(source) = secret else {
        return;
    };
    let brought = bring(source).map(Zeroizing::new);
    *secret = match (brought, &*source) {
        (Ok(text), SecretSource::Env(_)) => Secret::Resolved(text),
        (Ok(text), SecretSource::File(_)) => Secret::Resolved(without_line_break(&text)),
        (Err(why), source) => {
            report.problem(
                at,
                format!("{source} cannot be read: {}", problem::plain(&why)),
                "correct the name, provide the value under it, or give the value itself here",
            );
            Secret::Missing
        }
    };
}

fn without_line_break(text: &str) -> Zeroizing<String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).into())
}
