//! How changes of the configuration are made, and time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::generation::{app, idp, mostly, one_of, some, sub, user};
use crate::operations::{Change, Edit, Op};
use crate::vocabulary::{Aud, Condition, Form, GrantType, Idp, Iss, Mode, Scope};

pub(crate) fn change() -> BoxedStrategy<Op> {
    let seconds = select(vec![3, 30, 300, 900, 3000, 9000]);
    let change = prop_oneof![
        3 => (user(), idp(), sub()).prop_map(|(user, idp, sub)| Change::Link { user, idp, sub }),
        3 => any::<u8>().prop_map(|link| Change::Unlink { link }),
        4 => of_user(),
        12 => (app(), edit()).prop_map(|(app, edit)| Change::EditApplication { app, edit }),
        1 => app().prop_map(|app| Change::DeleteApplication { app }),
        3 => app().prop_map(|app| Change::RecreateApplication { app }),
        8 => of_issuer(),
    ];
    prop_oneof![10 => change.prop_map(Op::Administer), 1 => seconds.prop_map(|seconds| Op::Wait { seconds })].boxed()
}

fn of_user() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => (user(), mostly(true)).prop_map(|(user, locked)| Change::Lock { user, locked }),
        2 => (user(), mostly(true)).prop_map(|(user, disabled)| Change::Disable { user, disabled }),
        2 => (user(), any::<bool>()).prop_map(|(user, deployer)| Change::Roles { user, deployer }),
        1 => user().prop_map(|user| Change::DeleteUser { user }),
        1 => user().prop_map(|user| Change::RecreateUser { user }),
    ]
}

fn of_issuer() -> impl Strategy<Value = Change> {
    let conditions = prop_oneof![
        Just(vec![]),
        Just(vec![Condition::HighAudited]),
        Just(vec![Condition::Staff]),
        some(Condition::ALL),
    ];
    prop_oneof![
        3 => (idp(), mostly(false)).prop_map(|(idp, enabled)| Change::Enable { idp, enabled }),
        3 => (idp(), conditions).prop_map(|(idp, conditions)| Change::Conditions { idp, conditions }),
        2 => (idp(), one_of(Iss::ALL)).prop_map(|(idp, iss)| Change::Rename { idp, iss }),
        1 => idp().prop_map(|idp| Change::DeleteIssuer { idp }),
        2 => idp().prop_map(|idp| Change::RecreateIssuer { idp }),
    ]
}

fn edit() -> BoxedStrategy<Edit> {
    let grants = subsequence(GrantType::ALL, 1..=GrantType::ALL.len());
    let issuers = subsequence(Idp::ALL, 0..=Idp::ALL.len()).prop_flat_map(|idps| {
        let count = idps.len();
        vec(prop_oneof![2 => Just(vec![]), 1 => some(Condition::ALL)], count)
            .prop_map(move |own| idps.iter().copied().zip(own).collect())
    });
    prop_oneof![
        4 => grants.prop_map(Edit::GrantTypes),
        4 => issuers.prop_map(Edit::Issuers),
        3 => some(Aud::ALL).prop_map(Edit::Audiences),
        2 => some(Aud::ALL).prop_map(Edit::Resources),
        4 => some(Scope::ALL).prop_map(Edit::Scopes),
        6 => one_of(Mode::ALL).prop_map(Edit::Mode),
        1 => select(vec![Form::Jwt, Form::Opaque]).prop_map(Edit::AccessTokens),
    ]
    .boxed()
}
