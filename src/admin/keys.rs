//! `/api/server/v1/keys`: the keys of this server, without their private parts:
//! listed, rotated, withdrawn.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::call::{Call, no_content};
use super::error::{Error, Kind, NO_SUCH_PATH};
use super::records::signing_keys::{self, FIRST, HAS_SIGNED};
use super::resources::note;
use crate::config::Problem;
use crate::crypto::{Algorithm, SigningKey};
use crate::http::Reply;
use crate::own_keys::{
    DAY, DEFAULT_OVERLAP_DAYS, MOST, NoKeys, NotPublished, NotWithdrawn, Role, Schedule,
};
use crate::step::Failed;
use crate::time::Timestamp;

const PATH: &str = "/api/server/v1/keys";
/// What a key is called in the audit log.
const RESOURCE: &str = "signing-key";
/// Longest time that a key is published before it signs, in days.
const MAX_OVERLAP_DAYS: u64 = 30;

static NOT_FOUND: Kind = Kind { status: 404, code: "EXQ-40405", message: "Key not found." };
static INVALID: Kind = Kind { status: 400, code: "EXQ-40003", message: "Invalid rotation." };
static CONFLICT: Kind = Kind { status: 409, code: "EXQ-40903", message: "The keys are otherwise." };

/// Serves a call below the path of keys.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "GET" | "HEAD") => list(call).await,
        ([], _) => Err(call.method_not_allowed("GET")),
        (["rotate"], "POST") => rotate(call).await,
        (["rotate"], _) => Err(call.method_not_allowed("POST")),
        ([kid], "DELETE") => withdraw(call, kid).await,
        ([_], _) => Err(call.method_not_allowed("DELETE")),
        _ => Err(Error::new(&NO_SUCH_PATH, "there is nothing below a key of this server")),
    }
}

async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let now = call.host.now;
    let (keys, rotates) = match call.state.own_keys.schedule(call.host).await {
        Ok(Some(schedule)) => {
            let rotates = call.state.config.key_rotation;
            let rotates = rotates.and_then(|policy| schedule.rotates(policy, now));
            (kept(&schedule, now), rotates)
        }
        Ok(None) => (configured(call).await?, None),
        // A host without keys and without a store signs nothing.
        Err(NoKeys::Store(Failed::Unsupported)) => (Vec::new(), None),
        Err(why) => return Err(unavailable(why)),
    };
    let mut said = Map::new();
    said.insert("keys".into(), keys.into());
    said.insert("jwksUri".into(), call.url("/oauth2/jwks").into());
    if let Some(policy) = call.state.config.key_rotation {
        let mut rotation = Map::new();
        rotation.insert("everyDays".into(), policy.every_days.into());
        rotation.insert("overlapDays".into(), policy.overlap_days.into());
        rotation.extend(rotates.map(|at| ("next".into(), at.0.into())));
        said.insert("rotation".into(), rotation.into());
    }
    Ok(Reply::json(200, &Value::Object(said)))
}

/// Publishes a new key, which signs after the overlap.
async fn rotate(call: &mut Call<'_>) -> Result<Reply, Error> {
    if !call.state.own_keys.are_kept() {
        let description = "the keys stand in the configuration document: put the next key there";
        return Err(Error::new(&CONFLICT, description));
    }
    let wanted = Wanted::parse(call)?;
    let published = call.state.own_keys.publish(call.host, wanted.alg, wanted.overlap).await;
    let schedule = published.map_err(|why| match why {
        NotPublished::NoKeys(why) => unavailable(why),
        NotPublished::Already(at) => Error::new(
            &CONFLICT,
            format!("a key is published already, and signs from {} on (seconds since 1970)", at.0),
        ),
        NotPublished::TooMany => Error::new(
            &CONFLICT,
            format!("there are {MOST} keys already; wait until one is retired, or withdraw one"),
        ),
        NotPublished::Algorithm => Error::about(&INVALID, no_algorithm()),
    })?;
    let newest = schedule.keys().iter().max_by_key(|one| (one.published, one.signs));
    let views = kept(&schedule, call.host.now);
    let kid = newest.map_or("", |one| one.key.kid());
    let made = views.into_iter().find(|view| is_named(view, kid)).unwrap_or_default();
    note(call, RESOURCE, kid, None, Some(made.clone()));
    Ok(Reply::json(201, &made).with("location", call.url(PATH)))
}

/// Takes a key away that does not sign.
async fn withdraw(call: &mut Call<'_>, kid: &str) -> Result<Reply, Error> {
    let unknown = || Error::new(&NOT_FOUND, "this server has no key with this `kid`");
    if !call.state.own_keys.are_kept() {
        let description = "the keys stand in the configuration document: take the key away there";
        return Err(Error::new(&CONFLICT, description));
    }
    let before = call.state.own_keys.schedule(call.host).await.map_err(unavailable)?;
    let before = before.map(|schedule| kept(&schedule, call.host.now)).unwrap_or_default();
    let before = before.into_iter().find(|view| is_named(view, kid)).ok_or_else(unknown)?;
    call.state.own_keys.withdraw(call.host, kid).await.map_err(|why| match why {
        NotWithdrawn::NoKeys(why) => unavailable(why),
        NotWithdrawn::Unknown => unknown(),
        NotWithdrawn::Signs => Error::new(
            &CONFLICT,
            "the key signs: rotate first, with `\"overlapDays\": 0` if it is not to sign any more",
        ),
    })?;
    note(call, RESOURCE, kid, Some(before), None);
    Ok(no_content())
}

/// What a rotation is to do.
struct Wanted {
    alg: Option<Algorithm>,
    /// Seconds.
    overlap: u64,
}

impl Wanted {
    fn parse(call: &Call<'_>) -> Result<Self, Error> {
        let policy = call.state.config.key_rotation;
        let days = policy.map_or(DEFAULT_OVERLAP_DAYS, |policy| policy.overlap_days);
        let mut wanted = Self { alg: None, overlap: days.saturating_mul(DAY) };
        if call.request.body.is_empty() {
            return Ok(wanted);
        }
        for (name, value) in call.object(&INVALID)? {
            match &*name {
                "alg" => wanted.alg = Some(algorithm(&value)?),
                "overlapDays" => wanted.overlap = overlap(&value)?.saturating_mul(DAY),
                _ => {
                    let remedy = "give `alg`, `overlapDays`, both, or no body";
                    let problem = Problem::new(&name, "is no member of a rotation", remedy);
                    return Err(Error::about(&INVALID, problem));
                }
            }
        }
        Ok(wanted)
    }
}

fn algorithm(value: &Value) -> Result<Algorithm, Error> {
    let named = value.as_str().and_then(Algorithm::from_name);
    named.ok_or_else(|| Error::about(&INVALID, no_algorithm()))
}

fn no_algorithm() -> Problem {
    let remedy = "give `ES256`, `ES384`, `ES512` or `EdDSA`; for RSA put a key into the document";
    Problem::new("alg", "is no algorithm that this server makes keys for", remedy)
}

fn overlap(value: &Value) -> Result<u64, Error> {
    let days = value.as_u64().filter(|days| *days <= MAX_OVERLAP_DAYS);
    days.ok_or_else(|| {
        let problem = format!("is no number of days from 0 to {MAX_OVERLAP_DAYS}");
        let remedy = "give as many days as others may keep the published keys";
        Error::about(&INVALID, Problem::new("overlapDays", problem, remedy))
    })
}

fn unavailable(why: NoKeys) -> Error {
    match why {
        NoKeys::Store(failed) => failed.into(),
        why => Error::new(&super::error::UNAVAILABLE, format!("{why}")),
    }
}

/// The keys that the store has.
fn kept(schedule: &Schedule, now: Timestamp) -> Vec<Value> {
    let published = schedule.published(now);
    let views = published.iter().filter_map(|key| {
        let one = schedule.named(key.kid())?;
        let mut members = public(key);
        let mut put = |name: &str, value: Value| members.insert(name.into(), value);
        put("state", name(schedule.role(key.kid(), now)?).into());
        put("source", "store".into());
        put("firstSeen", one.published.0.into());
        put("signsFrom", one.signs.0.into());
        if let Some(at) = schedule.retires(key.kid(), now) {
            put("retires", at.0.into());
        }
        Some(Value::Object(members))
    });
    views.collect()
}

const fn name(role: Role) -> &'static str {
    match role {
        Role::Next => "next",
        Role::Current => "current",
        Role::Retiring => "retiring",
    }
}

/// The keys of the configuration. What each is there for is remembered: nobody could
/// tell a key that is to sign next from one that has signed.
async fn configured(call: &Call<'_>) -> Result<Vec<Value>, Error> {
    let keys = &call.state.config.keys;
    let kids: Vec<&str> = keys.iter().map(|key| key.kid()).collect();
    let seen = match signing_keys::seen(call.host, &kids).await {
        Err(Failed::Unsupported) => Map::new(),
        seen => seen?,
    };
    let view = |(index, key): (usize, &alloc::sync::Arc<SigningKey>)| {
        let seen = seen.get(key.kid());
        let mut members = public(key);
        let role = match seen {
            _ if index == 0 => Role::Current,
            Some(seen) if seen.get(HAS_SIGNED) == Some(&Value::Bool(true)) => Role::Retiring,
            _ => Role::Next,
        };
        members.insert("state".into(), name(role).into());
        members.insert("source".into(), "configuration".into());
        if let Some(first) = seen.and_then(|seen| seen.get(FIRST)) {
            members.insert("firstSeen".into(), first.clone());
        }
        Value::Object(members)
    };
    Ok(keys.iter().enumerate().map(view).collect())
}

fn is_named(view: &Value, kid: &str) -> bool {
    view.get("kid").is_some_and(|name| name == kid)
}

/// What everybody may know of a key.
fn public(key: &SigningKey) -> Map<String, Value> {
    let public = key.public().to_jwk();
    let mut members = Map::new();
    for name in ["kty", "crv"] {
        members.extend(public.get(name).map(|value| (name.into(), value.clone())));
    }
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("kid", key.kid().into());
    put("alg", key.algorithm().name().into());
    put("use", "sig".into());
    put("thumbprint", key.public().thumbprint().into());
    members
}
