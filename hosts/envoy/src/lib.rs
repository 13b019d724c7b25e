//! The engine as a filter of Envoy, or of any proxy with proxy-wasm: a module
//! that decides nothing.
//!
//! | file | owns |
//! |---|---|
//! | `root` | what the proxy calls for a filter: configuration, ticks, answers to calls |
//! | `stream` | what it calls for a request |
//! | `plugin` | a configured filter: the engine, and the requests that wait |
//! | `work` | the loop: step, answer, step, until done |
//! | `outbound` | calls to other servers, one at a time for each document |
//! | `shared` | what the workers of a proxy tell each other |
//! | `counts`, `slot` | failures and requests that they count together |
//! | `crypto` | signatures by the proxy |
//! | `proxy` | the proxy's functions with errors as values |
//!
//! A worker of the proxy has a copy of this module of its own and calls it from
//! one thread only. What is borrowed is borrowed for an instant, never while
//! the engine runs.

#![allow(missing_docs, reason = "the only public item is made by the macro of the SDK")]

mod configuration;
mod counts;
mod crypto;
mod metrics;
mod outbound;
mod plugin;
mod protobuf;
mod proxy;
mod root;
mod shared;
mod slot;
mod stream;
mod work;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(proxy_wasm::types::LogLevel::Info);
    proxy_wasm::set_root_context(|id| Box::new(root::Root::new(id)));
}}
