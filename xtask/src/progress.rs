//! What a person sees while a task runs: a line for each step with the time it
//! took; a moving one while it runs, on a terminal. Steps may run in parallel: the
//! line of a step and its output are written together.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Reports steps on standard error.
pub(crate) struct Progress {
    /// On a terminal.
    moving: Option<MultiProgress>,
    verbose: bool,
}

impl Progress {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { moving: stderr().is_terminal().then(MultiProgress::new), verbose }
    }

    /// Runs a step. What it returns is its output, shown if asked for.
    pub(crate) fn step(&self, name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
        let said = |result: &Result<String>| match result {
            Ok(output) => Said { good: true, output: output.clone() },
            // The caller reports the error.
            Err(_) => Said { good: false, output: String::new() },
        };
        self.time(name, work, said).map(drop)
    }

    /// Runs a step; `said` judges its result.
    pub(crate) fn time<T>(
        &self,
        name: &str,
        work: impl FnOnce() -> T,
        said: impl FnOnce(&T) -> Said,
    ) -> T {
        let spinner = self.spinner(name);
        let start = Instant::now();
        let result = work();
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        let Said { good, output } = said(&result);
        let mark = if good { '✓' } else { '✗' };
        let mut text = format!("{mark} {name} {:.1} s\n", start.elapsed().as_secs_f64());
        let output = output.trim_end();
        if (!good || self.verbose) && !output.is_empty() {
            text += output;
            text.push('\n');
        }
        self.write(&text);
        result
    }

    /// Writes text above the moving lines.
    pub(crate) fn write(&self, text: &str) {
        match &self.moving {
            Some(lines) => lines.suspend(|| eprint!("{text}")),
            None => eprint!("{text}"),
        }
    }

    fn spinner(&self, name: &str) -> Option<ProgressBar> {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").ok()?;
        let spinner = ProgressBar::new_spinner().with_style(style).with_message(name.to_owned());
        let spinner = self.moving.as_ref()?.add(spinner);
        spinner.enable_steady_tick(Duration::from_millis(100));
        Some(spinner)
    }
}

/// The outcome of a step.
pub(crate) struct Said {
    pub(crate) good: bool,
    /// Shown if the step failed, or with `--verbose`.
    pub(crate) output: String,
}
