//! Single objects of the form that the document has, checked in the same way:
//! what the administration API takes and the store keeps.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::check;
use super::document;
use super::model::{Application, IssuerGrant, TrustedTokenIssuer};
use super::parse_errors;
use super::problem::{At, Problems, Report};
use crate::crypto::SecretHash;

impl TrustedTokenIssuer {
    /// From an object like one in `trustedTokenIssuers` of the document.
    ///
    /// # Errors
    /// Everything that is wrong with it; paths begin in the object.
    pub(crate) fn from_object(
        id: String,
        object: Map<String, Value>,
        own_issuer: &str,
    ) -> Result<Self, Problems> {
        let document: document::TrustedTokenIssuer = parse_errors::resource(object)?;
        let mut report = Report::default();
        let issuer = check::issuer(id, document, own_issuer, &At::resource(), &mut report);
        report.so(issuer)
    }
}

impl Application {
    /// From an object like one in `applications` of the document, in which
    /// issuers are named by their ids. `secret` is the one that is kept for it.
    ///
    /// # Errors
    /// Everything that is wrong with it; paths begin in the object.
    pub(crate) fn from_object(
        id: String,
        object: Map<String, Value>,
        secret: Option<SecretHash>,
        own_issuer: &str,
    ) -> Result<Self, Problems> {
        let mut document: document::Application = parse_errors::resource(object)?;
        let mut report = Report::default();
        let issuers = core::mem::take(&mut document.trusted_token_issuers);
        let issuers: Vec<IssuerGrant> = check::issuers_by_id(
            issuers,
            &At::resource().field("trustedTokenIssuers"),
            &mut report,
        );
        let at = At::resource();
        let application =
            check::application(id, document, issuers, secret, own_issuer, &at, &mut report);
        report.so(application)
    }
}
