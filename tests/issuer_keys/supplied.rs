//! Keys that the host supplies: nothing is fetched for their issuer any more.

use exchequer::{Engine, Failed, Request, Step, SupplyKeysError, Timestamp};
use serde_json::{Value, json};

use crate::support::administered::{EXCHANGE, Service};
use crate::support::fixtures;
use crate::support::foreign::foreign;
use crate::support::start::{JWKS, NOW, exchange, standard, world};
use crate::support::world::{World, entropy};

const ACME: &str = "https://idp.example";

fn jwks(names: &[&str]) -> String {
    fixtures::expand(&json!({ "$jwks": names })).to_string()
}

/// A world in which nothing answers.
fn cut_off() -> World {
    World::at(NOW)
}

fn status(world: &mut World, engine: &Engine) -> u16 {
    world.handle(engine, exchange()).status
}

#[test]
fn supplied_keys_are_used_and_nothing_is_fetched() {
    let (engine, mut world) = (standard(), cut_off());
    engine.supply_keys(ACME, jwks(&["idp-es256"]), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 200);
    // Not for the next name either, nor ever.
    engine.supply_keys(ACME, jwks(&["idp-es384"]), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 400);
    world.now.0 += 300;
    assert_eq!(status(&mut world, &engine), 400);
    world.upkeep(&engine);
    engine.supply_keys(ACME, jwks(&["idp-es384", "idp-es256"]), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 200);
    assert_eq!(world.web.fetched, [""; 0]);
}

#[test]
fn supplied_keys_take_the_place_of_fetched_ones_and_of_their_upkeep() {
    let (engine, mut world) = (standard(), world());
    assert_eq!(status(&mut world, &engine), 200);
    assert_eq!(world.web.fetched, [JWKS]);
    engine.supply_keys(ACME, jwks(&["idp-es384"]), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 400);
    // The hour of the fetched ones is nearly over.
    world.now.0 += 3599;
    world.upkeep(&engine);
    assert_eq!(world.web.fetched, [JWKS]);
}

#[test]
fn supplied_keys_take_the_place_of_configured_ones() {
    let mut document = crate::support::fixtures::document(&json!("standard"));
    document["trustedTokenIssuers"][0]["certificate"] =
        fixtures::expand(&json!({ "jwks": { "$jwks": ["idp-es384", "idp-es256-next"] } }));
    let engine = Engine::new(fixtures::config(&document), exchequer::HostCrypto::default());
    let mut world = cut_off();
    assert_eq!(status(&mut world, &engine), 400);
    engine.supply_keys(ACME, jwks(&["idp-es256"]), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 200);
}

#[test]
fn a_supplied_set_without_keys_makes_no_token_good() {
    let (engine, mut world) = (standard(), world());
    engine.supply_keys(ACME, r#"{"keys":[]}"#, world.now).unwrap();
    let reply = world.handle(&engine, exchange());
    assert_eq!(reply.audit.unwrap().reason.unwrap(), "subject_token.key.not_found");
    assert_eq!((reply.status, world.web.fetched.len()), (400, 0));
}

#[test]
fn what_cannot_be_taken_over_is_said_and_changes_nothing() {
    let (engine, mut world) = (standard(), cut_off());
    engine.supply_keys(ACME, jwks(&["idp-es256"]), world.now).unwrap();
    for issuer in ["https://idp.example/", "https://nobody.example", "Acme", ""] {
        let error = engine.supply_keys(issuer, jwks(&["idp-es384"]), world.now).unwrap_err();
        assert_eq!(error, SupplyKeysError::UnknownIssuer { issuer: issuer.into() });
        assert_eq!(error.reason(), "issuer.unknown");
        assert_eq!(
            error.to_string(),
            format!(
                "no trusted token issuer has exactly the issuer `{issuer}`; register it, or correct the name"
            )
        );
    }
    let long = format!("{}{}", jwks(&["idp-es384"]), " ".repeat(512 * 1024));
    for (jwks, why) in [
        ("", "is empty"),
        ("<html>", "is not JSON but HTML or XML"),
        (r#"{"keys":{}}"#, "is not a JWK set: it has no list `keys`"),
        (&*long, "is longer than 512 KiB"),
    ] {
        let error = engine.supply_keys(ACME, jwks, world.now).unwrap_err();
        assert_eq!(error, SupplyKeysError::NotAKeySet { why: why.into() });
        assert_eq!(error.reason(), "key.document_unusable");
        let said = format!("the keys cannot be used: the document {why}; supply a JWK set");
        assert_eq!(error.to_string(), said);
    }
    assert_eq!(status(&mut world, &engine), 200);
}

#[test]
fn bytes_and_a_byte_order_mark_are_taken_and_clones_share_the_keys() {
    let (engine, mut world) = (standard(), cut_off());
    let text = format!("\u{feff}{}", jwks(&["idp-es256"]));
    engine.clone().supply_keys(ACME, text.into_bytes(), world.now).unwrap();
    assert_eq!(status(&mut world, &engine), 200);
}

#[test]
fn an_issuer_with_supplied_keys_is_ready() {
    let (engine, mut world) = (standard(), cut_off());
    let mut ready = || {
        let reply = world.handle(&engine, Request::new("GET", "/healthz"));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        body["issuerKeys"]["ready"].as_u64().unwrap()
    };
    let before = ready();
    engine.supply_keys(ACME, jwks(&["idp-es256"]), Timestamp(NOW)).unwrap();
    assert_eq!(ready(), before + 1);
}

const GLOBEX: &str = "https://globex.example";

/// A service with an issuer that the API made, whose keys cannot be reached.
fn administered() -> Service {
    let mut sts = Service::new(&json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
    }));
    let issuer = json!({
        "name": "Globex",
        "issuer": GLOBEX,
        "certificate": { "jwksUri": "https://globex.example/jwks" },
    });
    sts.post("/api/server/v1/trusted-token-issuers", &issuer).with_status(201);
    let application = json!({
        "name": "Shop",
        "clientId": "shop",
        "clientSecret": "shop-secret-for-tests",
        "grantTypes": [EXCHANGE],
        "trustedTokenIssuers": ["Globex"],
    });
    sts.post("/api/server/v1/applications", &application).with_status(201);
    sts
}

fn find(sts: &mut Service, engine: &Engine, issuer: &str) -> Result<bool, Failed> {
    let mut step = engine.find_issuer(issuer, sts.world.now, entropy());
    loop {
        step = match step {
            Step::Done(found) => return *found,
            Step::Ask(pending) => {
                let answer = sts.world.answer(engine, pending.ask());
                pending.resume(answer).unwrap()
            }
        };
    }
}

#[test]
fn an_issuer_of_the_store_is_known_after_it_was_read() {
    let mut sts = administered();
    let (engine, now) = (sts.engine(1), sts.world.now);
    let unknown = Err(SupplyKeysError::UnknownIssuer { issuer: GLOBEX.into() });
    assert_eq!(engine.supply_keys(GLOBEX, jwks(&["idp-es256"]), now), unknown);
    assert_eq!(find(&mut sts, &engine, "https://nobody.example"), Ok(false));
    assert_eq!(find(&mut sts, &engine, GLOBEX), Ok(true));
    engine.supply_keys(GLOBEX, jwks(&["idp-es256"]), now).unwrap();
    let token = foreign(&json!({ "iss": GLOBEX }));
    let said = sts.exchange(1, ("shop", "shop-secret-for-tests"), &token);
    assert_eq!(said.status, 200, "{}", said.body);
    assert_eq!(sts.world.web.fetched, [""; 0]);
    // The keys stay also when the issuer is read anew.
    sts.world.now.0 += 60;
    let said = sts.exchange(1, ("shop", "shop-secret-for-tests"), &token);
    assert_eq!((said.status, sts.world.web.fetched.len()), (200, 0));
}

#[test]
fn a_list_says_that_the_keys_are_not_fetched() {
    let mut sts = administered();
    let engine = sts.engine(0);
    let state = |sts: &mut Service| {
        let list = sts.get("/api/server/v1/trusted-token-issuers").with_status(200);
        list.body["identityProviders"][0]["keyState"].clone()
    };
    assert_eq!(state(&mut sts), "unused");
    assert_eq!(find(&mut sts, &engine, GLOBEX), Ok(true));
    engine.supply_keys(GLOBEX, jwks(&["idp-es256"]), sts.world.now).unwrap();
    assert_eq!(state(&mut sts), "configured");
}

#[test]
fn a_store_that_fails_does_not_say_whether_there_is_an_issuer() {
    let mut sts = administered();
    sts.world.store_state = crate::support::case::StoreState::Failed;
    let engine = sts.engine(0);
    assert_eq!(find(&mut sts, &engine, GLOBEX), Err(Failed::Unreachable));
}

const ISSUERS: &str = "/api/server/v1/trusted-token-issuers";
const SHOP: (&str, &str) = ("shop", "shop-secret-for-tests");

/// A service whose issuer of the store got keys from the host, which are not those of
/// the tokens, and the id of that issuer.
fn supplied() -> (Service, String) {
    let mut sts = administered();
    let engine = sts.engine(0);
    assert_eq!(find(&mut sts, &engine, GLOBEX), Ok(true));
    engine.supply_keys(GLOBEX, jwks(&["idp-es384"]), sts.world.now).unwrap();
    let said = sts.exchange(0, SHOP, &foreign(&json!({ "iss": GLOBEX })));
    assert_eq!(said.status, 400, "the supplied keys count: {}", said.body);
    let list = sts.get(ISSUERS).with_status(200);
    let id = list.body["identityProviders"][0]["id"].as_str().unwrap().to_string();
    (sts, id)
}

/// The issuer whose configured keys are those of the tokens.
fn with_keys_of_its_own(sts: &mut Service) {
    let issuer = json!({
        "name": "Globex again",
        "issuer": GLOBEX,
        "certificate": fixtures::expand(&json!({ "jwks": { "$jwks": ["idp-es256"] } })),
    });
    sts.post(ISSUERS, &issuer).with_status(201);
    let application = json!({
        "name": "Shop again",
        "clientId": "shop-again",
        "clientSecret": "shop-again-secret-for-tests",
        "grantTypes": [EXCHANGE],
        "trustedTokenIssuers": ["Globex again"],
    });
    sts.post("/api/server/v1/applications", &application).with_status(201);
    let client = ("shop-again", "shop-again-secret-for-tests");
    let said = sts.exchange(0, client, &foreign(&json!({ "iss": GLOBEX })));
    assert_eq!(said.status, 200, "its own keys count: {}", said.body);
}

#[test]
fn an_issuer_that_is_made_again_has_no_keys_of_the_one_before() {
    let (mut sts, id) = supplied();
    let list = sts.get("/api/server/v1/applications").with_status(200);
    let shop = list.body["applications"][0]["id"].as_str().unwrap().to_string();
    sts.delete(&format!("/api/server/v1/applications/{shop}")).with_status(204);
    sts.delete(&format!("{ISSUERS}/{id}")).with_status(204);
    with_keys_of_its_own(&mut sts);
}

#[test]
fn an_issuer_that_takes_over_a_name_does_not_take_over_its_keys() {
    let (mut sts, id) = supplied();
    let renamed = json!([{
        "operation": "REPLACE", "path": "/idpIssuerName", "value": "https://former.example",
    }]);
    sts.patch(&format!("{ISSUERS}/{id}"), &renamed).with_status(200);
    // The keys were supplied for the name that it had.
    let said = sts.exchange(0, SHOP, &foreign(&json!({ "iss": "https://former.example" })));
    assert_eq!(said.status, 503, "{}", said.body);
    with_keys_of_its_own(&mut sts);
}
