//! The short run: every seed of every target, and mutants of them. `cargo xtask fuzz`
//! is the long one. `FUZZ_MUTANTS` says how many mutants each target gets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may say what it means")]

use std::fs;
use std::path::Path;

use exchequer_fuzz::{TARGETS, mutate};

const MUTANTS: usize = 1000;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_target_holds_for_its_seeds_and_their_mutants() {
    let mutants = std::env::var("FUZZ_MUTANTS").map_or(MUTANTS, |count| count.parse().unwrap());
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in &seeds {
            target(seed);
        }
        let mut rng = fastrand::Rng::with_seed(0x5eed);
        for _ in 0..mutants {
            let seed = &seeds[rng.usize(0..seeds.len())];
            let other = &seeds[rng.usize(0..seeds.len())];
            let mutant = mutate::mutant(&mut rng, seed, other);
            let done = std::panic::catch_unwind(|| target(&mutant));
            assert!(done.is_ok(), "{name} fails for {:?}", mutant.escape_ascii().to_string());
        }
    }
}
