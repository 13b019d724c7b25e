//! How many cases of a suite passed, read from what its runner says at its end.

/// Cases of a suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// A suite that is one case.
    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed), skipped: 0 }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    fn counted(self) -> bool {
        self.passed + self.failed > 0
    }
}

/// Who says how the cases went.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    /// Nobody: the suite is one case.
    ExitCode,
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, once for each target.
    CargoTest,
    /// `# pass 3`, `# fail 0` and so on, of node:test's TAP.
    Tap,
    /// `Ran 3 tests in …`, then `OK` or `FAILED (failures=1, errors=1)`.
    Unittest,
}

impl Runner {
    /// What the output says. A run that failed without a failed case (it did
    /// not compile, it ended early) is one more, and so is one without cases.
    pub(crate) fn tally(self, success: bool, output: &str) -> Tally {
        let tally = match self {
            Self::ExitCode => return Tally::one(success),
            Self::CargoTest => {
                output.lines().filter_map(cargo_test).fold(Tally::default(), Tally::plus)
            }
            Self::Tap => output.lines().filter_map(tap).fold(Tally::default(), Tally::plus),
            Self::Unittest => unittest(output),
        };
        let silent = (!success && tally.failed == 0) || !tally.counted();
        if silent { tally.plus(Tally::one(false)) } else { tally }
    }
}

fn cargo_test(line: &str) -> Option<Tally> {
    let result = line.strip_prefix("test result: ")?;
    Some(Tally {
        passed: before(result, " passed")?,
        failed: before(result, " failed")?,
        skipped: before(result, " ignored")?,
    })
}

fn tap(line: &str) -> Option<Tally> {
    let (what, count) = line.strip_prefix("# ")?.split_once(' ')?;
    let count = count.parse().ok()?;
    let none = Tally::default();
    match what {
        "pass" => Some(Tally { passed: count, ..none }),
        "fail" | "cancelled" => Some(Tally { failed: count, ..none }),
        "skipped" | "todo" => Some(Tally { skipped: count, ..none }),
        _ => None,
    }
}

fn unittest(output: &str) -> Tally {
    let ran =
        output.lines().find_map(|line| before(line.strip_prefix("Ran ")?, " test")).unwrap_or(0);
    let last =
        output.lines().rev().find(|line| line.starts_with("OK") || line.starts_with("FAILED"));
    let counted = |what: &str| last.and_then(|line| behind(line, what)).unwrap_or(0);
    let failed = counted("failures=") + counted("errors=");
    let skipped = counted("skipped=");
    Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped }
}

/// The number that ends where `what` begins.
fn before(text: &str, what: &str) -> Option<u64> {
    let (head, _) = text.split_once(what)?;
    head.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The number that begins where `what` ends.
fn behind(text: &str, what: &str) -> Option<u64> {
    let (_, tail) = text.split_once(what)?;
    tail.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Runner, Tally};

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn every_target_of_cargo_test_counts() {
        let output = "test result: ok. 12 passed; 0 failed; 2 ignored; 0 measured\n\n\
                      test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured";
        assert_eq!(Runner::CargoTest.tally(false, output), tally(15, 1, 2));
    }

    #[test]
    fn tap_counts_cancelled_as_failed() {
        let output =
            "ok 1 - x\n# tests 5\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0";
        assert_eq!(Runner::Tap.tally(false, output), tally(2, 2, 1));
    }

    #[test]
    fn unittest_says_failures_and_errors_apart() {
        let output = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)";
        assert_eq!(Runner::Unittest.tally(false, output), tally(3, 3, 1));
        assert_eq!(Runner::Unittest.tally(true, "Ran 1 test in 0.1s\n\nOK"), tally(1, 0, 0));
    }

    #[test]
    fn a_suite_that_says_nothing_has_failed() {
        assert_eq!(Runner::CargoTest.tally(false, "error: could not compile"), tally(0, 1, 0));
        assert_eq!(Runner::Tap.tally(true, ""), tally(0, 1, 0));
    }
}
