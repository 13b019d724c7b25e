//! Who is turned away, and who is not.

use alloc::sync::Arc;
use core::net::IpAddr;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use super::counts::MOST;
use super::*;
use crate::crypto::HostCrypto;
use crate::http::{Request, Sender, network};
use crate::step::Mailbox;
use crate::time::Entropy;
use crate::verified_tokens::VerifiedTokens;

const NOW: Timestamp = Timestamp(1_790_000_000);
const RATES: RateLimits =
    RateLimits { failures_per_minute: Some(3), requests_per_second: Some(2), proxies: None };

fn at(limits: &Limits, address: Option<u32>, now: Timestamp) -> Gate<'_> {
    let of = |address: u32| {
        let sender = Sender::Client(IpAddr::V4(address.into()));
        network(&Request::new("POST", "/").sent_by(sender), None).unwrap()
    };
    Gate { limits, rates: &RATES, sender: address.map(of), now }
}

fn fails(gate: Gate<'_>, attempt: Attempt<'_>, times: usize) {
    for _ in 0..times {
        gate.count(attempt);
    }
}

/// Whether a request is let through when the store is left alone.
fn requests(gate: Gate<'_>, client_id: &str, is_public: bool) -> bool {
    let verified = Arc::new(VerifiedTokens::new(None, &Arc::default()));
    let mailbox = Arc::<Mailbox>::default();
    let (crypto, entropy) = (HostCrypto::default(), Entropy::new([7; 32]));
    let host = Host::new(mailbox, crypto, verified, Arc::default(), gate.now, entropy);
    gate.limits.pace.lock().rest(gate.now);
    let mut request = pin!(gate.request(&host, client_id, is_public));
    match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.is_ok(),
        Poll::Pending => panic!("the store was asked"),
    }
}

#[test]
fn a_stranger_who_fails_in_a_clients_name_does_not_lock_the_client_out() {
    let limits = Limits::default();
    let (stranger, own) = (at(&limits, Some(1), NOW), at(&limits, Some(2), NOW));
    fails(stranger, Attempt::Client("app"), 100);
    let refused = stranger.check(Attempt::Client("app")).unwrap_err();
    assert_eq!(refused, TooMany { retry_after: 80, what: What::Failures });
    assert_eq!(own.check(Attempt::Client("app")), Ok(()));
    assert_eq!(own.check_address(), Ok(()));
    // Nor from an address that is not known.
    fails(at(&limits, None, NOW), Attempt::Client("app"), 100);
    assert_eq!(at(&limits, None, NOW).check(Attempt::Client("app")), Ok(()));
    assert_eq!(limits.without_address.load(Ordering::Relaxed), 100);
}

#[test]
fn a_client_that_fails_does_not_lock_out_others_at_its_address() {
    let limits = Limits::default();
    let gate = at(&limits, Some(1), NOW);
    fails(gate, Attempt::Client("app"), 3);
    assert!(gate.check(Attempt::Client("app")).is_err());
    for other in [Attempt::Client("other"), Attempt::UnknownClient, Attempt::Bearer] {
        assert_eq!(gate.check(other), Ok(()));
    }
    assert_eq!(gate.check_address(), Ok(()));
}

#[test]
fn an_address_that_tries_many_clients_is_turned_away() {
    let limits = Limits::default();
    let gate = at(&limits, Some(1), NOW);
    for client in 0..30 {
        assert_eq!(gate.check_address(), Ok(()), "{client}");
        gate.count(Attempt::Client(&format!("app-{client}")));
    }
    assert_eq!(gate.check_address().unwrap_err().what, What::FailuresOfAddress);
    assert_eq!(at(&limits, Some(1), NOW.plus(2)).check_address(), Ok(()));
}

#[test]
fn a_client_sends_no_more_requests_than_it_may() {
    let limits = Limits::default();
    let gate = at(&limits, Some(1), NOW);
    assert_eq!([0; 3].map(|_| requests(gate, "app", false)), [true, true, false]);
    // Whatever address it uses, and no other client.
    assert!(!requests(at(&limits, Some(2), NOW), "app", false));
    assert!(requests(gate, "other", false));
    assert!(requests(at(&limits, Some(1), NOW.plus(1)), "app", false));
}

#[test]
fn a_stranger_does_not_use_up_the_requests_of_a_public_client() {
    let limits = Limits::default();
    let stranger = at(&limits, Some(1), NOW);
    assert_eq!([0; 3].map(|_| requests(stranger, "spa", true)), [true, true, false]);
    assert!(requests(at(&limits, Some(2), NOW), "spa", true));
}

#[test]
fn nothing_of_an_address_is_kept_for_longer_than_three_minutes() {
    let limits = Limits::default();
    for second in 0..60 {
        fails(at(&limits, Some(second), NOW.plus(second.into())), Attempt::Bearer, 3);
    }
    let later = NOW.plus(60 + 120 + 60);
    assert_eq!(at(&limits, Some(7), later).check(Attempt::Bearer), Ok(()));
    assert_eq!(limits.counts.lock().len(), 0);
}

#[test]
fn a_flood_of_addresses_neither_fills_the_memory_nor_frees_who_is_turned_away() {
    let limits = Limits::default();
    let attacker = at(&limits, Some(0), NOW);
    fails(attacker, Attempt::Client("app"), 3);
    for address in 1..=3 * MOST as u32 {
        at(&limits, Some(address), NOW).count(Attempt::Client("app"));
    }
    assert!(limits.counts.lock().len() <= MOST);
    assert!(attacker.check(Attempt::Client("app")).is_err());
}

#[test]
fn limits_that_are_off_count_nothing() {
    let limits = Limits::default();
    let off = RateLimits { failures_per_minute: None, requests_per_second: None, proxies: None };
    let gate = Gate { rates: &off, ..at(&limits, Some(1), NOW) };
    fails(gate, Attempt::Bearer, 100);
    assert_eq!(gate.check(Attempt::Bearer), Ok(()));
    assert!(requests(gate, "app", false));
    assert_eq!(limits.counts.lock().len(), 0);
}
