//! Prints the catalogue of reason codes: `{code: {cause, remedy}}`, each code
//! without the name of the parameter that carried the token.

use std::collections::BTreeMap;

use exchequer::reason::{self, Reason};
use serde_json::{Value, json};

fn main() -> Result<(), serde_json::Error> {
    let entry = |reason: &Reason| json!({ "cause": reason.cause, "remedy": reason.remedy });
    let catalogue: BTreeMap<&str, Value> =
        reason::ALL.iter().map(|reason| (reason.code, entry(reason))).collect();
    println!("{}", serde_json::to_string_pretty(&catalogue)?);
    Ok(())
}
