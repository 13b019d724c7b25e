//! The search: random paths through the gateway, and those that pass to the
//! servers.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Result, anyhow, bail};
use fastrand::Rng;

use crate::finding::{Asked, Finding, Passed};
use crate::grammar;
use crate::guard::Guard;
use crate::rules::{RuleSet, Treatment};
use crate::upstream::{self, Upstream};

/// How many paths are made before the servers are asked.
const BATCH: u64 = 10_000;
/// How many paths show that each reader would be caught.
const REHEARSAL: u64 = 4_000;
/// How many findings of a server are looked at.
const MOST: usize = 3;

/// Who decides which treatment a path gets in a set of rules; `None` refuses it.
pub(crate) type Decide<'a> = dyn Fn(usize, &str) -> Result<Option<Treatment>> + Sync + 'a;

/// What a search came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Paths that were made.
    pub made: u64,
    /// Paths that the gateway let pass.
    pub passed: u64,
    /// Routes that the readers of the servers said.
    pub routes: u64,
    /// Paths that lead around a rule, each as short as it can be.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, passed, routes, findings } = self;
        write!(f, "{made} paths, {passed} passed the gateway, readers said {routes} routes, ")?;
        write!(f, "{} lead around a rule", findings.len())
    }
}

/// Looks at this many paths before all servers of a kind.
///
/// # Errors
/// When a server does not start, and when one of its readers is not caught
/// before a gateway that compares paths as they are sent.
pub fn search(kind: &str, count: u64, seed: u64) -> Result<Report> {
    let sets = RuleSet::all(seed);
    let running = upstream::start(kind, &sets)?;
    let guards = sets.iter().map(Guard::new).collect::<Result<Vec<_>>>()?;
    let rng = &mut Rng::with_seed(seed);
    rehearse(&running.upstreams, &sets, &mut rng.fork())?;
    let decide = |set: usize, path: &str| {
        let guard = guards.get(set).ok_or_else(|| anyhow!("there is no set {set}"))?;
        guard.decide(path)
    };
    let mut report = Report::default();
    while report.made < count && report.findings.is_empty() {
        let made = BATCH.min(count - report.made);
        let passed = passed(rng, &sets, made, &decide)?;
        report.made += made;
        report.passed += passed.len() as u64;
        for (routes, findings) in ask_all(&running.upstreams, &sets, &passed, &decide)? {
            report.routes += routes;
            report.findings.extend(findings);
        }
    }
    report.findings.sort();
    report.findings.dedup();
    Ok(report)
}

/// Makes sure that a wrong decision would be found: behind a gateway that
/// compares paths as they are sent, every reader serves another route.
fn rehearse(upstreams: &[Upstream], sets: &[RuleSet], rng: &mut Rng) -> Result<()> {
    let literally = |set: usize, path: &str| Ok(sets.get(set).and_then(|set| set.literally(path)));
    let passed = passed(rng, sets, REHEARSAL, &literally)?;
    for upstream in upstreams {
        let mut caught = BTreeSet::new();
        let mut asked = Asked::new(upstream, sets, &literally);
        for Passed { set, path, taken } in &passed {
            let routes = asked.routes(*set, path)?;
            let wrong = routes.into_iter().filter(|(_, route)| asked.is_wrong(*set, *taken, route));
            caught.extend(wrong.map(|(reader, _)| reader));
        }
        let missed = upstream.readers.iter().find(|reader| !caught.contains(**reader));
        if let Some(reader) = missed {
            let name = upstream.name;
            bail!("the reader {reader} of {name} is never caught: it does not take part");
        }
    }
    Ok(())
}

/// The paths that pass, of this many.
fn passed(rng: &mut Rng, sets: &[RuleSet], made: u64, decide: &Decide<'_>) -> Result<Vec<Passed>> {
    let mut passed = Vec::new();
    for _ in 0..made {
        let number = rng.usize(0..sets.len());
        let Some(set) = sets.get(number) else { continue };
        let path = grammar::path(rng, set);
        if let Some(taken) = decide(number, &path)? {
            passed.push(Passed { set: number, path, taken });
        }
    }
    Ok(passed)
}

/// Asks every server for every path, each server on a thread of its own. For
/// each: how many routes were said, and what was found.
fn ask_all(
    upstreams: &[Upstream],
    sets: &[RuleSet],
    passed: &[Passed],
    decide: &Decide<'_>,
) -> Result<Vec<(u64, Vec<Finding>)>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = upstreams
            .iter()
            .map(|upstream| scope.spawn(move || ask(Asked::new(upstream, sets, decide), passed)))
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|asked| asked.map_err(|_| anyhow!("a thread panicked"))?).collect()
    })
}

fn ask(mut asked: Asked<'_>, passed: &[Passed]) -> Result<(u64, Vec<Finding>)> {
    let (mut said, mut findings) = (0, Vec::new());
    for Passed { set, path, taken } in passed {
        let routes = asked.routes(*set, path)?;
        said += routes.len() as u64;
        if routes.values().any(|route| asked.is_wrong(*set, *taken, route)) {
            let path = asked.shortest(*set, path)?;
            findings.extend(asked.finding(*set, &path)?);
        }
        if findings.len() == MOST {
            break;
        }
    }
    Ok((said, findings))
}
