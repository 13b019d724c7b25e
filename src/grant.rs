//! What an issued token stands for, whatever its form: a JWT says it in its
//! claims, an opaque or a refresh token has it in the store.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::config::{Application, GrantType};

/// Whom a token is about. A federated subject is never a local user, even if
/// its name happens to be a user's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Subject {
    /// A subject of a trusted token issuer, by that issuer's name for it.
    Federated {
        /// The issuer: the `iss` of its tokens.
        idp: String,
        sub: String,
    },
    /// A local user, by id.
    Local { id: String },
    /// An application that got a token about itself, by client id.
    Client { id: String },
}

impl Subject {
    /// The name of the subject: the foreign `sub`, the user's id, or the client
    /// id.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Federated { sub, .. } => sub,
            Self::Local { id } | Self::Client { id } => id,
        }
    }

    /// The `idp` of tokens about this subject: the issuer that gave it its
    /// name. A token without `idp` is about a local user, or about its own
    /// client.
    pub(crate) fn idp(&self) -> Option<&str> {
        match self {
            Self::Federated { idp, .. } => Some(idp),
            Self::Local { .. } | Self::Client { .. } => None,
        }
    }
}

/// By hand: what `serde` derives for an enum with a tag inside is nine times as
/// large. Takes and refuses the same objects.
impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SubjectVisitor;

        impl<'de> Visitor<'de> for SubjectVisitor {
            type Value = Subject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a subject")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Subject, A::Error> {
                let mut kind: Option<String> = None;
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    match &*name {
                        "kind" if kind.is_some() => return Err(unreadable()),
                        "kind" => kind = Some(map.next_value()?),
                        "idp" | "sub" | "id" => members.push((name, map.next_value()?)),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                match kind.as_deref() {
                    Some("federated") => Ok(Subject::Federated {
                        idp: only(&mut members, "idp")?,
                        sub: only(&mut members, "sub")?,
                    }),
                    Some("local") => Ok(Subject::Local { id: only(&mut members, "id")? }),
                    Some("client") => Ok(Subject::Client { id: only(&mut members, "id")? }),
                    _ => Err(unreadable()),
                }
            }
        }

        deserializer.deserialize_map(SubjectVisitor)
    }
}

/// The string that is the only member of this name.
fn only<E: Error>(members: &mut [(String, Value)], name: &str) -> Result<String, E> {
    let mut named = members.iter_mut().filter(|(member, _)| member == name);
    match (named.next(), named.next()) {
        (Some((_, Value::String(text))), None) => Ok(core::mem::take(text)),
        _ => Err(unreadable()),
    }
}

fn unreadable<E: Error>() -> E {
    E::custom("no subject")
}

/// What a token was issued for, so that it can be asked again whether the
/// configuration of today would issue it (see `exchange::law`). It stands in
/// the store's records and in the private claim `exq` of JWTs, and holds ids
/// and a digest, never a secret. It is written in the order of its short names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// The application that the token was issued to, by its own id. Another
    /// application may get its client id, and never its id.
    #[serde(rename = "a")]
    pub(crate) application: String,
    /// What the issuer's token had to fulfil: a digest of the issuer's `iss`
    /// and of the conditions on it. Empty where there was no such token.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub(crate) conditions: String,
    /// The actors whose tokens were presented, the newest first.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) actors: Vec<ActorEvidence>,
    /// The family of refresh tokens that the token belongs to, by id.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) family: Option<String>,
    /// The grant that the application used.
    #[serde(rename = "g")]
    pub(crate) grant: GrantType,
    /// The trusted token issuer of the token that was presented, by id. `None`:
    /// the client got the token about itself, and presented none.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    /// The link by which a subject of the issuer is the local user, by id.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// The `sub` of the token has the issuer's id in front.
    #[serde(rename = "q", default, skip_serializing_if = "core::ops::Not::not")]
    pub(crate) qualified: bool,
}

/// Why an actor could act: what its token had to fulfil, as in [`Evidence`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActorEvidence {
    /// The application that presented the actor's token: its own id and its client
    /// id. `None`: the one that the token with this evidence was issued to.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(crate) application: Option<(String, String)>,
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub(crate) conditions: String,
    /// The trusted token issuer of the actor's token, by id. `None`: the actor is
    /// an application that got its token about itself.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// The application that acts, by its own id, if one does.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    #[serde(rename = "s")]
    pub(crate) subject: Subject,
}

impl Evidence {
    /// The client got the token about itself.
    pub(crate) fn is_about_client(&self) -> bool {
        self.grant == GrantType::ClientCredentials && self.issuer.is_none()
    }
}

/// What a client was granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) subject: Subject,
    /// `None`: the token was issued by a version that kept no evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<Evidence>,
    /// Never empty.
    pub(crate) audience: Arc<[String]>,
    pub(crate) scope: Arc<[String]>,
    /// Claims about the subject.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) attributes: Map<String, Value>,
    /// Who acts for the subject (RFC 8693 section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Value>,
    /// The thumbprint of the key that the token is bound to (RFC 9449 section 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<Arc<str>>,
    /// The thumbprint of the client certificate that the token is bound to (RFC 8705
    /// section 3.1).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub(crate) x5t: Option<Arc<str>>,
    /// Who may act for the subject (RFC 8693 section 4.4): carried on until an
    /// actor has used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) may_act: Option<Value>,
}

impl Grant {
    /// The `sub` of the token.
    pub(crate) fn sub(&self) -> Cow<'_, str> {
        match (&self.subject, &self.evidence) {
            (
                Subject::Federated { sub, .. },
                Some(Evidence { qualified: true, issuer: Some(issuer), .. }),
            ) => format!("{issuer}|{sub}").into(),
            (subject, _) => subject.name().into(),
        }
    }

    /// Whether it was issued to this application. A client id that was given
    /// away again belongs to another one; only grants without evidence, which
    /// are good for nothing but to be revoked, are told by it.
    pub(crate) fn is_of(&self, application: &Application) -> bool {
        match &self.evidence {
            Some(evidence) => evidence.application == application.id,
            None => self.client_id == application.client_id,
        }
    }

    /// The claim `cnf` of the token (RFC 7800 section 3.1), if it is bound.
    pub(crate) fn confirmation(&self) -> Option<Value> {
        let mut members = Map::new();
        let both = [("jkt", &self.jkt), ("x5t#S256", &self.x5t)];
        for (name, thumbprint) in both {
            if let Some(thumbprint) = thumbprint {
                members.insert(name.into(), (&**thumbprint).into());
            }
        }
        (!members.is_empty()).then(|| members.into())
    }

    /// The same grant, as a token of this family of refresh tokens.
    pub(crate) fn of_family(mut self, family: Option<String>) -> Self {
        if let Some(evidence) = &mut self.evidence {
            evidence.family = family;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_whatever_the_order_of_its_members() {
        let federated = Subject::Federated { idp: "https://a".into(), sub: "b".into() };
        for json in [
            r#"{"kind":"federated","idp":"https://a","sub":"b"}"#,
            r#"{"sub":"b","more":[1],"idp":"https://a","kind":"federated","id":7}"#,
        ] {
            assert_eq!(
                serde_json::from_str::<Subject>(json).ok(),
                Some(federated.clone()),
                "{json}"
            );
        }
        let json = serde_json::to_string(&federated).unwrap_or_default();
        assert_eq!(json, r#"{"kind":"federated","idp":"https://a","sub":"b"}"#);
        let local = serde_json::from_str::<Subject>(r#"{"kind":"local","id":"u-1"}"#).ok();
        assert_eq!(local, Some(Subject::Local { id: "u-1".into() }));
        let client = serde_json::from_str::<Subject>(r#"{"kind":"client","id":"job"}"#).ok();
        assert_eq!(client, Some(Subject::Client { id: "job".into() }));
    }

    #[test]
    fn a_subject_that_is_not_whole_or_said_twice_is_none() {
        for json in [
            "[]",
            "{}",
            r#"{"kind":"local"}"#,
            r#"{"kind":"local","id":1}"#,
            r#"{"kind":"local","id":"a","id":"a"}"#,
            r#"{"kind":"local","kind":"local","id":"a"}"#,
            r#"{"kind":"global","id":"a"}"#,
            r#"{"id":"a"}"#,
            r#"{"kind":"federated","sub":"b"}"#,
            r#"{"kind":"federated","idp":"https://a","sub":null}"#,
        ] {
            assert!(serde_json::from_str::<Subject>(json).is_err(), "{json}");
        }
    }
}
