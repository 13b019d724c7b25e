//! The request and the reply, as `wasi:http` has them.

use exchequer::{Caller, Reply, Request, Sender};
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse,
    ResponseOutparam,
};
use wasip2::io::streams::StreamError;

/// Longest body, but for a configuration document. One byte more is enough to be refused.
const BODY_LIMIT: u64 = 64 * 1024;
/// Longest configuration document.
const DOCUMENT_LIMIT: u64 = 1024 * 1024;

/// Most bytes that `blocking-write-and-flush` takes at once.
const CHUNK: usize = 4096;

/// The request, whole. An error when its body breaks off: half a body is none.
pub(crate) fn request(incoming: IncomingRequest) -> Result<Request, ErrorCode> {
    let headers = headers(&incoming);
    let target = incoming.path_with_query().unwrap_or_else(|| "/".into());
    let consumed = incoming.consume().map_err(|()| ErrorCode::InternalError(None))?;
    let body = body(&target, &consumed)?;
    Ok(Request {
        method: method(incoming.method()),
        target,
        headers,
        body,
        caller: Caller::Network,
        // `wasi:http` does not say who is at the other end, nor what TLS brought.
        sender: Sender::Unknown,
        certificate: None,
    })
}

/// The header fields, with the host that the client named. A runtime may have it as the
/// authority of the request alone.
fn headers(incoming: &IncomingRequest) -> Vec<(String, String)> {
    let fields = incoming.headers().entries();
    let mut headers: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (name, latin1(&value))).collect();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        headers.extend(incoming.authority().map(|authority| ("host".into(), authority)));
    }
    headers
}

fn method(method: Method) -> String {
    match method {
        Method::Get => "GET".into(),
        Method::Head => "HEAD".into(),
        Method::Post => "POST".into(),
        Method::Put => "PUT".into(),
        Method::Delete => "DELETE".into(),
        Method::Connect => "CONNECT".into(),
        Method::Options => "OPTIONS".into(),
        Method::Trace => "TRACE".into(),
        Method::Patch => "PATCH".into(),
        Method::Other(name) => name,
    }
}

/// Header values are bytes; read as Latin-1 each has a meaning, and is refused
/// for it where ASCII is asked for.
pub(crate) fn latin1(value: &[u8]) -> String {
    value.iter().map(|byte| char::from(*byte)).collect()
}

fn body(target: &str, body: &IncomingBody) -> Result<Vec<u8>, ErrorCode> {
    let is_document = target.contains("/api/server/v1/configuration/");
    let limit = if is_document { DOCUMENT_LIMIT } else { BODY_LIMIT };
    let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
    let mut bytes = Vec::new();
    loop {
        let room = (limit + 1).saturating_sub(bytes.len() as u64);
        if room == 0 {
            return Ok(bytes);
        }
        match stream.blocking_read(room) {
            Ok(read) => bytes.extend(read),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(ErrorCode::ConnectionTerminated);
            }
        }
    }
}

/// Sends the reply. A client that is gone gets nothing, and nobody is told.
pub(crate) fn send(reply: Reply, out: ResponseOutparam) {
    let Reply { status, headers, body, audit: _ } = reply;
    match response(status, &headers) {
        Ok((response, outgoing)) => {
            ResponseOutparam::set(out, Ok(response));
            let _ = write(&outgoing, &body);
            let _ = OutgoingBody::finish(outgoing, None);
        }
        Err(()) => ResponseOutparam::set(out, Err(ErrorCode::InternalError(None))),
    }
}

fn response(
    status: u16,
    headers: &[(&str, String)],
) -> Result<(OutgoingResponse, OutgoingBody), ()> {
    let fields: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).into(), value.clone().into_bytes())).collect();
    let response = OutgoingResponse::new(Fields::from_list(&fields).map_err(drop)?);
    response.set_status_code(status)?;
    let body = response.body()?;
    Ok((response, body))
}

fn write(outgoing: &OutgoingBody, body: &[u8]) -> Result<(), StreamError> {
    let stream = outgoing.write().map_err(|()| StreamError::Closed)?;
    body.chunks(CHUNK).try_for_each(|chunk| stream.blocking_write_and_flush(chunk))
}
