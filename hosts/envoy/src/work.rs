//! What the engine is asked to do, and the loop: step, answer, step, until
//! done or until something has to be waited for.

use exchequer::{
    Answer, Ask, Failed, Forward, GatewayStep, KeysNotFetched, Misuse, Need, Pending, Refused,
    Reply, Step, Waiting,
};

use crate::plugin::Plugin;
use crate::{counts, proxy};

/// Nobody asks this often for one request.
const MAX_ASKS: usize = 64;

/// The result of fetching keys between requests.
type KeyRefresh = Result<(), KeysNotFetched>;

/// Something that waits for an answer.
#[derive(Debug)]
pub(crate) enum Work {
    Gateway(Box<Waiting>),
    Authority(Pending),
    /// Fetching keys that are about to expire.
    KeyRefresh(Pending<KeyRefresh>),
}

/// What becomes of a request.
pub(crate) enum Outcome {
    Forward(Box<Forward>),
    Refuse(Refused),
    Reply(Box<Reply>),
    /// Keys were fetched, or not; no request waits for that.
    Nothing,
    Broken,
}

/// What comes next.
pub(crate) enum Turn {
    Done(Outcome),
    Wait(Work),
}

impl From<GatewayStep> for Turn {
    fn from(step: GatewayStep) -> Self {
        match step {
            GatewayStep::Forward(forward) => Self::Done(Outcome::Forward(forward.into())),
            GatewayStep::Refuse(refused) => Self::Done(Outcome::Refuse(refused)),
            GatewayStep::Answer(reply) => Self::Done(Outcome::Reply(reply)),
            GatewayStep::Wait(waiting) => Self::Wait(Work::Gateway(waiting.into())),
        }
    }
}

impl Turn {
    /// Of a request to the endpoints.
    pub(crate) fn authority(step: Step) -> Self {
        match step {
            Step::Done(reply) => Self::Done(Outcome::Reply(reply)),
            Step::Ask(pending) => Self::Wait(Work::Authority(pending)),
        }
    }

    pub(crate) fn key_refresh(step: Step<KeyRefresh>) -> Self {
        match step {
            Step::Done(_) => Self::Done(Outcome::Nothing),
            Step::Ask(pending) => Self::Wait(Work::KeyRefresh(pending)),
        }
    }
}

impl Work {
    pub(crate) fn need(&self) -> Need<'_> {
        match self {
            Self::Gateway(waiting) => waiting.need(),
            Self::Authority(pending) => Need::Ask(pending.ask()),
            Self::KeyRefresh(pending) => Need::Ask(pending.ask()),
        }
    }

    fn resume(self, answer: Answer) -> Result<Turn, Misuse> {
        Ok(match self {
            Self::Gateway(waiting) => waiting.resume(answer)?.into(),
            Self::Authority(pending) => Turn::authority(pending.resume(answer)?),
            Self::KeyRefresh(pending) => Turn::key_refresh(pending.resume(answer)?),
        })
    }

    /// Goes on with an answer.
    pub(crate) fn answered(self, answer: Answer) -> Turn {
        let broken = self.broken();
        self.resume(answer).unwrap_or(Turn::Done(broken))
    }

    /// What becomes of it when it cannot go on, which is this host's bug.
    fn broken(&self) -> Outcome {
        match self {
            Self::Gateway(_) | Self::Authority(_) => Outcome::Broken,
            Self::KeyRefresh(_) => Outcome::Nothing,
        }
    }
}

/// Goes on until there is an outcome, or until there is something to wait for.
pub(crate) fn drive(plugin: &Plugin, mut turn: Turn) -> Result<Outcome, Work> {
    for _ in 0..MAX_ASKS {
        let work = match turn {
            Turn::Done(outcome) => return Ok(outcome),
            Turn::Wait(work) => work,
        };
        let Some(answer) = at_hand(plugin, work.need()) else { return Err(work) };
        turn = work.answered(answer);
    }
    Ok(match turn {
        Turn::Done(outcome) => outcome,
        Turn::Wait(work) => work.broken(),
    })
}

/// The answer, if it is there at once.
fn at_hand(plugin: &Plugin, need: Need<'_>) -> Option<Answer> {
    let unsupported = Answer::Failed { failed: Failed::Unsupported };
    match need {
        Need::Ask(fetch @ Ask::Fetch { .. }) => plugin.outbound.fetch(fetch, proxy::now_ms()),
        Need::Ask(Ask::Verify { alg, key, message, signature }) => {
            Some(plugin.crypto.verify(*alg, key, message, signature))
        }
        Need::Ask(Ask::Sign { alg, key_id, message }) => {
            let key = || plugin.engine.signing_key(key_id);
            Some(plugin.crypto.sign(*alg, key_id, message, key))
        }
        // There is no store but for what the workers count together.
        Need::Ask(ask @ (Ask::Read { .. } | Ask::Commit { .. })) => {
            Some(counts::answer(ask, proxy::now().0))
        }
        Need::Ask(_) => Some(unsupported),
        Need::Call(_) => None,
    }
}
