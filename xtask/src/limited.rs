//! A command that is ended when it runs for too long, with all that it started.
//! A suite that hangs is a failure with a name, and not a run without an end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::command::{self, Outcome};

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long a command may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(10);

/// Runs a command to its end, or to `limit`. What it writes to standard output and
/// standard error goes to the file `log`, so somebody can read along. A process that it
/// leaves behind delays nothing: a file has no other end that could be held open.
pub(crate) fn capture(command: &mut Command, limit: Duration, log: &Path) -> Result<Outcome> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = File::create(log).with_context(|| log.display().to_string())?;
    command.stdout(file.try_clone()?).stderr(file);
    let mut child = command.spawn().map_err(|error| command::explain(command, error))?;
    let ended = wait(&mut child, limit)?;
    if ended.is_none() {
        end(&mut child)?;
    }
    let mut output = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    if ended.is_none() {
        let minutes = limit.as_secs_f64() / 60.0;
        output += &format!("\nIt had not ended after {minutes:.1} minutes, and was stopped.\n");
    }
    Ok(Outcome { success: ended.is_some_and(|status| status.success()), output })
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
    // Without these commands, which Unix has, its children are left.
    let family = family(child.id());
    signal("-TERM", &family);
    if wait(child, GRACE)?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    signal("-KILL", &family);
    Ok(())
}

fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    let _ = command::capture(command::command("kill").arg(name).args(processes));
}

/// A process and its descendants.
fn family(root: u32) -> Vec<u32> {
    let list = command::stdout(command::command("ps").args(["-A", "-o", "pid=,ppid="]));
    let list = list.unwrap_or_default();
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for line in list.lines() {
        let mut words = line.split_whitespace().map(str::parse);
        if let (Some(Ok(process)), Some(Ok(parent))) = (words.next(), words.next()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut family = vec![root];
    let mut place = 0;
    while let Some(process) = family.get(place) {
        let found = children.remove(process).unwrap_or_default();
        family.extend(found);
        place += 1;
    }
    family
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::capture;
    use crate::command::{self, command, node};
    use crate::places;

    /// More than a test may last.
    const LONG: Duration = Duration::from_secs(600);

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
        let outcome = capture(&mut said, LONG, &log("said")).unwrap();
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
        let outcome = capture(&mut hangs, Duration::from_secs(2), &log("hangs")).unwrap();
        assert!(!outcome.success);
        let (pid, rest) = outcome.output.split_once('\n').unwrap();
        assert!(rest.contains("It had not ended after 0.0 minutes"), "{rest}");
        let mut state = command("ps");
        let state = command::capture(state.args(["-o", "stat=", "-p", pid])).unwrap().output;
        // Nobody may have asked yet how a process ended.
        assert!(state.is_empty() || state.starts_with('Z'), "{pid} still runs: {state}");
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
        let outcome = capture(&mut leaves, LONG, &log("leaves")).unwrap();
        assert!(outcome.success);
        let mut end = script(&format!("process.kill({})", outcome.output.trim()));
        assert!(end.status().unwrap().success(), "it was waited for");
    }
}
