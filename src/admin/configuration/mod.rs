//! `/api/server/v1/configuration`: the running configuration as a document,
//! compared with another one, and changed into it.
//!
//! Trusted token issuers and applications of the store are what an import
//! writes. Everything else stands in the configuration document of the server,
//! which nobody changes from here: it is compared and left as it is.

mod current;
mod diff;
mod import;
mod plan;
mod sent;
mod standing;

use alloc::vec::Vec;

use serde_json::{Value, json};

use self::current::Current;
use self::sent::Sent;
use super::call::Call;
use super::error::{Error, NO_SUCH_PATH};
use crate::http::Reply;

/// Serves a call below the path of the configuration.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "GET" | "HEAD") => {
            let current = Current::read(call).await?;
            Ok(Reply::json(200, &current.document(call)).with("etag", current.tag()))
        }
        ([], _) => Err(call.method_not_allowed("GET")),
        (["diff"], "POST") => diff(call).await,
        (["import"], "POST") => import::serve(call).await,
        (["diff" | "import"], _) => Err(call.method_not_allowed("POST")),
        _ => Err(Error::new(
            &NO_SUCH_PATH,
            "below the configuration there are only /diff and /import",
        )),
    }
}

/// What is different in the document that was sent.
async fn diff(call: &Call<'_>) -> Result<Reply, Error> {
    let sent = Sent::read(call)?;
    let current = Current::read(call).await?;
    let differences = listed(diff::differences(call, &current, &sent));
    let body = json!({ "differences": differences, "warnings": sent.warnings });
    Ok(Reply::json(200, &body).with("etag", current.tag()))
}

/// Differences as a list, in the order of the paths.
fn listed(differences: diff::Differences) -> Vec<Value> {
    differences.into_iter().map(|(_, difference)| difference).collect()
}
