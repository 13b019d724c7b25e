//! A hyper server in this process, which reads paths as Rust programs do.

use std::convert::Infallible;
use std::net::TcpListener;
use std::path::{Component, Path};

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::HOST;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;

use crate::rules::RuleSet;

pub(super) const READERS: [&str; 3] = ["uri", "decoded", "components"];

/// Starts it on a thread that ends with this process.
pub(super) fn start(sets: &[RuleSet]) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    listener.set_nonblocking(true)?;
    let sets = sets.to_vec();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    std::thread::spawn(move || runtime.block_on(serve(listener, sets)));
    Ok(port)
}

async fn serve(listener: TcpListener, sets: Vec<RuleSet>) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let answer = |request: Request<Incoming>| {
            let lines = lines(&request, &sets).unwrap_or_default();
            async move { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(lines)))) }
        };
        // One connection at a time: there is one client. It may send anything.
        let _ =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
    }
}

fn lines(request: &Request<Incoming>, sets: &[RuleSet]) -> Result<String> {
    let host = request.headers().get(HOST).context("the request has no Host")?.to_str()?;
    let set = sets.iter().find(|set| set.name == host).context("the Host is no set of rules")?;
    let path = request.uri().path();
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let readings =
        [("uri", path.to_string()), ("components", components(&decoded)), ("decoded", decoded)];
    let line = |(reader, path): &(&str, String)| {
        let route = set.prefixes().find(|prefix| {
            let rest = path.strip_prefix(prefix);
            *prefix == "/" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        route.map(|route| format!("{reader} {route}\n"))
    };
    Ok(readings.iter().filter_map(line).collect())
}

/// The path of a file below a root, as the standard library splits it.
fn components(path: &str) -> String {
    let mut kept = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => kept.push(name.to_string_lossy()),
            Component::ParentDir => drop(kept.pop()),
            _ => {}
        }
    }
    format!("/{}", kept.join("/"))
}
