//! The tokens of a filter.

use alloc::string::String;
use alloc::vec::Vec;

/// A word, and the character at which it begins, from 1.
pub(super) type Placed<'a> = (usize, Token<'a>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// The name of an attribute, an operator, a literal.
    Word(&'a str),
    /// A JSON string.
    Text(String),
    Open,
    Close,
    /// `[`
    OpenValue,
    /// `]`
    CloseValue,
}

/// What is wrong, and at which character, from 1.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Wrong {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    /// The sentence about it; `of` says what it is in.
    pub(crate) fn sentence(&self, of: &str) -> String {
        alloc::format!("at character {} of the {of}: {}", self.at, self.what)
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut at = 1;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            ' ' => (None, 1),
            '(' => (Some(Token::Open), 1),
            ')' => (Some(Token::Close), 1),
            '[' => (Some(Token::OpenValue), 1),
            ']' => (Some(Token::CloseValue), 1),
            '"' => {
                let (value, length) =
                    string(rest).ok_or_else(|| Wrong::new(at, "expected a JSON string"))?;
                (Some(Token::Text(value)), length)
            }
            _ => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Err(Wrong::new(at, "unexpected character"));
                }
                (rest.get(..length).map(Token::Word), length)
            }
        };
        tokens.extend(token.map(|token| (at, token)));
        let (read, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        at += read.chars().count();
        rest = after;
    }
    Ok(tokens)
}

/// Attribute names, URNs and numbers.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | ':' | '$' | '+')
}

/// The JSON string that a text begins with, and its length there.
fn string(text: &str) -> Option<(String, usize)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find_map(|(at, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(at + 1)
    })?;
    Some((serde_json::from_str(text.get(..end)?).ok()?, end))
}
