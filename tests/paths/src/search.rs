//! The search: random paths through the gateway, and those that pass to the
//! servers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, bail};
use fastrand::Rng;

use crate::grammar;
use crate::guard::Guard;
use crate::rules::{RuleSet, Treatment};
use crate::upstream::{self, Upstream};
use crate::wire::Connection;

/// How many paths are made before the servers are asked.
const BATCH: u64 = 10_000;
/// How many paths show that each reader would be caught.
const REHEARSAL: u64 = 4_000;
/// How many findings of a server are looked at.
const MOST: usize = 3;

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

/// What a search came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Paths that were made.
    pub made: u64,
    /// Paths that the gateway let pass.
    pub passed: u64,
    /// Routes that readers said.
    pub served: u64,
    /// Paths that lead around a rule, as short as they were made.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, passed, served, findings } = self;
        write!(f, "{made} paths, {passed} passed the gateway, {served} were read by a server, ")?;
        write!(f, "{} lead around a rule", findings.len())
    }
}

/// Who decides which treatment a path gets.
type Decide<'a> = dyn Fn(usize, &str) -> Result<Option<Treatment>> + Sync + 'a;

/// A path, the number of its set of rules, and the treatment it passed under.
type Passed = (usize, String, Treatment);

/// Looks at this many paths before all servers of a kind.
///
/// # Errors
/// When a server does not start, or when a reader is not caught although the
/// gateway is none that knows how paths are read.
pub fn search(kind: &str, count: u64, seed: u64) -> Result<Report> {
    let sets = RuleSet::all(seed);
    let running = upstream::start(kind, &sets)?;
    let guards = sets.iter().map(Guard::new).collect::<Result<Vec<_>>>()?;
    let rng = &mut Rng::with_seed(seed);
    rehearse(&running.upstreams, &sets, &mut rng.fork())?;
    let decide = |set: usize, path: &str| match guards.get(set) {
        Some(guard) => guard.decide(path),
        None => bail!("there is no set {set}"),
    };
    let mut report = Report::default();
    while report.made < count {
        let made = BATCH.min(count - report.made);
        let passed = passed(rng, &sets, made, &decide)?;
        report.made += made;
        report.passed += passed.len() as u64;
        for found in ask_all(&running.upstreams, &sets, &passed, &decide)? {
            report.served += found.served;
            report.findings.extend(found.findings);
        }
        if !report.findings.is_empty() {
            break;
        }
    }
    report.findings.sort();
    report.findings.dedup();
    Ok(report)
}

/// Makes sure that a wrong decision would be found: with a gateway that
/// compares paths as they are sent, every reader serves something else.
fn rehearse(upstreams: &[Upstream], sets: &[RuleSet], rng: &mut Rng) -> Result<()> {
    let literally = |set: usize, path: &str| Ok(sets.get(set).and_then(|set| set.literally(path)));
    let passed = passed(rng, sets, REHEARSAL, &literally)?;
    for upstream in upstreams {
        let mut caught = BTreeSet::new();
        let mut connection = Connection::new(upstream.address);
        for (set, path, taken) in &passed {
            let Some(rules) = sets.get(*set) else { continue };
            for (reader, route) in ask(&mut connection, rules, path)? {
                if rules.treatment(&route) != Some(*taken) {
                    caught.insert(reader);
                }
            }
        }
        let missed = upstream.readers.iter().find(|reader| !caught.contains(**reader));
        if let Some(reader) = missed {
            bail!(
                "the reader {reader} of {} is never caught: it does not take part",
                upstream.name
            );
        }
    }
    Ok(())
}

fn passed(rng: &mut Rng, sets: &[RuleSet], made: u64, decide: &Decide<'_>) -> Result<Vec<Passed>> {
    let mut passed = Vec::new();
    for _ in 0..made {
        let number = rng.usize(0..sets.len());
        let Some(set) = sets.get(number) else { continue };
        let path = grammar::path(rng, set);
        if let Some(treatment) = decide(number, &path)? {
            passed.push((number, path, treatment));
        }
    }
    Ok(passed)
}

/// What one server served.
#[derive(Default)]
struct Served {
    served: u64,
    findings: Vec<Finding>,
}

/// Asks every server for every path, each server on a thread of its own.
fn ask_all(
    upstreams: &[Upstream],
    sets: &[RuleSet],
    passed: &[Passed],
    decide: &Decide<'_>,
) -> Result<Vec<Served>> {
    std::thread::scope(|scope| {
        let asked = upstreams.iter().map(|upstream| {
            scope.spawn(move || {
                let mut served = Served::default();
                let mut search =
                    Asked { upstream, connection: Connection::new(upstream.address), sets, decide };
                for passed in passed {
                    served.served += search.look(passed, &mut served.findings)?;
                    if served.findings.len() >= MOST {
                        break;
                    }
                }
                Ok(served)
            })
        });
        let asked: Vec<_> = asked.collect();
        let ended = asked
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?);
        ended.collect()
    })
}

/// A server that is asked.
struct Asked<'a> {
    upstream: &'a Upstream,
    connection: Connection,
    sets: &'a [RuleSet],
    decide: &'a Decide<'a>,
}

impl Asked<'_> {
    /// Asks for one path. Returns how many readers said a route.
    fn look(&mut self, passed: &Passed, findings: &mut Vec<Finding>) -> Result<u64> {
        let (number, path, taken) = passed;
        let Some(set) = self.sets.get(*number) else { return Ok(0) };
        let served = ask(&mut self.connection, set, path)?;
        if served.values().any(|route| set.treatment(route) != Some(*taken)) {
            let path = self.shortest(*number, set, path.clone())?;
            findings.extend(self.finding(*number, set, &path)?);
        }
        Ok(served.len() as u64)
    }

    /// What is wrong with a path, if anything is.
    fn finding(&mut self, number: usize, set: &RuleSet, path: &str) -> Result<Option<Finding>> {
        let Some(taken) = (self.decide)(number, path)? else { return Ok(None) };
        let served = ask(&mut self.connection, set, path)?;
        let wrong = served.into_iter().find(|(_, route)| set.treatment(route) != Some(taken));
        let same = set.prefixes().filter(|prefix| set.treatment(prefix) == Some(taken));
        Ok(wrong.map(|(reader, route)| Finding {
            path: path.into(),
            rules: set.to_string(),
            taken: format!("{} ({taken})", same.collect::<Vec<_>>().join(" or ")),
            upstream: self.upstream.name,
            treatment: set.treatment(&route).map_or("no route".into(), |one| one.to_string()),
            reader,
            route,
        }))
    }

    /// The path without everything that it can do without.
    fn shortest(&mut self, number: usize, set: &RuleSet, mut path: String) -> Result<String> {
        let mut length = path.len() / 2;
        while length > 0 {
            let mut at = 0;
            while at < path.len() {
                let (head, tail) = (path.get(..at), path.get(at + length..));
                let shorter = head.zip(tail).map(|(head, tail)| format!("{head}{tail}"));
                match shorter.filter(|shorter| !shorter.is_empty()) {
                    Some(shorter) if self.finding(number, set, &shorter)?.is_some() => {
                        path = shorter
                    }
                    _ => at += 1,
                }
            }
            length /= 2;
        }
        Ok(path)
    }
}

/// The routes that the readers of a server would serve.
fn ask(connection: &mut Connection, set: &RuleSet, path: &str) -> Result<BTreeMap<String, String>> {
    let body = connection.get(path, &set.name)?.unwrap_or_default();
    let lines = body.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.map(|(reader, route)| (reader.into(), route.into())).collect())
}
