//! Steps, and the resource `pending`.

use exchequer::{
    AccessToken, Answer, Decided, Failed, Introspection, Issued, KeysNotFetched, Misuse, Pending,
    Rehearsal, Reply, Step, Unauthorized,
};

use crate::bindings::steps;
use crate::{asks, convert, typed};

/// An operation that waits.
pub(crate) struct Waiting {
    operation: Box<dyn Operation>,
    ask: steps::Ask,
}

impl steps::GuestPending for Waiting {
    fn ask(&self) -> steps::Ask {
        self.ask.clone()
    }

    fn resume(pending: steps::Pending, answer: steps::Answer) -> Result<steps::Step, String> {
        let Self { operation, .. } = pending.into_inner();
        operation.resume(asks::from_host(answer)).map_err(|misuse| misuse.to_string())
    }
}

/// A result, as a step of the interface.
pub(crate) trait Outcome: Sized + 'static {
    fn into_step(self) -> steps::Step;
}

impl Outcome for Reply {
    fn into_step(self) -> steps::Step {
        steps::Step::Done(convert::reply(self))
    }
}

impl Outcome for Decided<Issued> {
    fn into_step(self) -> steps::Step {
        steps::Step::Exchanged(typed::exchanged(self))
    }
}

impl Outcome for Decided<Rehearsal> {
    fn into_step(self) -> steps::Step {
        steps::Step::Explained(typed::explained(self))
    }
}

impl Outcome for Decided<Introspection> {
    fn into_step(self) -> steps::Step {
        steps::Step::Introspected(typed::introspected(self))
    }
}

impl Outcome for Decided<()> {
    fn into_step(self) -> steps::Step {
        steps::Step::Revoked(typed::revoked(self))
    }
}

impl Outcome for Result<AccessToken, Unauthorized> {
    fn into_step(self) -> steps::Step {
        steps::Step::Authenticated(typed::authenticated(self))
    }
}

impl Outcome for Result<(), KeysNotFetched> {
    fn into_step(self) -> steps::Step {
        steps::Step::KeysRefreshed(self.map_err(|not_fetched| not_fetched.detail))
    }
}

impl Outcome for Result<bool, Failed> {
    fn into_step(self) -> steps::Step {
        steps::Step::IssuerLookedUp(self.map_err(convert::failure))
    }
}

/// An operation that waits, whatever its result is.
trait Operation {
    fn resume(self: Box<Self>, answer: Answer) -> Result<steps::Step, Misuse>;
}

impl<T: Outcome> Operation for Pending<T> {
    fn resume(self: Box<Self>, answer: Answer) -> Result<steps::Step, Misuse> {
        step(Self::resume(*self, answer)?)
    }
}

/// A step as the host sees it.
pub(crate) fn step<T: Outcome>(step: Step<T>) -> Result<steps::Step, Misuse> {
    match step {
        Step::Done(result) => Ok(result.into_step()),
        Step::Ask(pending) => match asks::to_host(pending.ask()) {
            Some(ask) => {
                let waiting = Waiting { operation: Box::new(pending), ask };
                Ok(steps::Step::Ask(steps::Pending::new(waiting)))
            }
            // Younger than the interface: no host can answer it.
            None => self::step(pending.resume(Answer::Failed { failed: Failed::Unsupported })?),
        },
    }
}
