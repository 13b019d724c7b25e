//! The query of a request's target.

use alloc::string::String;
use alloc::vec::Vec;

use crate::http::Request;

/// Most parameters that are read.
const MAX_PARAMETERS: usize = 100;

/// The parameters of a query, form-encoded.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Those of this request.
    pub(crate) fn parse(request: &Request) -> Self {
        let query = request.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMETERS);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The first value of this name that is not empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, value)| key == name && !value.is_empty());
        values.next().map(|(_, value)| value.as_str())
    }

    /// Whether there is a parameter of this name, with a value or without.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Query;
    use crate::http::Request;

    #[test]
    fn a_parameter_without_a_value_is_there_and_has_none() {
        let query = Query::parse(&Request::new("GET", "/a?f=userName+eq+%22ada%22&b&b=2&c="));
        assert_eq!(query.value("f"), Some("userName eq \"ada\""));
        assert_eq!((query.has("b"), query.value("b")), (true, Some("2")));
        assert_eq!((query.has("c"), query.value("c")), (true, None));
        assert_eq!((query.has("d"), query.value("d")), (false, None));
        assert!(!Query::parse(&Request::new("GET", "/a")).has("a"));
    }
}
