//! `cargo xtask test`: runs every suite, even after one has failed, in
//! parallel lanes, and prints the sum of their cases; or runs one suite.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::limited::Limits;
use crate::progress::{Progress, Said};
use crate::suites::{self, Lane, Suite, Work};
use crate::summary::{Runner, Tally};
use crate::{command, limited, places};

/// When a command of a suite has hung. Two cores give as much in 20 minutes, and the longest
/// ones use less than half of it. Few wait for anything but a processor for a minute.
const LIMITS: Limits =
    Limits { idle: Duration::from_secs(10 * 60), used: Duration::from_secs(40 * 60) };

/// A build result that several suites need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Artifact {
    /// `pkg/dist` without the other two.
    Package,
    /// The filter for Envoy.
    Filter,
    Components,
}

/// How a suite, or a part of it, went.
enum Verdict {
    Ran(Tally),
    /// The reason why it did not run. This is not a failure.
    Skipped(String),
}

/// Which artifacts have been built so far, and whether the build succeeded.
#[derive(Default)]
struct Built {
    done: Mutex<BTreeMap<Artifact, bool>>,
    change: Condvar,
}

impl Built {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Artifact, bool>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, artifact: Artifact, good: bool) {
        self.lock().insert(artifact, good);
        self.change.notify_all();
    }

    /// Waits until all of these builds have ended; returns whether all succeeded.
    fn wait(&self, needs: &[Artifact]) -> bool {
        let mut done = self.lock();
        while needs.iter().any(|need| !done.contains_key(need)) {
            done = self.change.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
        needs.iter().all(|need| done.get(need) == Some(&true))
    }
}

/// Ends the waiting for artifacts that were never built, even after a panic.
struct Ending<'a>(&'a Built);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        for artifact in [Artifact::Package, Artifact::Filter, Artifact::Components] {
            self.0.lock().entry(artifact).or_insert(false);
        }
        self.0.change.notify_all();
    }
}

/// A suite that runs.
pub(crate) struct Run<'a> {
    pub(crate) progress: &'a Progress,
    name: &'static str,
    filter: Option<&'a str>,
    built: &'a Built,
    done: Vec<(&'static str, Verdict)>,
}

impl<'a> Run<'a> {
    /// The filter of the command line.
    pub(crate) fn filter(&self) -> Option<&'a str> {
        self.filter
    }

    /// Runs a command that counts as one case.
    pub(crate) fn check(&mut self, command: &mut Command) {
        if self.filter.is_some() {
            return self.fail("this suite has one case and takes no filter");
        }
        self.command(Runner::ExitCode, command);
    }

    pub(crate) fn command(&mut self, runner: Runner, command: &mut Command) {
        let log = places::target().join(format!("suites/{}.log", self.name.replace(' ', "-")));
        let work = || match limited::capture(command, LIMITS, &log) {
            Ok(outcome) => (runner.tally(outcome.success, &outcome.output), outcome.output),
            Err(error) => (Tally::one(false), format!("{error:#}")),
        };
        let said = |(tally, output): &(Tally, String)| Said {
            good: tally.failed == 0,
            output: output.clone(),
        };
        let (tally, _) = self.progress.time(self.name, work, said);
        self.done.push((self.name, Verdict::Ran(tally)));
    }

    /// Builds these in order until one fails, and wakes the suites that wait for them.
    pub(crate) fn build(&mut self, artifacts: &[Artifact]) {
        let mut good = true;
        for artifact in artifacts {
            if good && let Err(error) = artifact.build(self.progress) {
                self.fail(&format!("{error:#}"));
                good = false;
            }
            self.built.set(*artifact, good);
        }
        if good {
            self.done.push((self.name, Verdict::Ran(Tally::one(true))));
        }
    }

    /// Records that the suite could not run, as a failure.
    pub(crate) fn fail(&mut self, why: &str) {
        self.fail_of(self.name, why);
    }

    /// Records one case, which passes when there are no problems.
    pub(crate) fn holds(&mut self, problems: Result<Vec<String>>) {
        match problems {
            Ok(problems) if problems.is_empty() => {
                self.done.push((self.name, Verdict::Ran(Tally::one(true))));
            }
            Ok(problems) => self.fail(&problems.join("\n")),
            Err(error) => self.fail(&format!("{error:#}")),
        }
    }

    fn fail_of(&mut self, name: &'static str, why: &str) {
        self.progress.write(&format!("{name}: {}\n", why.trim_end()));
        self.done.push((name, Verdict::Ran(Tally::one(false))));
    }

    /// Records that this machine lacks something: a failure in CI only.
    pub(crate) fn lack(&mut self, why: String) {
        self.lack_of(self.name, why);
    }

    /// The same for a part of the suite.
    pub(crate) fn lack_of(&mut self, name: &'static str, why: String) {
        if command::is_ci() {
            self.fail_of(name, &why);
        } else {
            self.skip_of(name, why);
        }
    }

    /// Records that a part of the suite was skipped.
    pub(crate) fn skip_of(&mut self, name: &'static str, why: String) {
        self.done.push((name, Verdict::Skipped(why)));
    }

    fn all(&mut self, suite: &Suite) {
        if self.built.wait(suite.needs) {
            match suite.run {
                Work::Own(run) => run(self),
                Work::In(runtime) => suites::in_runtime(self, runtime),
            }
        } else {
            self.skip_of(suite.name, "a build that it needs has failed".into());
        }
    }
}

/// Runs everything. The last line of standard output is `N passed, N failed`.
pub(crate) fn everything(progress: &Progress) -> Result<ExitCode> {
    Ok(report(in_lanes(progress, &suites::all(), suites::prepare)?))
}

/// Runs the suites in their lanes; returns the verdicts in the order of the suites.
fn in_lanes(
    progress: &Progress,
    suites: &[Suite],
    prepare: fn(&Progress),
) -> Result<Vec<(&'static str, Verdict)>> {
    let built = Built::default();
    let lane = |lane: Lane| {
        let own = suites.iter().enumerate().filter(move |(_, suite)| suite.lane == lane);
        let mut done = Vec::new();
        for (place, suite) in own {
            let mut run =
                Run { progress, name: suite.name, filter: None, built: &built, done: Vec::new() };
            run.all(suite);
            done.push((place, run.done));
        }
        done
    };
    let (others, served) = thread::scope(|scope| {
        let builds = scope.spawn(|| {
            let _ending = Ending(&built);
            lane(Lane::Builds)
        });
        let compiles = scope.spawn(|| {
            command::compile_politely();
            lane(Lane::Compiles)
        });
        prepare(progress);
        let browses = scope.spawn(|| lane(Lane::Browses));
        let served = lane(Lane::Serves);
        ([builds.join(), compiles.join(), browses.join()], served)
    });
    let mut done = served;
    for lane in others {
        done.extend(lane.map_err(|_| anyhow!("a lane stopped"))?);
    }
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().flat_map(|(_, verdicts)| verdicts).collect())
}

/// Builds what one suite needs, and runs it. The filter is the name of one of
/// its files or a pattern for the names of cases.
pub(crate) fn one(progress: &Progress, word: &str, filter: Option<&str>) -> Result<ExitCode> {
    let suites = suites::all();
    let Some(suite) = suites.iter().find(|suite| suite.word == word) else {
        eprintln!("there is no suite `{word}`; there are:\n\n{}", list());
        return Ok(ExitCode::from(2));
    };
    let built = Built::default();
    for need in suite.needs {
        need.build(progress)?;
        built.set(*need, true);
    }
    let mut run = Run { progress, name: suite.name, filter, built: &built, done: Vec::new() };
    run.all(suite);
    Ok(report(run.done))
}

/// The words of the suites.
pub(crate) fn list() -> String {
    let lines = suites::all();
    let lines = lines.iter().map(|suite| format!("  {:<14} {}", suite.word, suite.name));
    lines.collect::<Vec<_>>().join("\n")
}

fn report(done: impl IntoIterator<Item = (&'static str, Verdict)>) -> ExitCode {
    let mut sum = Tally::default();
    println!("\n{:<24} {:>7} {:>7} {:>8}", "suite", "passed", "failed", "skipped");
    for (name, verdict) in done {
        match verdict {
            Verdict::Ran(tally) => {
                let Tally { passed, failed, skipped } = tally;
                println!("{name:<24} {passed:>7} {failed:>7} {skipped:>8}");
                sum = sum.plus(tally);
            }
            Verdict::Skipped(why) => println!("{name:<24} skipped: {why}"),
        }
    }
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::{Artifact, Built, Run, Verdict, in_lanes, thread};
    use crate::command::command;
    use crate::progress::Progress;
    use crate::suites::{Lane, Suite, Work};
    use crate::summary::Tally;

    const NEEDS: &[Artifact] = &[Artifact::Package];

    fn suite(
        name: &'static str,
        lane: Lane,
        needs: &'static [Artifact],
        run: fn(&mut Run<'_>),
    ) -> Suite {
        Suite { word: name, name, needs, lane, run: Work::Own(run) }
    }

    fn passes(run: &mut Run<'_>) {
        run.check(command("node").args(["--eval", ""]));
    }

    /// What each suite of these said.
    fn verdicts(suites: &[Suite]) -> Vec<(&'static str, Option<Tally>)> {
        let tally = |verdict| match verdict {
            Verdict::Ran(tally) => Some(tally),
            Verdict::Skipped(_) => None,
        };
        let done = in_lanes(&Progress::new(false), suites, |_| ()).unwrap();
        done.into_iter().map(|(name, verdict)| (name, tally(verdict))).collect()
    }

    #[test]
    fn suites_are_reported_in_order_whatever_their_lane() {
        let done = verdicts(&[
            suite("waits", Lane::Serves, NEEDS, passes),
            suite("fails", Lane::Compiles, &[], |run| run.fail("on purpose")),
            suite("builds", Lane::Builds, &[], |run| {
                run.built.set(Artifact::Package, true);
                passes(run);
            }),
        ]);
        let expected = [
            ("waits", Some(Tally::one(true))),
            ("fails", Some(Tally::one(false))),
            ("builds", Some(Tally::one(true))),
        ];
        assert_eq!(done, expected);
    }

    #[test]
    fn no_suite_waits_for_a_build_that_is_no_suite() {
        let done = verdicts(&[suite("waits", Lane::Serves, NEEDS, passes)]);
        assert_eq!(done, [("waits", None)]);
    }

    #[test]
    fn a_suite_is_skipped_when_its_build_has_failed() {
        let done = verdicts(&[
            suite("builds", Lane::Builds, &[], |run| {
                run.built.set(Artifact::Package, false);
                run.fail("on purpose");
            }),
            suite("waits", Lane::Serves, NEEDS, passes),
        ]);
        assert_eq!(done, [("builds", Some(Tally::one(false))), ("waits", None)]);
    }

    #[test]
    fn a_suite_waits_for_what_it_needs_and_hears_that_it_failed() {
        let built = Built::default();
        let both = [Artifact::Package, Artifact::Components];
        let (early, late) = thread::scope(|scope| {
            let early = scope.spawn(|| built.wait(&both[..1]));
            let late = scope.spawn(|| built.wait(&both));
            built.set(Artifact::Package, true);
            built.set(Artifact::Components, false);
            (early.join().unwrap(), late.join().unwrap())
        });
        assert!(early);
        assert!(!late);
    }
}
