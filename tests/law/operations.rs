//! A program: operations as plain data, which proptest makes and shrinks.

use crate::vocabulary::{
    App, Aud, Bound, Condition, Form, GrantType, Idp, Iss, Key, Mode, Name, Role, Scope, TokenType,
    User,
};

/// One operation of a program.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Token exchange of a token of a trusted token issuer.
    Exchange {
        app: App,
        token: Foreign,
        actor: Actor,
        ask: Ask,
    },
    /// The JWT bearer grant with a token of a trusted token issuer.
    Assert {
        app: App,
        token: Foreign,
        ask: Ask,
    },
    /// An application gets a token about itself.
    AboutItself {
        app: App,
        ask: Ask,
    },
    /// Token exchange of an issued token.
    ExchangeIssued {
        by: By,
        token: Pick,
        actor: Actor,
        ask: Ask,
    },
    Refresh {
        by: By,
        token: Pick,
        ask: Ask,
    },
    Introspect {
        by: By,
        token: Pick,
    },
    Revoke {
        by: By,
        token: Pick,
    },
    /// An API that requires this is called with the token.
    Authenticate {
        token: Pick,
        scopes: Vec<Scope>,
        audiences: Vec<Aud>,
    },
    /// The administration API is called with the token.
    AdministerWith {
        token: Pick,
    },
    /// A user uses the token at `/me`.
    OwnAccount {
        token: Pick,
    },
    Administer(Change),
    Wait {
        seconds: u64,
    },
}

/// One of the tokens that the program was given so far: 0 is the newest one.
/// Larger numbers than there are tokens begin again at the newest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    Any(u8),
    /// One of the access tokens.
    Access(u8),
    /// One of the refresh tokens.
    Refresh(u8),
}

/// The application that presents an issued token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// The one under the client id that the token was issued to.
    Holder,
    /// The first one that is an audience of the token; otherwise the holder.
    Audience,
    App(App),
}

/// A token of a trusted token issuer, made when it is presented.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) idp: Idp,
    pub(crate) sub: Sub,
    /// `level` is `high`.
    pub(crate) high: bool,
    /// `staff` is true.
    pub(crate) staff: bool,
    pub(crate) seconds: u64,
    pub(crate) email: Option<Email>,
    /// The actor that its `act` names.
    pub(crate) act: Option<Named>,
    /// The actor that its `may_act` names.
    pub(crate) may_act: Option<Named>,
    /// The key that its `cnf` names.
    pub(crate) key: Option<Key>,
    /// It is an identity assertion grant.
    pub(crate) id_jag: Option<IdJag>,
}

/// What an identity assertion grant says of its use.
#[derive(Clone, Debug)]
pub(crate) struct IdJag {
    /// The application that its `client_id` names.
    pub(crate) client: App,
    /// `None`: it has no `resource`.
    pub(crate) resource: Option<Vec<Aud>>,
    /// `None`: it has no `scope`.
    pub(crate) scope: Option<Vec<Scope>>,
}

/// The subject of a foreign token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sub {
    Is(Name),
    /// It equals the id of this local user.
    LooksLike(User),
}

/// An e-mail address in a foreign token, which is that of a local user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Email {
    pub(crate) of: User,
    /// `email_verified`.
    pub(crate) verified: Option<bool>,
}

/// Somebody in `act` or `may_act`: by `sub`, and by `iss` unless that is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) name: Name,
    pub(crate) of: Option<Idp>,
}

/// The actor token of an exchange.
#[derive(Clone, Debug)]
pub(crate) enum Actor {
    Nobody,
    Foreign(Foreign),
    Issued(Pick),
}

/// What a request asks for; what is empty is not sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) scope: Vec<Scope>,
    pub(crate) audience: Vec<Aud>,
    pub(crate) kind: Option<TokenType>,
    /// The key that the client proves to have.
    pub(crate) key: Option<Key>,
}

/// A change by an administrator.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Link {
        user: User,
        idp: Idp,
        sub: Sub,
    },
    /// Removes one of the links there are.
    Unlink {
        link: u8,
    },
    Lock {
        user: User,
        locked: bool,
    },
    Disable {
        user: User,
        disabled: bool,
    },
    Roles {
        user: User,
        roles: Vec<Role>,
    },
    DeleteUser {
        user: User,
    },
    /// Deletes the user, if there is one, and creates another.
    RecreateUser {
        user: User,
    },
    EditApplication {
        app: App,
        edit: Edit,
    },
    DeleteApplication {
        app: App,
    },
    RecreateApplication {
        app: App,
    },
    Enable {
        idp: Idp,
        enabled: bool,
    },
    Conditions {
        idp: Idp,
        conditions: Vec<Condition>,
    },
    /// Says what becomes of the issuer's tokens that are bound to a key.
    BoundTokens {
        idp: Idp,
        bound: Bound,
    },
    /// Gives the issuer another `iss`.
    Rename {
        idp: Idp,
        iss: Iss,
    },
    DeleteIssuer {
        idp: Idp,
    },
    RecreateIssuer {
        idp: Idp,
    },
}

/// What of an application is changed.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    GrantTypes(Vec<GrantType>),
    Issuers(Vec<(Idp, Vec<Condition>)>),
    Audiences(Vec<Aud>),
    Resources(Vec<Aud>),
    Scopes(Vec<Scope>),
    Mode(Mode),
    AccessTokens(Form),
    /// Whether tokens that name who may act are issued without an actor.
    WithoutActor(bool),
    /// In seconds.
    Lifetimes {
        access: u64,
        idle: u64,
        absolute: u64,
    },
}

impl Edit {
    /// The edit, without a grant that the application may not have.
    pub(crate) fn fit_for(self, app: App) -> Self {
        match self {
            Self::GrantTypes(grants) => Self::GrantTypes(GrantType::fit_for(app, grants)),
            other => other,
        }
    }
}
