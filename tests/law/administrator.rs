//! Changes of the configuration, by the administration API.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::given;
use crate::model::Model;
use crate::model::administration::within;
use crate::model::today::{Application, Issuer, Link, Today};
use crate::operations::Edit;
use crate::server::{ADMIN, Answer, Beginning, SECRET, Server};
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::vocabulary::{App, Condition, Form, Idp, Mode, Role, User};

const ISSUERS: &str = "/api/server/v1/trusted-token-issuers";
const APPLICATIONS: &str = "/api/server/v1/applications";

/// What every program begins with.
pub(crate) fn begin() -> &'static Beginning {
    static BEGINNING: OnceLock<Beginning> = OnceLock::new();
    BEGINNING.get_or_init(|| {
        let mut document = json!({
            "issuer": "https://sts.example",
            "keys": [{ "$key": "rfc8037-a" }],
            "roles": Role::ALL.iter().map(role).collect::<Vec<_>>(),
        });
        let config = |document: &Value| {
            fixtures::config(&fixtures::document(document)).administered_by(ADMIN).unwrap()
        };
        let plain = config(&document);
        document["caches"] = json!({ "verifiedTokens": {} });
        let (config, caching) = (plain, config(&document));
        let (mut server, mut model) = (Server::empty(config.clone()), Model::default());
        model.today.now = NOW;
        for idp in Idp::ALL {
            let id = server.create_issuer(&given::issuer(*idp));
            model.create_issuer(*idp, id);
        }
        for app in App::ALL {
            let application = given::application(*app, &model.today);
            let id = server.create_application(&application, &model.today);
            model.create_application(*app, id);
        }
        for user in User::ALL {
            model.create_user(*user, server.create_user(*user));
        }
        for (idp, name, user) in given::LINKS {
            let user = model.today.user_named(user).unwrap().id.clone();
            assert_eq!(server.link(&user, idp, name.text()).status, 201);
            model.link(given::issuer(idp).iss, name.text().into(), user);
        }
        Beginning { config, caching, store: server.into_store(), model }
    })
}

impl Server {
    /// The id of an issuer that is created.
    pub(crate) fn create_issuer(&mut self, issuer: &Issuer) -> String {
        let body = fixtures::expand(&json!({
            "name": issuer.idp.text(),
            "issuer": issuer.iss.text(),
            "certificate": { "jwks": { "$jwks": ["idp-ed25519"] } },
            "conditions": conditions(&issuer.conditions),
            "claims": [{ "from": "email", "to": "email" }],
            "boundTokens": issuer.bound.text(),
            "implicitAssociation": { "isEnabled": issuer.implicit, "lookupAttribute": ["email"] },
        }));
        self.administer("POST", ISSUERS, &body).created()
    }

    pub(crate) fn delete_issuer(&mut self, id: &str) -> Answer {
        self.administer("DELETE", &format!("{ISSUERS}/{id}"), &Value::Null)
    }

    pub(crate) fn patch_issuer(&mut self, id: &str, path: &str, value: &Value) -> Answer {
        let body = json!([{ "operation": "REPLACE", "path": path, "value": value }]);
        self.administer("PATCH", &format!("{ISSUERS}/{id}"), &body)
    }

    /// The id of an application that is created.
    pub(crate) fn create_application(
        &mut self,
        application: &Application,
        today: &Today,
    ) -> String {
        let body = application_body(application, today);
        self.administer("POST", APPLICATIONS, &body).created()
    }

    pub(crate) fn delete_application(&mut self, id: &str) -> Answer {
        self.administer("DELETE", &format!("{APPLICATIONS}/{id}"), &Value::Null)
    }

    pub(crate) fn edit_application(&mut self, application: &Application, edit: &Edit) -> Answer {
        let body = edit_body(application, edit);
        self.administer("PATCH", &format!("{APPLICATIONS}/{}", application.id), &body)
    }

    /// The id of a user who is created.
    pub(crate) fn create_user(&mut self, user: User) -> String {
        let roles = roles(given::roles(user));
        let body = json!({
            "userName": user.text(), "emails": [{ "value": address(user) }], "roles": roles,
        });
        self.administer("POST", "/scim2/Users", &body).created()
    }

    pub(crate) fn delete_user(&mut self, id: &str) -> Answer {
        self.administer("DELETE", &format!("/scim2/Users/{id}"), &Value::Null)
    }

    pub(crate) fn patch_user(&mut self, id: &str, attribute: &str, value: &Value) -> Answer {
        let body =
            json!({ "Operations": [{ "op": "replace", "path": attribute, "value": value }] });
        self.administer("PATCH", &format!("/scim2/Users/{id}"), &body)
    }

    pub(crate) fn link(&mut self, user: &str, idp: Idp, sub: &str) -> Answer {
        let body = json!({ "idp": idp.text(), "federatedUserId": sub });
        self.administer("POST", &links_of(user), &body)
    }

    pub(crate) fn unlink(&mut self, link: &Link, today: &Today) -> Option<Answer> {
        let id = self.link_id(link, today)?;
        Some(self.administer("DELETE", &format!("{}/{id}", links_of(&link.user)), &Value::Null))
    }

    /// The id of a link, if the server has it.
    pub(crate) fn link_id(&mut self, link: &Link, today: &Today) -> Option<String> {
        let name = today.issuers.iter().find(|issuer| issuer.iss == link.iss);
        let name = name.map_or(link.iss.text(), |issuer| issuer.idp.text());
        let answer = self.administer("GET", &links_of(&link.user), &Value::Null);
        let mut links = answer.body.as_array().into_iter().flatten();
        let found =
            links.find(|one| one["federatedUserId"] == *link.sub && one["idp"]["name"] == name)?;
        Some(found["id"].as_str().unwrap().into())
    }
}

impl Answer {
    fn created(self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.body["id"].as_str().unwrap().into()
    }
}

/// The e-mail address of a local user.
pub(crate) fn address(user: User) -> String {
    format!("{}@example.com", user.text())
}

fn role(role: &Role) -> Value {
    json!({ "name": role.text(), "scopes": [role.scope().text()] })
}

/// Roles of a user, by name.
pub(crate) fn roles(roles: &[Role]) -> Value {
    texts(roles, |role| role.text())
}

fn links_of(user: &str) -> String {
    format!("/api/users/v1/{user}/federated-associations")
}

fn texts<T: Copy>(members: &[T], text: impl Fn(T) -> &'static str) -> Value {
    members.iter().map(|member| text(*member)).collect()
}

pub(crate) fn conditions(conditions: &[Condition]) -> Value {
    let one = |condition: &Condition| match condition {
        Condition::High => json!({ "claim": "level", "equals": "high" }),
        Condition::HighAudited => json!({ "claim": "level", "equals": "high", "mode": "audit" }),
        Condition::Staff => json!({ "claim": "staff", "equals": true }),
    };
    conditions.iter().map(one).collect()
}

fn subject(mode: Mode) -> Value {
    json!({
        "useMappedLocalSubject": mode != Mode::Off,
        "mappedLocalSubjectMandatory": mode == Mode::Required,
    })
}

fn form(form: Form) -> &'static str {
    if form == Form::Opaque { "opaque" } else { "jwt" }
}

fn application_body(application: &Application, today: &Today) -> Value {
    let settings = &application.settings;
    let mut subject = subject(application.mode);
    subject["identifier"] = if settings.qualified { "qualified" } else { "sub" }.into();
    let list = application.issuers.iter().map(|(id, own)| {
        json!({ "name": today.issuer(id).unwrap().idp.text(), "conditions": conditions(own) })
    });
    let mut body = json!({
        "name": application.app.text(),
        "clientId": application.app.text(),
        "type": if application.public { "mobile" } else { "web" },
        "grantTypes": texts(&application.grants, |grant| grant.text()),
        "trustedTokenIssuers": list.collect::<Vec<_>>(),
        "audiences": texts(&application.audiences, |audience| audience.text()),
        "resources": texts(&application.resources, |resource| resource.text()),
        "scopes": texts(&application.scopes, |scope| scope.text()),
        "defaultScopes": texts(&application.default_scopes, |scope| scope.text()),
        "accessToken": {
            "type": form(application.form),
            "lifetimeSeconds": settings.access_seconds,
            "outliveSubject": settings.outlive_subject,
        },
        "refreshToken": {
            "lifetimeSeconds": settings.idle_seconds,
            "absoluteLifetimeSeconds": settings.absolute_seconds,
            "reuseGraceSeconds": settings.grace_seconds,
        },
        "subject": subject,
        "delegation": { "allowWithoutActor": settings.without_actor },
    });
    if !application.public {
        body["clientSecret"] = SECRET.into();
    }
    body
}

fn edit_body(application: &Application, edit: &Edit) -> Value {
    match edit {
        Edit::GrantTypes(grants) => json!({ "grantTypes": texts(grants, |grant| grant.text()) }),
        Edit::Issuers(issuers) => {
            let list = issuers
                .iter()
                .map(|(idp, own)| json!({ "name": idp.text(), "conditions": conditions(own) }));
            json!({ "trustedTokenIssuers": list.collect::<Vec<_>>() })
        }
        Edit::Audiences(audiences) => json!({ "audiences": texts(audiences, |one| one.text()) }),
        Edit::Resources(resources) => json!({ "resources": texts(resources, |one| one.text()) }),
        Edit::Scopes(scopes) => {
            let defaults = given::application(application.app, &Today::default()).default_scopes;
            json!({
                "scopes": texts(scopes, |scope| scope.text()),
                "defaultScopes": texts(&within(&defaults, scopes), |scope| scope.text()),
            })
        }
        Edit::Mode(mode) => json!({ "subject": subject(*mode) }),
        Edit::AccessTokens(kind) => json!({ "accessToken": { "type": form(*kind) } }),
        Edit::WithoutActor(may) => json!({ "delegation": { "allowWithoutActor": may } }),
        Edit::Lifetimes { access, idle, absolute } => json!({
            "accessToken": { "lifetimeSeconds": access },
            "refreshToken": { "lifetimeSeconds": idle, "absoluteLifetimeSeconds": absolute },
        }),
    }
}
