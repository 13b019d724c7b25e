//! What an administrator may do: the scopes `exchequer:admin` and those below it.

use alloc::string::String;

use crate::config::{ADMIN_READ_SCOPE, ADMIN_SCOPE, ADMIN_TRUST_SCOPE, ADMIN_USERS_SCOPE};

/// What a call of the administration API needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// To see everything.
    Read,
    /// To change users, their links and their grants; not those of administrators.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nothing can be changed"))]
    Users,
    /// To change whom this server trusts: issuers, applications, its own keys.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nothing can be changed"))]
    Trust,
    /// To change everything, administrators and the whole configuration among it.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nothing can be changed"))]
    All,
}

impl Right {
    /// The scope that gives it, beside `exchequer:admin`, which gives all.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::Read => ADMIN_READ_SCOPE,
            Self::Users => ADMIN_USERS_SCOPE,
            Self::Trust => ADMIN_TRUST_SCOPE,
            Self::All => ADMIN_SCOPE,
        }
    }
}

/// What a caller may do. Whoever may change something may see everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    read: bool,
    users: bool,
    trust: bool,
    all: bool,
}

impl Rights {
    /// Those of the admin token.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nobody asks for them"))]
    pub(crate) const ALL: Self = Self { read: true, users: true, trust: true, all: true };

    /// Those that a token with these scopes gives.
    pub(crate) fn of(scopes: &[String]) -> Self {
        let has = |right: Right| scopes.iter().any(|scope| scope == right.scope());
        let all = has(Right::All);
        let (users, trust) = (all || has(Right::Users), all || has(Right::Trust));
        Self { read: users || trust || has(Right::Read), users, trust, all }
    }

    pub(crate) fn allow(self, right: Right) -> bool {
        match right {
            Right::Read => self.read,
            Right::Users => self.users,
            Right::Trust => self.trust,
            Right::All => self.all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHTS: [Right; 4] = [Right::Read, Right::Users, Right::Trust, Right::All];

    #[test]
    fn each_scope_gives_its_right_and_that_to_see() {
        for (scopes, allowed) in [
            (&["exchequer:admin"][..], [true, true, true, true]),
            (&["exchequer:admin:read"], [true, false, false, false]),
            (&["exchequer:admin:users"], [true, true, false, false]),
            (&["exchequer:admin:trust"], [true, false, true, false]),
            // Both together are not all.
            (&["exchequer:admin:users", "exchequer:admin:trust"], [true, true, true, false]),
            (&["exchequer:admin:", "exchequer:admin:all", "exchequer:links"], [false; 4]),
            (&[], [false; 4]),
        ] {
            let scopes: alloc::vec::Vec<String> = scopes.iter().map(|one| (*one).into()).collect();
            let rights = Rights::of(&scopes);
            assert_eq!(RIGHTS.map(|right| rights.allow(right)), allowed, "{scopes:?}");
        }
        assert_eq!(Rights::ALL, Rights::of(&["exchequer:admin".into()]));
    }
}
