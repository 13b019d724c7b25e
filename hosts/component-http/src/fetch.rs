//! Fetches documents by outgoing HTTP: no redirect is followed, no credentials
//! are sent, no more is read than allowed, and one deadline holds for all of it.

use exchequer::{Answer, Failed};
use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingResponse, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::StreamError;

use crate::message::latin1;

const NANOSECONDS: u64 = 1_000_000;

/// The answer to an ask for this document.
pub(crate) fn get(url: &str, timeout_ms: u32, max_bytes: u32) -> Answer {
    let deadline = subscribe_duration(u64::from(timeout_ms) * NANOSECONDS);
    match fetch(url, &deadline, max_bytes as usize) {
        Ok(answer) => answer,
        Err(failed) => Answer::Failed { failed },
    }
}

fn fetch(url: &str, deadline: &Pollable, max_bytes: usize) -> Result<Answer, Failed> {
    let response = send(request(url).ok_or(Failed::Broken)?, deadline)?;
    let headers = response.headers();
    let header = |name: &str| headers.get(name).first().map(|value| latin1(value));
    let (cache_control, location) = (header("cache-control"), header("location"));
    let body = body(&response, deadline, max_bytes)?;
    Ok(Answer::Fetched { status: response.status(), cache_control, location, body })
}

/// A GET of an absolute URL, which the engine has looked at already.
fn request(url: &str) -> Option<OutgoingRequest> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = if path.starts_with('/') { path.into() } else { format!("/{path}") };
    let accept = Fields::from_list(&[("accept".into(), b"application/json".to_vec())]).ok()?;
    let request = OutgoingRequest::new(accept);
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(&path)).ok()?;
    Some(request)
}

fn send(request: OutgoingRequest, deadline: &Pollable) -> Result<IncomingResponse, Failed> {
    let body = request.body().map_err(|()| Failed::Broken)?;
    let response = outgoing_handler::handle(request, None).map_err(failed)?;
    // There is none to send.
    OutgoingBody::finish(body, None).map_err(failed)?;
    wait(&response.subscribe(), deadline)?;
    match response.get() {
        Some(Ok(answered)) => answered.map_err(failed),
        _ => Err(Failed::Broken),
    }
}

fn body(
    response: &IncomingResponse,
    deadline: &Pollable,
    max_bytes: usize,
) -> Result<Vec<u8>, Failed> {
    let body = response.consume().map_err(|()| Failed::Broken)?;
    let stream = body.stream().map_err(|()| Failed::Broken)?;
    let mut bytes = Vec::new();
    loop {
        wait(&stream.subscribe(), deadline)?;
        match stream.read(max_bytes as u64 + 1) {
            Ok(read) => bytes.extend(read),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(_)) => return Err(Failed::Unreachable),
        }
        if bytes.len() > max_bytes {
            return Err(Failed::TooLarge);
        }
    }
}

/// Until it is ready, or too late.
fn wait(what: &Pollable, deadline: &Pollable) -> Result<(), Failed> {
    const READY: u32 = 0;
    if poll(&[what, deadline]).contains(&READY) { Ok(()) } else { Err(Failed::TimedOut) }
}

fn failed(error: ErrorCode) -> Failed {
    match error {
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => Failed::TimedOut,
        ErrorCode::DnsError(_) => Failed::Unresolved,
        // wasmtime itself reports every failure of TLS as one of the protocol.
        ErrorCode::TlsCertificateError => Failed::Untrusted,
        _ => Failed::Unreachable,
    }
}
