//! Lists of resources (RFC 7644 section 3.4.2).

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

/// A page of a list (RFC 7644 section 3.4.2; with cursors, RFC 9865 section 2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListResponse {
    /// The resources of this page.
    pub resources: Vec<Value>,
    /// How many resources the list has, if that is known.
    pub total_results: Option<u64>,
    /// The 1-based index of the first resource, in a list by index.
    pub start_index: Option<usize>,
    /// The cursor of the next page, in a list by cursor that goes on.
    pub next_cursor: Option<String>,
}

impl ListResponse {
    /// A list that is returned whole.
    #[must_use]
    pub fn whole(resources: Vec<Value>) -> Self {
        let total_results = Some(resources.len() as u64);
        Self { resources, total_results, start_index: Some(1), next_cursor: None }
    }

    /// The body of the response, `application/scim+json`.
    #[must_use]
    pub fn body(self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "itemsPerPage": self.resources.len(),
            "Resources": self.resources,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.total_results.map(|total| ("totalResults".into(), total.into())));
            members.extend(self.start_index.map(|start| ("startIndex".into(), start.into())));
            members.extend(self.next_cursor.map(|next| ("nextCursor".into(), next.into())));
        }
        body
    }
}

/// Which part of a list a client asks for by index (RFC 7644 section 3.4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The 1-based index of the first resource.
    pub start_index: usize,
    /// Most resources of the page.
    pub count: usize,
}

impl Page {
    /// The page of these parameters. A page has `max` resources at most, and
    /// as many if the client does not say: the service provider may return
    /// fewer resources than a client asks for.
    #[must_use]
    pub fn new(start_index: Option<i64>, count: Option<i64>, max: usize) -> Self {
        let unsigned = |number: i64| usize::try_from(number).unwrap_or(0);
        // "A value less than 1 SHALL be interpreted as 1", and of `count` "a
        // negative value SHALL be interpreted as 0".
        Self {
            start_index: unsigned(start_index.unwrap_or(1)).max(1),
            count: count.map_or(max, unsigned).min(max),
        }
    }

    /// How many resources come before the page.
    #[must_use]
    pub const fn skip(&self) -> usize {
        self.start_index.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use serde_json::json;

    use super::{ListResponse, Page};

    #[test]
    fn a_page_is_within_its_bounds() {
        let of = |start, count| {
            let page = Page::new(start, count, 100);
            (page.start_index, page.count, page.skip())
        };
        assert_eq!(of(None, None), (1, 100, 0));
        assert_eq!(of(Some(0), Some(-1)), (1, 0, 0));
        assert_eq!(of(Some(-5), Some(101)), (1, 100, 0));
        assert_eq!(of(Some(11), Some(10)), (11, 10, 10));
    }

    #[test]
    fn a_list_says_what_it_knows() {
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
        let whole = ListResponse::whole(vec![json!({"id": "1"})]).body();
        let want = json!({
            "schemas": schemas, "totalResults": 1, "startIndex": 1, "itemsPerPage": 1,
            "Resources": [{"id": "1"}],
        });
        assert_eq!(whole, want);
        let next = ListResponse { next_cursor: Some("c".into()), ..ListResponse::default() };
        let want =
            json!({"schemas": schemas, "itemsPerPage": 0, "Resources": [], "nextCursor": "c"});
        assert_eq!(next.body(), want);
    }
}
