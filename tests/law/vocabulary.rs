//! The few names that programs are made of. A program is written with these
//! members, and its story is told with their texts.

/// An enum with a text for each member.
macro_rules! names {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $member:ident = $text:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$doc])* $member),* }

        impl $name {
            #[allow(dead_code, reason = "some are never listed")]
            pub(crate) const ALL: &[Self] = &[$(Self::$member),*];

            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$member => $text),* }
            }
        }
    };
}

names! {
    /// An application, by client id. The one that exists under it may change.
    App { Front = "front", Relay = "relay", Api = "api", Phone = "phone" }
}

names! {
    /// A trusted token issuer, by name. The one that exists under it may change.
    Idp { Acme = "Acme", Globex = "Globex", Partner = "Partner" }
}

names! {
    /// What an issuer's `iss` may be.
    Iss {
        Acme = "https://acme.example",
        Globex = "https://globex.example",
        Partner = "https://partner.example",
        Moved = "https://moved.example",
    }
}

names! {
    /// A local user, by user name. The one that exists under it may change.
    User { Ada = "ada", Bob = "bob", Cyd = "cyd" }
}

names! {
    /// What an issuer may call a subject.
    Name { Ann = "ann", Ben = "ben", Cleo = "cleo", Robot = "robot" }
}

names! {
    /// An audience.
    Aud {
        Api = "https://api.example",
        Files = "https://files.example",
        Front = "front",
        Relay = "relay",
        /// This server.
        Server = "https://sts.example",
    }
}

names! {
    /// A scope.
    Scope { Read = "read", Write = "write", Deploy = "deploy", Admin = "exchequer:admin" }
}

names! {
    /// A role of local users, which grants one scope.
    Role { Deployer = "deployer", Administrator = "administrator" }
}

impl Role {
    pub(crate) const fn scope(self) -> Scope {
        match self {
            Self::Deployer => Scope::Deploy,
            Self::Administrator => Scope::Admin,
        }
    }
}

names! {
    /// A condition on the claims of an issuer's tokens.
    Condition {
        High = "`level` is `high`",
        HighAudited = "`level` is `high` (audit mode)",
        Staff = "`staff` is true",
    }
}

names! {
    /// What becomes of tokens of an issuer that are bound to a key.
    Bound { Require = "require", Refuse = "refuse", Ignore = "ignore" }
}

names! {
    /// A grant type.
    GrantType {
        Exchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        Bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        Refresh = "refresh_token",
        Client = "client_credentials",
    }
}

impl GrantType {
    /// Those among them that an application may have: a public client gets no
    /// token about itself.
    pub(crate) fn fit_for(app: App, grants: Vec<Self>) -> Vec<Self> {
        let fits = |grant: &Self| app != App::Phone || *grant != Self::Client;
        let fit: Vec<Self> = grants.into_iter().filter(fits).collect();
        if fit.is_empty() { vec![Self::Exchange] } else { fit }
    }
}

names! {
    /// The account mode of an application.
    Mode { Off = "off", Preferred = "preferred", Required = "required" }
}

names! {
    /// A key that a client may have, by its name among the fixtures.
    Key { One = "rfc8037-a", Two = "ours-next" }
}

names! {
    /// The form of a token.
    Form { Jwt = "JWT", Opaque = "opaque token", Refresh = "refresh token" }
}

names! {
    /// A token type (RFC 8693 section 3).
    TokenType {
        AccessToken = "urn:ietf:params:oauth:token-type:access_token",
        Jwt = "urn:ietf:params:oauth:token-type:jwt",
        RefreshToken = "urn:ietf:params:oauth:token-type:refresh_token",
    }
}

/// The texts of some members, separated by commas.
pub(crate) fn listed<T>(members: &[T], text: impl Fn(&T) -> String) -> String {
    match members {
        [] => "none".into(),
        some => some.iter().map(text).collect::<Vec<_>>().join(", "),
    }
}
