//! A request as JavaScript writes it, and the head of a reply as it reads it.
//!
//! A head is text: `METHOD SP sender SP target`, then one `name:value` a line. The
//! sender is the address of the peer, or that of the client with `=` in front, or
//! `-`; what is no address is unknown. How many
//! header fields there are is said beside it, so a value with a line break in
//! it makes a head that is refused, not one more header field.

use exchequer::{Caller, Reply, Request, Sender};

/// The request in these bytes, or why there is none: a bug of the host.
pub(crate) fn parse(head: &[u8], body: &[u8], fields: usize) -> Result<Request, &'static str> {
    let head = core::str::from_utf8(head).map_err(|_| "the request head is not UTF-8")?;
    let mut lines = head.split('\n');
    let (method, sender, target) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .and_then(|(method, rest)| rest.split_once(' ').map(|(from, to)| (method, from, to)))
        .ok_or("the request head has no method, sender and target")?;
    let mut headers = Vec::with_capacity(fields);
    for line in lines {
        // The names of fields that are HTTP/2's own begin with a colon (RFC 9113 section 8.3).
        let end = line.bytes().skip(1).position(|byte| byte == b':');
        let (name, value) = end
            .and_then(|end| line.split_at_checked(end + 1))
            .ok_or("a header field has a line break in it")?;
        headers.push((name.into(), value.strip_prefix(':').unwrap_or(value).into()));
    }
    if headers.len() != fields {
        return Err("a header field has a line break in it");
    }
    Ok(Request {
        method: method.into(),
        target: target.into(),
        headers,
        body: body.to_vec(),
        caller: Caller::Network,
        sender: sent_by(sender),
        certificate: None,
    })
}

fn sent_by(sender: &str) -> Sender {
    let found = match sender.strip_prefix('=') {
        Some(client) => client.parse().map(Sender::Client),
        None => sender.parse().map(Sender::Peer),
    };
    found.unwrap_or_default()
}

/// The header fields of a reply, one `name:value` a line.
pub(crate) fn head(reply: &Reply) -> String {
    let mut head = String::with_capacity(128);
    for (name, value) in &reply.headers {
        if !head.is_empty() {
            head.push('\n');
        }
        head.push_str(name);
        head.push(':');
        head.push_str(value);
    }
    head
}
