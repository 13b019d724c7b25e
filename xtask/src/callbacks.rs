//! Which functions of the filter a proxy calls.
//!
//! The SDK exports a function for everything that a proxy may call. A proxy
//! that finds an export calls it, also where it does nothing here: into the
//! module and back for each request. A proxy passes over what is not exported.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use walrus::Module;

/// What `hosts/envoy` does something in.
const NEEDED: [&str; 10] = [
    "proxy_on_memory_allocate",
    "proxy_on_vm_start",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_tick",
    "proxy_on_http_call_response",
    "proxy_on_request_headers",
    "proxy_on_request_body",
    "proxy_on_request_trailers",
];

/// Writes the module without the callbacks that do nothing.
pub(crate) fn keep_needed(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| from.display().to_string())?;
    let mut module = Module::from_buffer(&bytes)?;
    for name in NEEDED {
        if !module.exports.iter().any(|export| export.name == name) {
            bail!("the filter exports no `{name}`; correct the list in {}", file!());
        }
    }
    let is_idle = |name: &str| name.starts_with("proxy_on_") && !NEEDED.contains(&name);
    let idle = module.exports.iter().filter(|export| is_idle(&export.name));
    let idle: Vec<_> = idle.map(|export| export.id()).collect();
    for export in idle {
        module.exports.delete(export);
    }
    fs::write(to, module.emit_wasm()).with_context(|| to.display().to_string())
}
