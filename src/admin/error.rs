//! Kinds of errors that only the administration API has, with WSO2's codes where
//! it has one.

pub(super) use crate::administrator::error::{Error, Kind, UNAVAILABLE};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:literal $message:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: Kind =
            Kind { status: $status, code: $code, message: $message };)*
    };
}

kinds! {
    /// There is no such path.
    NO_SUCH_PATH 404 "EXQ-40400" "Not found.";
    /// The path does not take this method.
    METHOD 405 "EXQ-40500" "Method not allowed.";
    /// The body is longer than 64 KiB, or a configuration document than 1 MiB.
    TOO_LARGE 413 "EXQ-41300" "The request body is too large.";
    /// The body is not JSON by its `Content-Type`.
    MEDIA_TYPE 415 "EXQ-41500" "Unsupported media type.";
    /// The object stands in the configuration document.
    READ_ONLY 409 "EXQ-40900" "The object is read-only.";
    /// Somebody else changed the object at the same time.
    CHANGED 409 "EXQ-40901" "The object was changed at the same time.";
    /// More than one call can carry out.
    TOO_MANY 409 "EXQ-40902" "The configuration is too large.";
    /// One call does not do all of it. What it did is done, and it can be repeated.
    UNFINISHED 409 "EXQ-40904" "One call does not remove all of it.";
    /// A call that could undo what nobody has seen must say what it has seen.
    UNSEEN 428 "EXQ-42800" "Precondition required.";
    /// `If-Match` names another version than there is.
    STALE 412 "EXQ-41200" "The object was changed.";
    /// A configuration document that is none, or that cannot be imported.
    DOCUMENT 400 "EXQ-40002" "Invalid configuration.";
    /// A query that cannot be answered.
    QUERY 400 "EXQ-40001" "Invalid query.";
    /// A page that does not exist.
    PAGE 400 "EXQ-40000" "Invalid page.";
}
