//! The attributes of users: the core schema (RFC 7643 section 4.1), the
//! enterprise extension (section 4.3), and what every resource has (section
//! 3.1).
//!
//! [`USER`] is the core schema without `password` and `groups`. A service that
//! keeps less, or describes an attribute in its own words, makes a schema of
//! its own from the attributes here:
//!
//! ```
//! use exchequer_scim::{Attribute, Schema, user};
//!
//! static USER: Schema = Schema {
//!     attributes: &[
//!         user::USER_NAME.described("the e-mail address that the user signs in with"),
//!         user::NAME,
//!         user::ACTIVE,
//!     ],
//!     ..user::USER
//! };
//! ```

use crate::schema::{Attribute, Schema};

/// The core schema of users (RFC 7643 section 4.1), without `password` and
/// `groups`.
pub const USER: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "User Account",
    attributes: &[
        USER_NAME,
        NAME,
        DISPLAY_NAME,
        NICK_NAME,
        PROFILE_URL,
        TITLE,
        USER_TYPE,
        PREFERRED_LANGUAGE,
        LOCALE,
        TIMEZONE,
        ACTIVE,
        EMAILS,
        PHONE_NUMBERS,
        IMS,
        PHOTOS,
        ADDRESSES,
        ENTITLEMENTS,
        ROLES,
        X509_CERTIFICATES,
    ],
};

/// The enterprise extension (RFC 7643 section 4.3).
pub const ENTERPRISE: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "Enterprise User",
    attributes: &[
        Attribute::string("employeeNumber", "identifies the user in an organization"),
        Attribute::string("costCenter", "the name of a cost center"),
        Attribute::string("organization", "the name of an organization"),
        Attribute::string("division", "the name of a division"),
        Attribute::string("department", "the name of a department"),
        Attribute::complex(
            "manager",
            "the user's manager",
            &[
                Attribute::string("value", "the id of the manager").case_exact(),
                Attribute::reference("$ref", "the URI of the manager", &["User"]),
                Attribute::string("displayName", "the name of the manager").read_only(),
            ],
        ),
    ],
};

/// What every resource has (RFC 7643 sections 3 and 3.1).
pub const COMMON: &[Attribute] = &[
    Attribute::reference("schemas", "the schemas of the resource", &["uri"])
        .multi_valued()
        .read_only(),
    Attribute::string("id", "identifies the resource").case_exact().read_only(),
    Attribute::string("externalId", "identifies the resource at the client").case_exact(),
    Attribute::complex("meta", "about the resource", META).read_only(),
];

const META: &[Attribute] = &[
    Attribute::string("resourceType", "the name of the resource type").case_exact().read_only(),
    Attribute::date_time("created", "when it was created").read_only(),
    Attribute::date_time("lastModified", "when it was last changed").read_only(),
    Attribute::reference("location", "its URI", &["uri"]).read_only(),
    Attribute::string("version", "changes with every change of the resource")
        .case_exact()
        .read_only(),
];

/// `userName`: required, and unique in the service.
pub const USER_NAME: Attribute =
    Attribute::string("userName", "the name that the user signs in with").required().unique();
/// `name`: the components of the user's name.
pub const NAME: Attribute = Attribute::complex(
    "name",
    "the parts of the user's name",
    &[
        Attribute::string("formatted", "the whole name"),
        Attribute::string("familyName", "the last name"),
        Attribute::string("givenName", "the first name"),
        Attribute::string("middleName", "the middle name"),
        Attribute::string("honorificPrefix", "the title before the name"),
        Attribute::string("honorificSuffix", "the suffix behind the name"),
    ],
);
/// `displayName`
pub const DISPLAY_NAME: Attribute = Attribute::string("displayName", "the name to show");
/// `nickName`
pub const NICK_NAME: Attribute =
    Attribute::string("nickName", "the casual way to address the user");
/// `profileUrl`
pub const PROFILE_URL: Attribute =
    Attribute::reference("profileUrl", "the user's page", &["external"]);
/// `title`
pub const TITLE: Attribute = Attribute::string("title", "the user's title");
/// `userType`
pub const USER_TYPE: Attribute =
    Attribute::string("userType", "the relationship of the user to the organization");
/// `preferredLanguage`
pub const PREFERRED_LANGUAGE: Attribute =
    Attribute::string("preferredLanguage", "as in Accept-Language");
/// `locale`
pub const LOCALE: Attribute = Attribute::string("locale", "for dates, currency and the like");
/// `timezone`
pub const TIMEZONE: Attribute = Attribute::string("timezone", "as in the IANA time zone database");
/// `active`
pub const ACTIVE: Attribute = Attribute::boolean("active", "whether the account is active");
/// `emails`
pub const EMAILS: Attribute = Attribute::complex(
    "emails",
    "e-mail addresses",
    &[VALUE, DISPLAY, TYPE.suggesting(&["work", "home", "other"]), PRIMARY],
)
.multi_valued();
/// `phoneNumbers`
pub const PHONE_NUMBERS: Attribute = Attribute::complex(
    "phoneNumbers",
    "phone numbers",
    &[
        VALUE,
        DISPLAY,
        TYPE.suggesting(&["work", "home", "mobile", "fax", "pager", "other"]),
        PRIMARY,
    ],
)
.multi_valued();
/// `ims`: instant messaging addresses.
pub const IMS: Attribute = Attribute::complex(
    "ims",
    "instant messaging addresses",
    &[
        VALUE,
        DISPLAY,
        TYPE.suggesting(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
        PRIMARY,
    ],
)
.multi_valued();
/// `photos`
pub const PHOTOS: Attribute = Attribute::complex(
    "photos",
    "pictures of the user",
    &[
        Attribute::reference("value", "the URL of the picture", &["external"]),
        DISPLAY,
        TYPE.suggesting(&["photo", "thumbnail"]),
        PRIMARY,
    ],
)
.multi_valued();
/// `addresses`
pub const ADDRESSES: Attribute = Attribute::complex(
    "addresses",
    "physical addresses",
    &[
        Attribute::string("formatted", "the whole address"),
        Attribute::string("streetAddress", "street and house number"),
        Attribute::string("locality", "the city"),
        Attribute::string("region", "the state or region"),
        Attribute::string("postalCode", "the zip code"),
        Attribute::string("country", "as in ISO 3166-1 alpha-2"),
        TYPE.suggesting(&["work", "home", "other"]),
        PRIMARY,
    ],
)
.multi_valued();
/// `entitlements`
pub const ENTITLEMENTS: Attribute =
    Attribute::complex("entitlements", "things the user has", PLAIN).multi_valued();
/// `roles`
pub const ROLES: Attribute = Attribute::complex("roles", "roles of the user", PLAIN).multi_valued();
/// `x509Certificates`
pub const X509_CERTIFICATES: Attribute = Attribute::complex(
    "x509Certificates",
    "certificates issued to the user",
    &[Attribute::binary("value", "the DER of the certificate in base64"), DISPLAY, TYPE, PRIMARY],
)
.multi_valued();

/// The sub-attributes of a multi-valued attribute (RFC 7643 section 2.4).
const PLAIN: &[Attribute] = &[VALUE, DISPLAY, TYPE, PRIMARY];
const VALUE: Attribute = Attribute::string("value", "the value");
const DISPLAY: Attribute = Attribute::string("display", "the value as it is shown");
const TYPE: Attribute = Attribute::string("type", "what kind of value it is");
const PRIMARY: Attribute = Attribute::boolean("primary", "true for at most one value");
