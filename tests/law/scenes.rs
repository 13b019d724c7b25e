//! How programs are made: scenes, in which something is issued, or something
//! changes and is used afterwards. What is likely to be granted is more likely,
//! because a request that is refused for several reasons tests none of them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::changing::{change, change_at, of_user, seconds};
use crate::generation::{
    actor, app, ask, ask_at, exchange_at, foreign_at, id_jag_at, idp, linked, one_of, some,
};
use crate::operations::{Actor, Ask, By, Change, Edit, Foreign, Op, Pick, Sub};
use crate::vocabulary::{App, Aud, Bound, GrantType, Idp, Key, Name, Scope, User};

/// Most scenes of a program.
const SCENES: usize = 7;
const NEWEST_ACCESS: Pick = Pick::Access(0);
const NEWEST_REFRESH: Pick = Pick::Refresh(0);

pub(crate) fn program() -> impl Strategy<Value = Vec<Op>> {
    vec(scene(), 1..=SCENES).prop_map(|scenes| scenes.into_iter().flatten().collect())
}

fn scene() -> BoxedStrategy<Vec<Op>> {
    prop_oneof![
        3 => grant().prop_map(|op| vec![op]),
        5 => aimed(),
        2 => (change(), usage()).prop_map(|(change, usage)| vec![change, usage]),
        3 => usage().prop_map(|op| vec![op]),
        1 => change().prop_map(|op| vec![op]),
        3 => handed_on(),
        1 => revoked(),
        1 => linked_later(),
        1 => withdrawn(),
        1 => spent(),
        1 => long(),
        1 => administration(),
        2 => (about_itself(), usage()).prop_map(|(grant, usage)| vec![grant, usage]),
        1 => acting(),
        2 => bound(),
        2 => bound_elsewhere(),
    ]
    .boxed()
}

/// A foreign token is turned into an issued one.
fn grant() -> BoxedStrategy<Op> {
    let exchange = app().prop_flat_map(exchange_at);
    let bearers = vec![App::Front, App::Front, App::Api, App::Relay];
    let assertion = select(bearers).prop_flat_map(|app| {
        (foreign_at(app), ask_at(app)).prop_map(move |(token, ask)| Op::Assert { app, token, ask })
    });
    let bringers = vec![App::Front, App::Front, App::Api, App::Relay, App::Phone];
    let id_jag = select(bringers).prop_flat_map(|app| {
        (id_jag_at(app), ask_at(app)).prop_map(move |(token, ask)| Op::Assert { app, token, ask })
    });
    prop_oneof![8 => exchange, 2 => assertion, 2 => id_jag, 1 => about_itself()].boxed()
}

/// An application gets a token about itself.
fn about_itself() -> BoxedStrategy<Op> {
    let apps = vec![App::Front, App::Front, App::Front, App::Relay, App::Relay, App::Api];
    select(apps)
        .prop_flat_map(|app| ask_at(app).prop_map(move |ask| Op::AboutItself { app, ask }))
        .boxed()
}

/// Something is issued for a key, and used with that key or another one.
fn bound() -> BoxedStrategy<Vec<Op>> {
    let keys =
        || prop_oneof![4 => Just(Some(Key::One)), 1 => Just(Some(Key::Two)), 1 => Just(None)];
    let usage = prop_oneof![
        3 => (by(), pick(), actor(), ask(), keys()).prop_map(|(by, token, actor, ask, key)| {
            Op::ExchangeIssued { by, token, actor, ask: Ask { key, ..ask } }
        }),
        4 => (by(), refresh_pick(), ask(), keys())
            .prop_map(|(by, token, ask, key)| Op::Refresh { by, token, ask: Ask { key, ..ask } }),
        1 => authenticate(Just(NEWEST_ACCESS).boxed()),
        1 => by().prop_map(|by| Op::Introspect { by, token: NEWEST_ACCESS }),
    ];
    let with_key = |grant: Op| match grant {
        Op::Exchange { app, token, actor, ask } => {
            Op::Exchange { app, token, actor, ask: Ask { key: Some(Key::One), ..ask } }
        }
        Op::Assert { app, token, ask } => {
            Op::Assert { app, token, ask: Ask { key: Some(Key::One), ..ask } }
        }
        Op::AboutItself { app, ask } => {
            Op::AboutItself { app, ask: Ask { key: Some(Key::One), ..ask } }
        }
        other => other,
    };
    (grant(), vec(usage, 1..=3))
        .prop_map(move |(grant, usage)| [with_key(grant)].into_iter().chain(usage).collect())
        .boxed()
}

/// An issuer says what becomes of its bound tokens; one is exchanged, mostly without its
/// key; and perhaps the issuer says something else before what was issued is used.
fn bound_elsewhere() -> BoxedStrategy<Vec<Op>> {
    let keys = || prop_oneof![2 => Just(None), 1 => one_of(Key::ALL).prop_map(Some)];
    let said = |idp| {
        one_of(Bound::ALL).prop_map(move |bound| Op::Administer(Change::BoundTokens { idp, bound }))
    };
    let scene = app().prop_flat_map(|app| (Just(app), foreign_at(app), ask_at(app)));
    scene
        .prop_flat_map(move |(app, token, ask)| {
            let idp = token.idp;
            let exchange = (one_of(Key::ALL), keys()).prop_map(move |(bound, key)| {
                let token = Foreign { key: Some(bound), ..token.clone() };
                let ask = Ask { key, ..ask.clone() };
                Op::Exchange { app, token, actor: Actor::Nobody, ask }
            });
            (said(idp), exchange, option::weighted(0.3, said(idp)), usage())
        })
        .prop_map(|(said, exchange, again, usage)| {
            [said, exchange].into_iter().chain(again).chain([usage]).collect()
        })
        .boxed()
}

/// An application acts for a subject with a token about itself.
fn acting() -> BoxedStrategy<Vec<Op>> {
    let scene =
        select(vec![App::Front, App::Relay]).prop_flat_map(|app| {
            let itself = Op::AboutItself {
                app,
                ask: Ask { scope: vec![], audience: vec![], kind: None, key: None },
            };
            let apps = prop_oneof![3 => Just(app), 1 => self::app()].boxed();
            let change = option::weighted(0.5, change_at(apps, idp().boxed()));
            let exchange = (foreign_at(app), ask_at(app)).prop_map(move |(token, ask)| {
                Op::Exchange { app, token, actor: Actor::Issued(NEWEST_ACCESS), ask }
            });
            (Just(itself), change, exchange, usage())
        });
    scene
        .prop_map(|(itself, change, exchange, usage)| {
            [itself].into_iter().chain(change).chain([exchange, usage]).collect()
        })
        .boxed()
}

/// Something is issued, what it was issued for changes, and it is used.
fn aimed() -> BoxedStrategy<Vec<Op>> {
    let change = |grant: Op| {
        let (app, idp) = match &grant {
            Op::Exchange { app, token, .. } | Op::Assert { app, token, .. } => (*app, token.idp),
            Op::AboutItself { app, .. } => (*app, Idp::Acme),
            _ => (App::Front, Idp::Acme),
        };
        let apps = prop_oneof![3 => Just(app), 1 => self::app()].boxed();
        let idps = prop_oneof![3 => Just(idp), 1 => self::idp()].boxed();
        (Just(grant), change_at(apps, idps), usage())
    };
    let scene = grant().prop_flat_map(change);
    scene.prop_map(|(grant, change, usage)| vec![grant, change, usage]).boxed()
}

/// A token is handed on to an application that is an audience of it.
fn handed_on() -> BoxedStrategy<Vec<Op>> {
    let ways = vec![
        (App::Front, Aud::Api, App::Api),
        (App::Front, Aud::Api, App::Api),
        (App::Relay, Aud::Api, App::Api),
        (App::Relay, Aud::Front, App::Front),
        (App::Api, Aud::Files, App::Relay),
    ];
    let scene = select(ways).prop_flat_map(|(from, audience, to)| {
        let ask = Ask { scope: vec![], audience: vec![audience], kind: None, key: None };
        let token = if to == App::Api { linked(foreign_at(from)) } else { foreign_at(from) };
        let grant = token.prop_map(move |token| {
            let (actor, ask) = (Actor::Nobody, ask.clone());
            Op::Exchange { app: from, token, actor, ask }
        });
        let apps = prop_oneof![3 => Just(to), 1 => Just(from)].boxed();
        let (by, token) = (By::App(to), NEWEST_ACCESS);
        let usage = prop_oneof![
            4 => (actor(), ask_at(to))
                .prop_map(move |(actor, ask)| Op::ExchangeIssued { by, token, actor, ask }),
            1 => Just(Op::Introspect { by, token }),
        ];
        (grant, option::weighted(0.8, change_at(apps, idp().boxed())), usage)
    });
    scene
        .prop_map(|(grant, change, usage)| {
            [grant].into_iter().chain(change).chain([usage]).collect()
        })
        .boxed()
}

/// A token is revoked, and used.
fn revoked() -> BoxedStrategy<Vec<Op>> {
    let pick = prop_oneof![2 => Just(NEWEST_ACCESS), 1 => Just(Pick::Any(0))];
    (grant(), pick.clone(), usage_of(pick.boxed()))
        .prop_map(|(grant, token, usage)| vec![grant, Op::Revoke { by: By::Holder, token }, usage])
        .boxed()
}

/// A subject is linked to a user after something was issued about it.
fn linked_later() -> BoxedStrategy<Vec<Op>> {
    let apps = select(vec![App::Front, App::Front, App::Phone, App::Relay]);
    let begin = apps.prop_flat_map(|app| (Just(app), foreign_at(app), ask_at(app)));
    (begin, one_of(User::ALL), usage())
        .prop_map(|((app, token, ask), user, usage)| {
            let token = Foreign { sub: Sub::Is(Name::Robot), ..token };
            let link = Change::Link { user, idp: token.idp, sub: token.sub };
            let grant = Op::Exchange { app, token, actor: Actor::Nobody, ask };
            vec![grant, Op::Administer(link), usage]
        })
        .boxed()
}

/// An application loses a grant, and its tokens are used.
fn withdrawn() -> BoxedStrategy<Vec<Op>> {
    let grants = subsequence(GrantType::ALL, 1..GrantType::ALL.len());
    let begin = app().prop_flat_map(|app| (Just(app), exchange_at(app)));
    (begin, grants, usage())
        .prop_map(|((app, grant), grants, usage)| {
            let edit = Edit::GrantTypes(grants).fit_for(app);
            vec![grant, Op::Administer(Change::EditApplication { app, edit }), usage]
        })
        .boxed()
}

/// A refresh token is spent, and used again.
fn spent() -> BoxedStrategy<Vec<Op>> {
    // Within the grace of an application that has one, and after it.
    let pause = option::of(select(vec![3, 12]).prop_map(|seconds| Op::Wait { seconds }));
    let again = prop_oneof![
        3 => ask().prop_map(|ask| Op::Refresh { by: By::Holder, token: Pick::Refresh(1), ask }),
        3 => usage_of(Just(Pick::Refresh(1)).boxed()),
    ];
    (refreshing(), ask(), pause, again, usage())
        .prop_map(|(begin, ask, pause, again, usage)| {
            let refresh = Op::Refresh { by: By::Holder, token: NEWEST_REFRESH, ask };
            [begin, refresh].into_iter().chain(pause).chain([again, usage]).collect()
        })
        .boxed()
}

/// A family of refresh tokens is used for as long as it lives.
fn long() -> BoxedStrategy<Vec<Op>> {
    (refreshing(), vec(seconds(), 1..=4), usage())
        .prop_map(|(begin, pauses, usage)| {
            let ask = Ask { scope: vec![], audience: vec![], kind: None, key: None };
            let refresh = Op::Refresh { by: By::Holder, token: NEWEST_REFRESH, ask };
            let refreshed =
                pauses.into_iter().flat_map(|seconds| [Op::Wait { seconds }, refresh.clone()]);
            [begin].into_iter().chain(refreshed).chain([usage]).collect()
        })
        .boxed()
}

/// An exchange that gives a refresh token.
fn refreshing() -> impl Strategy<Value = Op> {
    select(vec![App::Front, App::Relay, App::Phone]).prop_flat_map(exchange_at)
}

/// An administrator gets a token and uses it.
fn administration() -> BoxedStrategy<Vec<Op>> {
    let apps = select(vec![App::Front, App::Phone]);
    let audience = prop_oneof![
        4 => Just(vec![]),
        1 => one_of(Aud::ALL).prop_map(|one| vec![one]),
    ];
    let change = option::of(prop_oneof![
        3 => of_user(Just(User::Cyd).boxed()).prop_map(Op::Administer),
        1 => any::<u8>().prop_map(|link| Op::Administer(Change::Unlink { link })),
        2 => change(),
    ]);
    let usage = prop_oneof![
        4 => Just(Op::AdministerWith { token: NEWEST_ACCESS }),
        3 => Just(Op::OwnAccount { token: NEWEST_ACCESS }),
        1 => authenticate(Just(NEWEST_ACCESS).boxed()),
    ];
    (apps, audience, foreign_at(App::Phone), change, usage)
        .prop_map(|(app, audience, token, change, usage)| {
            let token = Foreign { sub: Sub::Is(Name::Cleo), ..token };
            let ask =
                Ask { scope: vec![Scope::Read, Scope::Admin], audience, kind: None, key: None };
            let grant = Op::Exchange { app, token, actor: Actor::Nobody, ask };
            [grant].into_iter().chain(change).chain([usage]).collect()
        })
        .boxed()
}

/// An issued token is used.
fn usage() -> BoxedStrategy<Op> {
    usage_of(pick().boxed())
}

fn usage_of(pick: BoxedStrategy<Pick>) -> BoxedStrategy<Op> {
    prop_oneof![
        10 => (by(), pick.clone(), actor(), ask())
            .prop_map(|(by, token, actor, ask)| Op::ExchangeIssued { by, token, actor, ask }),
        6 => (by(), refresh_pick(), ask())
            .prop_map(|(by, token, ask)| Op::Refresh { by, token, ask }),
        8 => (by(), pick.clone()).prop_map(|(by, token)| Op::Introspect { by, token }),
        2 => (by(), pick).prop_map(|(by, token)| Op::Revoke { by, token }),
        4 => authenticate(access_pick().boxed()),
        1 => access_pick().prop_map(|token| Op::OwnAccount { token }),
    ]
    .boxed()
}

/// An API is called that requires little, mostly.
fn authenticate(pick: BoxedStrategy<Pick>) -> BoxedStrategy<Op> {
    let scopes = prop_oneof![
        3 => Just(vec![]),
        2 => Just(vec![Scope::Read]),
        1 => some(Scope::ALL),
    ];
    let audiences = prop_oneof![3 => Just(vec![]), 1 => some(Aud::ALL)];
    (pick, scopes, audiences)
        .prop_map(|(token, scopes, audiences)| Op::Authenticate { token, scopes, audiences })
        .boxed()
}

/// The newest tokens are picked most.
fn nth() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![3 => Just(0u8), 3 => 0u8..4, 1 => 0u8..16]
}

pub(crate) fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![1 => nth().prop_map(Pick::Any), 1 => nth().prop_map(Pick::Access)]
}

fn access_pick() -> impl Strategy<Value = Pick> {
    prop_oneof![10 => nth().prop_map(Pick::Access), 1 => nth().prop_map(Pick::Refresh)]
}

fn refresh_pick() -> impl Strategy<Value = Pick> {
    prop_oneof![10 => nth().prop_map(Pick::Refresh), 1 => nth().prop_map(Pick::Access)]
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![5 => Just(By::Holder), 3 => Just(By::Audience), 1 => one_of(App::ALL).prop_map(By::App)]
}
