//! What a person sees while a task runs: a line for each step with the time it
//! took; a moving one while it runs, on a terminal.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Reports steps on standard error.
pub(crate) struct Progress {
    moving: bool,
    verbose: bool,
}

impl Progress {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { moving: stderr().is_terminal(), verbose }
    }

    /// Runs a step. What it returns is its output, shown if asked for.
    pub(crate) fn step(&self, name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
        self.time(name, work, Result::is_ok).map(|output| self.show(&output))
    }

    /// Runs a step whose result says itself whether it went well.
    pub(crate) fn time<T>(
        &self,
        name: &str,
        work: impl FnOnce() -> T,
        good: impl FnOnce(&T) -> bool,
    ) -> T {
        let spinner = self.spinner(name);
        let start = Instant::now();
        let result = work();
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        let mark = if good(&result) { '✓' } else { '✗' };
        eprintln!("{mark} {name} {:.1} s", start.elapsed().as_secs_f64());
        result
    }

    /// Shows output of a step that went well, if that was asked for.
    pub(crate) fn show(&self, output: &str) {
        if self.verbose && !output.trim().is_empty() {
            eprintln!("{}", output.trim_end());
        }
    }

    fn spinner(&self, name: &str) -> Option<ProgressBar> {
        if !self.moving {
            return None;
        }
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").ok()?;
        let spinner = ProgressBar::new_spinner().with_style(style).with_message(name.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        Some(spinner)
    }
}
