//! What every program begins with: three issuers, four applications and
//! three users, chosen so that any two applications differ in much.

use crate::model::today::{Application, Issuer, Settings, Today};
use crate::vocabulary::{
    App, Aud, Bound, Condition, Form, GrantType, Idp, Iss, Mode, Name, Role, Scope, User,
};

/// The default of `refreshToken.absoluteLifetimeSeconds`.
const THIRTY_DAYS: u64 = 2_592_000;

/// Which subjects are linked to which users.
pub(crate) const LINKS: [(Idp, Name, User); 5] = [
    (Idp::Acme, Name::Ann, User::Ada),
    (Idp::Acme, Name::Ben, User::Bob),
    (Idp::Acme, Name::Cleo, User::Cyd),
    (Idp::Globex, Name::Ann, User::Ada),
    (Idp::Partner, Name::Ann, User::Bob),
];

/// The roles of a user who is created.
pub(crate) const fn roles(user: User) -> &'static [Role] {
    match user {
        User::Ada => &[Role::Deployer],
        User::Bob => &[],
        User::Cyd => &[Role::Administrator],
    }
}

/// An issuer as it is created; without an id.
pub(crate) fn issuer(idp: Idp) -> Issuer {
    let (iss, conditions) = match idp {
        Idp::Acme => (Iss::Acme, vec![]),
        Idp::Globex => (Iss::Globex, vec![Condition::High]),
        Idp::Partner => (Iss::Partner, vec![]),
    };
    let implicit = idp == Idp::Acme;
    let bound = Bound::Require;
    Issuer { id: String::new(), idp, iss, enabled: true, conditions, bound, implicit }
}

/// An application as it is created, with the issuers of its list that there are
/// today; without an id.
pub(crate) fn application(app: App, today: &Today) -> Application {
    use GrantType::{Bearer, Client, Exchange, Refresh};
    let (grants, issuers, audiences, resources) = match app {
        App::Front => (
            vec![Exchange, Bearer, Refresh, Client],
            vec![(Idp::Acme, vec![]), (Idp::Globex, vec![])],
            vec![Aud::Api, Aud::Files, Aud::Server],
            vec![],
        ),
        App::Relay => (
            vec![Exchange, Refresh, Client],
            vec![(Idp::Acme, vec![]), (Idp::Partner, vec![Condition::High])],
            vec![Aud::Api, Aud::Front],
            vec![Aud::Files, Aud::Relay],
        ),
        App::Api => (
            vec![Exchange, Bearer],
            vec![
                (Idp::Acme, vec![]),
                (Idp::Globex, vec![Condition::Staff]),
                (Idp::Partner, vec![]),
            ],
            vec![Aud::Files, Aud::Relay],
            vec![Aud::Api],
        ),
        App::Phone => (vec![Exchange, Refresh], vec![(Idp::Acme, vec![])], vec![], vec![]),
    };
    let (mode, form, scopes, default_scopes) = match app {
        App::Front => {
            (Mode::Preferred, Form::Jwt, vec![Scope::Read, Scope::Write], vec![Scope::Read])
        }
        App::Relay => (Mode::Off, Form::Opaque, vec![Scope::Read], vec![]),
        App::Api => {
            (Mode::Required, Form::Jwt, vec![Scope::Read, Scope::Write], vec![Scope::Write])
        }
        App::Phone => (Mode::Preferred, Form::Jwt, vec![Scope::Read], vec![]),
    };
    Application {
        id: String::new(),
        app,
        public: app == App::Phone,
        grants,
        issuers: listed(&issuers, today),
        audiences,
        resources,
        scopes,
        default_scopes,
        mode,
        form,
        settings: settings(app),
    }
}

/// A list of issuers by id. An issuer that there is not today is left out.
pub(crate) fn listed(
    issuers: &[(Idp, Vec<Condition>)],
    today: &Today,
) -> Vec<(String, Vec<Condition>)> {
    let listed = issuers.iter().filter_map(|(idp, conditions)| {
        today.issuer_named(*idp).map(|issuer| (issuer.id.clone(), conditions.clone()))
    });
    listed.collect()
}

/// No lifetime is a multiple of three, as all times that pass are: nothing
/// happens in the very second in which something ends.
fn settings(app: App) -> Settings {
    let usual = Settings {
        access_seconds: 3601,
        idle_seconds: 7201,
        absolute_seconds: 10_000,
        grace_seconds: 0,
        outlive_subject: false,
        without_actor: false,
        qualified: false,
    };
    match app {
        App::Front => usual,
        App::Relay => Settings {
            access_seconds: 601,
            idle_seconds: 3001,
            absolute_seconds: 4000,
            grace_seconds: 10,
            outlive_subject: true,
            without_actor: true,
            qualified: true,
        },
        App::Api => Settings { access_seconds: 901, ..usual },
        App::Phone => Settings { absolute_seconds: THIRTY_DAYS, ..usual },
    }
}
