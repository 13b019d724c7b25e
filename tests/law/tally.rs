//! How often each request was granted and refused, and each reason to refuse
//! was the only one. Programs that reach nothing prove nothing.

use std::collections::BTreeMap;

use crate::model::objection::Objections;

/// What the model expected of some requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Granted and refused, by request.
    requests: BTreeMap<&'static str, [u64; 2]>,
    /// How often each reason was the only one.
    alone: BTreeMap<String, u64>,
    /// How often a token was presented whose signature was known.
    pub(crate) known_tokens: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, request: &'static str, objections: &Objections) {
        let [granted, refused] = self.requests.entry(request).or_default();
        *(if objections.is_empty() { granted } else { refused }) += 1;
        if let [only] = &objections.0[..] {
            *self.alone.entry(nameless(&only.why)).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (request, [granted, refused]) in other.requests {
            let sum = self.requests.entry(request).or_default();
            *sum = [sum[0] + granted, sum[1] + refused];
        }
        self.known_tokens += other.known_tokens;
        for (reason, times) in other.alone {
            *self.alone.entry(reason).or_default() += times;
        }
    }

    /// An eighth of each kind of request was granted, and each rule of the law was
    /// the only reason to refuse at least once.
    pub(crate) fn check(&self) {
        println!("{self:#?}");
        for (request, [granted, refused]) in &self.requests {
            // A revocation is refused for the client alone, which a run may not happen upon.
            let is_one_sided = *refused == 0 && *request != "revocation";
            let few = granted * 8 < granted + refused || is_one_sided;
            assert!(!few, "{request}: {granted} granted, {refused} refused");
        }
        assert!(self.known_tokens > 100, "the cache knew {} tokens", self.known_tokens);
        for rule in RULES {
            assert!(self.alone.contains_key(rule), "nothing was refused only because: {rule}");
        }
    }
}

/// What can be wrong with an issued token.
const RULES: [&str; 33] = [
    "the token is bound to a key, and such tokens of its issuer are refused",
    "the token has expired",
    "the token was revoked",
    "its family has ended",
    "it was used before",
    "it was not issued to this _",
    "the application _ that it was issued to is gone",
    "_ may not use the grant _ any more",
    "_ may not refresh any more",
    "the issuer that it came from is gone",
    "the issuer _ is disabled",
    "the issuer _ is not on the list of _, it was issued to",
    "the issuer _ is not on the list of _, that presents it",
    "the _ or the conditions of _ at _, it was issued to, are not those that held",
    "the _ or the conditions of _ at _, that presents it, are not those that held",
    "the link by which its subject was a local user is gone",
    "the user _ is locked",
    "the user _ is disabled",
    "_ has no local users today",
    "_ has only local users today",
    "_ would have the linked local user today",
    "_ may not ask for its audience _ any more",
    "_ is a public client",
    "the token was not issued to _, and _ is none of its audiences",
    "the _ looks like the id of a local user",
    "the token is about an application",
    "the token is bound to a key, and none is proven",
    "the token is bound to another key",
    "a bound token is no bearer token",
    "it is no access token",
    "the token lacks a scope of the API",
    "the token lacks the scope of administrators",
    "the token is meant for an API other than this server",
];

/// A sentence without the names in it.
pub(crate) fn nameless(sentence: &str) -> String {
    let pieces = sentence.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 0 { piece } else { "_" }).collect()
}
