//! Which key signs when: pure, with the time passed in.
//!
//! A key is published, signs from a time that is known when it is published, and is
//! retired when a later key signs and the last token that it signed has ended. So
//! every replica that knows the schedule switches at the same time, without asking.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::KeyRotation;
use crate::crypto::SigningKey;
use crate::time::Timestamp;

/// Most keys there may be: one that signs, one that is next, and old ones.
pub(crate) const MOST: usize = 20;

/// How long a key is kept beyond the end of its last token, in seconds: clocks of
/// replicas differ.
const CLOCKS_DIFFER: u64 = 600;

/// How far beyond the end of a token the promise reaches, in seconds: a write to
/// the store is due once in so long.
const PROMISED_AHEAD: u64 = 86_400;

const DAY: u64 = 86_400;

/// A key of this server, with its times.
#[derive(Clone)]
pub(crate) struct Scheduled {
    pub(crate) key: Arc<SigningKey>,
    /// When it was published.
    pub(crate) published: Timestamp,
    /// From when on it signs, until the next one does.
    pub(crate) signs: Timestamp,
    /// The promise: no token that it signed ends later.
    pub(crate) until: Timestamp,
    /// Its form at rest, if that is wrapped by the key that wraps now.
    pub(super) sealed: Option<String>,
}

#[cfg(feature = "admin")]
/// What a key is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is published, and is to sign.
    Next,
    /// It signs.
    Current,
    /// It has signed, and is published until its tokens have ended.
    Retiring,
}

/// How many keys there are beside the one that signs, and since when that one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) next: usize,
    pub(crate) retiring: usize,
    pub(crate) since: Timestamp,
}

/// The keys of this server, in the order in which they sign. Never empty.
#[derive(Clone)]
pub(crate) struct Schedule(Vec<Scheduled>);

impl Schedule {
    /// Of these keys; `None` when there are none.
    pub(super) fn new(mut keys: Vec<Scheduled>) -> Option<Self> {
        keys.sort_by_key(|one| one.signs);
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Of a first key, which signs at once.
    pub(super) fn first(key: SigningKey, now: Timestamp) -> Self {
        Self(Vec::from([scheduled(key, now, now)]))
    }

    pub(crate) fn keys(&self) -> &[Scheduled] {
        &self.0
    }

    pub(super) fn keys_mut(&mut self) -> &mut [Scheduled] {
        &mut self.0
    }

    /// The place of the key that signs.
    fn current(&self, now: Timestamp) -> usize {
        self.0.iter().rposition(|one| one.signs <= now).unwrap_or(0)
    }

    /// The key with this name.
    pub(crate) fn named(&self, kid: &str) -> Option<&Scheduled> {
        self.0.iter().find(|one| one.key.kid() == kid)
    }

    #[cfg(feature = "admin")]
    /// What a key is there for; the keys that sign later are all next.
    pub(crate) fn role(&self, kid: &str, now: Timestamp) -> Option<Role> {
        let place = self.0.iter().position(|one| one.key.kid() == kid)?;
        Some(match place.cmp(&self.current(now)) {
            core::cmp::Ordering::Less => Role::Retiring,
            core::cmp::Ordering::Equal => Role::Current,
            core::cmp::Ordering::Greater => Role::Next,
        })
    }

    /// The keys as they are published: the one that signs, the next, the old ones.
    pub(crate) fn published(&self, now: Timestamp) -> Vec<Arc<SigningKey>> {
        let (old, rest) = self.0.split_at_checked(self.current(now)).unwrap_or_default();
        rest.iter().chain(old.iter().rev()).map(|one| Arc::clone(&one.key)).collect()
    }

    pub(super) fn counted(&self, now: Timestamp) -> Counted {
        let retiring = self.current(now);
        let next = self.0.len().saturating_sub(retiring + 1);
        let since = self.0.get(retiring).map(|one| one.signs).unwrap_or_default();
        Counted { next, retiring, since }
    }

    /// When another key signs than now; `None`: no key is published for that.
    pub(crate) fn switches(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.iter().map(|one| one.signs).find(|signs| *signs > now)
    }

    #[cfg(feature = "admin")]
    /// When a retiring key is retired.
    pub(crate) fn retires(&self, kid: &str, now: Timestamp) -> Option<Timestamp> {
        let one = self.named(kid).filter(|_| self.role(kid, now) == Some(Role::Retiring))?;
        Some(one.until.plus(CLOCKS_DIFFER))
    }

    /// When the server makes the next key by itself.
    pub(crate) fn rotates(&self, policy: KeyRotation, now: Timestamp) -> Option<Timestamp> {
        let current = self.0.get(self.current(now)).filter(|_| self.switches(now).is_none())?;
        let days = policy.every_days.saturating_sub(policy.overlap_days);
        Some(current.signs.plus(days.saturating_mul(DAY)))
    }

    /// Whether the server has to make the next key now.
    pub(super) fn is_due(&self, policy: KeyRotation, now: Timestamp) -> bool {
        self.0.len() < MOST && self.rotates(policy, now).is_some_and(|at| at <= now)
    }

    /// Publishes a key that signs after the overlap. False when one is published
    /// already, or when there are too many.
    pub(super) fn publish(&mut self, key: SigningKey, now: Timestamp, overlap: u64) -> bool {
        if self.switches(now).is_some() || self.0.len() >= MOST {
            return false;
        }
        self.0.push(scheduled(key, now, now.plus(overlap)));
        true
    }

    /// Retires the keys whose tokens have all ended. Says whether there were any.
    pub(super) fn retire(&mut self, now: Timestamp) -> bool {
        let (before, current) = (self.0.len(), self.current(now));
        let mut place = 0;
        self.0.retain(|one| {
            place += 1;
            place > current || one.until.plus(CLOCKS_DIFFER) > now
        });
        self.0.len() != before
    }

    #[cfg(feature = "admin")]
    /// Takes a key away, whatever becomes of its tokens.
    pub(super) fn withdraw(&mut self, kid: &str) {
        self.0.retain(|one| one.key.kid() != kid);
    }

    /// Promises that no token of a key ends later than this, and some time more.
    pub(super) fn promise(&mut self, kid: &str, end: Timestamp) {
        for one in self.0.iter_mut().filter(|one| one.key.kid() == kid && one.until < end) {
            one.until = end.plus(PROMISED_AHEAD);
        }
    }
}

fn scheduled(key: SigningKey, published: Timestamp, signs: Timestamp) -> Scheduled {
    // What is promised from the start spares a first write.
    let until = signs.plus(2 * PROMISED_AHEAD);
    Scheduled { key: Arc::new(key), published, signs, until, sealed: None }
}

#[cfg(test)]
#[cfg(feature = "admin")]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use super::{CLOCKS_DIFFER, DAY, Role, Schedule};
    use crate::config::KeyRotation;
    use crate::crypto::{Algorithm, SigningKey};
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp(1_790_000_000);
    const POLICY: KeyRotation = KeyRotation { every_days: 90, overlap_days: 2 };

    fn key(number: u8) -> SigningKey {
        SigningKey::generate(Algorithm::EdDSA, &[number; 32]).unwrap()
    }

    fn kids(schedule: &Schedule, now: Timestamp) -> Vec<String> {
        schedule.published(now).iter().map(|key| key.kid().into()).collect()
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_verifies_until_its_last_token_ended() {
        let mut schedule = Schedule::first(key(1), NOW);
        let (one, two) = (key(1).kid().to_string(), key(2).kid().to_string());
        let due = NOW.plus(88 * DAY);
        assert!(!schedule.is_due(POLICY, Timestamp(due.0 - 1)));
        assert!(schedule.is_due(POLICY, due));
        assert!(schedule.publish(key(2), due, 2 * DAY));
        assert!(!schedule.is_due(POLICY, due), "one is published");
        assert_eq!(kids(&schedule, due), [&*one, &two]);

        let switch = NOW.plus(90 * DAY);
        assert_eq!(schedule.switches(due), Some(switch));
        assert_eq!(schedule.role(&two, Timestamp(switch.0 - 1)), Some(Role::Next));
        assert_eq!(schedule.role(&two, switch), Some(Role::Current));
        assert_eq!(kids(&schedule, switch), [&*two, &one]);
        assert_eq!(schedule.rotates(POLICY, switch), Some(switch.plus(88 * DAY)));

        // The last token of the old one was signed a moment before.
        let end = Timestamp(switch.0 - 1).plus(30 * DAY);
        schedule.promise(&one, end);
        assert_eq!(schedule.role(&one, end), Some(Role::Retiring));
        assert!(!schedule.clone().retire(end), "the promise reaches further");
        let retires = schedule.retires(&one, end).unwrap();
        assert!(retires >= end.plus(CLOCKS_DIFFER));
        assert!(!schedule.clone().retire(Timestamp(retires.0 - 1)));
        assert!(schedule.retire(retires));
        assert_eq!(kids(&schedule, retires), [&*two]);
    }

    #[test]
    fn a_promise_is_kept_for_a_day_so_that_most_tokens_need_none() {
        let mut schedule = Schedule::first(key(1), NOW);
        let kid = key(1).kid().to_string();
        let until = |schedule: &Schedule| schedule.named(&kid).unwrap().until;
        let first = until(&schedule);
        schedule.promise(&kid, first);
        assert_eq!(until(&schedule), first);
        schedule.promise(&kid, first.plus(1));
        assert_eq!(until(&schedule), first.plus(1 + DAY));
    }

    #[test]
    fn only_one_key_is_next_and_the_one_that_signs_is_never_retired() {
        let mut schedule = Schedule::first(key(1), NOW);
        assert!(schedule.publish(key(2), NOW, DAY));
        assert!(!schedule.publish(key(3), NOW, DAY));
        assert!(!schedule.retire(NOW.plus(400 * DAY)) || schedule.keys().len() == 1);
        let mut alone = Schedule::first(key(1), NOW);
        assert!(!alone.retire(NOW.plus(4000 * DAY)));
    }

    #[test]
    fn a_key_without_overlap_signs_at_once() {
        let mut schedule = Schedule::first(key(1), NOW);
        assert!(schedule.publish(key(2), NOW.plus(5), 0));
        assert_eq!(kids(&schedule, NOW.plus(5))[0], key(2).kid());
        // A clock that is behind goes on with the old one.
        assert_eq!(kids(&schedule, NOW)[0], key(1).kid());
    }
}
