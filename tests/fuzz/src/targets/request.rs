//! A whole request: the first line is its method and target, the next ones are headers,
//! and the body follows an empty line.

use exchequer::Request;

use crate::service::shared;

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    let mut request = Request::new(method, target);
    for line in lines.take(64) {
        if let Some((name, value)) = line.split_once(':') {
            request = request.header(name, value.trim());
        }
    }
    let reply = shared(|service| service.ask(request.body(body)));
    assert!((200..500).contains(&reply.status), "status {}", reply.status);
}
