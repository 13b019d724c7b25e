//! User names: `DOMAIN/name` is a user of the user store DOMAIN, as WSO2
//! writes it; a name alone is one of the store PRIMARY.

use alloc::format;
use alloc::string::String;

use super::error::Problem;
use crate::config::User;

/// The user store of names without a domain.
const PRIMARY: &str = "PRIMARY";
/// Most characters of a user name, its domain included.
const MAX_LENGTH: usize = 255;

/// A user name, parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// In upper case: the names of user stores differ in more than case.
    pub(super) store: String,
    pub(super) name: &'a str,
}

impl<'a> Name<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        match text.split_once('/') {
            Some((domain, name)) if is_domain(domain) && !name.is_empty() => {
                Self { store: domain.to_uppercase(), name }
            }
            _ => Self { store: PRIMARY.into(), name: text },
        }
    }

    /// A name that a client gives a user.
    ///
    /// # Errors
    /// `invalidValue` when it cannot be one.
    pub(super) fn checked(text: &'a str) -> Result<Self, Problem> {
        if text.trim().is_empty() {
            return Err(Problem::value("userName is empty"));
        }
        if text.chars().count() > MAX_LENGTH || text.chars().any(char::is_control) {
            return Err(Problem::value(format!(
                "userName has to be at most {MAX_LENGTH} characters, without control characters"
            )));
        }
        Ok(Self::parse(text))
    }

    /// Whether this user has this name: "userName ... case insensitive" (RFC
    /// 7643 section 4.1.1), and unique in its user store.
    pub(super) fn is_of(&self, user: &User) -> bool {
        self.store.to_lowercase() == user.user_store.to_lowercase()
            && self.name.to_lowercase() == user.username.to_lowercase()
    }
}

/// The one way to write a user's name, which [`Name::parse`] reads back.
pub(super) fn written(store: &str, name: &str) -> String {
    if store.eq_ignore_ascii_case(PRIMARY) && Name::parse(name).name == name {
        return name.into();
    }
    format!("{store}/{name}")
}

/// A user name in that one way.
pub(super) fn canonical(text: &str) -> String {
    let name = Name::parse(text);
    written(&name.store, name.name)
}

fn is_domain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::{Name, written};

    #[test]
    fn a_domain_names_the_user_store() {
        for (text, store, name, again) in [
            ("ada", "PRIMARY", "ada", "ada"),
            ("PRIMARY/ada", "PRIMARY", "ada", "ada"),
            ("primary/ada", "PRIMARY", "ada", "ada"),
            ("corp/ada", "CORP", "ada", "CORP/ada"),
            ("primary/corp/ada", "PRIMARY", "corp/ada", "PRIMARY/corp/ada"),
            ("ada@example.com", "PRIMARY", "ada@example.com", "ada@example.com"),
            ("CORP/", "PRIMARY", "CORP/", "CORP/"),
            ("/ada", "PRIMARY", "/ada", "/ada"),
            ("https://a.example/ada", "PRIMARY", "https://a.example/ada", "https://a.example/ada"),
        ] {
            let parsed = Name::parse(text);
            assert_eq!((parsed.store.as_str(), parsed.name), (store, name), "{text}");
            assert_eq!(written(store, name), again);
            assert_eq!(Name::parse(again).name, name);
        }
    }
}
