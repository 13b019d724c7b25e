//! How requests are made: by whom, with which foreign token, and for what.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::given;
use crate::model::today::Today;
use crate::operations::{Actor, Ask, Email, Foreign, IdJag, Named, Op, Sub};
use crate::scenes::pick;
use crate::vocabulary::{App, Aud, Idp, Key, Name, Scope, TokenType, User};

/// An exchange of a foreign token.
pub(crate) fn exchange_at(app: App) -> BoxedStrategy<Op> {
    // A grant is never exchanged.
    let token = prop_oneof![40 => foreign_at(app), 1 => id_jag_at(app)];
    (token, actor(), ask_at(app))
        .prop_map(move |(token, actor, ask)| Op::Exchange { app, token, actor, ask })
        .boxed()
}

pub(crate) fn one_of<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    select(all)
}

pub(crate) fn app() -> impl Strategy<Value = App> {
    select(vec![App::Front, App::Front, App::Front, App::Relay, App::Relay, App::Api, App::Phone])
}

pub(crate) fn idp() -> impl Strategy<Value = Idp> {
    prop_oneof![3 => Just(Idp::Acme), 2 => one_of(Idp::ALL)]
}

pub(crate) fn user() -> impl Strategy<Value = User> {
    one_of(User::ALL)
}

/// Most often this; seldom the other.
pub(crate) fn mostly(value: bool) -> impl Strategy<Value = bool> {
    prop_oneof![6 => Just(value), 1 => Just(!value)]
}

pub(crate) fn sub() -> impl Strategy<Value = Sub> {
    prop_oneof![20 => one_of(Name::ALL).prop_map(Sub::Is), 1 => user().prop_map(Sub::LooksLike)]
}

/// A token of an issuer that an application has on its list at first, mostly.
pub(crate) fn foreign_at(app: App) -> BoxedStrategy<Foreign> {
    let idps = match app {
        App::Front => vec![Idp::Acme, Idp::Acme, Idp::Globex],
        App::Relay => vec![Idp::Acme, Idp::Partner],
        App::Api => vec![Idp::Acme, Idp::Acme, Idp::Partner],
        App::Phone => vec![Idp::Acme],
    };
    let idp = prop_oneof![12 => select(idps), 1 => one_of(Idp::ALL)];
    if app == App::Api { linked(foreign(idp)) } else { foreign(idp) }
}

/// The same about a subject that is linked to a local user, mostly.
pub(crate) fn linked(token: BoxedStrategy<Foreign>) -> BoxedStrategy<Foreign> {
    (token, mostly(true), any::<bool>())
        .prop_map(|(token, linked, second)| {
            let name = if second && token.idp == Idp::Acme { Name::Ben } else { Name::Ann };
            let sub = if linked { Sub::Is(name) } else { token.sub };
            Foreign { sub, ..token }
        })
        .boxed()
}

fn foreign(idp: impl Strategy<Value = Idp> + 'static) -> BoxedStrategy<Foreign> {
    let named = || option::weighted(0.06, (one_of(Name::ALL), option::weighted(0.3, self::idp())));
    let seconds = select(vec![6001u64, 6001, 301, 31]);
    let email = option::weighted(0.15, email());
    let key = prop_oneof![20 => Just(None), 1 => one_of(Key::ALL).prop_map(Some)];
    (idp, sub(), mostly(true), mostly(true), seconds, email, named(), named(), key)
        .prop_map(|(idp, sub, high, staff, seconds, email, act, may_act, key)| {
            let named = |(name, of)| Named { name, of };
            let (act, may_act) = (act.map(named), may_act.map(named));
            let id_jag = None;
            Foreign { idp, sub, high, staff, seconds, email, act, may_act, key, id_jag }
        })
        .boxed()
}

/// The same as an identity assertion grant, mostly for the application that brings
/// it and for what that may ask for.
pub(crate) fn id_jag_at(app: App) -> BoxedStrategy<Foreign> {
    let client = prop_oneof![12 => Just(app), 1 => one_of(App::ALL)];
    let own = given::application(app, &Today::default()).audiences;
    let own = if own.is_empty() { Aud::ALL.to_vec() } else { own };
    let resource = prop_oneof![
        2 => Just(None),
        6 => subsequence(own.clone(), 1..=own.len()).prop_map(Some),
        1 => one_of(Aud::ALL).prop_map(|one| Some(vec![one])),
    ];
    let scope = prop_oneof![
        2 => Just(None),
        4 => Just(Some(vec![Scope::Read])),
        2 => some(Scope::ALL).prop_map(Some),
    ];
    (foreign_at(app), client, resource, scope)
        .prop_map(|(token, client, resource, scope)| Foreign {
            id_jag: Some(IdJag { client, resource, scope }),
            ..token
        })
        .boxed()
}

fn email() -> impl Strategy<Value = Email> {
    let verified = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (user(), verified).prop_map(|(of, verified)| Email { of, verified })
}

/// An actor token says nothing of other actors.
pub(crate) fn actor() -> impl Strategy<Value = Actor> {
    let foreign = foreign(idp()).prop_map(|token| Foreign { act: None, may_act: None, ..token });
    prop_oneof![
        28 => Just(Actor::Nobody),
        4 => foreign.prop_map(Actor::Foreign),
        1 => id_jag_at(App::Front).prop_map(Actor::Foreign),
        2 => pick().prop_map(Actor::Issued),
    ]
}

pub(crate) fn ask() -> impl Strategy<Value = Ask> {
    asking(one_of(Aud::ALL).boxed())
}

/// What an application may ask for at first, mostly.
pub(crate) fn ask_at(app: App) -> impl Strategy<Value = Ask> {
    let own = given::application(app, &Today::default()).audiences;
    asking(if own.is_empty() {
        one_of(Aud::ALL).boxed()
    } else {
        prop_oneof![8 => select(own), 1 => one_of(Aud::ALL)].boxed()
    })
}

fn asking(audience: BoxedStrategy<Aud>) -> impl Strategy<Value = Ask> {
    let kind = prop_oneof![12 => Just(None), 1 => one_of(TokenType::ALL).prop_map(Some)];
    let scope = prop_oneof![
        6 => Just(vec![]),
        4 => Just(vec![Scope::Read]),
        1 => Just(vec![Scope::Read, Scope::Deploy]),
        1 => some(Scope::ALL),
    ];
    let audience = prop_oneof![5 => Just(vec![]), 1 => audience.prop_map(|one| vec![one])];
    (scope, audience, kind, key()).prop_map(|(scope, audience, kind, key)| Ask {
        scope,
        audience,
        kind,
        key,
    })
}

/// Most clients prove no key.
fn key() -> impl Strategy<Value = Option<Key>> {
    prop_oneof![10 => Just(None), 1 => Just(Some(Key::One)), 1 => Just(Some(Key::Two))]
}

pub(crate) fn some<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = Vec<T>> {
    subsequence(all, 0..=all.len())
}
