//! How often callers may fail and ask: bounds, and which proxies are believed.

use super::super::document;
use super::super::model::RateLimits;
use super::super::problem::{At, Report, shown};
use super::bounded;
use crate::http::{AddressRange, Proxies};

/// Failures in a minute that are allowed by default.
const FAILURES: u64 = 60;

/// The rates. Left out, failures are limited and requests are not.
pub(super) fn limits(limits: Option<document::Limits>, report: &mut Report) -> RateLimits {
    let rates = match limits {
        Some(document::Limits::Off) => return RateLimits::default(),
        Some(document::Limits::Rates(rates)) => rates,
        None => document::Rates::default(),
    };
    let at = At::top("limits");
    let failures = at.field("failuresPerMinute");
    let failures =
        bounded(rates.failures_per_minute, FAILURES, 1..=6000, "failures", &failures, report);
    let requests = at.field("requestsPerSecond");
    let requests = rates
        .requests_per_second
        .map(|each| bounded(Some(each), each, 1..=100_000, "requests", &requests, report));
    RateLimits {
        failures_per_minute: Some(failures),
        requests_per_second: requests,
        proxies: rates
            .client_address
            .map(|address| proxies(address, &at.field("clientAddress"), report)),
    }
}

fn proxies(address: document::ClientAddress, at: &At, report: &mut Report) -> Proxies {
    let document::ClientAddress { header, from } = address;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let name = at.field("header");
    if header.is_empty() || !header.bytes().all(is_token) {
        report.problem(
            &name,
            format_args!("{} is not the name of a header field", shown(&header)),
            "name the one that the proxies write, such as `x-forwarded-for`",
        );
    } else if header.eq_ignore_ascii_case("forwarded") {
        report.problem(
            &name,
            "the header field `Forwarded` (RFC 7239) is not read",
            "have the proxies write `X-Forwarded-For`, and name that",
        );
    }
    let list = at.field("from");
    if from.is_empty() {
        report.problem(
            &list,
            "is empty, so that no proxy is believed",
            "list the addresses of the proxies, or remove `clientAddress`",
        );
    }
    let range = |(index, text): (usize, &alloc::string::String)| {
        let range = AddressRange::parse(text);
        if range.is_none() {
            report.problem(
                &list.item(index),
                format_args!("{} is no address and no range of addresses", shown(text)),
                "write an address like `10.0.0.7`, or the first one of a range like `10.0.0.0/8`",
            );
        }
        if range.is_some_and(|range| range.is_everything()) {
            report.note(
                &list.item(index),
                "has every address in it, so that anybody may say which address a request comes from",
                "list the addresses of the proxies only",
            );
        }
        range
    };
    let from = from.iter().enumerate().filter_map(range).collect();
    Proxies { header: header.to_ascii_lowercase(), from }
}
