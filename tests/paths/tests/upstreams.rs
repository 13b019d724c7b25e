//! The short search, the same in every run. What it finds is printed as one line.

#![allow(clippy::panic, reason = "a test may say what it means")]

use exchequer_paths::search;

const COUNT: u64 = 5_000;
const SEED: u64 = 9;

fn finds_nothing(kind: &str) {
    let report = search(kind, COUNT, SEED).unwrap_or_else(|error| panic!("{error:#}"));
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "seed {SEED}:\n{}", findings.join("\n"));
    assert!(report.passed > COUNT / 4, "too few paths pass the gateway: {report}");
}

#[test]
fn node() {
    finds_nothing("node");
}

#[test]
fn python() {
    finds_nothing("python");
}

#[test]
fn hyper() {
    finds_nothing("hyper");
}

#[test]
fn nginx() {
    finds_nothing("nginx");
}

#[test]
fn envoy() {
    finds_nothing("envoy");
}
