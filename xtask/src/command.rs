//! Commands that are run for a task.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::places;

/// A command in the root of the repository.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(places::root()).stdin(Stdio::null());
    command
}

thread_local! {
    /// Whether cargo runs with a lower priority.
    static POLITE: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread runs cargo with a lower priority, so that it does not slow
/// down what others wait for.
pub(crate) fn compile_politely() {
    // The command `nice` exists on Unix only.
    POLITE.set(cfg!(unix));
}

/// Whether nobody watches: everything is there, and is built once.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = if POLITE.get() {
        let mut nice = command("nice");
        nice.args(["-n", "5"]).arg(cargo);
        nice
    } else {
        command(cargo)
    };
    // What cargo tells the task about itself is not for the cargo it starts.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    // What is compiled once need not be ready to be compiled again.
    if is_ci() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// npm, which is a script on Windows.
pub(crate) fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A command that an npm package brought.
pub(crate) fn npm_bin(name: &str) -> Command {
    let name = if cfg!(windows) { format!("{name}.cmd") } else { name.into() };
    command(places::root().join("node_modules/.bin").join(name))
}

/// Node with a script.
pub(crate) fn node(script: impl AsRef<Path>) -> Command {
    let mut command = command("node");
    command.arg(script.as_ref());
    command
}

/// What a command that ended said.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    /// Standard output, then standard error.
    pub(crate) output: String,
}

/// Runs a command to its end and keeps what it said.
pub(crate) fn capture(command: &mut Command) -> Result<Outcome> {
    let output = command.output().map_err(|error| explain(command, error))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Outcome { success: output.status.success(), output: text })
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let outcome = capture(command)?;
    if !outcome.success {
        bail!("{}\n`{}` failed", outcome.output.trim_end(), shown(command));
    }
    Ok(outcome.output)
}

/// What a command that must succeed wrote to standard output.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8(bytes(command)?)?)
}

/// The same as bytes.
pub(crate) fn bytes(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().map_err(|error| explain(command, error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}\n`{}` failed", said.trim_end(), shown(command));
    }
    Ok(output.stdout)
}

/// Starts a command that shares this terminal, and waits for it.
pub(crate) fn attach(command: &mut Command) -> Result<std::process::ExitStatus> {
    command.status().map_err(|error| explain(command, error)).context("could not start")
}

/// The same for a command that stops when its standard input ends: it ends
/// with this process, however that ends.
pub(crate) fn tethered(command: &mut Command) -> Result<std::process::ExitStatus> {
    let mut child =
        command.stdin(Stdio::piped()).spawn().map_err(|error| explain(command, error))?;
    // `wait` would close what it finds in the child.
    let tether = child.stdin.take();
    let status = child.wait();
    drop(tether);
    Ok(status?)
}

pub(crate) fn explain(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    if error.kind() == ErrorKind::NotFound {
        anyhow::anyhow!(
            "`{program}` was not found; needed are Rust with rustup, Node 20 or newer, and npm"
        )
    } else {
        anyhow::anyhow!("`{program}` could not be started: {error}")
    }
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{command, tethered};

    #[test]
    fn a_tethered_command_keeps_its_input_while_it_runs() {
        let script = "process.stdin.resume().on('end', () => process.exit(1)); \
                      setTimeout(() => process.exit(0), 200)";
        let status = tethered(command("node").args(["--eval", script])).unwrap();
        assert!(status.success());
    }
}
