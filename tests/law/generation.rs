//! How programs are made. What is likely to matter is more likely: the usual
//! request, the newest tokens, and the application that holds a token.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::operations::{Actor, Ask, By, Change, Edit, Email, Foreign, Named, Op, Pick, Sub};
use crate::vocabulary::{
    App, Aud, Condition, Form, GrantType, Idp, Iss, Mode, Name, Scope, TokenType, User,
};

/// Most operations of a program.
const LONGEST: usize = 16;

pub(crate) fn program() -> impl Strategy<Value = Vec<Op>> {
    vec(op(), 1..=LONGEST)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (app(), foreign(), actor(), ask())
            .prop_map(|(app, token, actor, ask)| Op::Exchange { app, token, actor, ask }),
        2 => (app(), foreign(), ask()).prop_map(|(app, token, ask)| Op::Assert { app, token, ask }),
        6 => (by(), pick(), actor(), ask())
            .prop_map(|(by, token, actor, ask)| Op::ExchangeIssued { by, token, actor, ask }),
        4 => (by(), pick(), ask()).prop_map(|(by, token, ask)| Op::Refresh { by, token, ask }),
        4 => (by(), pick()).prop_map(|(by, token)| Op::Introspect { by, token }),
        1 => (by(), pick()).prop_map(|(by, token)| Op::Revoke { by, token }),
        1 => pick().prop_map(|token| Op::OwnAccount { token }),
        6 => change().prop_map(Op::Administer),
        1 => select(vec![3, 30, 300, 900, 3000, 9000]).prop_map(|seconds| Op::Wait { seconds }),
    ]
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    select(all)
}

fn app() -> impl Strategy<Value = App> {
    one_of(App::ALL)
}

fn idp() -> impl Strategy<Value = Idp> {
    prop_oneof![3 => Just(Idp::Acme), 2 => one_of(Idp::ALL)]
}

fn user() -> impl Strategy<Value = User> {
    one_of(User::ALL)
}

/// The newest tokens are picked most.
fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![3 => Just(0u8), 3 => 0u8..4, 1 => 0u8..16].prop_map(Pick)
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![1 => Just(By::Holder), 1 => app().prop_map(By::App)]
}

/// Most often true, and false when it is shrunk, or the other way round.
fn mostly(value: bool) -> impl Strategy<Value = bool> {
    prop_oneof![4 => Just(value), 1 => Just(!value)]
}

fn sub() -> impl Strategy<Value = Sub> {
    prop_oneof![
        8 => one_of(Name::ALL).prop_map(Sub::Is),
        1 => user().prop_map(Sub::LooksLike),
    ]
}

fn foreign() -> impl Strategy<Value = Foreign> {
    let named = || option::weighted(0.1, (one_of(Name::ALL), option::weighted(0.3, idp())));
    let seconds = select(vec![6001u64, 301, 31]);
    (
        idp(),
        sub(),
        mostly(true),
        mostly(true),
        seconds,
        option::weighted(0.2, email()),
        named(),
        named(),
    )
        .prop_map(|(idp, sub, high, staff, seconds, email, act, may_act)| {
            let named = |(name, of)| Named { name, of };
            let (act, may_act) = (act.map(named), may_act.map(named));
            Foreign { idp, sub, high, staff, seconds, email, act, may_act }
        })
}

fn email() -> impl Strategy<Value = Email> {
    let verified = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (user(), verified).prop_map(|(of, verified)| Email { of, verified })
}

/// An actor token says nothing of other actors.
fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        8 => Just(Actor::Nobody),
        2 => foreign().prop_map(|token| Actor::Foreign(Foreign { act: None, may_act: None, ..token })),
        1 => pick().prop_map(Actor::Issued),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let kind = prop_oneof![
        8 => Just(None),
        1 => one_of(TokenType::ALL).prop_map(Some),
        1 => Just(Some(TokenType::Jwt)),
    ];
    let scope = prop_oneof![1 => Just(vec![]), 1 => some(Scope::ALL)];
    let audience = prop_oneof![2 => Just(vec![]), 1 => one_of(Aud::ALL).prop_map(|one| vec![one])];
    (scope, audience, kind).prop_map(|(scope, audience, kind)| Ask { scope, audience, kind })
}

fn some<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    subsequence(all, 0..=all.len())
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (user(), idp(), sub()).prop_map(|(user, idp, sub)| Change::Link { user, idp, sub }),
        2 => any::<u8>().prop_map(|link| Change::Unlink { link }),
        4 => of_user(),
        8 => (app(), edit()).prop_map(|(app, edit)| Change::EditApplication { app, edit }),
        1 => app().prop_map(|app| Change::DeleteApplication { app }),
        2 => app().prop_map(|app| Change::RecreateApplication { app }),
        6 => of_issuer(),
    ]
}

fn of_user() -> impl Strategy<Value = Change> {
    prop_oneof![
        (user(), mostly(true)).prop_map(|(user, locked)| Change::Lock { user, locked }),
        (user(), mostly(true)).prop_map(|(user, disabled)| Change::Disable { user, disabled }),
        (user(), any::<bool>()).prop_map(|(user, deployer)| Change::Roles { user, deployer }),
        user().prop_map(|user| Change::DeleteUser { user }),
        user().prop_map(|user| Change::RecreateUser { user }),
    ]
}

fn of_issuer() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => (idp(), mostly(false)).prop_map(|(idp, enabled)| Change::Enable { idp, enabled }),
        2 => (idp(), some(Condition::ALL))
            .prop_map(|(idp, conditions)| Change::Conditions { idp, conditions }),
        2 => (idp(), one_of(Iss::ALL)).prop_map(|(idp, iss)| Change::Rename { idp, iss }),
        1 => idp().prop_map(|idp| Change::DeleteIssuer { idp }),
        2 => idp().prop_map(|idp| Change::RecreateIssuer { idp }),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let listed = subsequence(Idp::ALL, 0..=Idp::ALL.len()).prop_flat_map(|idps| {
        let count = idps.len();
        vec(prop_oneof![2 => Just(vec![]), 1 => some(Condition::ALL)], count)
            .prop_map(move |own| idps.iter().copied().zip(own).collect())
    });
    prop_oneof![
        2 => subsequence(GrantType::ALL, 1..=GrantType::ALL.len()).prop_map(Edit::GrantTypes),
        2 => listed.prop_map(Edit::Issuers),
        2 => some(Aud::ALL).prop_map(Edit::Audiences),
        1 => some(Aud::ALL).prop_map(Edit::Resources),
        2 => some(Scope::ALL).prop_map(Edit::Scopes),
        3 => one_of(Mode::ALL).prop_map(Edit::Mode),
        1 => select(vec![Form::Jwt, Form::Opaque]).prop_map(Edit::AccessTokens),
    ]
}
