//! What a SCIM schema is made of (RFC 7643 sections 2 and 7).

use alloc::string::String;

/// A schema: the core schema of a resource type, or an extension of one (RFC
/// 7643 section 7).
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// `id`: the URN, such as `urn:ietf:params:scim:schemas:core:2.0:User`.
    pub urn: &'static str,
    /// The name, such as `User`.
    pub name: &'static str,
    /// The description, for a person.
    pub description: &'static str,
    /// The attributes, in the order in which they are shown.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute of this name, in any letter case: "attribute names are
    /// case insensitive" (RFC 7643 section 2.1).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        named(self.attributes, name)
    }

    /// Whether clients can write no attribute of it.
    pub(crate) fn is_read_only(&self) -> bool {
        self.attributes.iter().all(|attribute| attribute.read_only)
    }

    pub(crate) fn has_urn(&self, urn: &str) -> bool {
        self.urn.eq_ignore_ascii_case(urn)
    }
}

/// An attribute, or a sub-attribute of a complex one, with the characteristics
/// of RFC 7643 section 2.2.
///
/// Attributes are made in constants:
///
/// ```
/// use exchequer_scim::Attribute;
///
/// const NICK_NAME: Attribute =
///     Attribute::string("nickName", "the casual way to address the user").case_exact();
/// assert!(NICK_NAME.case_exact && !NICK_NAME.multi_valued);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attribute {
    /// The name, in its canonical letter case.
    pub name: &'static str,
    /// The description, for a person.
    pub description: &'static str,
    /// The type of its value, or of each of its values.
    pub data_type: AttributeType,
    /// Whether it holds several values (section 2.4).
    pub multi_valued: bool,
    /// `caseExact`: whether letter case counts when strings are compared.
    pub case_exact: bool,
    /// `mutability`: `readOnly` if true, else `readWrite`.
    pub read_only: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// `uniqueness`: `server` if true, else `none`.
    pub unique: bool,
    /// `canonicalValues`: suggestions. Other values are accepted, too.
    pub canonical_values: &'static [&'static str],
    /// How a filter's value is written before `eq` compares it, for values
    /// that can be written in several ways.
    pub normalize: Option<fn(&str) -> String>,
}

/// The type of a value (RFC 7643 section 2.3). Numbers are left out: no
/// attribute of the user schemas has one.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum AttributeType {
    /// `string` (section 2.3.1).
    String,
    /// `boolean` (section 2.3.2).
    Boolean,
    /// `binary` (section 2.3.6): base64.
    Binary,
    /// `dateTime` (section 2.3.5): RFC 3339.
    DateTime,
    /// `reference` (section 2.3.7): a URI that points at one of these.
    Reference(&'static [&'static str]),
    /// `complex` (section 2.3.8): an object with these sub-attributes.
    Complex(&'static [Attribute]),
}

impl Attribute {
    const fn new(name: &'static str, description: &'static str, data_type: AttributeType) -> Self {
        Self {
            name,
            description,
            data_type,
            multi_valued: false,
            case_exact: false,
            read_only: false,
            required: false,
            unique: false,
            canonical_values: &[],
            normalize: None,
        }
    }

    /// A string.
    #[must_use]
    pub const fn string(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::String)
    }

    /// A truth value.
    #[must_use]
    pub const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::Boolean)
    }

    /// A date and time.
    #[must_use]
    pub const fn date_time(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::DateTime)
    }

    /// Bytes in base64. They are case exact.
    #[must_use]
    pub const fn binary(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::Binary).case_exact()
    }

    /// A URI that points at one of these: the name of a resource type,
    /// `external` or `uri`. It is case exact.
    #[must_use]
    pub const fn reference(
        name: &'static str,
        description: &'static str,
        to: &'static [&'static str],
    ) -> Self {
        Self::new(name, description, AttributeType::Reference(to)).case_exact()
    }

    /// An object with these sub-attributes.
    #[must_use]
    pub const fn complex(
        name: &'static str,
        description: &'static str,
        sub_attributes: &'static [Self],
    ) -> Self {
        Self::new(name, description, AttributeType::Complex(sub_attributes))
    }

    /// The same with another description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// The same with several values.
    #[must_use]
    pub const fn multi_valued(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// The same, with letter case that counts.
    #[must_use]
    pub const fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// The same, and clients cannot write it.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The same, and a resource must have it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, and no two resources of the service have the same value.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The same with these suggested values.
    #[must_use]
    pub const fn suggesting(mut self, values: &'static [&'static str]) -> Self {
        self.canonical_values = values;
        self
    }

    /// The same, with values that can be written in several ways: `normalize`
    /// brings the value of a filter's `eq` into the form that resources have.
    #[must_use]
    pub const fn normalized(mut self, normalize: fn(&str) -> String) -> Self {
        self.normalize = Some(normalize);
        self
    }

    /// Its sub-attributes; none if it is not complex.
    #[must_use]
    pub const fn sub_attributes(&self) -> &'static [Self] {
        match self.data_type {
            AttributeType::Complex(sub_attributes) => sub_attributes,
            _ => &[],
        }
    }

    /// Its sub-attribute of this name, in any letter case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&'static Self> {
        named(self.sub_attributes(), name)
    }

    /// What its values have to be, for a person.
    pub(crate) const fn expected(&self) -> &'static str {
        match self.data_type {
            AttributeType::Boolean => "true or false",
            AttributeType::Complex(_) => "an object",
            AttributeType::String
            | AttributeType::Binary
            | AttributeType::DateTime
            | AttributeType::Reference(_) => "a string",
        }
    }
}

/// "Attribute names are case insensitive" (RFC 7643 section 2.1).
pub(crate) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
