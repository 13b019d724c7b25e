//! The web as a script: what each URL answers, one after another. The last
//! answer of a URL repeats; a URL without a script must not be fetched.

use std::collections::{BTreeMap, VecDeque};

use exchequer::{Answer, Failed};
use serde_json::Value;

use super::fixtures::{self, text};

#[derive(Default)]
pub(crate) struct Web {
    scripts: BTreeMap<String, VecDeque<Value>>,
    /// Every URL that was fetched, in order.
    pub(crate) fetched: Vec<String>,
    /// Every form that was sent, in order.
    pub(crate) submitted: Vec<String>,
    /// Those of them that have no script: the engine must not have asked.
    pub(crate) unscripted: Vec<String>,
}

impl Web {
    /// Puts scripts in the place of those that their URLs had.
    pub(crate) fn script(&mut self, scripts: &BTreeMap<String, Vec<Value>>) {
        for (url, answers) in scripts {
            self.scripts.insert(url.clone(), answers.iter().cloned().collect());
        }
    }

    pub(crate) fn fetch(&mut self, url: &str) -> Answer {
        self.fetched.push(url.into());
        let Some(script) = self.scripts.get_mut(url) else {
            self.unscripted.push(url.into());
            return Answer::Failed { failed: Failed::Unreachable };
        };
        let answer = if script.len() > 1 { script.pop_front() } else { script.front().cloned() };
        answer.map_or(Answer::Failed { failed: Failed::Unreachable }, |answer| said(&answer))
    }
}

fn said(answer: &Value) -> Answer {
    if answer.is_string() {
        let failed = serde_json::from_value(answer.clone()).expect("a reason to fail");
        return Answer::Failed { failed };
    }
    let header = |name: &str| {
        answer["headers"].get(name).map(|value| value.as_str().expect("a header").to_string())
    };
    let body = match (answer.get("body"), answer.get("text")) {
        (Some(body), None) => fixtures::expand(body).to_string(),
        (None, Some(raw)) => text(raw, &[]),
        (None, None) => String::new(),
        (Some(_), Some(_)) => panic!("an answer has `body` or `text`, not both"),
    };
    Answer::Fetched {
        status: answer["status"].as_u64().unwrap_or(200) as u16,
        cache_control: header("cache-control"),
        location: header("location"),
        body: body.into_bytes(),
    }
}
