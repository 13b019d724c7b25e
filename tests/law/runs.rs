//! Many random programs, on every core.

use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::operations::Op;
use crate::play::play;
use crate::scenes::program;
use crate::server::Caches;
use crate::tally::Tally;

/// How many programs are played when nobody says it.
const PROGRAMS: u64 = 2000;
/// Programs come from this many generators, however many cores there are.
const LANES: u64 = 8;
/// How often a program that fails is made smaller when nobody says it.
const SHRINKS: u32 = 2000;

/// What all threads know.
struct Run {
    programs: u64,
    seed: u64,
    next_lane: AtomicU64,
    /// The lane in which a program failed first; the others stop.
    failed: AtomicU64,
    tally: Mutex<Tally>,
}

/// Plays as many programs as are asked for.
pub(crate) fn run() {
    let run = Run {
        programs: variable("LAW_PROGRAMS").unwrap_or(PROGRAMS),
        seed: variable("LAW_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32),
        next_lane: AtomicU64::new(0),
        failed: AtomicU64::new(LANES),
        tally: Mutex::default(),
    };
    println!("{} programs; LAW_SEED={}", run.programs, run.seed);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let failed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(|| run.lanes())).collect();
        threads.into_iter().find_map(|thread| thread.join().unwrap())
    });
    if let Some((program, caches)) = failed {
        panic!("{}\nLAW_SEED={} makes it again", told(&program, caches), run.seed);
    }
    if run.programs >= PROGRAMS {
        run.tally.lock().unwrap().check();
    }
}

impl Run {
    /// Plays one lane after another; a program that fails.
    fn lanes(&self) -> Option<(Vec<Op>, Caches)> {
        loop {
            let lane = self.next_lane.fetch_add(1, Ordering::Relaxed);
            if lane >= LANES {
                return None;
            }
            // Half of the programs are played with the caches on.
            let caches = if lane.is_multiple_of(2) { Caches::On } else { Caches::Off };
            if let Some(program) = self.lane(lane, caches) {
                return Some((program, caches));
            }
        }
    }

    /// A program that fails, made as small as can be.
    fn lane(&self, lane: u64, caches: Caches) -> Option<Vec<Op>> {
        let mut runner = self.runner(lane);
        let outcome = runner.run(&program(), |program| {
            let failed = self.failed.load(Ordering::Relaxed);
            if failed != LANES && failed != lane {
                return Ok(());
            }
            match play(&program, caches) {
                Ok(tally) => {
                    self.tally.lock().unwrap().add(tally);
                    Ok(())
                }
                Err(mismatch) => {
                    let first = (LANES, lane, Ordering::Relaxed, Ordering::Relaxed);
                    let _ = self.failed.compare_exchange(first.0, first.1, first.2, first.3);
                    Err(TestCaseError::fail(mismatch.what))
                }
            }
        });
        match outcome {
            Ok(()) => None,
            Err(TestError::Fail(_, program)) => Some(program),
            Err(TestError::Abort(why)) => panic!("{why}"),
        }
    }

    fn runner(&self, lane: u64) -> TestRunner {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&lane.to_le_bytes());
        let config = Config {
            cases: u32::try_from(self.programs.div_ceil(LANES)).unwrap(),
            max_shrink_iters: variable("LAW_SHRINKS")
                .map_or(SHRINKS, |most| most.try_into().unwrap()),
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }
}

/// The story of a program that fails, and the program.
pub(crate) fn told(program: &[Op], caches: Caches) -> String {
    let story = match play(program, caches) {
        Err(mismatch) => mismatch.story,
        Ok(_) => "it does not fail again: the engine depends on something else".into(),
    };
    format!(
        "the engine does not keep the law, caches {caches:?}\n\n{story}\n\nthe program: {program:?}\n"
    )
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, and is `{value}`")),
    )
}
