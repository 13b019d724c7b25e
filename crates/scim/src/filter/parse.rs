//! The grammar of filters, and of PATCH paths, which may contain one.
//!
//! `not` binds before `and`, `and` before `or`. The cost of a filter is bounded
//! before it is applied to anything: its length, depth and number of terms.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Expression;
use super::compare::{compare, operator_named};
use super::lexer::{Placed, Token, Wrong, tokens};
use crate::error::quoted;
use crate::path::{AttributePath, Named};
use crate::resource_type::ResourceType;
use crate::schema::{Attribute, Schema};

const MAX_LENGTH: usize = 1000;
const MAX_DEPTH: usize = 16;
const MAX_TERMS: usize = 50;

/// What a PATCH path points at.
#[derive(Debug)]
pub(crate) enum Target {
    Path(AttributePath, Option<Expression>),
    Extension(&'static Schema),
    /// An attribute that has no value here.
    Unknown,
}

pub(super) fn filter(of: &'static ResourceType, text: &str) -> Result<Expression, Wrong> {
    let mut parser = Parser::new(of, text)?;
    let filter = parser.any(0)?;
    parser.end()?;
    Ok(filter)
}

/// Reads a PATCH path: `attrPath / valuePath [subAttr]` (RFC 7644 section
/// 3.5.2).
pub(crate) fn target(of: &'static ResourceType, text: &str) -> Result<Target, Wrong> {
    let mut parser = Parser::new(of, text)?;
    let (at, name) = parser.word("the name of an attribute")?;
    let target = match parser.find(at, name)? {
        Named::Extension(schema) => Target::Extension(schema),
        Named::Unknown => return Ok(Target::Unknown),
        Named::Path(path) if parser.takes(&Token::OpenValue) => {
            let inner = parser.value_filter(at, path.target(), 0)?;
            Target::Path(parser.member_behind(path)?, Some(inner))
        }
        Named::Path(path) => Target::Path(path, None),
    };
    parser.end()?;
    Ok(target)
}

struct Parser<'a> {
    of: &'static ResourceType,
    tokens: Vec<Placed<'a>>,
    next: usize,
    terms: usize,
    /// One past the last character.
    end: usize,
    /// The complex attribute whose values are looked at, inside of `[]`.
    inside: Option<&'static Attribute>,
}

impl<'a> Parser<'a> {
    fn new(of: &'static ResourceType, text: &'a str) -> Result<Self, Wrong> {
        let end = text.chars().count() + 1;
        if end > MAX_LENGTH + 1 {
            return Err(Wrong::new(end, format!("it is longer than {MAX_LENGTH} characters")));
        }
        Ok(Self { of, tokens: tokens(text)?, next: 0, terms: 0, end, inside: None })
    }

    fn find(&self, at: usize, name: &str) -> Result<Named, Wrong> {
        let found = self.of.find(name);
        found.ok_or_else(|| Wrong::new(at, self.of.has_no_attribute(name)))
    }

    /// `… or …`
    fn any(&mut self, depth: usize) -> Result<Expression, Wrong> {
        let mut parts = alloc::vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    /// `… and …`
    fn all(&mut self, depth: usize) -> Result<Expression, Wrong> {
        let mut parts = alloc::vec![self.part(depth)?];
        while self.keyword("and") {
            parts.push(self.part(depth)?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn part(&mut self, depth: usize) -> Result<Expression, Wrong> {
        if depth > MAX_DEPTH {
            return Err(Wrong::new(self.at(), format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.keyword("not") {
            self.expect(&Token::Open, "`(` behind `not`")?;
            return Ok(Expression::Not(Box::new(self.group(depth)?)));
        }
        if self.takes(&Token::Open) {
            return self.group(depth);
        }
        self.term(depth)
    }

    fn group(&mut self, depth: usize) -> Result<Expression, Wrong> {
        let inner = self.any(depth + 1)?;
        self.expect(&Token::Close, "`)`")?;
        Ok(inner)
    }

    /// `userName eq "ada"`, `title pr`, `emails[type eq "work"]`
    fn term(&mut self, depth: usize) -> Result<Expression, Wrong> {
        let (at, name) = self.word("the name of an attribute")?;
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Wrong::new(at, format!("it has more than {MAX_TERMS} terms")));
        }
        let path = self.path(at, name)?;
        if !self.takes(&Token::OpenValue) {
            return self.condition(path);
        }
        let Some(path) = path.filter(|path| self.inside.is_none() && path.member.is_none()) else {
            return Err(Wrong::new(at, "`[` cannot follow this attribute"));
        };
        let mut inner = self.value_filter(at, path.attribute, depth + 1)?;
        // Not in the grammar, but what Entra ID sends:
        // `emails[type eq "work"].value eq "ada@example.com"`.
        if let Some(member) = self.member_behind(path)?.member {
            inner = Expression::All(alloc::vec![
                inner,
                self.condition(Some(AttributePath::inside(member)))?
            ]);
        }
        Ok(Expression::Value(path, Box::new(inner)))
    }

    /// The condition behind the name of an attribute: `eq "ada"`, `pr`.
    fn condition(&mut self, path: Option<AttributePath>) -> Result<Expression, Wrong> {
        let (at, operator) = self.word("an operator like `eq`")?;
        if operator.eq_ignore_ascii_case("pr") {
            return Ok(path.map_or(Expression::Nothing, Expression::Present));
        }
        let (operator, negated) = operator_named(at, operator)?;
        let (at, given) = self.operand()?;
        let term = match path {
            Some(path) => compare(at, path, operator, given)?,
            None => Expression::Nothing,
        };
        Ok(if negated { Expression::Not(Box::new(term)) } else { term })
    }

    /// The path that a name stands for; `None` if it has no value here.
    fn path(&self, at: usize, name: &str) -> Result<Option<AttributePath>, Wrong> {
        if let Some(attribute) = self.inside {
            let member = attribute
                .sub_attribute(name)
                .ok_or_else(|| Wrong::new(at, has_no_member(attribute, name)))?;
            return Ok(Some(AttributePath::inside(member)));
        }
        match self.find(at, name)? {
            Named::Path(path) => Ok(Some(path)),
            Named::Unknown => Ok(None),
            Named::Extension(_) => Err(Wrong::new(at, "this is a schema, not an attribute of one")),
        }
    }

    /// The filter behind `[`, up to `]`.
    fn value_filter(
        &mut self,
        at: usize,
        attribute: &'static Attribute,
        depth: usize,
    ) -> Result<Expression, Wrong> {
        if attribute.sub_attributes().is_empty() {
            return Err(Wrong::new(at, format!("{} has no sub-attributes", attribute.name)));
        }
        self.inside = Some(attribute);
        let inner = self.any(depth)?;
        self.inside = None;
        self.expect(&Token::CloseValue, "`]`")?;
        Ok(inner)
    }

    /// The sub-attribute behind `]`, as in `].value`, if there is one.
    fn member_behind(&mut self, path: AttributePath) -> Result<AttributePath, Wrong> {
        let Some((at, Token::Word(word))) = self.tokens.get(self.next).cloned() else {
            return Ok(path);
        };
        let Some(name) = word.strip_prefix('.') else { return Ok(path) };
        self.next += 1;
        let member = path.attribute.sub_attribute(name).filter(|_| path.member.is_none());
        let member = member.ok_or_else(|| Wrong::new(at, has_no_member(path.attribute, name)))?;
        Ok(AttributePath { member: Some(member), ..path })
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

fn has_no_member(attribute: &Attribute, name: &str) -> String {
    format!("{} has no sub-attribute {}", attribute.name, quoted(name))
}

fn one_or(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            several(parts)
        }
    }
}
