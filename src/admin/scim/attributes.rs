//! Which attributes users and roles have here: the core schema and the
//! enterprise extension of RFC 7643, WSO2's extension for the state of an
//! account, and an extension of this server. The language that reads them is
//! the crate `exchequer-scim`.

use exchequer_scim::{Attribute, ResourceType, Schema, user};

use super::name;

/// Users. There are no passwords here, and `groups` is read-only in RFC 7643.
pub(super) static USERS: ResourceType = ResourceType {
    schema: &USER,
    endpoint: "/Users",
    extensions: &[&user::ENTERPRISE, &WSO2, &EXCHEQUER],
    ignored: &["password", "groups"],
};

static USER: Schema = Schema {
    attributes: &[
        user::USER_NAME
            .described("unique; DOMAIN/name is a user of the user store DOMAIN")
            .normalized(name::canonical),
        user::NAME,
        user::DISPLAY_NAME,
        user::NICK_NAME,
        user::PROFILE_URL,
        user::TITLE,
        user::USER_TYPE,
        user::PREFERRED_LANGUAGE,
        user::LOCALE,
        user::TIMEZONE,
        user::ACTIVE.described("no token is issued for a user who is not active"),
        user::EMAILS,
        user::PHONE_NUMBERS,
        user::IMS,
        user::PHOTOS,
        user::ADDRESSES,
        user::ENTITLEMENTS,
        user::ROLES.described("roles of the configuration, which grant scopes"),
        user::X509_CERTIFICATES,
    ],
    ..user::USER
};

/// WSO2's extension, as far as it is about the state of an account.
pub(super) static WSO2: Schema = Schema {
    urn: "urn:scim:wso2:schema",
    name: "WSO2User",
    description: "the state of an account",
    attributes: &[
        Attribute::boolean(ACCOUNT_LOCKED, "no token is issued for a user who is locked"),
        Attribute::boolean(ACCOUNT_DISABLED, "the contrary of `active`, and always agrees with it"),
    ],
};

/// The extension of this server: read-only, about the record of a user.
pub(super) static EXCHEQUER: Schema = Schema {
    urn: "urn:exchequer:params:scim:schemas:1.0:User",
    name: "ExchequerUser",
    description: "about the record of a user",
    attributes: &[Attribute::string(MODIFIED_BY, "who wrote it last, as the audit log calls them")
        .case_exact()
        .read_only()],
};

/// WSO2's schema of roles.
pub(super) static ROLE: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:extension:2.0:Role",
    name: "Role",
    description: "a role of the configuration document",
    attributes: &[
        Attribute::string("displayName", "the name, by which users have the role")
            .case_exact()
            .read_only(),
        Attribute::string("permissions", "the scopes that it grants")
            .multi_valued()
            .case_exact()
            .read_only(),
    ],
};

/// The name of the attribute that says that an account is locked.
pub(super) const ACCOUNT_LOCKED: &str = "accountLocked";
/// The name of the attribute that says that an account is disabled.
pub(super) const ACCOUNT_DISABLED: &str = "accountDisabled";
/// The name of the attribute that says who wrote a user last.
pub(super) const MODIFIED_BY: &str = "modifiedBy";

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use exchequer_scim::Filter;
    use serde_json::{Map, Value, json};

    use super::{EXCHEQUER, USERS};

    fn ada() -> Map<String, Value> {
        Map::from_iter([(String::from("userName"), json!("Ada"))])
    }

    #[test]
    fn a_filter_compares_user_names_as_they_are_stored() {
        let parse = |filter: &str| Filter::parse(&USERS, filter).unwrap();
        assert!(parse(r#"userName eq "ada""#).matches(&ada()));
        assert!(parse(r#"userName eq "PRIMARY/ada""#).matches(&ada()));
        assert!(!parse(r#"userName eq "CORP/ada""#).matches(&ada()));
        let corp = parse(r#"userName eq "corp/ada""#);
        assert_eq!(corp.required(), [("userName", "CORP/ada")]);
    }

    #[test]
    fn a_patch_does_not_write_what_the_server_knows_of_the_record() {
        let patch = |operation: Value| {
            let body = json!({"Operations": [operation]});
            let mut resource = ada();
            let result = USERS.patch(&mut resource, body.as_object().unwrap());
            result.map(|()| resource).map_err(|error| error.detail)
        };
        let own = json!({"modifiedBy": "me"});
        let repeated = patch(json!({"op": "replace", "value": {EXCHEQUER.urn: own}}));
        assert_eq!(repeated, Ok(ada()));
        assert!(patch(json!({"op": "replace", "path": EXCHEQUER.urn, "value": own})).is_err());
    }
}
