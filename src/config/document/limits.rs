//! How often callers may fail and ask, in the document.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::problem::custom;

/// `"off"`, or the rates.
pub(crate) enum Limits {
    Off,
    Rates(Rates),
}

/// How often callers may fail to authenticate, and how many requests clients may
/// send. More is answered with 429 and `Retry-After`. Processes with one store count
/// together, and so do the workers of an Envoy.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Rates {
    /// How often the authentication of one client may fail from one address in a
    /// minute; from an address as a whole ten times as often. Bearers of wrong admin
    /// tokens, and sign-ins to the console, count like a client. So do documents of
    /// clients that nobody registered, as long as those do not authenticate. 1 to 6000;
    /// default: 60.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 6000), extend("default" = 60)))]
    pub(crate) failures_per_minute: Option<u64>,
    /// How many requests a client may send in a second. Only those count in which it
    /// authenticated; those of a public client count for each address. 1 to 100000;
    /// default: no limit.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub(crate) requests_per_second: Option<u64>,
    /// Where the address of a client stands when its requests come through proxies.
    #[serde(default)]
    pub(crate) client_address: Option<ClientAddress>,
}

/// Where the address of a client stands when its requests come through proxies. Left
/// out: the other end of the connection counts as the client. Only Node reads it:
/// Envoy and Cloudflare know the address themselves.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClientAddress {
    /// The header field in which the proxies write the address from which they got
    /// the request, behind those that stand there: `x-forwarded-for`, or one with a
    /// single address, such as `x-real-ip`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) header: String,
    /// The addresses of the proxies: `10.0.0.7`, or all with a prefix, `10.0.0.0/8`.
    /// The header field counts only in requests that come from one of them, and the
    /// last address in it that is none of them is the client's.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) from: Vec<String>,
}

objects!(Rates, ClientAddress);

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LimitsVisitor;

        impl<'de> Visitor<'de> for LimitsVisitor {
            type Value = Limits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`\"off\"`, or `{\"failuresPerMinute\": 60}`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Limits, E> {
                match text {
                    "off" => Ok(Limits::Off),
                    _ => Err(custom(
                        "found a text that is not `off`",
                        "write `\"off\"`, or `{\"failuresPerMinute\": 60}`",
                    )),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Limits, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Limits::Rates)
            }
        }

        deserializer.deserialize_any(LimitsVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Limits {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Limits".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let rates = generator.subschema_for::<Rates>();
        let off = schemars::json_schema!({ "const": "off", "description": "Nothing is limited." });
        schemars::json_schema!({ "anyOf": [off, rates] })
    }
}
