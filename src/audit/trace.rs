//! The decision trace: what was checked, in order, and how it came out.
//!
//! A trace holds values. Text is written when somebody reads it, because most
//! requests are granted and nobody does.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shown;
use crate::json_writer::Writer;

/// Room for the checks of an ordinary exchange.
const USUAL: usize = 14;

/// The checks of one request, in the order they were made.
#[derive(Clone, Default)]
pub struct Trace {
    noted: Vec<Noted>,
    /// Both values of a comparison are noted where it held, too: for somebody who
    /// asks for an explanation. They cost time, so others do without.
    tells_values: bool,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// What was checked, dotted: `subject_token.claim.aud`. For a check that
    /// failed, the reason code: `subject_token.claim.aud.mismatch`.
    pub code: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was compared, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It held.
    Pass,
    /// It did not, and the request was refused.
    Fail,
    /// It did not, and would have refused the request, were it not in audit mode.
    Audit,
    /// It could not be decided: something outside did not answer.
    Unavailable,
}

/// A check as it is kept.
#[derive(Clone)]
struct Noted {
    code: Code,
    outcome: Outcome,
    detail: Detail,
}

#[derive(Clone)]
enum Code {
    /// The role and the check, with a dot between them; without a role the
    /// check alone.
    Of(&'static str, &'static str),
    /// Of a trace that was read from text.
    Text(String),
}

/// What was compared, as values.
#[derive(Clone)]
pub(crate) enum Detail {
    /// There is nothing to be said.
    None,
    /// Text that was there already, or is written in rare cases only.
    Text(Cow<'static, str>),
    Words([&'static str; 3]),
    Number(&'static str, u64, &'static str),
    /// The name of something that outlives the request.
    Name(&'static str, Arc<dyn Named>, &'static str),
    /// How a client authenticated, and its application.
    Client(&'static str, Arc<dyn Named>),
    SharedText(&'static str, Arc<str>),
    /// What the header of a token says. A stranger may have written the `kid`.
    Header {
        alg: &'static str,
        kid: Option<Arc<str>>,
    },
    /// The `aud` of a token, which a stranger may have written.
    Audience(Vec<String>),
    /// A client id that an issued token names.
    IssuedTo(String),
    /// With spaces between them.
    Several(Arc<[String]>),
    /// A condition that held: of which list, and at which place there.
    Condition(Arc<dyn Conditioned>, usize, usize),
}

/// Something that the trace calls by a name.
pub(crate) trait Named: Send + Sync {
    fn name(&self) -> &str;
}

/// Something that has lists of conditions.
pub(crate) trait Conditioned: Send + Sync {
    /// A condition in words.
    fn condition(&self, list: usize, index: usize) -> String;
}

impl Trace {
    /// The checks as text, in the order they were made.
    pub fn checks(&self) -> impl Iterator<Item = Check> {
        self.noted.iter().map(Check::from)
    }

    /// Writes the checks as the member `checks`.
    pub(super) fn write(&self, out: &mut Writer) {
        out.objects("checks", &self.noted, |out, Noted { code, outcome, detail }| {
            out.pieces("code", |out| code.write(out));
            out.text("outcome", outcome.name());
            if !matches!(detail, Detail::None) {
                out.pieces("detail", |out| detail.write(out));
            }
        });
    }

    /// The trace of a request that is explained.
    pub(crate) fn tell_values(&mut self) {
        self.tells_values = true;
    }

    pub(crate) fn tells_values(&self) -> bool {
        self.tells_values
    }

    /// Notes a check that held.
    pub(crate) fn pass(&mut self, role: &'static str, check: &'static str, detail: Detail) {
        self.note(role, check, Outcome::Pass, detail);
    }

    pub(crate) fn note(
        &mut self,
        role: &'static str,
        check: &'static str,
        outcome: Outcome,
        detail: Detail,
    ) {
        if self.noted.is_empty() {
            self.noted.reserve_exact(USUAL);
        }
        self.noted.push(Noted { code: Code::Of(role, check), outcome, detail });
    }

    /// Whether this check was made and held.
    #[cfg(feature = "admin")]
    pub(crate) fn has_passed(&self, role: &str, check: &str) -> bool {
        self.noted.iter().any(|noted| noted.outcome == Outcome::Pass && noted.code.is(role, check))
    }

    pub(crate) fn len(&self) -> usize {
        self.noted.len()
    }

    /// Forgets every check but the first ones.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.noted.truncate(length);
    }
}

impl Code {
    #[cfg(feature = "admin")]
    fn is(&self, role: &str, check: &str) -> bool {
        match self {
            Self::Of(own_role, own_check) => *own_role == role && *own_check == check,
            Self::Text(text) => text.split_once('.') == Some((role, check)),
        }
    }
}

impl Code {
    fn write(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Self::Of("", check) => out.write_str(check),
            Self::Of(role, check) => {
                out.write_str(role)?;
                out.write_str(".")?;
                out.write_str(check)
            }
            Self::Text(text) => out.write_str(text),
        }
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Audit => "audit",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Detail {
    /// A number of seconds, and what they are.
    pub(crate) const fn seconds(count: u64, what: &'static str) -> Self {
        Self::Number("", count, what)
    }

    /// The same as text; nothing where there is nothing to be said.
    fn text(&self) -> Option<String> {
        (!matches!(self, Self::None)).then(|| text_of(|out| self.write(out)))
    }

    fn write(&self, out: &mut impl Write) -> fmt::Result {
        let mut all = |pieces: &[&str]| pieces.iter().try_for_each(|piece| out.write_str(piece));
        match self {
            Self::None => Ok(()),
            Self::Text(text) => all(&[text]),
            Self::Words(words) => all(words),
            Self::Number(before, number, after) => write!(out, "{before}{number}{after}"),
            Self::Name(before, named, after) => all(&[before, named.name(), after]),
            Self::Client(method, application) => all(&[method, ", `", application.name(), "`"]),
            Self::SharedText(before, text) => all(&[before, text]),
            Self::Header { alg, kid } => {
                let kid = kid.as_deref().map_or_else(|| "none".to_owned(), shown);
                all(&["alg ", alg, ", kid ", &kid])
            }
            Self::Audience(audience) => all(&[&shown(&audience.join(" "))]),
            Self::IssuedTo(client_id) => all(&["issued to `", &shown(client_id), "`"]),
            Self::Several(several) => several
                .iter()
                .enumerate()
                .try_for_each(|(index, one)| all(&[if index == 0 { "" } else { " " }, one])),
            Self::Condition(of, list, index) => all(&[&of.condition(*list, *index)]),
        }
    }
}

fn text_of(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = write(&mut text);
    text
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&Noted> for Check {
    fn from(Noted { code, outcome, detail }: &Noted) -> Self {
        Self { code: text_of(|out| code.write(out)), outcome: *outcome, detail: detail.text() }
    }
}

impl From<Check> for Noted {
    fn from(Check { code, outcome, detail }: Check) -> Self {
        let detail = detail.map_or(Detail::None, Detail::from);
        Self { code: Code::Text(code), outcome, detail }
    }
}

/// Traces are equal when they say the same.
impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.checks().eq(other.checks())
    }
}

impl Eq for Trace {}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks()).finish()
    }
}

impl Serialize for Trace {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.checks())
    }
}

impl<'de> Deserialize<'de> for Trace {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let checks = Vec::<Check>::deserialize(from)?;
        Ok(Self { noted: checks.into_iter().map(Noted::from).collect(), tells_values: false })
    }
}

/// The schema of the text form: a list of checks.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Trace {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Trace".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Check>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_was_written_and_read_says_the_same() {
        let mut trace = Trace::default();
        trace.pass("client", "authentication", Detail::Words(["none", "", ""]));
        trace.note("", "store", Outcome::Unavailable, "the store failed".to_owned().into());
        let audience = ["a", "eyJhbGciOiJFUzI1NiJ9"].map(String::from).into();
        trace.pass("subject_token", "claim.aud", Detail::Audience(audience));
        trace.pass("subject_token", "claims", Detail::None);
        let text = serde_json::to_string(&trace).unwrap();
        assert_eq!(
            text,
            r#"[{"code":"client.authentication","outcome":"pass","detail":"none"},{"code":"store","outcome":"unavailable","detail":"the store failed"},{"code":"subject_token.claim.aud","outcome":"pass","detail":"a eyJhbG…"},{"code":"subject_token.claims","outcome":"pass"}]"#
        );
        let read: Trace = serde_json::from_str(&text).unwrap();
        assert_eq!(read, trace);
        #[cfg(feature = "admin")]
        assert!([&read, &trace].iter().all(|one| one.has_passed("client", "authentication")));
    }
}
