//! Names that one object gives up and another takes: who gives goes first.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::resources::keys;
use super::several::Step;

/// Steps that hand names on from one to the next, in an order in which each name is
/// free before it is taken. Most groups have one step.
pub(super) struct Group {
    pub(super) steps: Vec<Step>,
    /// Whether the first takes what the last gives up. No order makes these names
    /// free, so that the steps have to happen at once.
    pub(super) is_ring: bool,
}

/// The steps in groups, which keep the order of the steps otherwise.
pub(super) fn groups(steps: Vec<Step>) -> Vec<Group> {
    let givers = givers(&steps);
    let mut orders: Vec<(Vec<usize>, bool)> = Vec::new();
    let (mut placed, mut group_of) = (BTreeSet::new(), BTreeMap::new());
    for at in 0..steps.len() {
        if !placed.insert(at) {
            continue;
        }
        let mut walked = alloc::vec![at];
        let mut giver = givers.get(&at).copied();
        while let Some(next) = giver.filter(|next| placed.insert(*next)) {
            walked.push(next);
            giver = givers.get(&next).copied();
        }
        walked.reverse();
        // It may have been placed when somebody else was asked about.
        let group = giver.and_then(|giver| group_of.get(&giver).copied()).unwrap_or(orders.len());
        group_of.extend(walked.iter().map(|one| (*one, group)));
        match orders.get_mut(group) {
            Some((order, _)) => order.extend(walked),
            None => orders.push((walked, giver == Some(at))),
        }
    }
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let mut take = |at: usize| steps.get_mut(at).and_then(Option::take);
    let group = |(order, is_ring): (Vec<usize>, bool)| Group {
        steps: order.into_iter().filter_map(&mut take).collect(),
        is_ring,
    };
    orders.into_iter().map(group).collect()
}

/// Of each step that takes a name, the step that gives it up. A name has one owner
/// before and one after, so that nobody gives to two.
fn givers(steps: &[Step]) -> BTreeMap<usize, usize> {
    let mut given = BTreeMap::new();
    let mut taken = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        let (before, after) = names(step);
        given.extend(before.difference(&after).map(|name| (name.clone(), at)));
        taken.extend(after.difference(&before).map(|name| (name.clone(), at)));
    }
    let mut givers = BTreeMap::new();
    for (name, taker) in taken {
        if let Some(giver) = given.get(&name) {
            givers.insert(taker, *giver);
        }
    }
    givers
}

/// What no other object has, before the step and after it.
fn names(step: &Step) -> (BTreeSet<String>, BTreeSet<String>) {
    let of = |kind, object| keys(kind, object).unique.into_iter().collect();
    let none = BTreeSet::new;
    match step {
        Step::Create(kind, object) => (none(), of(*kind, object)),
        Step::Replace(kind, held, object) => (of(*kind, &held.record), of(*kind, object)),
        Step::Remove(kind, held) => (of(*kind, &held.record), none()),
    }
}
