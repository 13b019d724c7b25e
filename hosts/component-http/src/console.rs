//! The console, from a directory that the host opens as `/console`.
//!
//! Which request is for which file, and what is said about it, is the same on
//! every host: `pkg/src/console.ts` says it too, and a test compares them.

use std::fs;
use std::path::Path;

use exchequer::Reply;

/// Where the host opens the directory.
const ROOT: &str = "/console";

const UNMOUNTED: &str = "the console is not here; give the component its folder: \
                         `wasmtime serve --dir pkg/dist/console::/console …`\n";
const MISSING: &str = "there is no such file\n";

/// Header fields of every reply.
const SECURITY: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The reply to a request for the console; `None` when it is for the engine.
pub(crate) fn serve(method: &str, target: &str) -> Option<Reply> {
    let rest = wanted(target)?;
    let reply = match (method, rest.strip_prefix('/')) {
        // Links of the page are relative to the folder; so is this one, and
        // leads to no other host.
        ("GET" | "HEAD", None) => reply(308, &[("location", "console/")], Vec::new()),
        ("GET", Some(name)) => file(name),
        ("HEAD", Some(name)) => Reply { body: Vec::new(), ..file(name) },
        _ => reply(405, &[("allow", "GET, HEAD")], Vec::new()),
    };
    Some(reply)
}

/// What stands behind `/console` in a path.
fn wanted(target: &str) -> Option<&str> {
    let path = target.split('?').next()?;
    let at = path.find("/console")?;
    let (before, rest) = (path.get(..=at)?, path.get(at + "/console".len()..)?);
    // A user may be called so, and so may what metadata are about.
    let is_of_the_engine = path.starts_with("/.well-known/")
        || ["/scim2/", "/api/"].iter().any(|api| before.contains(api));
    let is_of_the_console = rest.is_empty() || rest.starts_with('/');
    (is_of_the_console && !is_of_the_engine).then_some(rest)
}

fn file(name: &str) -> Reply {
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(content_type) = content_type(name).filter(|_| stays_inside(name)) else {
        return missing();
    };
    let Ok(body) = fs::read(Path::new(ROOT).join(name)) else { return missing() };
    // Names below assets/ change with what is in them.
    let is_hashed = name.starts_with("assets/");
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    reply(200, &[("content-type", content_type), ("cache-control", cache)], body)
}

fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => return None,
    })
}

/// Segments of letters, digits, `_`, `-` and dots that do not begin with one.
fn stays_inside(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    name.split('/').all(|segment| {
        !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(is_plain)
    })
}

fn missing() -> Reply {
    let why = if Path::new(ROOT).is_dir() { MISSING } else { UNMOUNTED };
    let headers = [("content-type", "text/plain"), ("cache-control", "no-store")];
    reply(404, &headers, why.into())
}

fn reply(status: u16, headers: &[(&'static str, &str)], body: Vec<u8>) -> Reply {
    let headers =
        SECURITY.iter().chain(headers).map(|(name, value)| (*name, (*value).to_owned())).collect();
    Reply { status, headers, body, audit: None }
}
