//! Tokens that were issued, by the token they were issued for. Same token
//! again, same treatment: the same answer, without a signature being computed.
//!
//! Bounded by bytes; the oldest go first. What was issued under keys of an
//! issuer that have changed since does not count any more.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::config::Treatment;
use crate::time::Timestamp;

/// Most bytes of tokens that are kept.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a request gets for its token.
#[derive(Debug, PartialEq)]
pub(super) struct Granted {
    pub(super) token: String,
    /// Header fields with claims.
    pub(super) headers: Vec<(String, String)>,
}

/// When what was granted counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// How often issuers' keys had changed when it was granted.
    pub(super) keys: u64,
}

#[derive(Default)]
pub(super) struct Cache {
    /// By hash; what counts is that the whole token is the same.
    entries: BTreeMap<u64, Entry>,
    order: VecDeque<u64>,
    bytes: usize,
}

struct Entry {
    token: String,
    treatment: Arc<Treatment>,
    granted: Arc<Granted>,
    span: Span,
}

impl Entry {
    fn size(&self) -> usize {
        let headers = self.granted.headers.iter().map(|(name, value)| name.len() + value.len());
        self.token.len() + self.granted.token.len() + headers.sum::<usize>() + 256
    }
}

impl Cache {
    pub(super) fn find(
        &self,
        token: &str,
        treatment: &Arc<Treatment>,
        now: Timestamp,
        keys: u64,
    ) -> Option<Arc<Granted>> {
        let entry = self.entries.get(&hash(token, treatment))?;
        let same = entry.token == token && Arc::ptr_eq(&entry.treatment, treatment);
        let Span { from, until, keys: then } = entry.span;
        let counts = from <= now && now < until && then == keys;
        (same && counts).then(|| Arc::clone(&entry.granted))
    }

    pub(super) fn keep(
        &mut self,
        token: String,
        treatment: &Arc<Treatment>,
        granted: &Arc<Granted>,
        span: Span,
    ) {
        let hash = hash(&token, treatment);
        let entry =
            Entry { token, treatment: Arc::clone(treatment), granted: Arc::clone(granted), span };
        self.bytes += entry.size();
        match self.entries.insert(hash, entry) {
            Some(before) => self.bytes -= before.size(),
            None => self.order.push_back(hash),
        }
        while self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.size();
            }
        }
    }
}

/// Of the end of the token, which is the end of its signature: bytes that
/// whoever brings the token did not choose. FNV-1a.
fn hash(token: &str, treatment: &Arc<Treatment>) -> u64 {
    let start = token.len().saturating_sub(24);
    let tail = token.as_bytes().get(start..).unwrap_or_default();
    let rule = Arc::as_ptr(treatment) as usize as u64;
    let bytes = tail.iter().copied().chain(rule.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::super::config::{SubjectTokenType, TokenRule};
    use super::*;

    fn treatment() -> Arc<Treatment> {
        Arc::new(Treatment {
            token: TokenRule::Required,
            client_id: "a".into(),
            audience: Vec::new(),
            scope: None,
            subject_token_type: SubjectTokenType::AccessToken,
            forward_subject_token: false,
            claim_headers: Vec::new(),
            remote: None,
        })
    }

    fn granted(length: usize) -> Arc<Granted> {
        Arc::new(Granted { token: "t".repeat(length), headers: Vec::new() })
    }

    const SPAN: Span = Span { from: Timestamp(100), until: Timestamp(200), keys: 1 };

    #[test]
    fn only_the_same_token_under_the_same_rule_in_its_time_is_found() {
        let (mut cache, one, other) = (Cache::default(), treatment(), treatment());
        cache.keep("token".into(), &one, &granted(1), SPAN);
        let found =
            |token: &str, rule, now, keys| cache.find(token, rule, Timestamp(now), keys).is_some();
        assert!(found("token", &one, 100, 1));
        assert!(!found("Token", &one, 100, 1));
        assert!(!found("token", &other, 100, 1));
        assert!(!found("token", &one, 200, 1));
        assert!(!found("token", &one, 99, 1), "the clock stepped back");
        assert!(!found("token", &one, 100, 2), "keys changed");
    }

    #[test]
    fn tokens_that_end_alike_do_not_stand_for_each_other() {
        let (mut cache, rule) = (Cache::default(), treatment());
        let tail = "x".repeat(24);
        cache.keep(alloc::format!("one.{tail}"), &rule, &granted(1), SPAN);
        let other = alloc::format!("two.{tail}");
        assert!(cache.find(&other, &rule, Timestamp(100), 1).is_none());
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_go_first() {
        let (mut cache, rule) = (Cache::default(), treatment());
        for index in 0..2000 {
            cache.keep(alloc::format!("{index}"), &rule, &granted(8 * 1024), SPAN);
        }
        assert!(cache.bytes <= MAX_BYTES);
        assert_eq!(cache.entries.len(), cache.order.len());
        assert!(cache.find("0", &rule, Timestamp(100), 1).is_none());
        assert!(cache.find("1999", &rule, Timestamp(100), 1).is_some());
    }
}
