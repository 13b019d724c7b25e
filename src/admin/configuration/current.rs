//! The running configuration, as a document.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::diff::{element, text};
use super::standing::{self, Standing};
use crate::admin::call::Call;
use crate::admin::error::{Error, TOO_MANY};
use crate::admin::jwks::without_private_members;
use crate::admin::records::resources::{HeldObject, held_page};
use crate::admin::resources::of_document;
use crate::config::{Attribute, ClientAuthentication, SecretSource};
use crate::step::Failed;
use crate::storage::digest;
use crate::storage::resources::Kind;

/// Most objects of the store that an export has.
const MAX_OBJECTS: usize = 20_000;
/// Objects read from the store at a time.
const STRIDE: u32 = 200;
/// What the variables begin with that secrets are expected in.
const VARIABLE: &str = "EXCHEQUER_SECRET_";

const COMMENT: &str = "Exported by Exchequer. It holds no secret. Client secrets are references: \
     set the environment variables that they name, or write the secrets in their place. Private \
     keys are references where they were, and else left out: without `keys` a server with a store \
     makes a key on first start. Users, links and grants of the store are not part of it.";

/// An issuer or an application, wherever it stands.
pub(super) struct Known {
    pub(super) id: String,
    /// The piece of the document that it is, without its secret; issuers are
    /// named.
    pub(super) document: Map<String, Value>,
    /// The stored object. `None`: it is part of the server's configuration document.
    pub(super) held: Option<HeldObject>,
    pub(super) standing: Standing,
}

impl Known {
    fn new(id: String, document: Map<String, Value>, held: Option<HeldObject>) -> Self {
        Self { id, document, held, standing: Standing::Shown }
    }

    /// Whether the server's own document has it, under this name.
    pub(super) fn is_of_document_with(&self, name: &str) -> bool {
        self.held.is_none() && Attribute::Name.of(&self.id, &self.document) == name
    }

    /// Whether the document of the server has one with the same identifier.
    pub(super) fn is_overridden(&self) -> bool {
        self.standing == Standing::Overridden
    }
}

/// All of them.
pub(super) struct Current {
    pub(super) issuers: Vec<Known>,
    pub(super) applications: Vec<Known>,
}

impl Current {
    pub(super) async fn read(call: &Call<'_>) -> Result<Self, Error> {
        let mut issuers = all(call, Kind::TrustedTokenIssuer).await?;
        standing::settle(&mut issuers, "issuer");
        let mut applications = all(call, Kind::Application).await?;
        standing::settle(&mut applications, "clientId");
        let mut names = BTreeMap::new();
        // Nothing is exchanged for one that is overridden.
        for issuer in issuers.iter().filter(|issuer| !issuer.is_overridden()) {
            names.insert(&*issuer.id, text(&issuer.document, "name"));
        }
        for application in &mut applications {
            let is_kept = application.held.is_some();
            if is_kept && let Some(assertion) = application.document.get_mut("clientAssertion") {
                name_asserting(assertion, &names);
            }
            if let Some(Value::Array(grants)) = application.document.get_mut("trustedTokenIssuers")
            {
                if is_kept {
                    grants.retain_mut(|grant| name(grant, &names));
                }
                grants.iter_mut().for_each(shorten);
            }
        }
        standing::settle_assertions(&mut applications);
        Ok(Self { issuers, applications })
    }

    /// Those that the export leaves out, and why.
    fn left_out(&self) -> String {
        let issuers = self.issuers.iter().map(|one| ("trustedTokenIssuers", "issuer", one));
        let applications = self.applications.iter().map(|one| ("applications", "clientId", one));
        let all = issuers.chain(applications);
        standing::told(all.map(|(list, by, one)| (element(list, text(&one.document, by)), one)))
    }

    /// The entity tag of this configuration: another one after every change.
    pub(super) fn tag(&self) -> String {
        let mut parts = Vec::new();
        for known in self.issuers.iter().chain(&self.applications) {
            parts.push(known.id.clone());
            parts.push(match &known.held {
                Some(held) => format!("{}", held.version),
                None => Value::Object(known.document.clone()).to_string(),
            });
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        format!("\"{}\"", digest(&parts))
    }

    /// The document.
    pub(super) fn document(&self, call: &Call<'_>) -> Value {
        let config = &call.state.config;
        let mut document = config.documents.others.clone();
        let mut put = |name: &str, value: Value| document.insert(name.into(), value);
        put("$comment", format!("{COMMENT}{}", self.left_out()).into());
        put("issuer", config.issuer.as_str().into());
        if !config.documents.keys.is_empty() {
            put("keys", json!(config.documents.keys));
        }
        if !config.users.is_empty() {
            put("users", config.users.values().map(|user| json!(**user)).collect());
        }
        let is_shown = |one: &&Known| one.standing == Standing::Shown;
        let issuers = self.issuers.iter().filter(is_shown);
        let issuers = issuers.map(|one| Value::Object(one.document.clone()));
        put("trustedTokenIssuers", issuers.collect());
        let mut variables = BTreeSet::new();
        let applications = self.applications.iter().filter(is_shown).map(|application| {
            let mut document = application.document.clone();
            if let Some(reference) = secret(call, application, &mut variables) {
                document.insert("clientSecret".into(), reference);
            }
            Value::Object(document)
        });
        put("applications", applications.collect());
        Value::Object(document)
    }
}

async fn all(call: &Call<'_>, kind: Kind) -> Result<Vec<Known>, Error> {
    let own = of_document(call, kind).all();
    let mut known: Vec<Known> =
        own.map(|(id, document)| Known::new(id.clone(), document.clone(), None)).collect();
    let (mut cursor, mut count) = (None, 0);
    loop {
        let (page, next) = match held_page(call.host, kind, cursor, STRIDE).await {
            Err(Failed::Unsupported) => break,
            page => page?,
        };
        count += page.len();
        if count > MAX_OBJECTS {
            let description = format!("the store has more than {MAX_OBJECTS} objects of a kind");
            return Err(Error::new(&TOO_MANY, description));
        }
        known.extend(page.into_iter().map(|held| {
            Known::new(held.record.id.clone(), held.record.document.clone(), Some(held))
        }));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    for one in &mut known {
        // The document may have private keys there, for which it warns.
        let certificate = one.document.get_mut("certificate");
        if let Some(jwks) = certificate.and_then(|certificate| certificate.get_mut("jwks")) {
            without_private_members(jwks);
        }
        one.document.entry("jwks").and_modify(without_private_members);
    }
    Ok(known)
}

/// Puts the name of an issuer in the place of its id. False when it is gone:
/// nothing is exchanged for it any more.
fn name(grant: &mut Value, names: &BTreeMap<&str, &str>) -> bool {
    let id = match grant {
        Value::Object(members) => members.get_mut("name"),
        id => Some(id),
    };
    let Some(Value::String(id)) = id else { return false };
    let Some(name) = names.get(&**id) else { return false };
    *id = (*name).into();
    true
}

/// The same for the issuer whose tokens authenticate a client. One that is gone
/// has no name.
fn name_asserting(assertion: &mut Value, names: &BTreeMap<&str, &str>) {
    if let Some(Value::String(id)) = assertion.get_mut("issuer") {
        *id = names.get(&**id).copied().unwrap_or_default().into();
    }
}

/// Writes an issuer to which the application adds nothing as its name alone.
pub(super) fn shorten(grant: &mut Value) {
    let Value::Object(members) = grant else { return };
    let adds =
        members.get("conditions").and_then(Value::as_array).is_some_and(|all| !all.is_empty())
            || members.get("clientId").is_some_and(|id| !id.is_null());
    if !adds && let Some(name) = members.remove("name") {
        *grant = name;
    }
}

/// Where the secret of an application is expected, if it has one.
fn secret(call: &Call<'_>, application: &Known, variables: &mut BTreeSet<String>) -> Option<Value> {
    let config = &call.state.config;
    let client_id = application.document.get("clientId")?.as_str()?;
    let has_secret = match &application.held {
        Some(held) => held.record.secret.is_some(),
        None => {
            if let Some(source) = config.documents.secrets.get(client_id) {
                return Some(json!(source));
            }
            let own = config.applications.get(client_id)?;
            matches!(own.authentication, ClientAuthentication::Secret(_))
        }
    };
    has_secret.then(|| json!(SecretSource::Env(variable(client_id, variables))))
}

/// A name that no other application has.
fn variable(client_id: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let first: String = VARIABLE.chars().chain(client_id.chars().map(plain)).collect();
    let mut name = first.clone();
    let mut number = 2_u32;
    while !taken.insert(name.clone()) {
        name = format!("{first}_{number}");
        number = number.saturating_add(1);
    }
    name
}
