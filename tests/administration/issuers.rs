//! Trusted token issuers: made, shown, changed, deleted.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, document, globex, made, pem, service, with};
use crate::support::administered::{EXCHANGE, Service};
use crate::support::subset;

#[test]
fn an_issuer_is_made_shown_changed_and_deleted() {
    let mut sts = service();
    let body = with(globex(), "description", json!("the others"));
    let said = sts.post(ISSUERS, &body).with_status(201);
    let path = format!("{ISSUERS}/{}", said.text("id"));
    assert_eq!(said.header("location"), Some(&*format!("https://sts.example{path}")));
    let wanted = json!({
        "name": "Globex", "issuer": "https://globex.example", "description": "the others",
        "isEnabled": true, "readOnly": false, "templateId": "trusted-token-issuer",
    });
    assert_eq!(subset::differs(&wanted, &said.body, "issuer"), None);
    assert_eq!(sts.get(&path).with_status(200).body, said.body);

    let operations = json!([
        { "operation": "REPLACE", "path": "/name", "value": "Globex Corp" },
        { "operation": "ADD", "path": "/alias", "value": "https://sts.example/globex" },
        { "operation": "REPLACE", "path": "/isEnabled", "value": false },
    ]);
    let changed = sts.patch(&path, &operations).with_status(200);
    let wanted = json!({
        "name": "Globex Corp", "alias": "https://sts.example/globex", "isEnabled": false,
    });
    assert_eq!(subset::differs(&wanted, &changed.body, "issuer"), None);

    assert_eq!(sts.delete(&path).with_status(204).body, Value::Null);
    assert_eq!(sts.get(&path).code(), "404 IDP-60002");
    assert_eq!(sts.delete(&path).code(), "404 IDP-60002");
    // Its name and its `iss` are free again.
    sts.post(ISSUERS, &body).with_status(201);
}

#[test]
fn certificates_come_as_wso2_has_them_and_one_source_of_keys_replaces_another() {
    let mut sts = service();
    let uri = "https://globex.example/jwks";
    let both = json!({ "jwksUri": uri, "certificates": [""], "samlMetadataUri": "" });
    let path = made(&mut sts, ISSUERS, &with(globex(), "certificate", both));
    assert_eq!(sts.get(&path).body["certificate"], json!({ "jwksUri": uri }));

    let add = |index: usize| {
        let path = format!("/certificate/certificates/{index}");
        json!([{ "operation": "ADD", "path": path, "value": pem() }])
    };
    let said = sts.patch(&path, &add(0)).with_status(200);
    assert_eq!(said.body["certificate"], json!({ "certificates": [pem()] }));
    assert_eq!(sts.patch(&path, &add(0)).status, 400, "behind the last one");
    assert_eq!(sts.patch(&path, &add(1)).status, 409, "it has it already");
    let back = json!([{ "operation": "ADD", "path": "/certificate/jwksUri", "value": uri }]);
    assert_eq!(sts.patch(&path, &back).body["certificate"], json!({ "jwksUri": uri }));
}

#[test]
fn names_and_issuers_are_unique_also_against_the_document() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    let other = |name: &str, issuer: &str| {
        with(with(globex(), "name", json!(name)), "issuer", json!(issuer))
    };
    for (name, issuer, code) in [
        ("Globex", "https://c.example", "409 IDP-60001"),
        ("C", "https://globex.example", "409 IDP-65002"),
        ("Acme", "https://c.example", "409 IDP-60001"),
        ("C", "https://idp.example", "409 IDP-65002"),
    ] {
        assert_eq!(sts.post(ISSUERS, &other(name, issuer)).code(), code, "{name} {issuer}");
    }
    let path = made(&mut sts, ISSUERS, &other("C", "https://c.example"));
    for (member, value, code) in [
        ("/name", "Globex", "409 IDP-60001"),
        ("/name", "Acme", "409 IDP-60001"),
        ("/idpIssuerName", "https://globex.example", "409 IDP-65002"),
    ] {
        let operations = json!([{ "operation": "REPLACE", "path": member, "value": value }]);
        assert_eq!(sts.patch(&path, &operations).code(), code, "{member} {value}");
    }
    assert_eq!(sts.get(&path).text("name"), "C");
}

#[test]
fn those_of_the_document_are_shown_and_cannot_be_written() {
    let mut sts = service();
    let list = sts.get(ISSUERS).body;
    let path = format!("{ISSUERS}/{}", list["identityProviders"][0]["id"].as_str().unwrap());
    let said = sts.get(&path).with_status(200);
    assert_eq!((&said.body["name"], &said.body["readOnly"]), (&json!("Acme"), &json!(true)));
    let operations = json!([{ "operation": "REPLACE", "path": "/name", "value": "B" }]);
    assert_eq!(sts.patch(&path, &operations).code(), "409 EXQ-40900");
    assert_eq!(sts.delete(&path).code(), "409 EXQ-40900");
    let association = path.replace("trusted-token-issuers", "identity-providers");
    let association = format!("{association}/implicit-association");
    assert_eq!(sts.get(&association).with_status(200).body["isEnabled"], true);
    let body = json!({ "isEnabled": false });
    assert_eq!(sts.put(&association, &body).code(), "409 EXQ-40900");
}

#[test]
fn implicit_association_is_switched_on_and_off() {
    let mut sts = service();
    let path = made(&mut sts, ISSUERS, &globex());
    let path = path.replace("trusted-token-issuers", "identity-providers");
    let path = format!("{path}/implicit-association");
    assert_eq!(
        sts.get(&path).with_status(200).body,
        json!({ "isEnabled": false, "lookupAttribute": ["email"] })
    );
    let on = json!({ "isEnabled": true, "lookupAttribute": ["http://wso2.org/claims/username", "email"] });
    assert_eq!(sts.put(&path, &on).with_status(200).body, on);
    assert_eq!(sts.get(&path).body, on);
    sts.put(&path, &json!({ "isEnabled": false })).with_status(200);
    for body in [
        json!({}),
        json!({ "isEnabled": "yes" }),
        json!({ "isEnabled": true }),
        json!({ "isEnabled": true, "lookupAttribute": [] }),
        json!({ "isEnabled": true, "lookupAttribute": ["shoe size"] }),
        json!({ "isEnabled": true, "lookupAttribute": ["email", "username", "phone_number"] }),
        json!({ "isEnabled": true, "lookupAttribute": "email" }),
        json!({ "isEnabled": false, "also": 1 }),
        json!({ "isEnabled": false, "trustUnverified": "yes" }),
    ] {
        assert_eq!(sts.put(&path, &body).code(), "400 IDP-60025", "{body}");
    }
    let nobody = "/api/server/v1/identity-providers/nobody/implicit-association";
    assert_eq!(sts.get(nobody).code(), "404 IDP-60002");
}

/// WSO2 does not know the member: a client of WSO2 neither sees it appear nor
/// takes it away.
#[test]
fn trust_in_an_issuer_that_does_not_say_what_it_verified_stays_until_it_is_withdrawn() {
    let mut sts = service();
    let path = made(&mut sts, ISSUERS, &globex());
    let issuer = path.clone();
    let path = path.replace("trusted-token-issuers", "identity-providers");
    let path = format!("{path}/implicit-association");
    let on = json!({ "isEnabled": true, "lookupAttribute": ["email"] });
    let trusting = with(on.clone(), "trustUnverified", json!(true));
    assert_eq!(sts.put(&path, &trusting).with_status(200).body, trusting);
    assert_eq!(sts.put(&path, &on).with_status(200).body, trusting);
    assert_eq!(sts.put(&path, &json!({ "isEnabled": false })).with_status(200).status, 200);
    assert_eq!(sts.put(&path, &on).with_status(200).body, trusting);
    assert_eq!(sts.get(&issuer).body["implicitAssociation"], trusting);
    let withdrawn = with(on.clone(), "trustUnverified", json!(false));
    assert_eq!(sts.put(&path, &withdrawn).with_status(200).body, on);
    assert_eq!(sts.get(&path).body, on);
}

#[test]
fn private_members_that_are_null_are_none() {
    let mut body = globex();
    for name in ["d", "p", "oth", "k"] {
        body["certificate"]["jwks"]["keys"][0][name] = json!(null);
    }
    service().post(ISSUERS, &body).with_status(201);
}

#[test]
fn private_keys_that_stand_in_the_document_by_mistake_are_not_shown() {
    let jwks = json!({ "keys": [{ "$key": "idp-es256" }] });
    let mut document = document();
    document["trustedTokenIssuers"][0]["certificate"]["jwks"] = jwks.clone();
    let keyed = json!({ "clientId": "keyed", "grantTypes": [EXCHANGE], "jwks": jwks });
    document["applications"].as_array_mut().unwrap().push(keyed);
    let mut sts = Service::new(&document);
    for (path, list, pointer) in [
        (ISSUERS, "/identityProviders/0/id", "/certificate/jwks/keys/0"),
        (APPLICATIONS, "/applications/1/id", "/jwks/keys/0"),
    ] {
        let id = sts.get(path).body.pointer(list).unwrap().as_str().unwrap().to_string();
        let shown = sts.get(&format!("{path}/{id}")).with_status(200).body;
        let key = shown.pointer(pointer).unwrap();
        assert_eq!((key["kty"].as_str(), key.get("d")), (Some("EC"), None));
    }
}
