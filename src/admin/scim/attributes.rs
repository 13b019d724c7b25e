//! The attributes of users there are: the core schema (RFC 7643 section 4.1),
//! the enterprise extension (section 4.3), WSO2's for the state of an
//! account, and ours. Parsing, filters, PATCH and `/Schemas` all read these tables. And
//! those of roles, which are only shown.

use super::schema::{Attribute, Schema};

/// The core schema of users.
pub(super) static USER: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    about: "User Account",
    attributes: &CORE,
};

/// The enterprise extension.
pub(super) static ENTERPRISE: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    about: "Enterprise User",
    attributes: &[
        Attribute::text("employeeNumber", "identifies the user in an organization"),
        Attribute::text("costCenter", "the name of a cost center"),
        Attribute::text("organization", "the name of an organization"),
        Attribute::text("division", "the name of a division"),
        Attribute::text("department", "the name of a department"),
        Attribute::complex("manager", "the user's manager", &MANAGER),
    ],
};

/// WSO2's extension, as far as it is about the state of an account.
pub(super) static WSO2: Schema = Schema {
    urn: "urn:scim:wso2:schema",
    name: "WSO2User",
    about: "the state of an account",
    attributes: &[
        Attribute::flag(ACCOUNT_LOCKED, "no token is issued for a user who is locked"),
        Attribute::flag(ACCOUNT_DISABLED, "the contrary of `active`, and always agrees with it"),
    ],
};

/// Ours: what is known of the record, and given by nobody.
pub(super) static EXCHEQUER: Schema = Schema {
    urn: "urn:exchequer:params:scim:schemas:1.0:User",
    name: "ExchequerUser",
    about: "about the record of a user",
    attributes: &[Attribute::text(MODIFIED_BY, "who wrote it last, as the audit log calls them")
        .exact()
        .read_only()],
};

/// The extensions of users.
pub(super) static EXTENSIONS: [&Schema; 3] = [&ENTERPRISE, &WSO2, &EXCHEQUER];

/// WSO2's schema of roles.
pub(super) static ROLE: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:extension:2.0:Role",
    name: "Role",
    about: "a role of the configuration document",
    attributes: &[
        Attribute::text("displayName", "the name, by which users have the role")
            .exact()
            .read_only(),
        Attribute::text("permissions", "the scopes that it grants").many().exact().read_only(),
    ],
};

/// The name of the attribute that says that an account is locked.
pub(super) const ACCOUNT_LOCKED: &str = "accountLocked";
/// The name of the attribute that says that an account is disabled.
pub(super) const ACCOUNT_DISABLED: &str = "accountDisabled";

/// The name of the attribute that says who wrote a user last.
pub(super) const MODIFIED_BY: &str = "modifiedBy";

/// What every resource has.
pub(super) static COMMON: &[Attribute] = &[
    Attribute::reference("schemas", "the schemas of the resource", &["uri"]).many().read_only(),
    Attribute::text("id", "identifies the resource").exact().read_only(),
    Attribute::text("externalId", "identifies the resource at the client").exact(),
    Attribute::complex("meta", "about the resource", &META).read_only(),
];

/// Known to RFC 7643, and not kept: there are no passwords here, and groups
/// are read-only there.
pub(super) const HIDDEN: [&str; 2] = ["password", "groups"];

static META: [Attribute; 5] = [
    Attribute::text("resourceType", "the name of the resource type").exact().read_only(),
    Attribute::time("created", "when it was created").read_only(),
    Attribute::time("lastModified", "when it was last changed").read_only(),
    Attribute::reference("location", "its URI", &["uri"]).read_only(),
    Attribute::text("version", "changes with every change of the resource").exact().read_only(),
];

static CORE: [Attribute; 19] = [
    Attribute::text("userName", "unique; DOMAIN/name is a user of the user store DOMAIN")
        .required(),
    Attribute::complex("name", "the parts of the user's name", &NAME),
    Attribute::text("displayName", "the name to show"),
    Attribute::text("nickName", "the casual way to address the user"),
    Attribute::reference("profileUrl", "the user's page", &["external"]),
    Attribute::text("title", "the user's title"),
    Attribute::text("userType", "the relationship of the user to the organization"),
    Attribute::text("preferredLanguage", "as in Accept-Language"),
    Attribute::text("locale", "for dates, currency and the like"),
    Attribute::text("timezone", "as in the IANA time zone database"),
    Attribute::flag("active", "no token is issued for a user who is not active"),
    Attribute::complex("emails", "e-mail addresses", &EMAIL).many(),
    Attribute::complex("phoneNumbers", "phone numbers", &PHONE).many(),
    Attribute::complex("ims", "instant messaging addresses", &IM).many(),
    Attribute::complex("photos", "pictures of the user", &PHOTO).many(),
    Attribute::complex("addresses", "physical addresses", &ADDRESS).many(),
    Attribute::complex("entitlements", "things the user has", &PLAIN).many(),
    Attribute::complex("roles", "roles of the configuration, which grant scopes", &PLAIN).many(),
    Attribute::complex("x509Certificates", "certificates issued to the user", &CERTIFICATE).many(),
];

static NAME: [Attribute; 6] = [
    Attribute::text("formatted", "the whole name"),
    Attribute::text("familyName", "the last name"),
    Attribute::text("givenName", "the first name"),
    Attribute::text("middleName", "the middle name"),
    Attribute::text("honorificPrefix", "the title before the name"),
    Attribute::text("honorificSuffix", "the suffix behind the name"),
];

const VALUE: Attribute = Attribute::text("value", "the value");
const DISPLAY: Attribute = Attribute::text("display", "the value as it is shown");
const TYPE: Attribute = Attribute::text("type", "what kind of value it is");
const PRIMARY: Attribute = Attribute::flag("primary", "true for at most one value");

static PLAIN: [Attribute; 4] = [VALUE, DISPLAY, TYPE, PRIMARY];
static EMAIL: [Attribute; 4] =
    [VALUE, DISPLAY, TYPE.suggesting(&["work", "home", "other"]), PRIMARY];
static PHONE: [Attribute; 4] = [
    VALUE,
    DISPLAY,
    TYPE.suggesting(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];
static IM: [Attribute; 4] = [
    VALUE,
    DISPLAY,
    TYPE.suggesting(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];
static PHOTO: [Attribute; 4] = [
    Attribute::reference("value", "the URL of the picture", &["external"]),
    DISPLAY,
    TYPE.suggesting(&["photo", "thumbnail"]),
    PRIMARY,
];
static CERTIFICATE: [Attribute; 4] =
    [Attribute::binary("value", "the DER of the certificate in base64"), DISPLAY, TYPE, PRIMARY];
static ADDRESS: [Attribute; 8] = [
    Attribute::text("formatted", "the whole address"),
    Attribute::text("streetAddress", "street and house number"),
    Attribute::text("locality", "the city"),
    Attribute::text("region", "the state or region"),
    Attribute::text("postalCode", "the zip code"),
    Attribute::text("country", "as in ISO 3166-1 alpha-2"),
    TYPE.suggesting(&["work", "home", "other"]),
    PRIMARY,
];
static MANAGER: [Attribute; 3] = [
    Attribute::text("value", "the id of the manager").exact(),
    Attribute::reference("$ref", "the URI of the manager", &["User"]),
    Attribute::text("displayName", "the name of the manager").read_only(),
];
