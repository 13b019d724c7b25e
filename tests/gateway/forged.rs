//! Header fields that only the gateway may set.

use exchequer::Request;
use serde_json::json;

use crate::support::start::world;
use crate::{cross, forwarded, gateway, rules};

/// Servers that hand header fields on as variables (CGI, FastCGI, PHP) write `_` for all
/// of these.
const SPELLINGS: [&str; 8] = [
    "x.internal~user",
    "X!internal-user",
    "x_internal.user",
    "x~internal!user",
    "x'internal|user",
    "x+internal$user",
    "x#internal^user",
    "x&internal*user",
];

#[test]
fn no_spelling_of_a_field_reaches_a_server_that_tells_them_not_apart() {
    let mut rules = rules();
    rules["claimHeaders"] = json!([{ "claim": "sub", "header": "x-internal-user" }]);
    for (field, rules) in [
        ("claimHeaders", rules.clone()),
        ("stripHeaders", {
            rules["claimHeaders"] = json!([]);
            rules["stripHeaders"] = json!(["x-internal-user"]);
            rules
        }),
    ] {
        let (gateway, mut world) = (gateway(rules), world());
        for name in SPELLINGS {
            let request =
                Request::new("GET", "/public").header(name, "root").header("x1internal2user", "1");
            let forward = forwarded(cross(&gateway, &mut world, &request));
            assert_eq!(forward.remove, [name], "{field}");
        }
    }
}

#[test]
fn no_spelling_of_the_subject_token_is_passed_on() {
    let (gateway, mut world) = (gateway(rules()), world());
    for name in ["x.subject.token", "x~subject!token", "X_Subject.Token"] {
        let request = Request::new("GET", "/public").header(name, "forged");
        let forward = forwarded(cross(&gateway, &mut world, &request));
        assert_eq!(forward.remove, [name]);
    }
}
