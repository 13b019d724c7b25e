//! The proxy's functions, with errors as values.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use exchequer::{Entropy, KnownCertificate, Reply, Request, Sender, Timestamp, TlsCertificate};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{LogLevel, MapType};

/// The time in milliseconds since the epoch; 0 when the proxy does not say it,
/// which makes every token one of the future.
pub(crate) fn now_ms() -> u64 {
    let time = hostcalls::get_current_time().ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

pub(crate) fn now() -> Timestamp {
    Timestamp(now_ms() / 1000)
}

/// 32 fresh bytes, or `None`: without them no request is begun.
pub(crate) fn entropy() -> Option<Entropy> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(Entropy::new(bytes))
}

pub(crate) fn log(level: LogLevel, message: &str) {
    let _ = hostcalls::log(level, message);
}

/// How long until the next tick.
pub(crate) fn tick_in(period: Duration) {
    let _ = hostcalls::set_tick_period(period);
}

/// Whether what follows is about this stream, or about this filter.
pub(crate) fn turn_to(context: u32) -> bool {
    hostcalls::set_effective_context(context).is_ok()
}

/// The head of the request of this stream. A value that is no text is changed
/// where it is not, so that it is never taken for a token.
pub(crate) fn request_head() -> Request {
    let fields = hostcalls::get_map_bytes(MapType::HttpRequestHeaders).unwrap_or_default();
    let mut request = Request::new("", "").sent_by(sender()).with_certificate(certificate());
    for (name, value) in fields {
        let value = String::from_utf8(value)
            .unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned());
        match name.as_str() {
            ":method" => request.method = value,
            ":path" => request.target = value,
            _ => request.headers.push((name, value)),
        }
    }
    request
}

/// The address that the proxy has for the client: with `use_remote_address` that of the
/// connection, or what its trusted hops say (`xff_num_trusted_hops`). Without that setting
/// it is the last one in X-Forwarded-For, which the client may have written. The filter
/// cannot tell them apart.
fn sender() -> Sender {
    property(vec!["source", "address"])
        .as_deref()
        .and_then(ip_of)
        .map_or(Sender::Unknown, Sender::Client)
}

/// The client certificate of the connection, where the proxy ends TLS. It does not say
/// whether it verified the chain, so the certificate is good for its thumbprint alone.
fn certificate() -> Option<TlsCertificate> {
    let sha256 = property(vec!["connection", "sha256_peer_certificate_digest"])?;
    let known = KnownCertificate::Described { sha256, subject: None };
    Some(TlsCertificate { known, verified: false })
}

/// A text that the proxy knows of this stream.
fn property(path: Vec<&str>) -> Option<String> {
    let bytes = hostcalls::get_property(path).ok().flatten()?;
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// Behind the address stands a port; a socket of this machine has neither.
fn ip_of(address: &str) -> Option<IpAddr> {
    address.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| address.parse()).ok()
}

pub(crate) fn remove_header(name: &str) -> bool {
    hostcalls::remove_map_value(MapType::HttpRequestHeaders, name).is_ok()
}

pub(crate) fn set_header(name: &str, value: &str) -> bool {
    hostcalls::set_map_value(MapType::HttpRequestHeaders, name, Some(value)).is_ok()
}

pub(crate) fn resume_request() {
    let _ = hostcalls::resume_http_request();
}

/// Answers this stream.
pub(crate) fn answer(reply: &Reply) {
    let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let status = u32::from(reply.status);
    let _ = hostcalls::send_http_response(status, headers, Some(&reply.body));
}

/// Answers this stream when there is no reply of the engine to answer with.
pub(crate) fn answer_broken() {
    let headers = vec![("content-type", "application/json"), ("cache-control", "no-store")];
    let body = br#"{"error":"server_error"}"#;
    let _ = hostcalls::send_http_response(500, headers, Some(body));
}
