//! No path leads around a rule, and ordinary paths pass.

use exchequer::{Gateway, Request};
use serde_json::{Value, json};

use crate::support::start::world;
use crate::support::world::World;
use crate::{claims, cross, forwarded, gateway, refused, rules, token, with_token};

/// The audience of the token that is issued for this path; none where the
/// request passes as it is.
fn audience(gateway: &Gateway, world: &mut World, path: &str) -> Option<String> {
    let forward = forwarded(cross(gateway, world, &with_token(path, &token())));
    let issued = forward.set.iter().any(|(name, _)| name == "authorization");
    issued.then(|| claims(&forward)["aud"].as_str().unwrap().to_string())
}

fn is_ambiguous(gateway: &Gateway, path: &str) -> bool {
    let passage = cross(gateway, &mut world(), &Request::new("GET", path));
    matches!(passage, exchequer::GatewayStep::Refuse(refused)
        if refused.reply.status == 400 && refused.reason == "gateway.path.ambiguous")
}

fn with_rules(rules: Value) -> Gateway {
    gateway(json!({ "clientId": "edge", "audience": ["https://api.example"], "rules": rules }))
}

/// As a WHATWG parser, a server that cuts parameters, and one that decodes and
/// then cuts at `?` read them.
const NOT_PLAIN: [&str; 34] = [
    "/public/a%2fb/%2e%2e/%2e%2e/admin/users",
    "//x/admin/users",
    "/\\x/admin/users",
    "/x%2fy/%2e%2e/admin/users",
    "/admin%3fx",
    "/public/../api",
    "/public/.",
    "/public/%2E%2e/api",
    "/public/..%2fapi",
    "/public/%2e%2e%2fapi",
    "/public/..;/api",
    "/public/..;a=b/api",
    "/public/..;a%2fb/api",
    "/public/..%3b/api",
    "/public/..\\api",
    "/public/..%5capi",
    "/public/%252e%252e/api",
    "/public/%25%32e/api",
    "/public/%u002e/api",
    "/public/%c0%ae%c0%ae/api",
    "/public//admin",
    "/public/%2fadmin",
    "/public/;/admin",
    "/public/;a%2fadmin",
    "//public/x",
    "/%5cpublic",
    "/public%23",
    "/public#/x",
    "/public%00",
    "/public%0d%0a",
    "/public/%",
    "/public/\u{0}",
    "http://public/x",
    "%2fpublic/x",
];

#[test]
fn a_path_that_is_not_plain_is_refused_where_rules_differ() {
    let open = with_rules(json!([
        { "pathPrefix": "/", "token": "off" },
        { "pathPrefix": "/admin/", "audience": ["https://admin.example"] },
    ]));
    for path in NOT_PLAIN {
        for gateway in [&gateway(rules()), &open] {
            assert!(is_ambiguous(gateway, path), "{path}");
        }
    }
}

#[test]
fn the_refusal_says_what_to_configure() {
    let refused = refused(cross(&gateway(rules()), &mut world(), &with_token("//x", &token())));
    let body: Value = serde_json::from_slice(&refused.reply.body).unwrap();
    assert_eq!(body["error"], "invalid_request");
    let description = body["error_description"].as_str().unwrap();
    assert!(description.contains("'gateway.rules'"), "{description}");
}

#[test]
fn ordinary_paths_pass_under_their_rule() {
    let (gateway, mut world) = (gateway(rules()), world());
    for (path, expected) in [
        ("/", Some("https://api.example")),
        ("/orders/caf%C3%A9/\u{e9}/a%20b/", Some("https://api.example")),
        ("/orders/100%25", Some("https://api.example")),
        ("/orders/a%2Fb", Some("https://api.example")),
        ("/orders;v=1/x", Some("https://api.example")),
        ("/orders/.../.a/b..", Some("https://api.example")),
        ("/orders?next=/public/../%2e%2e//", Some("https://api.example")),
        ("/public", None),
        ("/public/", None),
        ("/public/a%20b", None),
        ("/public/a%2Fb", None),
        ("/public/a;v=1", None),
        ("/public/ADMINISTRATORS", None),
        ("/public/admin", Some("https://admin.example")),
        ("/public/admin/%E6%97%A5;v=1/a%2fb/", Some("https://admin.example")),
        ("/public/admin/Admin", Some("https://admin.example")),
    ] {
        assert_eq!(audience(&gateway, &mut world, path).as_deref(), expected, "{path}");
    }
}

#[test]
fn a_name_that_servers_read_differently_passes_only_where_the_rules_agree() {
    let rules = |inner: Value| {
        with_rules(json!([
            { "pathPrefix": "/api/", "audience": ["https://admin.example"] },
            inner,
        ]))
    };
    let alike = rules(json!({ "pathPrefix": "/api/v1", "audience": ["https://admin.example"] }));
    let differ = rules(json!({ "pathPrefix": "/api/v1", "token": "off" }));
    for path in [
        "/api/V1/x",
        "/api/%761",
        "/api/v1;x",
        "/api/v1%3bx/y",
        "/api/%20v1",
        "/api/v1%2Fx",
        "/api/v1;x%2fy/z",
    ] {
        assert!(is_ambiguous(&differ, path), "{path}");
        assert_eq!(audience(&alike, &mut world(), path).as_deref(), Some("https://admin.example"));
    }
    // The same name for a server that knows letter case beyond ASCII.
    let gateway = with_rules(json!([{ "pathPrefix": "/status", "token": "off" }]));
    for path in ["/STATUS", "/%C5%BFtatus", "/statu\u{17f}"] {
        assert!(is_ambiguous(&gateway, path), "{path}");
    }
}

/// What follows depends on where a server cuts the parameters.
#[test]
fn an_encoded_slash_within_parameters_leaves_the_rest_open() {
    let gateway = with_rules(json!([{ "pathPrefix": "/a/b/c", "token": "off" }]));
    for path in ["/a;x%2fb/c", "/a;x%2fy/b/c", "/a/b;%2fc", "/a/b;x%2f"] {
        assert!(is_ambiguous(&gateway, path), "{path}");
    }
    for path in ["/x;a%2fb/c", "/a/x;b%2fc", "/a/b/x;y%2fc"] {
        assert!(audience(&gateway, &mut world(), path).is_some(), "{path}");
    }
}

#[test]
fn where_all_rules_are_alike_no_path_is_ambiguous() {
    let alike = json!([{ "pathPrefix": "/a" }, { "pathPrefix": "/b", "token": "required" }]);
    for gateway in [with_rules(json!([])), with_rules(alike)] {
        for path in NOT_PLAIN {
            let audience = audience(&gateway, &mut world(), path);
            assert_eq!(audience.as_deref(), Some("https://api.example"), "{path}");
        }
    }
}
