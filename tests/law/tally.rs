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
        for (reason, times) in other.alone {
            *self.alone.entry(reason).or_default() += times;
        }
    }

    /// Every request was granted and refused, each in no less than a fiftieth.
    pub(crate) fn check(&self) {
        println!("{self:#?}");
        for (request, [granted, refused]) in &self.requests {
            let fiftieth = (granted + refused) / 50;
            let least = *granted.min(refused);
            assert!(least > fiftieth, "{request}: {granted} granted, {refused} refused");
        }
    }
}

/// A sentence without the names in it.
pub(crate) fn nameless(sentence: &str) -> String {
    let pieces = sentence.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 0 { piece } else { "_" }).collect()
}
