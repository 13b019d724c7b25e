//! A server that is asked for routes, and what is wrong with its answer.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;

use crate::rules::{RuleSet, Treatment};
use crate::search::Decide;
use crate::upstream::Upstream;
use crate::wire::Connection;

/// A path that leads around a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    rules: String,
    taken: String,
    upstream: &'static str,
    reader: String,
    route: String,
    treatment: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, rules, taken, upstream, reader, route, treatment } = self;
        write!(
            f,
            "{path}: the gateway took {taken}, {upstream} ({reader}) served {route} \
             ({treatment}); rules: {rules}"
        )
    }
}

/// A path that passed the gateway.
pub(crate) struct Passed {
    /// The number of the set of rules.
    pub(crate) set: usize,
    pub(crate) path: String,
    /// What it passed under.
    pub(crate) taken: Treatment,
}

/// A server that is asked.
pub(crate) struct Asked<'a> {
    upstream: &'a Upstream,
    connection: Connection,
    sets: &'a [RuleSet],
    decide: &'a Decide<'a>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(upstream: &'a Upstream, sets: &'a [RuleSet], decide: &'a Decide<'a>) -> Self {
        Self { upstream, connection: Connection::new(upstream.address), sets, decide }
    }

    /// The routes that the readers of the server would serve.
    pub(crate) fn routes(&mut self, set: usize, path: &str) -> Result<BTreeMap<String, String>> {
        let Some(set) = self.sets.get(set) else { return Ok(BTreeMap::new()) };
        let body = self.connection.get(path, &set.name)?.unwrap_or_default();
        let lines = body.lines().filter_map(|line| line.split_once(' '));
        Ok(lines.map(|(reader, route)| (reader.into(), route.into())).collect())
    }

    /// Whether another treatment belongs to the route than to the path.
    pub(crate) fn is_wrong(&self, set: usize, taken: Treatment, route: &str) -> bool {
        self.sets.get(set).and_then(|set| set.treatment(route)) != Some(taken)
    }

    /// What is wrong with a path, if anything is.
    pub(crate) fn finding(&mut self, set: usize, path: &str) -> Result<Option<Finding>> {
        let Some(taken) = (self.decide)(set, path)? else { return Ok(None) };
        let routes = self.routes(set, path)?;
        let wrong = routes.into_iter().find(|(_, route)| self.is_wrong(set, taken, route));
        let Some(((reader, route), rules)) = wrong.zip(self.sets.get(set)) else { return Ok(None) };
        Ok(Some(Finding {
            path: path.into(),
            rules: rules.to_string(),
            taken: rules.named(taken),
            upstream: self.upstream.name,
            treatment: rules.treatment(&route).map_or("no route".into(), |one| one.to_string()),
            reader,
            route,
        }))
    }

    /// The path without everything that it can do without.
    pub(crate) fn shortest(&mut self, set: usize, path: &str) -> Result<String> {
        let mut path = path.to_string();
        let mut length = path.len() / 2;
        while length > 0 {
            let mut at = 0;
            while at < path.len() {
                let (head, tail) = (path.get(..at), path.get(at + length..));
                let shorter = head.zip(tail).map(|(head, tail)| format!("{head}{tail}"));
                match shorter.filter(|shorter| !shorter.is_empty()) {
                    Some(shorter) if self.finding(set, &shorter)?.is_some() => path = shorter,
                    _ => at += 1,
                }
            }
            length /= 2;
        }
        Ok(path)
    }
}
