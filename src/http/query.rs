//! The query of a request's target: what reading calls are steered by.

use alloc::string::String;
use alloc::vec::Vec;

use super::Request;

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
}
