//! `POST /api/users/v1/federated-associations/bulk`: many links made and
//! removed by one call, one after another. Each says how it came out; what is
//! not in the answer was not tried.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::changes::Changes;
use super::make::{self, invalid};
use super::view::record;
use super::{ASSOCIATIONS, INVALID};
use crate::admin::call::Call;
use crate::admin::error::{Error, UNAVAILABLE};
use crate::audit::shown;
use crate::http::Reply;

/// WSO2's: most operations of a call.
const MAX_OPERATIONS: usize = 1000;

/// What the body asks for.
struct Wanted {
    operations: Vec<Value>,
    /// After how many operations that failed the others are not tried.
    fail_on_errors: Option<u64>,
}

/// Serves the call.
pub(super) async fn serve(
    call: &Call<'_>,
    administrator: &str,
    changes: &mut Changes,
) -> Result<Reply, Error> {
    if call.request.method != "POST" {
        return Err(call.method_not_allowed("POST"));
    }
    let wanted = read(call.object(&INVALID)?)?;
    let (mut answers, mut errors) = (Vec::new(), 0);
    for (nth, operation) in wanted.operations.into_iter().enumerate() {
        let bulk_id = operation.get("bulkId").and_then(Value::as_str).map(String::from);
        let outcome = carry_out(call, operation, administrator, nth, changes).await;
        answers.push(answer(bulk_id, &outcome));
        let Err(error) = outcome else { continue };
        errors += 1;
        // A store that fails would let the others wait, too.
        if error.kind == &UNAVAILABLE || wanted.fail_on_errors.is_some_and(|most| errors >= most) {
            break;
        }
    }
    Ok(Reply::json(200, &json!({ "operations": answers })))
}

fn read(mut body: Map<String, Value>) -> Result<Wanted, Error> {
    let fail_on_errors = match body.remove("failOnErrors") {
        None | Some(Value::Null) => None,
        // Not set, as WSO2 has it.
        Some(number) if number == 0 => None,
        Some(number) => Some(
            number
                .as_u64()
                .ok_or_else(|| invalid("`failOnErrors` must be a whole number from 0"))?,
        ),
    };
    let Some(Value::Array(operations)) = body.remove("operations") else {
        return Err(invalid("`operations` must be a list"));
    };
    if let Some(name) = body.keys().next() {
        let name = shown(name);
        return Err(invalid(format!(
            "`{name}` is no member of a bulk; it has `operations` and `failOnErrors`"
        )));
    }
    if operations.len() > MAX_OPERATIONS {
        return Err(invalid(format!("there are more than {MAX_OPERATIONS} operations")));
    }
    Ok(Wanted { operations, fail_on_errors })
}

/// One operation, as it was sent.
struct Operation {
    method: String,
    path: String,
    data: Option<Value>,
}

impl Operation {
    fn read(operation: Value) -> Result<Self, Error> {
        let Value::Object(mut members) = operation else {
            return Err(invalid("an operation must be an object"));
        };
        if members.remove("bulkId").is_some_and(|id| !id.is_string()) {
            return Err(invalid("`bulkId` must be a text"));
        }
        let read = Self {
            method: text(&mut members, "method")?,
            path: text(&mut members, "path")?,
            data: members.remove("data"),
        };
        match members.keys().next() {
            None => Ok(read),
            Some(name) => Err(invalid(format!("`{}` is no member of an operation", shown(name)))),
        }
    }

    /// The segments of its path: of the user, and behind that of the list.
    fn segments(&self) -> Result<(&str, Vec<&str>), Error> {
        let mut segments = self.path.strip_prefix('/').unwrap_or_default().split('/');
        match (segments.next(), segments.next()) {
            (Some("me"), _) => Err(invalid("`me` is whoever calls; name the user by id")),
            (Some(user), Some(ASSOCIATIONS)) => Ok((user, segments.collect())),
            _ => Err(path_expected()),
        }
    }
}

/// Carries an operation out, and answers the status it would have alone.
async fn carry_out(
    call: &Call<'_>,
    operation: Value,
    administrator: &str,
    nth: usize,
    changes: &mut Changes,
) -> Result<u16, Error> {
    let mut operation = Operation::read(operation)?;
    let data = operation.data.take();
    let (user, rest) = operation.segments()?;
    let owner = super::owner(call, user).await?;
    match (&*operation.method, &*rest, data) {
        ("POST", [], Some(Value::Object(data))) => {
            let wanted = make::read(data)?;
            let (link, _) = make::make(call, &owner, &wanted, administrator, nth).await?;
            changes.made.push(record(&owner, &link));
            Ok(201)
        }
        ("POST", [], _) => {
            Err(invalid("`data` must be an object with `idp` and `federatedUserId`"))
        }
        ("DELETE", [], None) => super::remove_all(call, &owner, changes).await.map(|()| 204),
        ("DELETE", [id], None) => super::remove(call, &owner, id, changes).await.map(|()| 204),
        // Who names what to remove in `data` did not mean to remove all.
        ("DELETE", _, Some(_)) => Err(invalid("to remove an association, name its id in `path`")),
        ("POST" | "DELETE", ..) => Err(path_expected()),
        _ => Err(invalid("`method` must be `POST` or `DELETE`")),
    }
}

fn path_expected() -> Error {
    invalid(format!(
        "`path` must be `/{{user-id}}/{ASSOCIATIONS}`, to remove one with `/{{id}}` behind it"
    ))
}

fn text(operation: &mut Map<String, Value>, name: &str) -> Result<String, Error> {
    match operation.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(invalid(format!("`{name}` must be a text"))),
    }
}

fn answer(bulk_id: Option<String>, outcome: &Result<u16, Error>) -> Value {
    let status = match outcome {
        Ok(status) => json!({ "statusCode": status }),
        Err(error) => json!({
            "statusCode": error.kind.status,
            "errorCode": error.kind.code,
            "errorMessage": error.kind.message,
            "errorDescription": error.description,
        }),
    };
    match bulk_id {
        Some(bulk_id) => json!({ "bulkId": bulk_id, "status": status }),
        None => json!({ "status": status }),
    }
}
