//! Engines and requests that many tests begin with.

use exchequer::{Engine, HostCrypto, Pending, Reply, Request, Step, Timestamp};
use serde_json::{Value, json};

use super::case::Case;
use super::fixtures;
use super::world::{World, entropy};

pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const JWKS: &str = "https://idp.example/jwks";

/// An engine for a configuration, or one by name.
pub(crate) fn engine(config: &Value, crypto: HostCrypto) -> Engine {
    Engine::new(fixtures::config(&fixtures::document(config)), crypto)
}

/// The engine of most cases, which computes its own signatures.
pub(crate) fn standard() -> Engine {
    engine(&json!("standard"), HostCrypto::default())
}

/// The request of a case's first step.
pub(crate) fn request(case: &str) -> Request {
    let case: Case = serde_json::from_value(fixtures::json_file(case)).unwrap();
    case.steps[0].request.request(&[])
}

/// A token exchange that needs the keys of `idp.example`.
pub(crate) fn exchange() -> Request {
    request("accepted/alg-es256.json")
}

/// A world in which the keys of the issuers are available.
pub(crate) fn world() -> World {
    let mut world = World::at(NOW);
    world.web.script(&serde_json::from_value(fixtures::json_file("web.json")).unwrap());
    world
}

/// Begins a request that cannot be done at once.
pub(crate) fn begin(engine: &Engine, request: Request) -> Pending {
    match engine.handle(request, Timestamp(NOW), entropy()) {
        Step::Ask(pending) => pending,
        Step::Done(reply) => panic!("done at once with {}", reply.status),
    }
}

/// The reply of a request that needs nothing more.
pub(crate) fn done(step: Step) -> Reply {
    match step {
        Step::Done(reply) => *reply,
        Step::Ask(pending) => panic!("asks for {:?}", pending.ask()),
    }
}

/// Goes on until the request asks for something of this name.
pub(crate) fn until(engine: &Engine, world: &mut World, request: Request, name: &str) -> Pending {
    let mut pending = begin(engine, request);
    while pending.ask().name() != name {
        let answer = world.answer(engine, pending.ask());
        pending = match pending.resume(answer).unwrap() {
            Step::Ask(pending) => pending,
            Step::Done(reply) => panic!("never asked for {name}, but said {}", reply.status),
        };
    }
    pending
}
