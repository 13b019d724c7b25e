//! Tokens that were issued, by the token they were issued for. Same token
//! again, same rule: the same answer, without anything being computed. Off unless
//! the configuration turns it on.
//!
//! What is given out again is what an exchange would issue now, as far as that is
//! decided by the configuration, the keys of issuers and the clock:
//!
//! - it counts until it nears its end, until the token that it was issued for ends
//!   or is too old, and no longer than the keys that verified that token may be
//!   used without looking at them again;
//! - it does not count once keys of an issuer have changed;
//! - what the store had a part in, or what counts once, is not kept at all.
//!
//! Another configuration is another gateway, whose cache is empty.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;

use super::config::Treatment;
use crate::engine::Engine;
use crate::time::Timestamp;
use crate::token_cache::TokenCache;

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

/// Without a size it keeps nothing.
pub(super) struct Cache(Option<Kept>);

struct Kept {
    tokens: Mutex<TokenCache<Entry>>,
    margin_seconds: u64,
}

struct Entry {
    treatment: Arc<Treatment>,
    granted: Arc<Granted>,
    span: Span,
}

impl Cache {
    /// The cache that the configuration of this engine asks for.
    pub(super) fn of(engine: &Engine) -> Self {
        Self(engine.issued_tokens().map(|(issued, counters)| Kept {
            tokens: Mutex::new(TokenCache::new(issued.max_bytes, counters)),
            margin_seconds: issued.margin_seconds,
        }))
    }

    pub(super) fn find(
        &self,
        token: &str,
        treatment: &Arc<Treatment>,
        now: Timestamp,
        keys: u64,
    ) -> Option<Arc<Granted>> {
        let mut tokens = self.0.as_ref()?.tokens.lock();
        let purpose = purpose(treatment);
        let entry = tokens.find(token, purpose, |entry| entry.counts(treatment, now, keys))?;
        Some(Arc::clone(&entry.granted))
    }

    pub(super) fn keep(
        &self,
        token: &str,
        treatment: &Arc<Treatment>,
        granted: &Arc<Granted>,
        span: Span,
    ) {
        let Some(Kept { tokens, .. }) = self.0.as_ref().filter(|_| span.from < span.until) else {
            return;
        };
        let headers = granted.headers.iter().map(|(name, value)| name.len() + value.len());
        let bytes = granted.token.len() + headers.sum::<usize>();
        let (treatment, granted) = (Arc::clone(treatment), Arc::clone(granted));
        let purpose = purpose(&treatment);
        tokens.lock().keep(token, purpose, Entry { treatment, granted, span }, bytes);
    }

    /// How many seconds a token that lives for so long may be given out.
    pub(super) fn lifetime(&self, expires_in: u64) -> u64 {
        let margin = self.0.as_ref().map_or(0, |kept| kept.margin_seconds);
        expires_in.saturating_sub((expires_in / 5).min(margin))
    }
}

impl Entry {
    fn counts(&self, treatment: &Arc<Treatment>, now: Timestamp, keys: u64) -> bool {
        let Span { from, until, keys: then } = self.span;
        let in_time = from <= now && now < until;
        Arc::ptr_eq(&self.treatment, treatment) && in_time && then == keys
    }
}

/// One token may be sent to paths of several rules.
fn purpose(treatment: &Arc<Treatment>) -> u64 {
    Arc::as_ptr(treatment) as usize as u64
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

    fn cache() -> Cache {
        let tokens = Mutex::new(TokenCache::new(64 * 1024, Arc::default()));
        Cache(Some(Kept { tokens, margin_seconds: 30 }))
    }

    fn granted() -> Arc<Granted> {
        Arc::new(Granted { token: "issued".into(), headers: Vec::new() })
    }

    const SPAN: Span = Span { from: Timestamp(100), until: Timestamp(200), keys: 1 };

    #[test]
    fn only_the_same_token_under_the_same_rule_in_its_time_is_found() {
        let (cache, one, other) = (cache(), treatment(), treatment());
        cache.keep("token", &one, &granted(), SPAN);
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
    fn an_entry_counts_for_its_rule_whatever_place_it_has() {
        let rule = treatment();
        let entry = Entry { treatment: Arc::clone(&rule), granted: granted(), span: SPAN };
        assert!(entry.counts(&rule, SPAN.from, SPAN.keys));
        assert!(!entry.counts(&treatment(), SPAN.from, SPAN.keys));
    }

    #[test]
    fn what_counts_at_no_time_is_not_kept() {
        let (cache, rule) = (cache(), treatment());
        cache.keep("token", &rule, &granted(), Span { until: SPAN.from, ..SPAN });
        assert!(cache.find("token", &rule, SPAN.from, 1).is_none());
    }

    #[test]
    fn a_token_is_given_out_until_the_margin_before_its_end() {
        let cache = cache();
        assert_eq!(cache.lifetime(3600), 3570);
        assert_eq!(cache.lifetime(100), 80, "a fifth of a short life");
        assert_eq!(cache.lifetime(0), 0);
    }

    #[test]
    fn without_a_size_nothing_is_kept() {
        let (cache, rule) = (Cache(None), treatment());
        cache.keep("token", &rule, &granted(), SPAN);
        assert!(cache.find("token", &rule, Timestamp(100), 1).is_none());
    }
}
