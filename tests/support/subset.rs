//! Whether a document has everything that a case wants of it.

use serde_json::Value;

/// The first difference, by its path. Of an object, what is not wanted is
/// free, and a wanted `null` means that the member is not there; everything
/// else must be equal.
pub(crate) fn differs(wanted: &Value, found: &Value, at: &str) -> Option<String> {
    let Value::Object(members) = wanted else {
        return (wanted != found).then(|| format!("{at}: wanted {wanted}, found {found}"));
    };
    members.iter().find_map(|(name, wanted)| {
        let at = format!("{at}.{name}");
        match (wanted, found.get(name)) {
            (Value::Null, None) => None,
            (Value::Null, Some(found)) => Some(format!("{at}: wanted nothing, found {found}")),
            (wanted, None) => Some(format!("{at}: wanted {wanted}, found nothing")),
            (wanted, Some(found)) => differs(wanted, found, &at),
        }
    })
}
