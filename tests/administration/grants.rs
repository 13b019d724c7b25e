//! `/api/server/v1/grants`: families of refresh tokens and opaque tokens of a
//! user or an application, listed and revoked.

use serde_json::{Value, json};

use crate::parties::document;
use crate::support::administered::{Commits, EXCHANGE, Service};
use crate::support::foreign::{IDP, foreign};

const GRANTS: &str = "/api/server/v1/grants";
/// Its access tokens are JWTs, and refresh tokens go with them.
const DESK: (&str, &str) = ("desk", "desk-secret-for-tests");
/// Its access tokens are opaque.
const HUT: (&str, &str) = ("hut", "hut-secret-for-tests");

fn service() -> Service {
    let mut document = document();
    let applications = document["applications"].as_array_mut().unwrap();
    for ((id, secret), token) in [(DESK, "jwt"), (HUT, "opaque")] {
        applications.push(json!({
            "name": format!("The {id}"), "clientId": id, "clientSecret": secret,
            "grantTypes": [EXCHANGE, "refresh_token"], "trustedTokenIssuers": ["Acme"],
            "audiences": ["https://api.example"], "scopes": ["read"], "defaultScopes": ["read"],
            "accessToken": { "type": token },
            "subject": { "useMappedLocalSubject": true },
        }));
    }
    Service::new(&document)
}

fn application(sts: &mut Service, client: (&str, &str)) -> String {
    let path = format!("/api/server/v1/applications?filter=clientId+eq+{}", client.0);
    sts.get(&path).body["applications"][0]["id"].as_str().unwrap().into()
}

fn ada() -> String {
    foreign(&json!({ "email": "ada@example.com" }))
}

fn exchange(sts: &mut Service, client: (&str, &str), token: &str) -> Value {
    // Every request has entropy of its own here, and a later one is newer.
    sts.world.now.0 += 1;
    sts.exchange(0, client, token).with_status(200).body
}

fn refresh(sts: &mut Service, client: (&str, &str), token: &str) -> Value {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    sts.form(0, "/oauth2/token", client, &form).body
}

fn introspect(sts: &mut Service, client: (&str, &str), token: &str) -> Value {
    let said = sts.form(0, "/oauth2/introspect", client, &[("token", token)]);
    said.with_status(200).body["active"].clone()
}

fn grants(sts: &mut Service, query: &str) -> Vec<Value> {
    let said = sts.get(&format!("{GRANTS}?{query}")).with_status(200).body;
    assert_eq!(said["count"], said["grants"].as_array().unwrap().len());
    said["grants"].as_array().unwrap().clone()
}

#[test]
fn grants_of_a_user_and_of_an_application_are_told_the_newest_first() {
    let mut sts = service();
    let (desk, hut) = (application(&mut sts, DESK), application(&mut sts, HUT));
    let first = exchange(&mut sts, DESK, &ada());
    exchange(&mut sts, HUT, &ada());
    exchange(&mut sts, HUT, &foreign(&json!({ "sub": "x-2" })));
    let now = sts.world.now.0;

    let of_ada = grants(&mut sts, "userId=u-ada");
    let short: Vec<Value> =
        of_ada.iter().map(|one| json!([one["clientId"], one["type"], one["issued"]])).collect();
    assert_eq!(short.len(), 3, "a JWT is not kept: {short:?}");
    assert_eq!(short[2], json!(["desk", "refresh_token", now - 2]));
    assert!(short[..2].iter().all(|one| one[0] == "hut" && one[2] == now - 1), "{short:?}");

    let of_hut = grants(&mut sts, &format!("applicationId={hut}"));
    assert_eq!(of_hut.len(), 4);
    let federated = json!({ "sub": "x-2", "idp": IDP });
    assert!(of_hut[..2].iter().all(|one| one["subject"] == federated), "{of_hut:?}");
    assert_eq!(grants(&mut sts, &format!("userId=u-ada&applicationId={hut}")).len(), 2);
    assert_eq!(grants(&mut sts, "userId=nobody").len(), 0);

    let told = of_ada[2].clone();
    let id = told["id"].as_str().unwrap();
    let acme = sts.get("/api/server/v1/trusted-token-issuers").body["identityProviders"][0].clone();
    assert_eq!(
        told,
        json!({
            "id": id, "type": "refresh_token", "clientId": "desk",
            "application": { "id": desk, "name": "The desk" },
            "subject": { "sub": "u-ada", "userId": "u-ada" },
            "trustedTokenIssuer": { "id": acme["id"], "name": "Acme" },
            "grantType": EXCHANGE, "scopes": ["read"], "audience": ["https://api.example"],
            "issued": now - 2, "expires": now - 2 + 86_400,
            "self": format!("https://sts.example{GRANTS}/{id}"),
        })
    );
    sts.world.now.0 += 5;
    refresh(&mut sts, DESK, first["refresh_token"].as_str().unwrap());
    let used = sts.get(&format!("{GRANTS}/{id}")).with_status(200).body;
    assert_eq!((&used["lastUsed"], &used["issued"]), (&json!(now + 5), &told["issued"]));
    assert_eq!(grants(&mut sts, "userId=u-ada").len(), 3, "the family is still one grant");
}

/// Neither the reply nor a row of the store gives a token away.
#[test]
fn no_token_is_told_and_an_id_is_none() {
    let mut sts = service();
    let desk = exchange(&mut sts, DESK, &ada());
    let hut = exchange(&mut sts, HUT, &ada());
    let told = sts.get(&format!("{GRANTS}?userId=u-ada")).with_status(200).body;
    let (told, stored) = (told.to_string(), sts.stored());
    for token in [&desk["refresh_token"], &hut["refresh_token"], &hut["access_token"]] {
        let token = token.as_str().unwrap();
        let secret = token.rsplit('.').next().unwrap();
        for text in [&told, &stored] {
            assert!(!text.contains(secret), "{token}");
        }
    }
    for one in grants(&mut sts, "userId=u-ada") {
        let id = one["id"].as_str().unwrap();
        assert_eq!(introspect(&mut sts, HUT, id), false);
        assert_eq!(refresh(&mut sts, DESK, id)["error"], "invalid_grant");
    }
}

#[test]
fn one_that_is_revoked_is_of_no_more_use_and_the_others_are() {
    let mut sts = service();
    let desk = exchange(&mut sts, DESK, &ada());
    let hut = exchange(&mut sts, HUT, &ada());
    let all = grants(&mut sts, "userId=u-ada");
    let id = |client: &str, kind: &str| {
        let is = |one: &&Value| one["clientId"] == client && one["type"] == kind;
        all.iter().find(is).unwrap()["id"].as_str().unwrap().to_string()
    };
    let access = hut["access_token"].as_str().unwrap();
    assert_eq!(introspect(&mut sts, HUT, access), true);
    let said = sts.delete(&format!("{GRANTS}/{}", id("hut", "access_token"))).with_status(204);
    let change = said.audit.unwrap().change.unwrap();
    assert_eq!((&*change.action, &*change.resource), ("delete", "grant"));
    assert_eq!(change.before.unwrap()["clientId"], "hut");
    assert_eq!(introspect(&mut sts, HUT, access), false);
    let hut = refresh(&mut sts, HUT, hut["refresh_token"].as_str().unwrap());
    assert!(hut["access_token"].is_string(), "its family stands: {hut}");

    // A family takes the access tokens that belong to it along.
    let access = desk["access_token"].as_str().unwrap();
    assert_eq!(introspect(&mut sts, DESK, access), true);
    sts.delete(&format!("{GRANTS}/{}", id("desk", "refresh_token"))).with_status(204);
    assert_eq!(introspect(&mut sts, DESK, access), false);
    let said = refresh(&mut sts, DESK, desk["refresh_token"].as_str().unwrap());
    assert_eq!(said["error"], "invalid_grant");
    let again = sts.delete(&format!("{GRANTS}/{}", id("desk", "refresh_token")));
    assert_eq!(again.code(), "404 EXQ-40401");
}

/// A call that found only grants of others would otherwise be repeated for ever.
#[test]
fn revoking_goes_on_behind_what_it_passed() {
    let mut sts = service();
    let hut = application(&mut sts, HUT);
    exchange(&mut sts, HUT, &ada());
    for _ in 0..300 {
        exchange(&mut sts, DESK, &ada());
    }
    let path = format!("{GRANTS}?userId=u-ada&applicationId={hut}");
    let first = sts.delete(&path).with_status(200).body;
    assert_eq!((&first["revoked"], &first["more"]), (&json!(0), &json!(true)));
    let next = first["links"][0]["href"].as_str().unwrap().replace("https://sts.example", "");
    let last = sts.delete(&next).with_status(200).body;
    assert_eq!(last, json!({ "revoked": 2, "more": false, "links": [] }));
    assert_eq!(grants(&mut sts, &format!("userId=u-ada&applicationId={hut}")).len(), 0);
}

#[test]
fn all_of_a_user_or_an_application_are_revoked() {
    let mut sts = service();
    let hut = application(&mut sts, HUT);
    let other = exchange(&mut sts, HUT, &foreign(&json!({ "sub": "x-2" })));
    for client in [DESK, HUT, DESK] {
        exchange(&mut sts, client, &ada());
    }
    let said = sts.delete(&format!("{GRANTS}?userId=u-ada&applicationId={hut}")).with_status(200);
    assert_eq!(said.body, json!({ "revoked": 2, "more": false, "links": [] }));
    let said = sts.delete(&format!("{GRANTS}?userId=u-ada")).with_status(200);
    assert_eq!(said.body, json!({ "revoked": 2, "more": false, "links": [] }));
    let change = said.audit.unwrap().change.unwrap();
    assert_eq!((&*change.id, change.before.unwrap().as_array().unwrap().len()), ("several", 2));
    assert_eq!(introspect(&mut sts, HUT, other["access_token"].as_str().unwrap()), true);
    let said = sts.delete(&format!("{GRANTS}?applicationId={hut}")).with_status(200);
    assert_eq!(said.body["revoked"], 2);
    assert_eq!(introspect(&mut sts, HUT, other["access_token"].as_str().unwrap()), false);
    let none = sts.delete(&format!("{GRANTS}?applicationId={hut}")).with_status(200);
    assert_eq!((&none.body["revoked"], none.audit.is_none()), (&json!(0), true));
    assert!(!sts.stored().contains("grant/"), "no row is left");
}

#[test]
fn every_page_together_is_the_list_of_grants() {
    let mut sts = service();
    let (desk, hut) = (application(&mut sts, DESK), application(&mut sts, HUT));
    for nth in 0..30 {
        let client = if nth % 3 == 0 { DESK } else { HUT };
        exchange(&mut sts, client, &ada());
    }
    for (query, total) in [
        ("userId=u-ada".to_string(), 50),
        (format!("applicationId={hut}"), 40),
        (format!("userId=u-ada&applicationId={desk}"), 10),
    ] {
        let (mut ids, mut next) = (Vec::new(), Some(format!("{GRANTS}?limit=7&{query}")));
        while let Some(path) = next {
            let page = sts.get(&path).with_status(200).body;
            let grants = page["grants"].as_array().unwrap();
            assert!(grants.len() <= 7);
            ids.extend(grants.iter().map(|one| one["id"].to_string()));
            next = page["links"]
                .as_array()
                .unwrap()
                .first()
                .map(|link| link["href"].as_str().unwrap().replace("https://sts.example", ""));
        }
        let once: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), once.len()), (total, total), "{query}");
    }
    assert_eq!(grants(&mut sts, "userId=u-ada&limit=1000").len(), 50, "100 at most");
}

#[test]
fn grants_that_cannot_be_asked_for_are_refused() {
    let mut sts = service();
    let said = sts.get(GRANTS);
    assert_eq!(said.code(), "400 EXQ-40001");
    assert_eq!(said.body["problems"][0]["path"], "userId");
    assert_eq!(sts.delete(GRANTS).code(), "400 EXQ-40001", "all of everybody is not meant");
    for query in ["userId=a&after=%2F", "userId=a&after=ä"] {
        assert_eq!(sts.get(&format!("{GRANTS}?{query}")).code(), "400 EXQ-40001", "{query}");
    }
    assert_eq!(sts.get(&format!("{GRANTS}?userId=a&limit=x")).code(), "400 EXQ-40000");
    // Otherwise the user would lose the grants of all other applications, too.
    for (query, path, remedy) in [
        ("userId=u-ada&applicationID=app", "applicationID", "did you mean `applicationId`?"),
        ("userId=u-ada&applicationId=", "applicationId", "send the id, or leave it out"),
        ("applicationId=app&userId=", "userId", "send the id, or leave it out"),
        ("userId=u-ada&userId=u-bob", "userId", "send it once"),
        ("userId=u-ada&dryRun=true", "dryRun", "use one of `userId`, `applicationId`, `after`"),
    ] {
        let said = sts.delete(&format!("{GRANTS}?{query}"));
        assert_eq!(said.code(), "400 EXQ-40001", "{query}");
        let problem = &said.body["problems"][0];
        assert_eq!((&problem["path"], &problem["remedy"]), (&path.into(), &remedy.into()));
    }
    for id in ["nobody", "..%2Fissuer", "AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(sts.get(&format!("{GRANTS}/{id}")).code(), "404 EXQ-40401", "{id}");
        assert_eq!(sts.delete(&format!("{GRANTS}/{id}")).code(), "404 EXQ-40401", "{id}");
    }
    assert_eq!(sts.post(GRANTS, &json!({})).code(), "405 EXQ-40500");
    sts.bearer = Some("wrong".into());
    assert_eq!(sts.delete(&format!("{GRANTS}?userId=u-ada")).status, 401);
}

#[test]
fn a_revocation_that_fails_is_told_and_nothing_is_revoked() {
    let mut sts = service();
    exchange(&mut sts, HUT, &ada());
    let all = grants(&mut sts, "userId=u-ada");
    sts.commits = Commits::Failing;
    let said = sts.delete(&format!("{GRANTS}?userId=u-ada"));
    assert_eq!((said.code(), said.audit.unwrap().change), ("503 EXQ-50300".into(), None));
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(sts.delete(&format!("{GRANTS}/{id}")).code(), "503 EXQ-50300");
    assert_eq!(grants(&mut sts, "userId=u-ada"), all);
}
