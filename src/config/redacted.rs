//! The document as the administration API shows it: issuers and applications
//! as they were written, without secrets.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::model::{Documents, id_of};

/// Only what is shown; everything else, keys among it, is not even read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(default)]
    trusted_token_issuers: Vec<Map<String, Value>>,
    #[serde(default)]
    applications: Vec<Map<String, Value>>,
}

/// The objects of a document that has been read already.
pub(super) fn documents(text: &str) -> Documents {
    let Ok(mut shown) = serde_json::from_str::<Shown>(text.trim_start_matches('\u{feff}')) else {
        return Documents::default();
    };
    for application in &mut shown.applications {
        application.remove("clientSecret");
    }
    Documents {
        trusted_token_issuers: identified(
            shown.trusted_token_issuers,
            "trusted token issuer",
            "issuer",
        ),
        applications: identified(shown.applications, "application", "clientId"),
    }
}

fn identified(
    objects: Vec<Map<String, Value>>,
    kind: &str,
    identifier: &str,
) -> Vec<(String, Map<String, Value>)> {
    let id = |object: &Map<String, Value>| {
        id_of(kind, object.get(identifier).and_then(Value::as_str).unwrap_or_default())
    };
    objects.into_iter().map(|object| (id(&object), object)).collect()
}
