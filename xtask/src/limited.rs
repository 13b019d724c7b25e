//! A command that is ended when it has hung, with all that it started. A suite that hangs is
//! a failure with a name, and not a run without an end.
//!
//! Time on the clock says nothing here: a command that waits for a processor takes as long as
//! others let it. One that hangs uses no processor, or more and more of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::command::{self, Outcome};
use crate::processes::Processes;

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long a command may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(10);

/// When a command has hung.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// It has used less than a hundredth of a processor for so long.
    pub(crate) idle: Duration,
    /// It has used so much processor time.
    pub(crate) used: Duration,
}

/// Runs a command to its end, or until it has hung. What it writes to standard output and
/// standard error goes to the file `log`, so somebody can read along. A process that it
/// leaves behind delays nothing: a file has no other end that could be held open.
pub(crate) fn capture(command: &mut Command, limits: Limits, log: &Path) -> Result<Outcome> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = File::create(log).with_context(|| log.display().to_string())?;
    command.stdout(file.try_clone()?).stderr(file);
    let mut child = command.spawn().map_err(|error| command::explain(command, error))?;
    let ended = watch(&mut child, limits)?;
    if ended.is_err() {
        end(&mut child)?;
    }
    let mut output = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    if let Err(why) = ended {
        output += &format!("\nIt {why}, and was stopped.\n");
    }
    Ok(Outcome { success: ended.is_ok_and(|status| status.success()), output })
}

/// Why a command was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hung {
    Idle(Duration),
    Used(Duration),
}

impl std::fmt::Display for Hung {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minutes = |time: Duration| time.as_secs_f64() / 60.0;
        match *self {
            Self::Idle(time) => write!(to, "did nothing for {:.1} minutes", minutes(time)),
            Self::Used(time) => {
                write!(to, "had used {:.1} minutes of processor time", minutes(time))
            }
        }
    }
}

/// Waits until a process has ended, or has hung.
fn watch(child: &mut Child, limits: Limits) -> Result<Result<ExitStatus, Hung>> {
    let start = Instant::now();
    let mut spent = Spent::new(limits);
    loop {
        // The list of all processes costs more than a look at one.
        if let Some(status) = wait(child, limits.idle / 60)? {
            return Ok(Ok(status));
        }
        let now = start.elapsed();
        let running = Processes::running();
        // Without a list, the clock is all there is.
        let family =
            if running.is_empty() { [(0, now)].into() } else { running.family(child.id()) };
        if let Some(hung) = spent.hung(now, family) {
            return Ok(Err(hung));
        }
    }
}

/// The processor time of a command and of what it started.
struct Spent {
    limits: Limits,
    /// Of each process that ran at the last look.
    seen: BTreeMap<u32, Duration>,
    /// Of all, also of those that have ended.
    used: Duration,
    /// When it was last found at work, and what it had used then.
    at_work: (Duration, Duration),
}

impl Spent {
    fn new(limits: Limits) -> Self {
        let none = Duration::ZERO;
        Self { limits, seen: BTreeMap::new(), used: none, at_work: (none, none) }
    }

    /// Whether it has hung `now`, counted from its start, with this use of each process.
    fn hung(&mut self, now: Duration, family: BTreeMap<u32, Duration>) -> Option<Hung> {
        for (process, used) in &family {
            let before = self.seen.get(process).copied().unwrap_or_default();
            self.used += used.saturating_sub(before);
        }
        self.seen = family;
        let (since, used) = self.at_work;
        if self.used >= self.limits.used {
            return Some(Hung::Used(self.used));
        }
        if now - since < self.limits.idle {
            return None;
        }
        if (self.used - used) * 100 < self.limits.idle {
            return Some(Hung::Idle(now - since));
        }
        self.at_work = (now, self.used);
        None
    }
}

/// Waits until a process has ended; `None` if it has not within the time.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

/// Ends a process and what it started, and what these started.
fn end(child: &mut Child) -> Result<()> {
    let family = Processes::running().family(child.id());
    signal("-TERM", &family);
    if wait(child, GRACE)?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    signal("-KILL", &family);
    Ok(())
}

fn signal(name: &str, processes: &BTreeMap<u32, Duration>) {
    let processes = processes.keys().map(u32::to_string);
    let _ = command::capture(command::command("kill").arg(name).args(processes));
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{Hung, Limits, Spent, capture};
    use crate::command::{self, command, node};
    use crate::places;

    /// More than a test may last.
    const LONG: Duration = Duration::from_secs(600);
    const NONE: Limits = Limits { idle: LONG, used: LONG };

    fn log(name: &str) -> PathBuf {
        places::target().join("suites/tests").join(name)
    }

    fn script(text: &str) -> std::process::Command {
        let mut command = node("--eval");
        command.arg(text);
        command
    }

    #[test]
    fn what_a_command_said_is_kept() {
        let mut said = script("console.log('one'); console.error('two'); process.exit(3)");
        let outcome = capture(&mut said, NONE, &log("said")).unwrap();
        assert!(!outcome.success);
        assert_eq!(outcome.output, "one\ntwo\n");
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_what_it_started() {
        let child = "setInterval(() => {}, 1000)";
        let mut hangs = script(&format!(
            "const child = require('node:child_process').spawn(process.execPath, ['--eval', '{child}']); \
             console.log(child.pid); {child}"
        ));
        let limits = Limits { idle: Duration::from_secs(2), used: LONG };
        let outcome = capture(&mut hangs, limits, &log("hangs")).unwrap();
        assert!(!outcome.success);
        let (pid, rest) = outcome.output.split_once('\n').unwrap();
        assert!(rest.contains("It did nothing for 0.0 minutes"), "{rest}");
        let mut state = command("ps");
        let state = command::capture(state.args(["-o", "stat=", "-p", pid])).unwrap().output;
        // Nobody may have asked yet how a process ended.
        assert!(state.is_empty() || state.starts_with('Z'), "{pid} still runs: {state}");
    }

    #[test]
    fn a_command_that_goes_on_and_on_is_stopped() {
        let limits = Limits { idle: LONG / 10, used: Duration::from_secs(2) };
        let outcome = capture(&mut script("for (;;);"), limits, &log("goes-on")).unwrap();
        assert!(!outcome.success);
        assert!(outcome.output.contains("It had used 0.0 minutes of processor time"));
    }

    /// Four busy processes beside it, and clippy took longer than it was given.
    #[test]
    fn a_command_that_waits_for_a_processor_was_taken_for_one_that_hangs() {
        let seconds = Duration::from_secs;
        let mut spent = Spent::new(Limits { idle: seconds(600), used: seconds(1800) });
        for minute in 1..600 {
            // A process a minute, each of which gets a fiftieth of a processor.
            let family = [(minute, Duration::from_millis(1200))].into();
            assert_eq!(spent.hung(seconds(60) * minute, family), None, "{minute}");
        }
    }

    #[test]
    fn a_command_has_hung_that_uses_next_to_nothing_or_more_than_all_others() {
        let seconds = Duration::from_secs;
        let limits = Limits { idle: seconds(600), used: seconds(1800) };
        let mut waits = Spent::new(limits);
        let family = |used: u64| [(7, seconds(used))].into();
        assert_eq!(waits.hung(seconds(600), family(500)), None);
        assert_eq!(waits.hung(seconds(1190), family(505)), None);
        assert_eq!(waits.hung(seconds(1200), family(505)), Some(Hung::Idle(seconds(600))));
        let mut spins = Spent::new(limits);
        assert_eq!(spins.hung(seconds(600), [(7, seconds(600)), (8, seconds(600))].into()), None);
        assert_eq!(spins.hung(seconds(900), family(900)), None);
        assert_eq!(spins.hung(seconds(1200), family(1200)), Some(Hung::Used(seconds(1800))));
    }

    #[test]
    fn a_process_that_is_left_behind_delays_nothing() {
        let mut leaves = script(
            "const { spawn } = require('node:child_process'); \
             const wait = ['--eval', 'setTimeout(() => {}, 60_000)']; \
             const child = spawn(process.execPath, wait, { stdio: 'inherit', detached: true }); \
             child.unref(); \
             console.log(child.pid)",
        );
        let outcome = capture(&mut leaves, NONE, &log("leaves")).unwrap();
        assert!(outcome.success);
        let mut end = script(&format!("process.kill({})", outcome.output.trim()));
        assert!(end.status().unwrap().success(), "it was waited for");
    }
}
