use std::format;
use std::string::String;
use std::vec::Vec;

use serde_json::{Map, Value, json};

use super::{Filter, Target, target};
use crate::sample::{ENTERPRISE, USERS, object};
use crate::{ScimError, ScimType};

fn ada() -> Map<String, Value> {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "aB3",
        "externalId": "00uX",
        "userName": "Ada",
        "active": true,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "title": "",
        "emails": [
            {"value": "ada@example.com", "type": "work", "primary": true},
            {"value": "ADA@home.example", "type": "home"},
        ],
        ENTERPRISE: {"department": "Math", "manager": {"value": "xY"}},
        "meta": {"lastModified": "2026-01-31T12:00:00Z", "version": "W/\"7\""},
    }))
}

fn parse(filter: &str) -> Result<Filter, ScimError> {
    Filter::parse(&USERS, filter)
}

fn holds(filter: &str) -> bool {
    parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(&ada())
}

#[test]
fn filters_hold_of_what_they_say() {
    for filter in [
        r#"userName eq "ada""#,
        r#"USERNAME EQ "ADA""#,
        r#"userName eq "PRIMARY/ada""#,
        r#"userName ne "bob""#,
        r#"userName co "D""#,
        r#"userName sw "a" and userName ew "A""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada""#,
        r#"name.familyName co "ace""#,
        r#"name.familyName gt "LOVE""#,
        r#"name.familyName le "lovelace""#,
        "name pr",
        "emails pr",
        "not (title pr)",
        "not (nickName pr)",
        "nickName eq null",
        "userName ne null",
        r#"nickName ne "x""#,
        "active eq true",
        r#"active eq "True""#,
        "active ne false",
        r#"emails eq "ADA@example.com""#,
        r#"emails.value ew "home.example""#,
        r#"emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[not (type eq "work")]"#,
        r#"emails[type eq "work"].value eq "ada@EXAMPLE.com""#,
        r#"emails[type eq "home"].value pr and active eq true"#,
        r#"externalId eq "00uX""#,
        r#"externalId gt "00u""#,
        r#"meta.lastModified gt "2026-01-31T11:59:59Z""#,
        r#"meta.lastModified ge "2026-01-31T12:00:00Z""#,
        r#"meta.lastModified le "2026-01-31T12:00:00Z""#,
        r#"meta.lastModified lt "2026-01-31T12:00:01Z""#,
        r#"meta.lastModified eq "2026-01-31T13:00:00.000+01:00""#,
        r#"meta.lastModified sw "2026-01""#,
        r#"meta.version eq "W/\"7\"""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "math""#,
        r#"URN:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager eq "xY""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value sw "x""#,
        r#"title pr or userName eq "ada" and active eq true"#,
        r#"(title pr or userName eq "ada") and not (active eq false)"#,
        r#"not (urn:custom:1.0:Thing:size eq "9")"#,
        r#"userName eq "\u0061da""#,
    ] {
        assert!(holds(filter), "{filter}");
    }
}

#[test]
fn filters_do_not_hold_of_anything_else() {
    for filter in [
        r#"userName eq "ad""#,
        r#"userName eq "CORP/ada""#,
        r#"userName ne "ada""#,
        r#"externalId eq "00ux""#,
        r#"id eq "ab3""#,
        "title pr",
        "nickName pr",
        r#"nickName co "a""#,
        "active eq false",
        r#"emails[type eq "home" and value co "@example.com"]"#,
        r#"emails[type eq "work"] and emails[type eq "other"]"#,
        r#"emails[type eq "home"].value eq "ada@example.com""#,
        r#"urn:custom:1.0:Thing:size eq "9""#,
        r#"groups.value eq "admins""#,
        r#"password eq "secret""#,
        r#"meta.lastModified lt "2026-01-31T12:00:00Z""#,
        r#"meta.lastModified gt "2026-01-31T12:00:00Z""#,
        r#"meta.lastModified ge "2026-01-31T12:00:01Z""#,
        r#"meta.lastModified le "2026-01-31T11:59:59Z""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "XY""#,
        r#"title pr and userName eq "ada" or active eq false"#,
    ] {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn an_error_says_at_which_character() {
    for (filter, at) in [
        ("", 1),
        ("userName", 9),
        ("userName eq", 12),
        ("userName eq ada", 13),
        ("userName eq 1", 13),
        ("userName is \"ada\"", 10),
        ("userNam eq \"ada\"", 1),
        ("userName eq \"ada", 13),
        ("userName eq 'ada'", 13),
        ("(userName pr", 13),
        ("userName pr)", 12),
        ("userName pr active pr", 13),
        ("userName pr and", 16),
        ("not userName pr", 5),
        ("active gt true", 11),
        ("active eq \"yes\"", 11),
        ("name eq \"Ada\"", 9),
        ("x509Certificates.value gt \"a\"", 27),
        ("meta.lastModified gt \"yesterday\"", 22),
        ("emails[type eq \"work\"", 22),
        ("emails[kind eq \"work\"]", 8),
        ("emails[type eq \"work\" and emails[type pr]]", 27),
        ("userName[value pr]", 1),
        ("emails[type pr].kind pr", 16),
        ("name.firstName pr", 1),
        ("userName eq \"ü\" ; active pr", 17),
        ("urn:example:2.0:Record eq \"a\"", 1),
    ] {
        let error = parse(filter).err().unwrap_or_else(|| panic!("{filter}"));
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
        let place = format!("at character {at} of the filter: ");
        assert!(error.detail.starts_with(&place), "{filter}: {error}");
    }
}

#[test]
fn what_a_filter_costs_is_bounded() {
    let nested = |depth: usize| {
        parse(&format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth))).is_ok()
    };
    assert!(nested(16));
    assert!(!nested(17));
    assert!(!nested(490));
    let terms = |count: usize| {
        let terms: Vec<&str> = core::iter::repeat_n("title pr", count).collect();
        parse(&terms.join(" or ")).is_ok()
    };
    assert!(terms(50));
    assert!(!terms(51));
    assert!(parse(&format!("title eq \"{}\"", "x".repeat(989))).is_ok());
    assert!(parse(&format!("title eq \"{}\"", "x".repeat(990))).is_err());
}

#[test]
fn only_what_must_hold_is_looked_up() {
    for (filter, required) in [
        (r#"userName eq "Ada""#, &[("userName", "Ada")][..]),
        (r#"userName eq "PRIMARY/ada""#, &[("userName", "ada")]),
        (r#"active eq true and (externalId eq "1" and title pr)"#, &[("externalId", "1")]),
        (r#"userName eq "a" or externalId eq "1""#, &[]),
        (r#"not (userName eq "a")"#, &[]),
        (r#"userName ne "a""#, &[]),
        (r#"userName sw "a""#, &[]),
        (r#"emails eq "a""#, &[]),
    ] {
        assert_eq!(parse(filter).unwrap().required(), required, "{filter}");
    }
}

#[test]
fn a_patch_path_may_hold_a_filter() {
    for (path, member, filtered) in [
        ("userName", None, false),
        ("name.givenName", Some("givenName"), false),
        ("emails[type eq \"work\"]", None, true),
        ("emails[type eq \"work\" and primary eq true].value", Some("value"), true),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            Some("value"),
            false,
        ),
    ] {
        match target(&USERS, path).unwrap() {
            Target::Path(found, filter) => {
                assert_eq!(found.member.map(|member| member.name), member, "{path}");
                assert_eq!(filter.is_some(), filtered, "{path}");
            }
            _ => panic!("{path}"),
        }
    }
    assert!(matches!(target(&USERS, ENTERPRISE).unwrap(), Target::Extension(_)));
    assert!(matches!(target(&USERS, "urn:custom:1.0:Thing:size").unwrap(), Target::Unknown));
    for path in
        ["", "emails[", "emails[type pr", "emails[type pr].x", "emails[type pr] value", "a b"]
    {
        assert!(target(&USERS, path).is_err(), "{path}");
    }
}
