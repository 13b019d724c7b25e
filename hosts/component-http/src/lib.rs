//! The whole HTTP surface as a component: `wasi:http/proxy`, for `wasmtime
//! serve` and whatever else serves such components.
//!
//! Configuration comes from the environment, issuers' keys by outgoing HTTP,
//! time and randomness from WASI. There is no store: an instance is gone when
//! its host likes, most often after one request, and what was spent or
//! administered would be forgotten with it. So what needs a store fails, in the
//! engine, as on any host that has none. The console is served where its files
//! are.

mod configuration;
mod console;
mod fetch;
mod message;
mod world;

use exchequer::Reply;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{ErrorCode, IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Component);

struct Component;

impl Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let request = match message::request(request) {
            Ok(request) => request,
            Err(error) => return ResponseOutparam::set(out, Err(error)),
        };
        if let Some(reply) = console::serve(&request.method, &request.target) {
            return message::send(reply, out);
        }
        match serve(request) {
            Ok(reply) => {
                if let Some(audit) = &reply.audit {
                    println!("{}", audit.to_json());
                }
                message::send(reply, out);
                // Behind the reply, so that nobody waits for it.
                world::refresh_keys();
            }
            Err(error) => ResponseOutparam::set(out, Err(error)),
        }
    }
}

fn serve(request: exchequer::Request) -> Result<Reply, ErrorCode> {
    let engine = configuration::engine().map_err(|why| internal(why.clone()))?;
    let step = engine.handle(request, world::now(), world::entropy());
    world::drive(step).map_err(|misuse| internal(misuse.to_string()))
}

fn internal(why: String) -> ErrorCode {
    eprintln!("error: {why}");
    ErrorCode::InternalError(Some(why))
}
