//! Answers in their serialised form.
//!
//! What `serde` derives for an enum with a tag inside copies every member into
//! a tree of its own first, because the tag may come last. The text is at hand
//! here, so it is read twice instead: for the tag, then for what that answer has.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Answer, Failed, Record};
use crate::base64url;
use crate::crypto::Verdict;

#[derive(Deserialize)]
struct Tagged {
    answer: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Fetched,
    Records,
    Page,
    Committed,
    Conflict,
    Verdict,
    Signature,
    Failed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fetched {
    status: u16,
    #[serde(default)]
    cache_control: Option<String>,
    #[serde(default)]
    location: Option<String>,
    #[serde(with = "base64url")]
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct Records {
    records: Vec<Option<Record>>,
}

#[derive(Deserialize)]
struct Page {
    records: Vec<Record>,
    #[serde(default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Judged {
    verdict: Verdict,
}

#[derive(Deserialize)]
struct Signature {
    #[serde(with = "base64url")]
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct NotDone {
    failed: Failed,
}

impl Answer {
    /// The answer that this JSON is, or nothing when it is none. Members that an
    /// answer does not have are passed over.
    ///
    /// ```
    /// use exchequer::Answer;
    ///
    /// assert_eq!(Answer::from_json(br#"{ "answer": "conflict" }"#), Some(Answer::Conflict));
    /// assert_eq!(Answer::from_json(b"{}"), None);
    /// ```
    #[must_use]
    pub fn from_json(json: &[u8]) -> Option<Self> {
        Some(match members::<Tagged>(json)?.answer {
            Kind::Fetched => {
                let Fetched { status, cache_control, location, body } = members(json)?;
                Self::Fetched { status, cache_control, location, body }
            }
            Kind::Records => Self::Records { records: members::<Records>(json)?.records },
            Kind::Page => {
                let Page { records, next } = members(json)?;
                Self::Page { records, next }
            }
            Kind::Committed => Self::Committed,
            Kind::Conflict => Self::Conflict,
            Kind::Verdict => Self::Verdict { verdict: members::<Judged>(json)?.verdict },
            Kind::Signature => Self::Signature { signature: members::<Signature>(json)?.signature },
            Kind::Failed => Self::Failed { failed: members::<NotDone>(json)?.failed },
        })
    }
}

fn members<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_answer_may_come_last_and_unknown_members_are_passed_over() {
        let json = br#"{"signature":"AQI","status":"no number here","answer":"signature"}"#;
        assert_eq!(
            Answer::from_json(json),
            Some(Answer::Signature { signature: Vec::from([1, 2]) })
        );
    }

    #[test]
    fn what_is_wrong_or_missing_or_twice_makes_it_no_answer() {
        for json in [
            "",
            "{}",
            "null",
            r#"{"answer":"signed"}"#,
            r#"{"answer":"signature"}"#,
            r#"{"answer":"signature","signature":"="}"#,
            r#"{"answer":"signature","signature":"","signature":""}"#,
            r#"{"answer":"committed","answer":"committed"}"#,
            r#"{"answer":"fetched","status":70000,"body":""}"#,
            r#"{"answer":"committed""#,
            r#"{"answer":"committed"}{"#,
        ] {
            assert_eq!(Answer::from_json(json.as_bytes()), None, "{json}");
        }
    }
}
