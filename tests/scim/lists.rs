//! Pages, cursors, and how far a list is walked.

use exchequer::{Answer, Expect, Write};
use serde_json::{Value, json};

use crate::parties::document;
use crate::server::{Server, ids};

/// Users of the document.
const CONFIGURED: usize = 7;

fn listed(server: &mut Server, query: &str) -> Value {
    let (status, list) = server.call("GET", &format!("Users?{query}"), &Value::Null);
    assert_eq!(status, 200, "{query}: {list}");
    list
}

/// A server with this many users in its store.
fn with(users: usize) -> Server {
    let mut server = Server::new();
    for number in 0..users {
        server.created(json!({ "userName": format!("user-{number}"), "title": "T" }));
    }
    server
}

#[test]
fn pages_by_index_and_by_cursor_show_the_same_users() {
    let mut server = with(11);
    let whole = ids(&listed(&mut server, ""));
    assert_eq!(whole.len(), CONFIGURED + 11);
    assert!(whole[..CONFIGURED].is_sorted() && whole[CONFIGURED..].is_sorted());
    for count in [1, 4, 7, 18, 100] {
        let mut paged = Vec::new();
        while paged.len() < whole.len() {
            let list =
                listed(&mut server, &format!("startIndex={}&count={count}", paged.len() + 1));
            assert_eq!(list["totalResults"], whole.len());
            assert_eq!(list["startIndex"], paged.len() + 1);
            assert_eq!(list["itemsPerPage"], ids(&list).len());
            paged.extend(ids(&list));
        }
        assert_eq!(paged, whole, "{count}");

        for (filter, total) in [("", json!(whole.len())), ("&filter=id+pr", Value::Null)] {
            let (mut paged, mut cursor) = (Vec::new(), Some(String::new()));
            while let Some(from) = cursor {
                let list = listed(&mut server, &format!("cursor={from}&count={count}{filter}"));
                assert_eq!((&list["totalResults"], &list["startIndex"]), (&total, &Value::Null));
                paged.extend(ids(&list));
                cursor = list["nextCursor"].as_str().map(Into::into);
            }
            assert_eq!(paged, whole, "{count}{filter}");
        }
    }
}

/// What the document says of a user counts.
#[test]
fn a_user_of_the_document_and_of_the_store_is_listed_once() {
    let mut server = with(3);
    let both = ids(&listed(&mut server, ""))[CONFIGURED + 1].clone();
    let mut document = document("required");
    let user = json!({ "id": both, "username": "of-the-document" });
    document["users"].as_array_mut().unwrap().push(user);
    server.engine = Server::of(&document).engine;
    for query in ["", "filter=userName+pr", &format!("filter=id+eq+%22{both}%22")] {
        let list = listed(&mut server, query);
        let all = list["Resources"].as_array().unwrap();
        let found: Vec<_> = all.iter().filter(|user| user["id"] == both).collect();
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0]["userName"], "of-the-document", "{query}");
        assert_eq!(list["totalResults"], all.len(), "{query}");
    }
}

#[test]
fn numbers_out_of_range_mean_what_the_rfc_says() {
    let mut server = with(1);
    let whole = ids(&listed(&mut server, ""));
    assert_eq!(ids(&listed(&mut server, "startIndex=-5&count=5000")), whole);
    for nothing in ["count=0", "count=-1", "startIndex=9", "startIndex=99999", "cursor&count=0"] {
        let list = listed(&mut server, nothing);
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(8), &json!([])));
    }
    let list = listed(&mut server, "filter=title+eq+%22t%22&count=0");
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(1), &json!([])));
}

/// RFC 7644 section 3.4.2: "SHOULD ignore any query parameters they do not recognize".
#[test]
fn parameters_that_scim_does_not_have_are_ignored() {
    let mut server = with(2);
    assert_eq!(
        listed(&mut server, "count=1&fliter=x&sortBy=userName"),
        listed(&mut server, "count=1")
    );
}

#[test]
fn a_filter_that_names_a_user_still_holds_as_a_whole() {
    let mut server = with(3);
    let id = server.found("userName eq \"USER-1\"");
    assert_eq!(id.len(), 1);
    for (filter, found) in [
        (format!("id eq \"{}\"", id[0]), 1),
        (format!("id eq \"{}\" and title pr", id[0]), 1),
        (format!("id eq \"{}\" and title eq \"X\"", id[0]), 0),
        ("userName eq \"one\" and active eq true".into(), 1),
        ("userName eq \"PRIMARY/user-1\"".into(), 1),
        ("userName eq \"LDAP/user-1\"".into(), 0),
        ("userName sw \"user-\"".into(), 3),
        ("not (userName sw \"user-\")".into(), CONFIGURED),
        ("emails co \"@example.com\"".into(), CONFIGURED),
    ] {
        assert_eq!(server.found(&filter).len(), found, "{filter}");
    }
}

#[test]
fn what_would_be_walked_too_far_is_refused_or_paged() {
    let mut server = with(1);
    let Answer::Page { records, .. } = server.world.store.list("user/", None, 1, server.world.now)
    else {
        panic!("no page")
    };
    let text = String::from_utf8(records[0].value.clone()).unwrap();
    let id = records[0].key.strip_prefix("user/").unwrap();
    for number in 0..10_050 {
        let new = format!("n-{number:05}");
        let value = Some(text.replace(id, &new).into_bytes());
        let write =
            Write { key: format!("user/{new}"), value, expect: Expect::Absent, expires_at: None };
        server.world.store.commit(&[write], server.world.now);
    }
    for deep in ["filter=title+sw+%22t%22", "startIndex=10030"] {
        let (status, error) = server.call("GET", &format!("Users?{deep}"), &Value::Null);
        assert_eq!((status, &error["scimType"]), (400, &json!("tooMany")), "{deep}");
    }
    assert_eq!(listed(&mut server, "startIndex=9900&count=1")["itemsPerPage"], 1);
    assert_eq!(server.found("userName eq \"user-0\"").len(), 1);
    // A page may be shorter than asked for when nothing was found for long.
    let rare = "filter=id+eq+%22n-10049%22+or+id+eq+%22x%22";
    let first = listed(&mut server, &format!("cursor=&{rare}"));
    assert_eq!(first["itemsPerPage"], 0);
    let next = first["nextCursor"].as_str().unwrap();
    assert_eq!(ids(&listed(&mut server, &format!("cursor={next}&{rare}"))), ["n-10049"]);
}
