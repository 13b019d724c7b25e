//! Claims of a signed token: what is granted is JSON that every reader reads in the
//! same way, and says what a grant needs.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::service::{ISSUER, NOW, exchange, shared, signed};

pub(crate) fn run(bytes: &[u8]) {
    let reply = shared(|service| service.ask(exchange(&signed(bytes))));
    match reply.status {
        200 => (),
        400 => return,
        other => panic!("status {other}"),
    }
    let claims: Value = serde_json::from_slice(bytes).expect("what is granted is JSON");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], "a-job", "the condition holds");
    let skew = 300.0;
    assert!(claims["exp"].as_f64().expect("a time") > NOW as f64 - skew);
    let Names(mut names) = serde_json::from_slice(bytes).expect("what is granted is an object");
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a member is there twice");
}

/// The names of an object's members, each as often as it is there.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Names;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
