//! The keys of this server: those of the configuration, or those that it makes
//! itself and keeps in the store, where replicas agree on them.
//!
//! What the store has is read again every half minute, so a replica knows of a key
//! long before that key signs. When the store is out of reach, the last good keys
//! bridge a day, as those of issuers do. Every write expects the version that was
//! read: of two replicas that rotate at once, one wins.

mod error;
mod record;
mod schedule;

use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;

pub(crate) use self::error::NoKeys;
#[cfg(feature = "admin")]
pub(crate) use self::error::{NotPublished, NotWithdrawn};
use self::record::Stored;
pub(crate) use self::schedule::Counted;
#[cfg(not(feature = "admin"))]
use self::schedule::Schedule;
use self::schedule::Scheduled;
#[cfg(feature = "admin")]
pub(crate) use self::schedule::{MOST, Role, Schedule};
use crate::config::{Config, KeyRotation};
use crate::crypto::{Algorithm, KeyProblem, SigningKey, WrappingKeys};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed};
use crate::time::Timestamp;

/// For how long what was read counts, in seconds.
const FRESH: u64 = 30;
/// How long the last good keys bridge an outage of the store, in seconds.
const BRIDGED: u64 = 86_400;
/// Seconds between two looks for the key of a token that names none we know.
const LOOKED_FOR: u64 = 2;
/// How often a change is tried that lost a race.
const TRIES: usize = 8;

/// What entropy is drawn for. A request may make both.
const FIRST_KEY: &str = "signing key";
const NEXT_KEY: &str = "next signing key";

#[cfg(feature = "admin")]
/// The overlap of a rotation that the configuration says nothing of, in days.
pub(crate) const DEFAULT_OVERLAP_DAYS: u64 = 2;
pub(crate) const DAY: u64 = 86_400;

/// Keys as they are published; the first signs.
pub(crate) type Published = Arc<[Arc<SigningKey>]>;

/// The keys of this server.
pub(crate) struct OwnKeys {
    /// Those of the configuration. Empty: the store has them.
    configured: Published,
    rotation: Option<KeyRotation>,
    wrapping: Option<Arc<WrappingKeys>>,
    known: Arc<Mutex<Option<Known>>>,
}

/// What was read last.
struct Known {
    schedule: Schedule,
    read: Timestamp,
    /// Nobody reads before this.
    rests_until: Timestamp,
    published: Published,
    /// From when on another key signs.
    switches: Option<Timestamp>,
}

impl OwnKeys {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            configured: config.keys.clone().into(),
            rotation: config.key_rotation,
            wrapping: config.wrapping_keys.clone(),
            known: Arc::default(),
        }
    }

    /// Those of another configuration, with what was read from the store.
    pub(crate) fn continuing(mut self, former: &Self) -> Self {
        if self.configured.is_empty() && former.configured.is_empty() {
            self.known = Arc::clone(&former.known);
        }
        self
    }

    /// Whether the store has them.
    pub(crate) fn are_kept(&self) -> bool {
        self.configured.is_empty()
    }

    /// The keys as they are published; the first signs.
    pub(crate) async fn published(&self, host: &Host) -> Result<Published, NoKeys> {
        if !self.configured.is_empty() {
            return Ok(Arc::clone(&self.configured));
        }
        match self.fresh(host.now) {
            Some(published) => Ok(published),
            None => self.read_again(host).await,
        }
    }

    /// The key that signs a token which ends then. That the key is kept until then
    /// is in the store before the token is given out.
    pub(crate) async fn to_sign(
        &self,
        host: &Host,
        end: Timestamp,
    ) -> Result<Arc<SigningKey>, NoKeys> {
        let published = self.published(host).await?;
        let key = published.first().ok_or(Failed::Unsupported)?;
        if self.are_kept() && !self.is_promised(key.kid(), end) {
            let promised = |schedule: &mut Schedule| {
                schedule.promise(key.kid(), end);
                // It may have been withdrawn meanwhile.
                schedule.named(key.kid()).map(|_| ()).ok_or(NoKeys::Store(Failed::Broken))
            };
            self.change(host, promised).await?;
        }
        Ok(Arc::clone(key))
    }

    /// A key that is known already, by its name.
    pub(crate) fn known(&self, kid: &str) -> Option<Arc<SigningKey>> {
        let named = |key: &&Arc<SigningKey>| key.kid() == kid;
        if let Some(key) = self.configured.iter().find(named) {
            return Some(Arc::clone(key));
        }
        let known = self.known.lock();
        known.as_ref()?.schedule.named(kid).map(|one| Arc::clone(&one.key))
    }

    /// The key with this name, which another replica may have published a moment
    /// ago.
    pub(crate) async fn named(
        &self,
        host: &Host,
        kid: &str,
    ) -> Result<Option<Arc<SigningKey>>, NoKeys> {
        self.published(host).await?;
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        let looked = self.known.lock().as_ref().map(|known| known.read);
        let is_due = looked.is_some_and(|read| host.now.since(read) >= LOOKED_FOR);
        if self.are_kept() && is_due {
            self.read_again(host).await?;
        }
        Ok(self.known(kid))
    }

    #[cfg(feature = "admin")]
    /// The schedule as the store has it now; `None` for keys of the configuration.
    pub(crate) async fn schedule(&self, host: &Host) -> Result<Option<Schedule>, NoKeys> {
        if !self.are_kept() {
            return Ok(None);
        }
        self.read_again(host).await?;
        Ok(self.known.lock().as_ref().map(|known| known.schedule.clone()))
    }

    #[cfg(feature = "admin")]
    /// Publishes a new key, which signs after the overlap, in seconds. Without an
    /// algorithm it has that of the key that signs.
    pub(crate) async fn publish(
        &self,
        host: &Host,
        alg: Option<Algorithm>,
        overlap: u64,
    ) -> Result<Schedule, NotPublished> {
        self.published(host).await?;
        self.change(host, |schedule| {
            if let Some(at) = schedule.switches(host.now) {
                return Err(NotPublished::Already(at));
            }
            let signs = schedule.published(host.now);
            let alg = alg.or(signs.first().map(|key| key.algorithm()));
            let key = made(host, alg.unwrap_or(Algorithm::ES256), NEXT_KEY);
            let key = key.map_err(|_| NotPublished::Algorithm)?;
            if schedule.publish(key, host.now, overlap) {
                Ok(())
            } else {
                Err(NotPublished::TooMany)
            }
        })
        .await
    }

    #[cfg(feature = "admin")]
    /// Takes away a key that does not sign now. Tokens that it signed do not count
    /// any more.
    pub(crate) async fn withdraw(&self, host: &Host, kid: &str) -> Result<Schedule, NotWithdrawn> {
        self.change(host, |schedule| match schedule.role(kid, host.now) {
            None => Err(NotWithdrawn::Unknown),
            Some(Role::Current) => Err(NotWithdrawn::Signs),
            Some(Role::Next | Role::Retiring) => {
                schedule.withdraw(kid);
                Ok(())
            }
        })
        .await
    }

    /// How many keys there are, as far as they are known without a look at the store;
    /// `None` for keys of the configuration.
    pub(crate) fn counted(&self, now: Timestamp) -> Option<Counted> {
        let known = self.known.lock();
        known.as_ref().filter(|_| self.are_kept()).map(|known| known.schedule.counted(now))
    }

    fn fresh(&self, now: Timestamp) -> Option<Published> {
        let mut known = self.known.lock();
        let known = known.as_mut()?;
        // Not when the clock went back either.
        if now < known.read || now >= known.read.plus(BRIDGED) {
            return None;
        }
        if known.switches.is_some_and(|at| at <= now) {
            known.publish(now);
        }
        if now >= known.read.plus(FRESH) && now >= known.rests_until {
            // One request reads, and the others go on with what is known.
            known.rests_until = now.plus(1);
            return None;
        }
        Some(Arc::clone(&known.published))
    }

    /// Reads the store, and does there what is due.
    async fn read_again(&self, host: &Host) -> Result<Published, NoKeys> {
        match self.kept_up(host).await {
            Ok(schedule) => Ok(self.keep(schedule, host.now)),
            Err(why) => self.bridged(host.now).ok_or(why),
        }
    }

    /// What is known, while the store is out of reach.
    fn bridged(&self, now: Timestamp) -> Option<Published> {
        let known = self.known.lock();
        let known = known.as_ref()?;
        (now < known.read.plus(BRIDGED)).then(|| Arc::clone(&known.published))
    }

    /// The schedule of the store: made at first start, with the next key published
    /// and old ones retired when that is due, and wrapped as it should be.
    async fn kept_up(&self, host: &Host) -> Result<Schedule, NoKeys> {
        let stored = match self.read(host).await? {
            Some(stored) => stored,
            None => {
                let first = made(host, Algorithm::ES256, FIRST_KEY).map_err(|_| Failed::Broken)?;
                let mut schedule = Schedule::first(first, host.now);
                if self.write(host, &mut schedule, Expect::Absent).await? == Outcome::Committed {
                    return Ok(schedule);
                }
                // Of several replicas that start at once, one makes the key.
                self.read(host).await?.ok_or(Failed::Broken)?
            }
        };
        let Stored { schedule, expect } = stored;
        let mut next = schedule.clone();
        if !self.bring_up_to_date(host, &mut next)? {
            return Ok(schedule);
        }
        match self.write(host, &mut next, expect).await {
            Ok(Outcome::Committed) => Ok(next),
            Ok(Outcome::Conflict) => Ok(self.read(host).await?.ok_or(Failed::Broken)?.schedule),
            // A rehearsal writes nothing.
            Err(NoKeys::Store(Failed::Unsupported)) => Ok(schedule),
            Err(why) => Err(why),
        }
    }

    /// Does what is due. Says whether anything was.
    fn bring_up_to_date(&self, host: &Host, schedule: &mut Schedule) -> Result<bool, NoKeys> {
        let mut changed = schedule.retire(host.now);
        if let Some(rotation) = self.rotation.filter(|policy| schedule.is_due(*policy, host.now)) {
            let alg = schedule.published(host.now).first().map(|key| key.algorithm());
            let key = made(host, alg.unwrap_or(Algorithm::ES256), NEXT_KEY)
                .map_err(|_| Failed::Broken)?;
            changed |= schedule.publish(key, host.now, rotation.overlap_days.saturating_mul(DAY));
        }
        let wrapped = |one: &Scheduled| one.sealed.is_some();
        Ok(changed || (self.wrapping.is_some() && !schedule.keys().iter().all(wrapped)))
    }

    /// Changes what the store has; tries again when somebody else was first.
    async fn change<E: From<NoKeys>>(
        &self,
        host: &Host,
        mut change: impl FnMut(&mut Schedule) -> Result<(), E>,
    ) -> Result<Schedule, E> {
        for _ in 0..TRIES {
            let stored = self.read(host).await?.ok_or(NoKeys::Store(Failed::Broken))?;
            let Stored { mut schedule, expect } = stored;
            change(&mut schedule)?;
            if self.write(host, &mut schedule, expect).await? == Outcome::Committed {
                self.keep(schedule.clone(), host.now);
                return Ok(schedule);
            }
        }
        Err(NoKeys::Store(Failed::Broken).into())
    }

    fn is_promised(&self, kid: &str, end: Timestamp) -> bool {
        let known = self.known.lock();
        let one = known.as_ref().and_then(|known| known.schedule.named(kid));
        one.is_some_and(|one| end <= one.until)
    }

    /// Remembers what was read. Keys that are known keep their objects: tokens that
    /// they verified are remembered by them.
    fn keep(&self, mut schedule: Schedule, now: Timestamp) -> Published {
        let mut known = self.known.lock();
        if let Some(former) = &*known {
            for one in schedule.keys_mut() {
                let same = former.schedule.named(one.key.kid());
                let same = same.filter(|same| same.key.public() == one.key.public());
                if let Some(same) = same {
                    one.key = Arc::clone(&same.key);
                }
            }
        }
        let published = Arc::default();
        let mut read = Known { schedule, read: now, rests_until: now, published, switches: None };
        read.publish(now);
        let published = Arc::clone(&read.published);
        *known = Some(read);
        published
    }
}

impl Known {
    fn publish(&mut self, now: Timestamp) {
        let published: Vec<_> = self.schedule.published(now);
        self.published = published.into();
        self.switches = self.schedule.switches(now);
    }
}

/// A fresh key.
fn made(host: &Host, alg: Algorithm, purpose: &str) -> Result<SigningKey, KeyProblem> {
    SigningKey::generate(alg, &host.entropy.draw(purpose))
}
