//! The grammar of filters, and of PATCH paths, which may hold one.
//!
//! `not` binds before `and`, `and` before `or`. What a filter costs is bounded
//! before it is held against anything: its length, depth and terms.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use serde_json::Value;

use super::super::path::{self, Named, Place};
use super::super::schema::{Attribute, Schema};
use super::Filter;
use super::compare::{compare, operator_named};
use super::lexer::{Placed, Token, Wrong, tokens};
use crate::audit::shown;

const MAX_LENGTH: usize = 1000;
const MAX_DEPTH: usize = 16;
const MAX_TERMS: usize = 50;

/// What a PATCH path points at.
pub(in crate::admin::scim) enum Target {
    Place(Place, Option<Filter>),
    Extension(&'static Schema),
    /// Something that is not kept here.
    Nothing,
}

pub(super) fn filter(text: &str) -> Result<Filter, Wrong> {
    let mut parser = Parser::new(text)?;
    let filter = parser.any(0)?;
    parser.end()?;
    Ok(filter)
}

/// Reads a PATCH path: `attrPath / valuePath [subAttr]` (RFC 7644 section
/// 3.5.2).
pub(in crate::admin::scim) fn target(text: &str) -> Result<Target, Wrong> {
    let mut parser = Parser::new(text)?;
    let (at, name) = parser.word("the name of an attribute")?;
    let target = match found(at, name)? {
        Named::Extension(schema) => Target::Extension(schema),
        Named::Nothing => return Ok(Target::Nothing),
        Named::Place(place) if parser.takes(&Token::OpenValue) => {
            let inner = parser.value_filter(at, place.target(), 0)?;
            Target::Place(parser.member_behind(place)?, Some(inner))
        }
        Named::Place(place) => Target::Place(place, None),
    };
    parser.end()?;
    Ok(target)
}

fn found(at: usize, name: &str) -> Result<Named, Wrong> {
    path::find(name)
        .ok_or_else(|| Wrong::new(at, format!("users have no attribute `{}`", shown(name))))
}

struct Parser<'a> {
    tokens: Vec<Placed<'a>>,
    next: usize,
    terms: usize,
    /// One past the last character.
    end: usize,
    /// The complex attribute whose values are looked at, inside of `[]`.
    inside: Option<&'static Attribute>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, Wrong> {
        let end = text.chars().count() + 1;
        if end > MAX_LENGTH + 1 {
            return Err(Wrong::new(end, format!("it is longer than {MAX_LENGTH} characters")));
        }
        Ok(Self { tokens: tokens(text)?, next: 0, terms: 0, end, inside: None })
    }

    /// `… or …`
    fn any(&mut self, depth: usize) -> Result<Filter, Wrong> {
        let mut parts = alloc::vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Filter::Any))
    }

    /// `… and …`
    fn all(&mut self, depth: usize) -> Result<Filter, Wrong> {
        let mut parts = alloc::vec![self.part(depth)?];
        while self.keyword("and") {
            parts.push(self.part(depth)?);
        }
        Ok(one_or(parts, Filter::All))
    }

    fn part(&mut self, depth: usize) -> Result<Filter, Wrong> {
        if depth > MAX_DEPTH {
            return Err(Wrong::new(self.at(), format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.keyword("not") {
            self.expect(&Token::Open, "`(` behind `not`")?;
            return Ok(Filter::Not(Box::new(self.group(depth)?)));
        }
        if self.takes(&Token::Open) {
            return self.group(depth);
        }
        self.term(depth)
    }

    fn group(&mut self, depth: usize) -> Result<Filter, Wrong> {
        let inner = self.any(depth + 1)?;
        self.expect(&Token::Close, "`)`")?;
        Ok(inner)
    }

    /// `userName eq "ada"`, `title pr`, `emails[type eq "work"]`
    fn term(&mut self, depth: usize) -> Result<Filter, Wrong> {
        let (at, name) = self.word("the name of an attribute")?;
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Wrong::new(at, format!("it has more than {MAX_TERMS} terms")));
        }
        let place = self.place(at, name)?;
        if !self.takes(&Token::OpenValue) {
            return self.condition(place);
        }
        let Some(place) = place.filter(|place| self.inside.is_none() && place.member.is_none())
        else {
            return Err(Wrong::new(at, "`[` cannot stand behind this"));
        };
        let mut inner = self.value_filter(at, place.attribute, depth + 1)?;
        // Not in the grammar, but what Entra ID sends:
        // `emails[type eq "work"].value eq "ada@example.com"`.
        if let Some(member) = self.member_behind(place)?.member {
            inner = Filter::All(alloc::vec![inner, self.condition(Some(Place::inside(member)))?]);
        }
        Ok(Filter::Value(place, Box::new(inner)))
    }

    /// What follows the name of an attribute: `eq "ada"`, `pr`.
    fn condition(&mut self, place: Option<Place>) -> Result<Filter, Wrong> {
        let (at, operator) = self.word("an operator like `eq`")?;
        if operator.eq_ignore_ascii_case("pr") {
            return Ok(place.map_or(Filter::Nothing, Filter::Present));
        }
        let (operator, negated) = operator_named(at, operator)?;
        let (at, given) = self.operand()?;
        let term = match place {
            Some(place) => compare(at, place, operator, given)?,
            None => Filter::Nothing,
        };
        Ok(if negated { Filter::Not(Box::new(term)) } else { term })
    }

    /// The place that a name stands for; `None` when it has no value here.
    fn place(&self, at: usize, name: &str) -> Result<Option<Place>, Wrong> {
        if let Some(attribute) = self.inside {
            let member = attribute.member(name).ok_or_else(|| {
                let what = format!("{} has no sub-attribute `{}`", attribute.name, shown(name));
                Wrong::new(at, what)
            })?;
            return Ok(Some(Place::inside(member)));
        }
        match found(at, name)? {
            Named::Place(place) => Ok(Some(place)),
            Named::Nothing => Ok(None),
            Named::Extension(_) => Err(Wrong::new(at, "this is a schema, not an attribute of one")),
        }
    }

    /// What stands behind `[`, up to `]`.
    fn value_filter(
        &mut self,
        at: usize,
        attribute: &'static Attribute,
        depth: usize,
    ) -> Result<Filter, Wrong> {
        if attribute.members().is_empty() {
            return Err(Wrong::new(at, format!("{} has no sub-attributes", attribute.name)));
        }
        self.inside = Some(attribute);
        let inner = self.any(depth)?;
        self.inside = None;
        self.expect(&Token::CloseValue, "`]`")?;
        Ok(inner)
    }

    /// `.value` behind `]`, if it is there.
    fn member_behind(&mut self, place: Place) -> Result<Place, Wrong> {
        let Some((at, Token::Word(word))) = self.tokens.get(self.next).cloned() else {
            return Ok(place);
        };
        let Some(name) = word.strip_prefix('.') else { return Ok(place) };
        self.next += 1;
        let member = place.attribute.member(name).filter(|_| place.member.is_none());
        let member = member.ok_or_else(|| {
            let what = format!("{} has no sub-attribute `{}`", place.attribute.name, shown(name));
            Wrong::new(at, what)
        })?;
        Ok(Place { member: Some(member), ..place })
    }

    fn operand(&mut self) -> Result<(usize, Value), Wrong> {
        let at = self.at();
        let given = match self.advance() {
            Some(Token::Text(text)) => Some(Value::String(text)),
            // `null`, `true`, `false` and numbers, as JSON has them.
            Some(Token::Word(word)) => serde_json::from_str(word).ok().or_else(|| {
                ["true", "false", "null"].iter().find_map(|literal| {
                    let same = literal.eq_ignore_ascii_case(word);
                    same.then(|| serde_json::from_str(literal).ok())?
                })
            }),
            _ => None,
        };
        let given = given.ok_or_else(|| Wrong::new(at, "expected a value, strings in `\"`"))?;
        Ok((at, given))
    }

    fn word(&mut self, expected: &str) -> Result<(usize, &'a str), Wrong> {
        let at = self.at();
        match self.advance() {
            Some(Token::Word(word)) => Ok((at, word)),
            _ => Err(Wrong::new(at, format!("expected {expected}"))),
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is = |(_, token): &Placed<'_>| match token {
            Token::Word(word) => word.eq_ignore_ascii_case(keyword),
            _ => false,
        };
        let there = self.tokens.get(self.next).is_some_and(is);
        self.next += usize::from(there);
        there
    }

    fn takes(&mut self, wanted: &Token<'_>) -> bool {
        let there = self.tokens.get(self.next).is_some_and(|(_, token)| token == wanted);
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, wanted: &Token<'_>, said: &str) -> Result<(), Wrong> {
        let at = self.at();
        if self.takes(wanted) { Ok(()) } else { Err(Wrong::new(at, format!("expected {said}"))) }
    }

    fn end(&self) -> Result<(), Wrong> {
        match self.tokens.get(self.next) {
            None => Ok(()),
            Some((at, _)) => Err(Wrong::new(*at, "expected the end, `and` or `or`")),
        }
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn advance(&mut self) -> Option<Token<'a>> {
        let (_, token) = self.tokens.get(self.next)?.clone();
        self.next += 1;
        Some(token)
    }
}

fn one_or(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            several(parts)
        }
    }
}
