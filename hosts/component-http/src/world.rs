//! Answers the engine's asks with what WASI has: HTTP, time and randomness.

use exchequer::{Answer, Ask, Entropy, Failed, Misuse, Step, Timestamp};
use wasip2::clocks::wall_clock;
use wasip2::random::random::get_random_u64;

use crate::{configuration, fetch};

/// The loop: one answer per ask, until done.
pub(crate) fn drive<T>(mut step: Step<T>) -> Result<T, Misuse> {
    loop {
        step = match step {
            Step::Done(result) => return Ok(*result),
            Step::Ask(pending) => {
                let answer = answer(pending.ask());
                pending.resume(answer)?
            }
        };
    }
}

fn answer(ask: &Ask) -> Answer {
    match ask {
        Ask::Fetch { url, timeout_ms, max_bytes, .. } => fetch::get(url, *timeout_ms, *max_bytes),
        // There is no store.
        _ => Answer::Failed { failed: Failed::Unsupported },
    }
}

/// Fetches keys that are about to expire. Of use to a host that sends an
/// instance more than one request.
pub(crate) fn refresh_keys() {
    if let Ok(engine) = configuration::engine()
        && let Some(step) = engine.refresh_keys(now(), entropy())
    {
        // A failure shows with the next request that needs the keys.
        let _ = drive(step);
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp(wall_clock::now().seconds)
}

pub(crate) fn entropy() -> Entropy {
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&get_random_u64().to_le_bytes());
    }
    Entropy::new(bytes)
}
