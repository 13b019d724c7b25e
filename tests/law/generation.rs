//! How programs are made: scenes, in which something is issued, or something
//! changes and is used afterwards. What is likely to be granted is more likely,
//! because a request that is refused for several reasons tests none of them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::changing::change;
use crate::given;
use crate::model::today::Today;
use crate::operations::{Actor, Ask, By, Email, Foreign, Named, Op, Pick, Sub};
use crate::vocabulary::{App, Aud, Idp, Name, Scope, TokenType, User};

/// Most scenes of a program.
const SCENES: usize = 7;

pub(crate) fn program() -> impl Strategy<Value = Vec<Op>> {
    vec(scene(), 1..=SCENES).prop_map(|scenes| scenes.into_iter().flatten().collect())
}

fn scene() -> BoxedStrategy<Vec<Op>> {
    let one = |op| vec![op];
    prop_oneof![
        3 => grant().prop_map(one),
        3 => (grant(), change(), usage()).prop_map(|(grant, change, usage)| vec![grant, change, usage]),
        2 => (change(), usage()).prop_map(|(change, usage)| vec![change, usage]),
        3 => usage().prop_map(one),
        1 => change().prop_map(one),
    ]
    .boxed()
}

/// A foreign token is turned into an issued one.
fn grant() -> BoxedStrategy<Op> {
    let exchange =
        app().prop_flat_map(|app| {
            (foreign_at(app), actor(), ask_at(app))
                .prop_map(move |(token, actor, ask)| Op::Exchange { app, token, actor, ask })
        });
    let bearers = vec![App::Front, App::Front, App::Api, App::Relay];
    let assertion = select(bearers).prop_flat_map(|app| {
        (foreign_at(app), ask_at(app)).prop_map(move |(token, ask)| Op::Assert { app, token, ask })
    });
    prop_oneof![4 => exchange, 1 => assertion].boxed()
}

/// An issued token is used.
fn usage() -> BoxedStrategy<Op> {
    prop_oneof![
        6 => (by(), pick(), actor(), ask())
            .prop_map(|(by, token, actor, ask)| Op::ExchangeIssued { by, token, actor, ask }),
        4 => (by(), pick(), ask()).prop_map(|(by, token, ask)| Op::Refresh { by, token, ask }),
        4 => (by(), pick()).prop_map(|(by, token)| Op::Introspect { by, token }),
        1 => (by(), pick()).prop_map(|(by, token)| Op::Revoke { by, token }),
        1 => pick().prop_map(|token| Op::OwnAccount { token }),
    ]
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

/// The newest tokens are picked most.
fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![3 => Just(0u8), 3 => 0u8..4, 1 => 0u8..16].prop_map(Pick)
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![5 => Just(By::Holder), 3 => Just(By::Audience), 1 => one_of(App::ALL).prop_map(By::App)]
}

/// Most often this; seldom the other.
pub(crate) fn mostly(value: bool) -> impl Strategy<Value = bool> {
    prop_oneof![6 => Just(value), 1 => Just(!value)]
}

pub(crate) fn sub() -> impl Strategy<Value = Sub> {
    prop_oneof![20 => one_of(Name::ALL).prop_map(Sub::Is), 1 => user().prop_map(Sub::LooksLike)]
}

/// A token of an issuer that an application has on its list at first, mostly.
fn foreign_at(app: App) -> impl Strategy<Value = Foreign> {
    let idps = match app {
        App::Front => vec![Idp::Acme, Idp::Acme, Idp::Globex],
        App::Relay => vec![Idp::Acme, Idp::Partner],
        App::Api => vec![Idp::Acme, Idp::Acme, Idp::Partner],
        App::Phone => vec![Idp::Acme],
    };
    foreign(prop_oneof![12 => select(idps), 1 => one_of(Idp::ALL)])
}

fn foreign(idp: impl Strategy<Value = Idp> + 'static) -> BoxedStrategy<Foreign> {
    let named = || option::weighted(0.06, (one_of(Name::ALL), option::weighted(0.3, self::idp())));
    let seconds = select(vec![6001u64, 6001, 301, 31]);
    let email = option::weighted(0.15, email());
    (idp, sub(), mostly(true), mostly(true), seconds, email, named(), named())
        .prop_map(|(idp, sub, high, staff, seconds, email, act, may_act)| {
            let named = |(name, of)| Named { name, of };
            let (act, may_act) = (act.map(named), may_act.map(named));
            Foreign { idp, sub, high, staff, seconds, email, act, may_act }
        })
        .boxed()
}

fn email() -> impl Strategy<Value = Email> {
    let verified = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (user(), verified).prop_map(|(of, verified)| Email { of, verified })
}

/// An actor token says nothing of other actors.
fn actor() -> impl Strategy<Value = Actor> {
    let foreign = foreign(idp()).prop_map(|token| Foreign { act: None, may_act: None, ..token });
    prop_oneof![
        14 => Just(Actor::Nobody),
        2 => foreign.prop_map(Actor::Foreign),
        1 => pick().prop_map(Actor::Issued),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    asking(one_of(Aud::ALL).boxed())
}

/// What an application may ask for at first, mostly.
fn ask_at(app: App) -> impl Strategy<Value = Ask> {
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
        4 => Just(vec![]),
        4 => Just(vec![Scope::Read]),
        2 => Just(vec![Scope::Read, Scope::Deploy]),
        2 => some(Scope::ALL),
    ];
    let audience = prop_oneof![3 => Just(vec![]), 1 => audience.prop_map(|one| vec![one])];
    (scope, audience, kind).prop_map(|(scope, audience, kind)| Ask { scope, audience, kind })
}

pub(crate) fn some<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = Vec<T>> {
    subsequence(all, 0..=all.len())
}
