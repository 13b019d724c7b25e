//! What the proxy calls for a request.

use std::rc::Rc;

use exchequer::{GatewayStep, Request};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, BufferType};

use crate::plugin::{Plugin, Progress};
use crate::proxy;
use crate::work::{Outcome, Turn};

/// What of a body is given to the engine, which refuses one that is longer
/// than 64 KiB: one byte more, to be refused by.
const MAX_BODY: usize = 64 * 1024 + 1;

pub(crate) struct Stream {
    id: u32,
    plugin: Rc<Plugin>,
    /// A request to the endpoints, of which the body is still coming.
    head: Option<Request>,
}

impl Stream {
    pub(crate) fn new(id: u32, plugin: Rc<Plugin>) -> Self {
        Self { id, plugin, head: None }
    }

    fn begin(&self, request: Request) -> Action {
        let plugin = &self.plugin;
        let turn = match &plugin.gateway {
            Some(gateway) => {
                gateway.cross(&request, proxy::now(), proxy::entropy).map(GatewayStep::into)
            }
            None => proxy::entropy()
                .map(|entropy| plugin.engine.handle(request, proxy::now(), entropy))
                .map(Turn::authority),
        };
        let turn = turn.unwrap_or(Turn::Done(Outcome::Broken));
        match plugin.begin(self.id, turn) {
            Progress::Passes => Action::Continue,
            Progress::Answered | Progress::Waits => Action::Pause,
        }
    }

    /// The rest of a request that waits, or was answered, stays where it is.
    fn hold(&self) -> Action {
        if self.plugin.is_waiting(self.id) { Action::Pause } else { Action::Continue }
    }
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, is_whole: bool) -> Action {
        let request = proxy::request_head();
        if self.plugin.gateway.is_some() || is_whole {
            return self.begin(request);
        }
        self.head = Some(request);
        Action::Pause
    }

    /// `length` counts from the beginning of the body, as long as it is held.
    fn on_http_request_body(&mut self, length: usize, is_whole: bool) -> Action {
        if self.head.is_none() || (!is_whole && length < MAX_BODY) {
            return if self.head.is_some() { Action::Pause } else { self.hold() };
        }
        let Some(head) = self.head.take() else { return Action::Pause };
        let body = hostcalls::get_buffer(BufferType::HttpRequestBody, 0, length.min(MAX_BODY));
        self.begin(head.body(body.ok().flatten().unwrap_or_default()))
    }

    /// A request to the endpoints that ends with trailers.
    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        let Some(head) = self.head.take() else { return self.hold() };
        let body = hostcalls::get_buffer(BufferType::HttpRequestBody, 0, MAX_BODY);
        self.begin(head.body(body.ok().flatten().unwrap_or_default()))
    }
}

impl Drop for Stream {
    /// The client may have gone away while its request waited.
    fn drop(&mut self) {
        self.plugin.forget(self.id);
    }
}
