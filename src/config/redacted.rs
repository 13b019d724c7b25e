//! The document as the administration API shows it: issuers and applications
//! as they were written, without secrets, and found by what lists are filtered
//! by; and what else of it an export has.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Bound;

use serde::Deserialize;
use serde_json::{Map, Value};
use spin::Once;

use super::SecretSource;
use super::document::Root;
use super::model::id_of;

/// What the API shows of the document.
#[derive(Default)]
pub(crate) struct Documents {
    pub(crate) trusted_token_issuers: Objects,
    pub(crate) applications: Objects,
    /// Its other members, as they were written: those of [`OTHERS`].
    pub(crate) others: Map<String, Value>,
    /// Where its keys are kept, as far as they are not in the document.
    pub(crate) keys: Vec<SecretSource>,
    /// Where the secrets of its applications are kept, by client id.
    pub(crate) secrets: BTreeMap<String, SecretSource>,
}

/// An object of the document, unchanged, with its id.
pub(crate) type Shown = (String, Map<String, Value>);

/// Objects of one kind, in the order of the document.
#[derive(Default)]
pub(crate) struct Objects {
    all: Vec<Shown>,
    /// Their positions by what they are found by. Made when it is needed first:
    /// a server that nobody administers does without.
    index: Once<Index>,
}

/// Positions in the order of each attribute, by its value in lower case.
type Index = [BTreeMap<String, Vec<usize>>; 3];

/// What a single object is found by. Letter case does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Name,
    /// The `issuer` of an issuer, the `clientId` of an application.
    Identifier,
    Id,
}

impl Attribute {
    pub(crate) const ALL: [Self; 3] = [Self::Name, Self::Identifier, Self::Id];

    /// Its value; empty when the object has none.
    pub(crate) fn of<'a>(self, id: &'a str, document: &'a Map<String, Value>) -> &'a str {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let identifier = || text("clientId").or_else(|| text("issuer")).unwrap_or_default();
        match self {
            // An application of the document without a name is called by its client id.
            Self::Name => text("name").unwrap_or_else(identifier),
            Self::Identifier => identifier(),
            Self::Id => id,
        }
    }
}

impl Objects {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Shown> {
        self.all.iter()
    }

    /// Those whose attribute is this in lower case, in the order of the document.
    pub(crate) fn equal(
        &self,
        attribute: Attribute,
        lower: &str,
    ) -> impl Iterator<Item = &Shown> + use<'_> {
        let positions = self.index(attribute).get(lower);
        positions.into_iter().flatten().filter_map(|position| self.all.get(*position))
    }

    /// Those whose attribute begins with this in lower case, in the order of the
    /// document.
    pub(crate) fn starting_with(
        &self,
        attribute: Attribute,
        lower: &str,
    ) -> impl Iterator<Item = &Shown> + use<'_> {
        let from = (Bound::Included(lower), Bound::Unbounded);
        let found = self.index(attribute).range::<str, _>(from);
        let found = found.take_while(|(value, _)| value.starts_with(lower));
        let mut positions: Vec<usize> =
            found.flat_map(|(_, positions)| positions).copied().collect();
        positions.sort_unstable();
        positions.into_iter().filter_map(|position| self.all.get(position))
    }

    fn index(&self, attribute: Attribute) -> &BTreeMap<String, Vec<usize>> {
        let [names, identifiers, ids] = self.index.call_once(|| {
            Attribute::ALL.map(|attribute| {
                let mut by_value = BTreeMap::<String, Vec<usize>>::new();
                for (position, (id, document)) in self.all.iter().enumerate() {
                    let value = attribute.of(id, document).to_lowercase();
                    by_value.entry(value).or_default().push(position);
                }
                by_value
            })
        });
        match attribute {
            Attribute::Name => names,
            Attribute::Identifier => identifiers,
            Attribute::Id => ids,
        }
    }
}

macro_rules! others {
    ($($field:ident: $name:literal,)*) => {
        /// The members of the document that hold no secret and are exported as they
        /// were written. Users are exported from the model; `keys` is never read here.
        pub(crate) const OTHERS: &[&str] = &[$($name),*];

        /// Only what is shown; everything else, keys among it, is not even read.
        #[derive(Deserialize)]
        struct Read {
            #[serde(default, rename = "trustedTokenIssuers")]
            trusted_token_issuers: Vec<Map<String, Value>>,
            #[serde(default)]
            applications: Vec<Map<String, Value>>,
            $(#[serde(default, rename = $name)] $field: Option<Value>,)*
        }

        impl Read {
            /// Takes those of `OTHERS` that are there.
            fn others(&mut self) -> Map<String, Value> {
                let others = [$(($name, self.$field.take())),*].into_iter();
                others.filter_map(|(name, value)| Some((name.into(), value?))).collect()
            }
        }
    };
}

others! {
    audit: "audit",
    caches: "caches",
    client_certificate: "clientCertificate",
    client_id_metadata: "clientIdMetadata",
    console: "console",
    key_rotation: "keyRotation",
    limits: "limits",
    roles: "roles",
    telemetry: "telemetry",
}

/// What is shown of a document that has been read already.
pub(super) fn documents(text: &str, root: &Root) -> Documents {
    let Ok(mut read) = serde_json::from_str::<Read>(text.trim_start_matches('\u{feff}')) else {
        return Documents::default();
    };
    for application in &mut read.applications {
        application.remove("clientSecret");
    }
    let secret = |application: &super::document::Application| {
        let source = application.client_secret.as_ref()?.source()?;
        Some((application.client_id.clone(), source.clone()))
    };
    Documents {
        others: read.others(),
        keys: root.keys.iter().filter_map(|key| key.source().cloned()).collect(),
        secrets: root.applications.iter().filter_map(secret).collect(),
        trusted_token_issuers: identified(
            read.trusted_token_issuers,
            "trusted token issuer",
            "issuer",
        ),
        applications: identified(read.applications, "application", "clientId"),
    }
}

fn identified(objects: Vec<Map<String, Value>>, kind: &str, identifier: &str) -> Objects {
    let id = |object: &Map<String, Value>| {
        id_of(kind, object.get(identifier).and_then(Value::as_str).unwrap_or_default())
    };
    let all = objects.into_iter().map(|object| (id(&object), object)).collect();
    Objects { all, index: Once::new() }
}
