//! How changes of the configuration are made, and time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::generation::{app, idp, mostly, one_of, some, sub, user};
use crate::operations::{Change, Edit, Op};
use crate::vocabulary::{
    App, Aud, Bound, Condition, Form, GrantType, Idp, Iss, Mode, Role, Scope, User,
};

/// Something changes, or time passes.
pub(crate) fn change() -> BoxedStrategy<Op> {
    change_at(app().boxed(), idp().boxed())
}

/// Times are multiples of three, as no lifetime is.
pub(crate) fn seconds() -> impl Strategy<Value = u64> {
    select(vec![3, 30, 300, 900, 3000, 9000])
}

/// The same where one of these applications or issuers changes.
pub(crate) fn change_at(app: BoxedStrategy<App>, idp: BoxedStrategy<Idp>) -> BoxedStrategy<Op> {
    let change = prop_oneof![
        3 => (user(), idp.clone(), sub()).prop_map(|(user, idp, sub)| Change::Link { user, idp, sub }),
        3 => any::<u8>().prop_map(|link| Change::Unlink { link }),
        4 => of_user(user().boxed()),
        12 => (app.clone(), edit()).prop_map(|(app, edit)| Change::EditApplication { app, edit: edit.fit_for(app) }),
        1 => app.clone().prop_map(|app| Change::DeleteApplication { app }),
        3 => app.prop_map(|app| Change::RecreateApplication { app }),
        8 => of_issuer(idp),
    ];
    prop_oneof![10 => change.prop_map(Op::Administer), 1 => seconds().prop_map(|seconds| Op::Wait { seconds })].boxed()
}

pub(crate) fn of_user(user: BoxedStrategy<User>) -> impl Strategy<Value = Change> {
    let lock = |(user, locked)| Change::Lock { user, locked };
    let disable = |(user, disabled)| Change::Disable { user, disabled };
    let roles = |(user, roles)| Change::Roles { user, roles };
    prop_oneof![
        2 => (user.clone(), mostly(true)).prop_map(lock),
        2 => (user.clone(), mostly(true)).prop_map(disable),
        2 => (user.clone(), some(Role::ALL)).prop_map(roles),
        1 => user.clone().prop_map(|user| Change::DeleteUser { user }),
        1 => user.prop_map(|user| Change::RecreateUser { user }),
    ]
}

fn of_issuer(idp: BoxedStrategy<Idp>) -> impl Strategy<Value = Change> {
    let conditions = prop_oneof![
        Just(vec![]),
        Just(vec![Condition::HighAudited]),
        Just(vec![Condition::Staff]),
        some(Condition::ALL),
    ];
    prop_oneof![
        3 => (idp.clone(), mostly(false)).prop_map(|(idp, enabled)| Change::Enable { idp, enabled }),
        3 => (idp.clone(), conditions).prop_map(|(idp, conditions)| Change::Conditions { idp, conditions }),
        4 => (idp.clone(), one_of(Bound::ALL)).prop_map(|(idp, bound)| Change::BoundTokens { idp, bound }),
        2 => (idp.clone(), one_of(Iss::ALL)).prop_map(|(idp, iss)| Change::Rename { idp, iss }),
        1 => idp.clone().prop_map(|idp| Change::DeleteIssuer { idp }),
        2 => idp.prop_map(|idp| Change::RecreateIssuer { idp }),
    ]
}

/// No lifetime is a multiple of three.
fn lifetimes() -> impl Strategy<Value = Edit> {
    let access = select(vec![61u64, 601, 3601]);
    let idle = select(vec![301u64, 3001, 7201]);
    let absolute = select(vec![1000u64, 4000, 10_000]);
    (access, idle, absolute).prop_map(|(access, idle, absolute)| Edit::Lifetimes {
        access,
        idle,
        absolute,
    })
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
        1 => any::<bool>().prop_map(Edit::WithoutActor),
        2 => lifetimes(),
    ]
    .boxed()
}
