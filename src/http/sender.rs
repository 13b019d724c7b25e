//! Which address a request comes from: whose failed attempts are counted together.
//!
//! The host says who is at the other end of the connection. That may be a proxy,
//! and then a header field says who sent the request to it. Anybody can write
//! such a field, so it counts only when the configuration names the proxy.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::Request;
use crate::url;

/// The address of the sender of a request, as far as the host knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sender {
    /// The host does not know it. Failed attempts are not limited then.
    #[default]
    Unknown,
    /// The other end of the connection: a client, or a proxy in front of the host.
    Peer(IpAddr),
    /// The client itself, which the host found out in a way that it trusts.
    Client(IpAddr),
}

/// An IPv4 address, or the /64 network of an IPv6 address: whoever has one address
/// of such a network has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Network {
    V4(u32),
    V6(u64),
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.to_bits()),
            IpAddr::V6(v6) => Self::V6((v6.to_bits() >> 64) as u64),
        }
    }
}

/// Addresses with a common prefix, such as `10.0.0.0/8`; a single address is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressRange {
    first: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// An address, or an address and the length of a prefix. `None` for anything
    /// else, also for an address that has bits behind the prefix.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let all = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= all)?
            }
            Some(_) => return None,
            None => all,
        };
        let range = Self { first, bits };
        (range.prefix(first) == Some(number(first))).then_some(range)
    }

    /// Whether every address of its family is in it.
    pub(crate) fn is_everything(&self) -> bool {
        self.bits == 0
    }

    /// Whether the address is in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.prefix(address.to_canonical()) == Some(number(self.first))
    }

    /// The address with zeros behind the prefix, if it is of the same family.
    fn prefix(&self, address: IpAddr) -> Option<u128> {
        let all: u32 = match (self.first, address) {
            (IpAddr::V4(_), IpAddr::V4(_)) => 32,
            (IpAddr::V6(_), IpAddr::V6(_)) => 128,
            _ => return None,
        };
        let behind = all.saturating_sub(self.bits);
        // A shift by all the bits there are leaves nothing.
        Some(
            number(address)
                .checked_shr(behind)
                .and_then(|kept| kept.checked_shl(behind))
                .unwrap_or(0),
        )
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The proxies that are believed when they say where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxies {
    /// The header field in which they say it, in lower case.
    pub(crate) header: String,
    pub(crate) from: Vec<AddressRange>,
}

impl Proxies {
    fn include(&self, address: IpAddr) -> bool {
        self.from.iter().any(|range| range.contains(address))
    }

    /// The client of a proxy. Each proxy writes the address that it sees behind
    /// those that came with the request, so the list is read from its end, and the
    /// first address that is no proxy's counts.
    fn client(&self, request: &Request, peer: IpAddr) -> Option<IpAddr> {
        let fields: Vec<&str> = request.values(&self.header).collect();
        let mut seen = peer;
        for entry in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
            seen = address(entry.trim())?;
            if !self.include(seen) {
                break;
            }
        }
        Some(seen)
    }
}

/// An address as proxies write it: some with a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.split_once(']')?.0.parse::<Ipv6Addr>().ok();
    let with_port = || text.split_once(':')?.0.parse::<Ipv4Addr>().ok();
    let plain = text.parse().ok();
    plain.or_else(|| bracketed().map(IpAddr::V6)).or_else(|| with_port().map(IpAddr::V4))
}

/// Header fields in which proxies say where a request comes from.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// The network that a request comes from, if that is known.
///
/// A peer inside this network that speaks for somebody else is a proxy, which the
/// configuration does not name. All its clients have its address, so it counts for
/// nobody: otherwise any of them could have all of them turned away.
pub(crate) fn network(request: &Request, proxies: Option<&Proxies>) -> Option<Network> {
    let peer = match request.sender {
        Sender::Unknown => return None,
        Sender::Client(address) => return Some(Network::of(address)),
        Sender::Peer(address) => address.to_canonical(),
    };
    let speaks_for_another = || FORWARDED.iter().any(|name| request.values(name).next().is_some());
    let client = match proxies {
        Some(proxies) if proxies.include(peer) => proxies.client(request, peer)?,
        None if url::is_inside(peer) && speaks_for_another() => return None,
        Some(_) | None => peer,
    };
    Some(Network::of(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(from: &[&str]) -> Proxies {
        let from = from.iter().map(|range| AddressRange::parse(range).unwrap()).collect();
        Proxies { header: "x-forwarded-for".into(), from }
    }

    fn of(peer: &str, headers: &[(&str, &str)], proxies: Option<&Proxies>) -> Option<Network> {
        let mut request = Request::new("POST", "/oauth2/token").sent_by(Sender::Peer(ip(peer)));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        network(&request, proxies)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn net(text: &str) -> Option<Network> {
        Some(Network::of(ip(text)))
    }

    #[test]
    fn a_range_contains_its_addresses_only() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("0.0.0.0/0", "203.0.113.7", "::1"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
        ] {
            let range = AddressRange::parse(range).unwrap();
            assert!(range.contains(ip(inside)), "{inside}");
            assert!(!range.contains(ip(outside)), "{outside}");
        }
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "proxy"]
        {
            assert_eq!(AddressRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_ipv6_network_is_one_sender_and_a_mapped_address_is_the_ipv4_one() {
        assert_eq!(net("2001:db8:1:2::1"), net("2001:db8:1:2:ffff::9"));
        assert_ne!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
        assert_ne!(net("192.0.2.1"), net("192.0.2.2"));
    }

    #[test]
    fn only_a_configured_proxy_says_who_its_client_is() {
        let named = proxies(&["10.0.0.0/8"]);
        let forwarded = [("X-Forwarded-For", "198.51.100.9, 203.0.113.7")];
        assert_eq!(of("10.0.0.2", &forwarded, Some(&named)), net("203.0.113.7"));
        // Whoever is no proxy speaks for nobody else.
        assert_eq!(of("203.0.113.99", &forwarded, Some(&named)), net("203.0.113.99"));
        assert_eq!(of("192.168.0.1", &forwarded, Some(&named)), net("192.168.0.1"));
        assert_eq!(of("::ffff:10.0.0.2", &forwarded, Some(&named)), net("203.0.113.7"));
    }

    #[test]
    fn the_last_address_that_is_no_proxys_counts() {
        let named = proxies(&["10.0.0.0/8", "2001:db8::/32"]);
        for (value, client) in [
            ("198.51.100.9, 203.0.113.7, 10.1.1.1", "203.0.113.7"),
            ("203.0.113.7:51234", "203.0.113.7"),
            ("[2001:db9::1]:4711 , [2001:db8::1]", "2001:db9::1"),
            ("2001:db9::1", "2001:db9::1"),
            ("10.9.9.9,10.1.1.1", "10.9.9.9"),
        ] {
            assert_eq!(of("10.0.0.2", &[("x-forwarded-for", value)], Some(&named)), net(client));
        }
        // Several fields are one list.
        let two = [("x-forwarded-for", "198.51.100.9"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(of("10.0.0.2", &two, Some(&named)), net("203.0.113.7"));
        // The proxy's own request.
        assert_eq!(of("10.0.0.2", &[], Some(&named)), net("10.0.0.2"));
        for nonsense in ["unknown", "", "203.0.113.7,", "203.0.113.300"] {
            assert_eq!(of("10.0.0.2", &[("x-forwarded-for", nonsense)], Some(&named)), None);
        }
    }

    #[test]
    fn a_proxy_that_is_not_configured_has_no_address_of_a_client() {
        let forwarded = [("x-forwarded-for", "203.0.113.7")];
        assert_eq!(of("127.0.0.1", &forwarded, None), None);
        assert_eq!(of("10.0.0.2", &[("Forwarded", "for=203.0.113.7")], None), None);
        assert_eq!(of("10.0.0.2", &[], None), net("10.0.0.2"));
        // A stranger on the internet does not get rid of its address by a header field.
        assert_eq!(of("8.8.8.8", &forwarded, None), net("8.8.8.8"));
    }

    #[test]
    fn a_client_that_the_host_found_out_needs_no_header() {
        let request = Request::new("POST", "/oauth2/token").header("x-forwarded-for", "192.0.2.1");
        assert_eq!(network(&request, None), None);
        let request = request.sent_by(Sender::Client(ip("10.0.0.7")));
        assert_eq!(network(&request, None), net("10.0.0.7"));
    }
}
