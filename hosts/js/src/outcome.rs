//! The results of the engine's operations: how each is shown to JavaScript.

use exchequer::{
    AccessDenied, AccessToken, Answer, Ask, Decided, Engine, Explanation, Failed, Introspection,
    Issued, KeysNotFetched, Misuse, Pending, Refusal, Rehearsal, Reply, Step, SupplyKeysError,
    Unauthorized, reason,
};
use serde::Serialize;

use crate::output::{Output, Shown};
use crate::request;

/// The status of a result that is no refusal.
const OK: u32 = 200;

/// The status of a refusal that no endpoint makes.
const NO_STATUS: u32 = 0;

/// A result that JavaScript can read.
pub(crate) trait Outcome: 'static {
    fn show(self, output: &Output);
}

impl Outcome for Reply {
    fn show(self, output: &Output) {
        let head = request::head(&self);
        let Self { status, body, audit, .. } = self;
        output.show(status.into(), Shown { head, body, audit, ..Shown::default() });
    }
}

impl Outcome for Decided<Issued> {
    fn show(self, output: &Output) {
        show(self, output, |issued| issued.to_json().into_bytes());
    }
}

impl Outcome for Decided<Introspection> {
    fn show(self, output: &Output) {
        show(self, output, json);
    }
}

impl Outcome for Decided<()> {
    fn show(self, output: &Output) {
        show(self, output, |()| Vec::new());
    }
}

impl Outcome for Decided<Rehearsal> {
    fn show(self, output: &Output) {
        let explanation = Some(Explanation::from(&self));
        output.show(OK, Shown { explanation, audit: Some(self.audit), ..Shown::default() });
    }
}

impl Outcome for Result<AccessToken, AccessDenied> {
    fn show(self, output: &Output) {
        match self {
            Ok(token) => output.show(OK, Shown { body: json(&token.claims), ..Shown::default() }),
            Err(AccessDenied { unauthorized, reply }) => {
                reply.show(output);
                output.refuse(Refused::from(&unauthorized));
            }
        }
    }
}

/// The keys are fetched, or the next request that needs them says why not.
impl Outcome for Result<(), KeysNotFetched> {
    fn show(self, output: &Output) {
        output.show(OK, Shown::default());
    }
}

impl Outcome for Result<(), SupplyKeysError> {
    fn show(self, output: &Output) {
        unless_refused(self.map_err(|error| Refused::from(&error)), output);
    }
}

/// Whether there is an issuer, or that the store did not say.
impl Outcome for Result<bool, Failed> {
    fn show(self, output: &Output) {
        unless_refused(self.map_err(Refused::store), output);
    }
}

/// Shows the result of a call that no endpoint makes.
fn unless_refused(result: Result<impl Serialize, Refused>, output: &Output) {
    match result {
        Ok(result) => output.show(OK, Shown { body: json(&result), ..Shown::default() }),
        Err(refused) => {
            output.show(NO_STATUS, Shown { refused: Some(refused), ..Shown::default() });
        }
    }
}

fn show<T>(decided: Decided<T>, output: &Output, body: impl FnOnce(&T) -> Vec<u8>) {
    let Decided { result, audit, dpop_nonce } = decided;
    let (status, body, refused) = match &result {
        Ok(result) => (OK, body(result), None),
        Err(refusal) => {
            let refused = Refused { dpop_nonce, ..Refused::from(refusal) };
            (refusal.status().into(), Vec::new(), Some(refused))
        }
    };
    output.show(status, Shown { body, refused, audit: Some(audit), ..Shown::default() });
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// The members of a refusal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_nonce: Option<String>,
}

impl Refused {
    /// The store did not say whether there is an issuer.
    fn store(failed: Failed) -> Self {
        Self {
            code: Some("temporarily_unavailable"),
            reason: Some(reason::STORE.code.into()),
            message: format!(
                "whether there is such an issuer is not known: the store {failed}; try again"
            ),
            claim: None,
            retry_after: None,
            dpop_nonce: None,
        }
    }
}

impl From<&SupplyKeysError> for Refused {
    fn from(error: &SupplyKeysError) -> Self {
        let code = match error {
            SupplyKeysError::UnknownIssuer { .. } => "unknown_issuer",
            _ => "invalid_key_set",
        };
        Self {
            code: Some(code),
            reason: Some(error.reason().into()),
            message: error.to_string(),
            claim: None,
            retry_after: None,
            dpop_nonce: None,
        }
    }
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: Some(refusal.error().code()),
            reason: Some(refusal.reason()),
            message: refusal.message().into(),
            claim: refusal.claim(),
            retry_after: refusal.retry_after(),
            dpop_nonce: None,
        }
    }
}

impl From<&Unauthorized> for Refused {
    fn from(unauthorized: &Unauthorized) -> Self {
        let retry_after = match unauthorized {
            Unauthorized::Unavailable { retry_after, .. } => Some(*retry_after),
            _ => None,
        };
        Self {
            code: unauthorized.code(),
            reason: unauthorized.reason().map(Into::into),
            message: unauthorized.to_string(),
            claim: None,
            retry_after,
            dpop_nonce: unauthorized.dpop_nonce().map(Into::into),
        }
    }
}

/// An operation that waits for an answer, whatever its result is.
pub(crate) trait Waiting {
    fn ask(&self) -> &Ask;

    /// Goes on with the answer, and shows what comes next.
    fn resume(
        self: Box<Self>,
        answer: Answer,
        engine: &Engine,
        output: &Output,
    ) -> Result<Option<Box<dyn Waiting>>, Misuse>;
}

impl<T: Outcome> Waiting for Pending<T> {
    fn ask(&self) -> &Ask {
        Self::ask(self)
    }

    fn resume(
        self: Box<Self>,
        answer: Answer,
        engine: &Engine,
        output: &Output,
    ) -> Result<Option<Box<dyn Waiting>>, Misuse> {
        Ok(shown(Self::resume(*self, answer)?, engine, output))
    }
}

/// Shows a step of this engine; an operation that waits is returned.
pub(crate) fn shown<T: Outcome>(
    step: Step<T>,
    engine: &Engine,
    output: &Output,
) -> Option<Box<dyn Waiting>> {
    match step {
        Step::Done(result) => {
            result.show(output);
            None
        }
        Step::Ask(pending) => {
            output.show_ask(pending.ask(), engine);
            Some(Box::new(pending))
        }
    }
}
