//! The body of `POST …/.search` (RFC 7644 section 3.4.3).

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::filter::Filter;
use crate::projection::Projection;
use crate::resource_type::ResourceType;

/// What a client looks for. The body of `POST …/.search` holds it; in a `GET`
/// the query holds the same parameters.
#[derive(Debug)]
pub struct SearchRequest {
    /// Which resources to return; `None` for all.
    pub filter: Option<Filter>,
    /// The index of the first resource, as the client gave it; see
    /// [`Page::new`](crate::Page::new).
    pub start_index: Option<i64>,
    /// The number of resources, as the client gave it.
    pub count: Option<i64>,
    /// The cursor, as the client gave it (RFC 9865). An empty one asks for the
    /// first page.
    pub cursor: Option<String>,
    /// Which attributes to return.
    pub projection: Projection,
}

impl SearchRequest {
    /// Reads a body. `sortBy` and `sortOrder` are ignored: a service that does
    /// not sort MAY ignore them (RFC 7644 section 3.4.2.3).
    ///
    /// # Errors
    /// `invalidFilter`, or `invalidValue` for a parameter of the wrong type.
    pub fn read(of: &'static ResourceType, body: &Map<String, Value>) -> Result<Self, ScimError> {
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(ScimError::value(format!("{name} has to be a string"))),
        };
        let number = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| ScimError::value(format!("{name} has to be a whole number"))),
        };
        let names = |name: &str| {
            let names = body.get(name).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str)
        };
        Ok(Self {
            projection: Projection::new(of, names("attributes"), names("excludedAttributes"))?,
            start_index: number("startIndex")?,
            count: number("count")?,
            filter: text("filter")?.map(|filter| Filter::parse(of, filter)).transpose()?,
            cursor: text("cursor")?.map(Into::into),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SearchRequest;
    use crate::sample::{USERS, object};

    #[test]
    fn a_body_is_read() {
        let read = |body: Value| SearchRequest::read(&USERS, &object(body));
        let request = read(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "userName pr", "startIndex": 2, "count": 3, "cursor": "", "sortBy": "x",
            "attributes": ["userName"],
        }));
        let request = request.unwrap();
        assert!(request.filter.unwrap().matches(&object(json!({"userName": "a"}))));
        assert_eq!((request.start_index, request.count), (Some(2), Some(3)));
        assert_eq!(request.cursor.as_deref(), Some(""));
        let shown = request.projection.apply(object(json!({"userName": "a", "title": "x"})));
        assert_eq!(Value::Object(shown), json!({"userName": "a"}));
        assert!(read(json!({"filter": null, "count": null})).unwrap().filter.is_none());
        for (wrong, named) in [
            (json!({"filter": 1}), "filter"),
            (json!({"filter": "userName"}), "filter"),
            (json!({"count": "1"}), "count"),
            (json!({"startIndex": 1.5}), "startIndex"),
            (json!({"cursor": 1}), "cursor"),
            (json!({"attributes": ["id"], "excludedAttributes": ["id"]}), "excludedAttributes"),
        ] {
            let error = read(wrong.clone()).err().unwrap_or_else(|| panic!("{wrong}"));
            assert!(error.detail.contains(named), "{wrong}: {}", error.detail);
        }
    }
}
