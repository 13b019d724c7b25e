//! Which grants a caller may revoke. Those of administrators are for callers with
//! every right: otherwise somebody who may change users could sign all of them out.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::admin::records::grants::Entry;
use crate::administrator::Right;
use crate::administrator::error::FORBIDDEN;
use crate::config::administers;
use crate::grant::Subject;

const OF_THE_TOKEN: &str = "the scope of the grant allows the administration of this server, and the \
     access token of this call does not have the scope `exchequer:admin`; somebody who has it must \
     do this";

/// What is known so far of the users of one call.
#[derive(Default)]
pub(super) struct Guard {
    by_user: BTreeMap<String, Option<&'static str>>,
}

impl Guard {
    /// # Errors
    /// 403 when this user administers this server and the caller may not revoke that.
    pub(super) async fn check_user(&mut self, call: &Call<'_>, id: &str) -> Result<(), Error> {
        refused(self.of_user(call, id).await?)
    }

    /// # Errors
    /// 403 when the caller may not revoke this grant.
    pub(super) async fn check(&mut self, call: &Call<'_>, entry: &Entry) -> Result<(), Error> {
        refused(self.forbids(call, entry).await?)
    }

    /// Why the caller may not revoke this grant.
    pub(super) async fn forbids(
        &mut self,
        call: &Call<'_>,
        entry: &Entry,
    ) -> Result<Option<&'static str>, Error> {
        // Also a token of an application, which has no roles.
        if !may_everything(call) && entry.grant.scope.iter().any(|scope| administers(scope)) {
            return Ok(Some(OF_THE_TOKEN));
        }
        match &entry.grant.subject {
            Subject::Local { id } => self.of_user(call, id).await,
            Subject::Federated { .. } | Subject::Client { .. } => Ok(None),
        }
    }

    async fn of_user(&mut self, call: &Call<'_>, id: &str) -> Result<Option<&'static str>, Error> {
        if may_everything(call) {
            return Ok(None);
        }
        if let Some(known) = self.by_user.get(id) {
            return Ok(*known);
        }
        let user = call.state.directory.user(call.host, id).await?;
        let forbids = user.and_then(|user| call.forbids(&user));
        self.by_user.insert(id.into(), forbids);
        Ok(forbids)
    }
}

fn may_everything(call: &Call<'_>) -> bool {
    call.rights().allow(Right::All)
}

fn refused(reason: Option<&'static str>) -> Result<(), Error> {
    reason.map_or(Ok(()), |reason| Err(Error::new(&FORBIDDEN, reason)))
}
