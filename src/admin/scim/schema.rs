//! What a SCIM schema is made of (RFC 7643 sections 2 and 7), and how its
//! attributes are found. Which there are is in `attributes`.

use super::attributes::{COMMON, EXTENSIONS, HIDDEN, USER};

/// A schema: the core one of users, or an extension.
pub(super) struct Schema {
    pub(super) urn: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) attributes: &'static [Attribute],
}

/// An attribute, or a sub-attribute.
#[derive(Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
    /// Multi-valued.
    pub(super) many: bool,
    /// `caseExact`.
    pub(super) exact: bool,
    pub(super) read_only: bool,
    pub(super) required: bool,
    /// `canonicalValues`: suggestions, not a limit.
    pub(super) suggested: &'static [&'static str],
}

/// The type of a value.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Flag,
    Binary,
    /// RFC 3339 date and time.
    Time,
    /// A URI that points at one of these.
    Reference(&'static [&'static str]),
    Complex(&'static [Attribute]),
}

impl Attribute {
    const fn new(name: &'static str, about: &'static str, kind: Kind) -> Self {
        Self {
            name,
            about,
            kind,
            many: false,
            exact: false,
            read_only: false,
            required: false,
            suggested: &[],
        }
    }

    pub(super) const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Kind::Text)
    }

    pub(super) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Kind::Flag)
    }

    pub(super) const fn time(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Kind::Time)
    }

    pub(super) const fn binary(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Kind::Binary).exact()
    }

    pub(super) const fn reference(
        name: &'static str,
        about: &'static str,
        to: &'static [&'static str],
    ) -> Self {
        Self::new(name, about, Kind::Reference(to)).exact()
    }

    pub(super) const fn complex(
        name: &'static str,
        about: &'static str,
        members: &'static [Self],
    ) -> Self {
        Self::new(name, about, Kind::Complex(members))
    }

    pub(super) const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    pub(super) const fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    pub(super) const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn suggesting(mut self, values: &'static [&'static str]) -> Self {
        self.suggested = values;
        self
    }

    /// Its sub-attributes; none when it is not complex.
    pub(super) const fn members(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(members) => members,
            _ => &[],
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<&'static Self> {
        named(self.members(), name)
    }

    /// What its type is called, for a person.
    pub(super) const fn expected(&self) -> &'static str {
        match self.kind {
            Kind::Flag => "true or false",
            Kind::Complex(_) => "an object",
            Kind::Text | Kind::Binary | Kind::Time | Kind::Reference(_) => "a string",
        }
    }
}

/// "Attribute names are case insensitive" (RFC 7643 section 2.1).
pub(super) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A core attribute that a client may give.
pub(super) fn core(name: &str) -> Option<&'static Attribute> {
    named(USER.attributes, name).or_else(|| common(name).filter(|common| !common.read_only))
}

/// An attribute that every resource has (RFC 7643 section 3.1).
pub(super) fn common(name: &str) -> Option<&'static Attribute> {
    named(COMMON, name)
}

/// An extension by its URN; "case insensitive" as attribute names are.
pub(super) fn extension(urn: &str) -> Option<&'static Schema> {
    EXTENSIONS.into_iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn))
}

/// Attributes of RFC 7643 that there are not here: accepted, and not kept.
pub(super) fn hidden(name: &str) -> bool {
    HIDDEN.iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
}

/// Whether this names a schema or an attribute of one.
pub(super) fn is_urn(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// Whether this only says which schema an extension's object is of, as some
/// clients repeat in it.
pub(super) fn is_label(name: &str) -> bool {
    name.eq_ignore_ascii_case("schemas")
}
