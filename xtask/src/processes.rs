//! The processes of this machine, as `ps` lists them. A system without it, which no Unix is,
//! has an empty list.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::command::{self, command};

/// What runs now.
pub(crate) struct Processes(Vec<Process>);

struct Process {
    id: u32,
    parent: u32,
    /// Processor time.
    used: Duration,
}

impl Processes {
    pub(crate) fn running() -> Self {
        let list = command::stdout(command("ps").args(["-A", "-o", "pid=,ppid=,time="]));
        Self(list.unwrap_or_default().lines().filter_map(process).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A process and its descendants, with the processor time of each.
    pub(crate) fn family(&self, root: u32) -> BTreeMap<u32, Duration> {
        let mut children: BTreeMap<u32, Vec<&Process>> = BTreeMap::new();
        for process in &self.0 {
            children.entry(process.parent).or_default().push(process);
        }
        let used = self.0.iter().find(|process| process.id == root).map(|process| process.used);
        let mut family = BTreeMap::from([(root, used.unwrap_or_default())]);
        let mut left = vec![root];
        while let Some(parent) = left.pop() {
            for child in children.remove(&parent).unwrap_or_default() {
                family.insert(child.id, child.used);
                left.push(child.id);
            }
        }
        family
    }
}

/// A line: two numbers and a time.
fn process(line: &str) -> Option<Process> {
    let mut words = line.split_whitespace();
    let mut number = || words.next()?.parse().ok();
    let (id, parent) = (number()?, number()?);
    Some(Process { id, parent, used: time(words.next()?)? })
}

/// `[days-]hours:minutes:seconds`, and on macOS `minutes:seconds.hundredths`.
fn time(text: &str) -> Option<Duration> {
    let (days, rest) = text.split_once('-').unwrap_or(("0", text));
    let days: u64 = days.parse().ok()?;
    let (minutes, seconds) = rest.rsplit_once(':')?;
    let whole = minutes.split(':').try_fold(0_u64, |sum, part| {
        let part: u64 = part.parse().ok()?;
        Some(sum * 60 + part)
    })?;
    let seconds = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Some(Duration::from_secs(days * 86_400 + whole * 60) + seconds)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Processes, process, time};

    #[test]
    fn the_times_of_linux_and_macos_are_read() {
        let read = |text| time(text).map(|time| time.as_millis());
        assert_eq!(read("00:00:07"), Some(7_000));
        assert_eq!(read("01:02:03"), Some(3_723_000));
        assert_eq!(read("2-00:00:01"), Some(172_801_000));
        assert_eq!(read("0:01.25"), Some(1_250));
        for wrong in ["", "7", "a:b", "1:-2"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_family_has_the_children_of_children() {
        let lines = ["1 0 00:00:09", " 5 1 00:00:01", " 6 5 00:00:02", " 7 6 00:00:03", "PID"];
        let all = Processes(lines.into_iter().filter_map(process).collect());
        let family = all.family(5);
        let expected = [(5, 1), (6, 2), (7, 3)].map(|(id, used)| (id, Duration::from_secs(used)));
        assert_eq!(family, expected.into());
        assert_eq!(all.family(99), [(99, Duration::ZERO)].into());
    }
}
