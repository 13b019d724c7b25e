//! Faults that the engine once had, as programs. What random programs find is
//! kept here, too.

use crate::operations::{Actor, Ask, By, Change, Edit, Email, Foreign, Named, Op, Pick, Sub};
use crate::play::play;
use crate::runs::told;
use crate::server::Caches;
use crate::vocabulary::{
    App, Aud, Bound, Condition, Form, GrantType, Idp, Key, Mode, Name, Scope, TokenType, User,
};

const NEWEST: Pick = Pick::Any(0);

#[track_caller]
fn keeps_the_law(program: &[Op]) {
    for caches in [Caches::Off, Caches::On] {
        assert!(play(program, caches).is_ok(), "{}", told(program, caches));
    }
}

/// A token that says nothing unusual.
fn about(idp: Idp, name: Name) -> Foreign {
    Foreign {
        idp,
        sub: Sub::Is(name),
        high: true,
        staff: true,
        seconds: 6001,
        email: None,
        act: None,
        may_act: None,
        id_jag: None,
        key: None,
    }
}

fn nothing() -> Ask {
    Ask { scope: vec![], audience: vec![], kind: None, key: None }
}

fn exchange(app: App, token: Foreign) -> Op {
    Op::Exchange { app, token, actor: Actor::Nobody, ask: nothing() }
}

fn exchange_newest(app: App) -> Op {
    Op::ExchangeIssued { by: By::App(app), token: NEWEST, actor: Actor::Nobody, ask: nothing() }
}

fn introspect(app: App) -> Op {
    Op::Introspect { by: By::App(app), token: NEWEST }
}

fn edit(app: App, edit: Edit) -> Op {
    Op::Administer(Change::EditApplication { app, edit })
}

/// Ann of Acme is Ada, and has a JWT of `api`.
fn jwt_of_ada() -> Vec<Op> {
    let link = Change::Link { user: User::Ada, idp: Idp::Acme, sub: Sub::Is(Name::Ann) };
    vec![Op::Administer(link), exchange(App::Api, about(Idp::Acme, Name::Ann))]
}

#[test]
fn a_detour_does_not_lead_past_a_list_of_issuers() {
    let only = |idp, conditions| Edit::Issuers(vec![(idp, conditions)]);
    let mut program = jwt_of_ada();
    program.extend([
        edit(App::Api, Edit::Audiences(vec![Aud::Relay])),
        exchange(App::Api, about(Idp::Acme, Name::Ann)),
        edit(App::Relay, Edit::Mode(Mode::Preferred)),
        edit(App::Relay, only(Idp::Partner, vec![Condition::High])),
        exchange_newest(App::Relay),
    ]);
    keeps_the_law(&program);
}

#[test]
fn a_jwt_ends_with_what_it_was_made_from() {
    let ends = [
        Change::Enable { idp: Idp::Acme, enabled: false },
        Change::DeleteIssuer { idp: Idp::Acme },
        Change::RecreateIssuer { idp: Idp::Acme },
        Change::Unlink { link: 0 },
        Change::RecreateApplication { app: App::Api },
    ];
    for end in ends {
        let mut program = jwt_of_ada();
        program.extend([Op::Administer(end), introspect(App::Api), exchange_newest(App::Api)]);
        keeps_the_law(&program);
    }
}

#[test]
fn what_becomes_of_bound_tokens_is_part_of_what_is_in_force() {
    let said = |bound| Op::Administer(Change::BoundTokens { idp: Idp::Acme, bound });
    let bound = Foreign { key: Some(Key::One), ..about(Idp::Acme, Name::Robot) };
    for first in Bound::ALL {
        for then in Bound::ALL {
            for key in [None, Some(Key::One), Some(Key::Two)] {
                let (app, token, actor) = (App::Front, bound.clone(), Actor::Nobody);
                let begin = Op::Exchange { app, token, actor, ask: Ask { key, ..nothing() } };
                keeps_the_law(&[said(*first), begin, said(*then), introspect(App::Front)]);
            }
        }
    }
}

#[test]
fn an_application_with_opaque_tokens_gets_no_jwt() {
    let token = about(Idp::Acme, Name::Ann);
    let ask = Ask { kind: Some(TokenType::Jwt), ..nothing() };
    keeps_the_law(&[
        Op::Exchange { app: App::Relay, token, actor: Actor::Nobody, ask: ask.clone() },
        exchange(App::Relay, about(Idp::Acme, Name::Ann)),
        Op::ExchangeIssued { by: By::Holder, token: Pick::Any(1), actor: Actor::Nobody, ask },
    ]);
}

#[test]
fn a_jwt_ends_with_the_family_that_it_was_made_from() {
    keeps_the_law(&[
        exchange(App::Front, about(Idp::Acme, Name::Ann)),
        exchange_newest(App::Front),
        Op::Revoke { by: By::Holder, token: Pick::Any(1) },
        introspect(App::Front),
    ]);
}

#[test]
fn a_spent_refresh_token_that_is_revoked_ends_its_family_also_within_its_grace() {
    let holder = By::Holder;
    keeps_the_law(&[
        exchange(App::Relay, about(Idp::Acme, Name::Ann)),
        Op::Refresh { by: holder, token: NEWEST, ask: nothing() },
        Op::Revoke { by: holder, token: Pick::Any(2) },
        exchange_newest(App::Relay),
    ]);
}

#[test]
fn whoever_may_ask_for_an_audience_is_not_that_audience() {
    // `relay` may ask for the API, too, and does not serve it.
    let ask = Ask { audience: vec![Aud::Api], ..nothing() };
    let token = about(Idp::Acme, Name::Ann);
    let by = By::App(App::Relay);
    keeps_the_law(&[
        Op::Exchange { app: App::Front, token, actor: Actor::Nobody, ask },
        Op::Introspect { by, token: Pick::Any(1) },
        Op::ExchangeIssued { by, token: Pick::Any(1), actor: Actor::Nobody, ask: nothing() },
    ]);
}

#[test]
fn an_address_that_nobody_verified_links_nobody() {
    for verified in [None, Some(false)] {
        let email = Some(Email { of: User::Ada, verified });
        keeps_the_law(&[exchange(App::Front, Foreign { email, ..about(Idp::Acme, Name::Robot) })]);
    }
}

#[test]
fn a_foreign_sub_does_not_look_like_a_local_user() {
    let like = Foreign { sub: Sub::LooksLike(User::Ada), ..about(Idp::Acme, Name::Ann) };
    for app in App::ALL {
        keeps_the_law(&[exchange(*app, like.clone())]);
    }
    // Nor on a detour over an application that writes subjects in another way.
    keeps_the_law(&[exchange(App::Relay, like), exchange_newest(App::Front)]);
}

#[test]
fn a_refresh_token_is_exchanged_by_the_rules_of_refreshing() {
    let begin = exchange(App::Front, about(Idp::Acme, Name::Robot));
    let changes = [
        edit(App::Front, Edit::GrantTypes(vec![GrantType::Exchange])),
        edit(App::Front, Edit::Issuers(vec![(Idp::Globex, vec![])])),
        edit(App::Front, Edit::Audiences(vec![Aud::Api])),
        edit(App::Front, Edit::Mode(Mode::Required)),
        Op::Administer(Change::Conditions { idp: Idp::Acme, conditions: vec![Condition::Staff] }),
    ];
    for change in changes {
        keeps_the_law(&[begin.clone(), change, exchange_newest(App::Front)]);
    }
    let ask = Ask { audience: vec![Aud::Api], ..nothing() };
    let narrow = Op::Exchange {
        app: App::Front,
        token: about(Idp::Acme, Name::Ann),
        actor: Actor::Nobody,
        ask,
    };
    keeps_the_law(&[narrow, exchange_newest(App::Front)]);
}

#[test]
fn a_foreign_act_names_nobody_of_another_issuer() {
    let act = Some(Named { name: Name::Robot, of: Some(Idp::Globex) });
    keeps_the_law(&[exchange(App::Front, Foreign { act, ..about(Idp::Acme, Name::Ann) })]);
}

#[test]
fn a_detour_does_not_lose_may_act() {
    let may_act = Some(Named { name: Name::Robot, of: None });
    let token = Foreign { may_act, ..about(Idp::Acme, Name::Ann) };
    let ask = Ask { audience: vec![Aud::Front], ..nothing() };
    let begin = Op::Exchange { app: App::Relay, token, actor: Actor::Nobody, ask };
    let on = |actor| Op::ExchangeIssued {
        by: By::App(App::Front),
        token: Pick::Any(1),
        actor,
        ask: nothing(),
    };
    let actor = |name| Actor::Foreign(about(Idp::Acme, name));
    keeps_the_law(&[begin.clone(), on(Actor::Nobody)]);
    keeps_the_law(&[begin.clone(), on(actor(Name::Ben))]);
    keeps_the_law(&[begin, on(actor(Name::Robot))]);
}

#[test]
fn scopes_and_forms_follow_the_configuration() {
    let wide = Ask { scope: vec![Scope::Read, Scope::Write], ..nothing() };
    let token = about(Idp::Acme, Name::Ann);
    let begin = Op::Exchange { app: App::Front, token, actor: Actor::Nobody, ask: wide.clone() };
    keeps_the_law(&[
        begin,
        edit(App::Front, Edit::Scopes(vec![Scope::Read])),
        Op::Introspect { by: By::Holder, token: Pick::Any(1) },
        edit(App::Front, Edit::AccessTokens(Form::Opaque)),
        Op::Refresh { by: By::Holder, token: NEWEST, ask: wide },
        introspect(App::Front),
    ]);
}

/// Robot of Acme, for whom Ann of Globex acts, who is Ada.
fn robot_by_ann(app: App) -> Op {
    let actor = Actor::Foreign(about(Idp::Globex, Name::Ann));
    Op::Exchange { app, token: about(Idp::Acme, Name::Robot), actor, ask: nothing() }
}

#[test]
fn an_actor_who_may_not_act_any_more_ends_the_token() {
    let ends = [
        Change::Lock { user: User::Ada, locked: true },
        Change::Disable { user: User::Ada, disabled: true },
        Change::Enable { idp: Idp::Globex, enabled: false },
        Change::DeleteIssuer { idp: Idp::Globex },
        Change::Conditions { idp: Idp::Globex, conditions: vec![] },
        Change::EditApplication { app: App::Front, edit: Edit::Issuers(vec![(Idp::Acme, vec![])]) },
    ];
    for end in ends {
        let begin = [robot_by_ann(App::Front), Op::Administer(end)];
        let again = Op::Refresh { by: By::Holder, token: NEWEST, ask: nothing() };
        for then in [introspect(App::Front), again, exchange_newest(App::Front)] {
            let mut program = begin.to_vec();
            program.push(then);
            keeps_the_law(&program);
        }
    }
}

/// Another application gets a token for the same actor, and knows nothing of the
/// actor's issuer.
#[test]
fn a_detour_does_not_lead_past_an_actor() {
    let ask = Ask { audience: vec![Aud::Files], ..nothing() };
    let first = Op::Exchange {
        app: App::Front,
        token: about(Idp::Acme, Name::Robot),
        actor: Actor::Foreign(about(Idp::Globex, Name::Ann)),
        ask,
    };
    let on = Op::ExchangeIssued {
        by: By::App(App::Relay),
        token: Pick::Any(1),
        actor: Actor::Nobody,
        ask: nothing(),
    };
    for end in [
        Change::Enable { idp: Idp::Globex, enabled: false },
        Change::Lock { user: User::Ada, locked: true },
        Change::RecreateApplication { app: App::Front },
    ] {
        let program = [first.clone(), on.clone(), Op::Administer(end), introspect(App::Relay)];
        keeps_the_law(&program);
    }
}

/// Another application under the client id of the one that acts is not that one.
#[test]
fn an_application_that_acts_is_the_same_one() {
    let ends = [
        Change::DeleteApplication { app: App::Relay },
        Change::RecreateApplication { app: App::Relay },
    ];
    for end in ends {
        let program = [
            Op::AboutItself { app: App::Relay, ask: nothing() },
            Op::Exchange {
                app: App::Front,
                token: about(Idp::Acme, Name::Robot),
                actor: Actor::Issued(NEWEST),
                ask: nothing(),
            },
            introspect(App::Front),
            Op::Administer(end),
            introspect(App::Front),
        ];
        keeps_the_law(&program);
    }
}

#[test]
fn who_may_act_is_asked_again() {
    let may_act = Some(Named { name: Name::Robot, of: None });
    let token = Foreign { may_act, ..about(Idp::Acme, Name::Ann) };
    for may in [true, false] {
        keeps_the_law(&[
            exchange(App::Relay, token.clone()),
            edit(App::Relay, Edit::WithoutActor(may)),
            introspect(App::Relay),
            Op::Refresh { by: By::Holder, token: NEWEST, ask: nothing() },
        ]);
    }
}
