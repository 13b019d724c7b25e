//! Where a list goes on (RFC 9865): behind which user. Users of the
//! configuration document come first, by id, then those of the store, by id.

use alloc::string::String;

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer_scim::ScimType;

use super::error::Problem;

/// A place in the list of all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Start,
    /// Behind this user of the document.
    Document(String),
    /// Behind this user of the store.
    Store(String),
}

impl Position {
    /// Reads a cursor; an empty one is the beginning.
    ///
    /// # Errors
    /// `invalidCursor` when this server did not issue it.
    pub(super) fn read(cursor: &str) -> Result<Self, Problem> {
        if cursor.is_empty() {
            return Ok(Self::Start);
        }
        let decoded = Base64UrlUnpadded::decode_vec(cursor).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let wrong =
            || Problem::of(ScimType::InvalidCursor, "the cursor was not issued by this server");
        let decoded = decoded.ok_or_else(wrong)?;
        match decoded.split_at_checked(1) {
            Some(("d", id)) => Ok(Self::Document(id.into())),
            Some(("s", id)) if id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self::Store(id.into()))
            }
            _ => Err(wrong()),
        }
    }

    /// The cursor that is read back as this; nothing in it is a secret.
    pub(super) fn written(&self) -> String {
        let (kind, id) = match self {
            Self::Start => return String::new(),
            Self::Document(id) => ("d", id),
            Self::Store(id) => ("s", id),
        };
        Base64UrlUnpadded::encode_string(alloc::format!("{kind}{id}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_cursor_is_read_back_as_what_it_was() {
        for position in
            [Position::Start, Position::Document("ü 1".into()), Position::Store("a-b_1".into())]
        {
            assert_eq!(Position::read(&position.written()).unwrap(), position);
        }
        for wrong in ["x", "!", "eA", "c8O8", "c0E="] {
            assert!(Position::read(wrong).is_err(), "{wrong}");
        }
    }
}
