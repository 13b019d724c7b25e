//! The long search: `cargo run --release --package exchequer-paths`.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use exchequer_paths::{KINDS, search};
use lexopt::prelude::*;

const USAGE: &str = "\
usage: cargo run --release --package exchequer-paths -- [options] [servers]

Looks for paths that lead around the rules of a gateway, before real servers:
node, python, hyper, nginx, envoy; all of them unless some are named.

options:
  --count N      how many paths for each, 100000 unless said
  --seed N       repeats a search; a new one unless said. Every 100000 paths
                 the next seed begins, with other rules";

/// Paths for one seed.
const PART: usize = 100_000;

fn main() -> Result<ExitCode> {
    let (mut count, mut seed, mut kinds) = (100_000, None, Vec::new());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            Long("count") => count = arguments.value()?.parse()?,
            Long("seed") => seed = Some(arguments.value()?.parse()?),
            Value(kind) => kinds.push(kind.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if kinds.is_empty() {
        kinds = KINDS.map(String::from).to_vec();
    }
    let seed = match seed {
        Some(seed) => seed,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    let mut found = false;
    for kind in kinds {
        // Each seed has other rules.
        for (part, seed) in (0..count).step_by(PART).zip(seed..) {
            let report = search(&kind, (count - part).min(PART as u64), seed)
                .with_context(|| format!("{kind}, seed {seed}"))?;
            println!("{kind}, seed {seed}: {report}");
            for finding in &report.findings {
                println!("  {finding}");
            }
            found |= !report.findings.is_empty();
        }
    }
    Ok(if found { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
