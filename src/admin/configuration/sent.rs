//! A document that was sent, checked like the one that a server starts with.

use alloc::string::String;
use alloc::vec::Vec;
use core::str;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::current::shorten;
use crate::admin::call::Call;
use crate::admin::error::{DOCUMENT, Error};
use crate::config::{Config, Problem};

/// The document. Keys and references to secrets have been taken away: neither
/// is compared or imported.
pub(super) struct Sent {
    pub(super) issuers: Vec<Map<String, Value>>,
    pub(super) applications: Vec<Application>,
    /// Its other members.
    pub(super) others: Map<String, Value>,
    /// What works and is probably not meant.
    pub(super) warnings: Vec<Problem>,
}

pub(super) struct Application {
    pub(super) document: Map<String, Value>,
    /// The secret, if the document has it.
    pub(super) secret: Option<Zeroizing<String>>,
}

impl Sent {
    /// # Errors
    /// 400 with everything that is wrong with the document.
    pub(super) fn read(call: &Call<'_>) -> Result<Self, Error> {
        let text = str::from_utf8(call.document()?).map_err(|_| not_text())?;
        let refuse = |problems| Error::about(&DOCUMENT, problems);
        let document = Config::parse(text).map_err(refuse)?;
        let config = document.without_keys().map_err(refuse)?;
        let warnings = config.warnings(call.host.now);
        let mut others =
            serde_json::from_str::<Map<String, Value>>(text.trim_start_matches('\u{feff}'))
                .map_err(|_| not_text())?;
        for name in ["$schema", "$comment", "keys"] {
            others.remove(name);
        }
        let issuers = objects(others.remove("trustedTokenIssuers"));
        let applications = objects(others.remove("applications"));
        let applications = applications.into_iter().map(Application::of).collect();
        Ok(Self { issuers, applications, others, warnings })
    }
}

impl Application {
    fn of(mut document: Map<String, Value>) -> Self {
        let secret = match document.remove("clientSecret") {
            Some(Value::String(secret)) => Some(Zeroizing::new(secret)),
            _ => None,
        };
        // It is called by its client id, and found by its name.
        if let (None, Some(client_id)) = (document.get("name"), document.get("clientId")) {
            let name = client_id.clone();
            document.insert("name".into(), name);
        }
        if let Some(Value::Array(grants)) = document.get_mut("trustedTokenIssuers") {
            grants.iter_mut().for_each(shorten);
        }
        Self { document, secret }
    }
}

fn objects(list: Option<Value>) -> Vec<Map<String, Value>> {
    let Some(Value::Array(items)) = list else { return Vec::new() };
    let object = |item| match item {
        Value::Object(members) => Some(members),
        _ => None,
    };
    items.into_iter().filter_map(object).collect()
}

fn not_text() -> Error {
    let problem = Problem::new("document", "is not UTF-8 text", "send the document as JSON");
    Error::about(&DOCUMENT, problem)
}
