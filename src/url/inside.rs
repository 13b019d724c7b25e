//! Addresses that are not those of a host on the internet: the tables of the
//! IANA registries of special-purpose addresses (RFC 6890). A URL that somebody
//! else chose must not lead to one of them.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 addresses, by their first address and the length of the
/// prefix.
const V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network (RFC 791)
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared, behind a carrier's NAT (RFC 6598)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback (RFC 1122)
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, metadata of clouds (RFC 3927)
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private (RFC 1918)
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments (RFC 6890)
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation (RFC 5737)
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4 (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private (RFC 1918)
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation (RFC 5737)
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast (RFC 5771)
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast (RFC 1112)
];

/// The same of IPv6.
const V6: [(Ipv6Addr, u32); 14] = [
    (Ipv6Addr::UNSPECIFIED, 96), // loopback, IPv4-compatible (RFC 4291)
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48), // NAT64 of a network (RFC 8215)
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64), // discarded (RFC 6666)
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64), // dummy (RFC 9780)
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // Teredo, benchmarks, ORCHID (RFC 2928)
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4 (RFC 3056)
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation (RFC 9637)
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16), // segment routing (RFC 9602)
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), // unique local (RFC 4193)
    (Ipv6Addr::new(0xfe00, 0, 0, 0, 0, 0, 0, 0), 9), // reserved (RFC 4291)
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10), // link-local (RFC 4291)
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10), // site-local (RFC 3879)
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8), // multicast (RFC 4291)
];

/// IPv6 addresses that lead to the IPv4 address in their last 32 bits, by the
/// first 96.
const WITH_V4: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), // IPv4-mapped (RFC 4291)
    Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), // IPv4-translated (RFC 2765)
    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), // NAT64 (RFC 6052)
];

/// Whether an address means something only on this machine or in its network,
/// or is no host's.
pub(crate) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => V4.iter().any(|(first, bits)| {
            let shift = 32 - bits;
            v4.to_bits() >> shift == first.to_bits() >> shift
        }),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_inside(v4.into()),
            None => V6.iter().any(|(first, bits)| {
                let shift = 128 - bits;
                v6.to_bits() >> shift == first.to_bits() >> shift
            }),
        },
    }
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let known = WITH_V4.iter().any(|prefix| prefix.to_bits() >> 32 == bits >> 32);
    let [.., a, b, c, d] = address.octets();
    known.then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One range a row: its first and its last address, and those before and
    /// behind it; `-` where these are inside for another reason.
    const RANGES: &str = "
        0.0.0.0              0.255.255.255                            -                1.0.0.0
        10.0.0.0             10.255.255.255                           9.255.255.255    11.0.0.0
        100.64.0.0           100.127.255.255                          100.63.255.255   100.128.0.0
        127.0.0.0            127.255.255.255                          126.255.255.255  128.0.0.0
        169.254.0.0          169.254.255.255                          169.253.255.255  169.255.0.0
        172.16.0.0           172.31.255.255                           172.15.255.255   172.32.0.0
        192.0.0.0            192.0.0.255                              191.255.255.255  192.0.1.0
        192.0.2.0            192.0.2.255                              192.0.1.255      192.0.3.0
        192.88.99.0          192.88.99.255                            192.88.98.255    192.88.100.0
        192.168.0.0          192.168.255.255                          192.167.255.255  192.169.0.0
        198.18.0.0           198.19.255.255                           198.17.255.255   198.20.0.0
        198.51.100.0         198.51.100.255                           198.51.99.255    198.51.101.0
        203.0.113.0          203.0.113.255                            203.0.112.255    203.0.114.0
        224.0.0.0            239.255.255.255                          223.255.255.255  -
        240.0.0.0            255.255.255.255                          -                -
        ::                   ::255.255.255.255                        -                ::1:0:0
        ::ffff:10.0.0.0      ::ffff:10.255.255.255                    ::ffff:9.255.255.255  ::ffff:11.0.0.0
        ::ffff:0:127.0.0.0   ::ffff:0:127.255.255.255                 ::ffff:0:126.0.0.1    ::ffff:0:128.0.0.0
        64:ff9b::a9fe:0      64:ff9b::169.254.255.255                 64:ff9b::8.8.8.8      64:ff9b::169.255.0.0
        64:ff9b:1::          64:ff9b:1:ffff:ffff:ffff:ffff:ffff       64:ff9b:0:ffff::      64:ff9b:2::
        100::                100::ffff:ffff:ffff:ffff                 ff:ffff::             -
        100:0:0:1::          100::1:ffff:ffff:ffff:ffff               -                     100:0:0:2::
        2001::               2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff   2000:ffff::           2001:200::
        2001::               2001:0:ffff:ffff:ffff:ffff:ffff:ffff     2000:ffff::           -
        2001:2::             2001:2:0:ffff:ffff:ffff:ffff:ffff        -                     -
        2001:10::            2001:1f:ffff:ffff:ffff:ffff:ffff:ffff    -                     -
        2001:20::            2001:2f:ffff:ffff:ffff:ffff:ffff:ffff    -                     -
        2001:db8::           2001:db8:ffff:ffff:ffff:ffff:ffff:ffff   2001:db7:ffff::       2001:db9::
        2002::               2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff  2001:ffff::           2003::
        3fff::               3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff   3ffe:ffff::           3fff:1000::
        5f00::               5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff  5eff:ffff::           5f01::
        fc00::               fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  fbff:ffff::           -
        fe00::               fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff  -                     -
        fe80::               febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff  -                     -
        fec0::               feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  -                     -
        ff00::               ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  -                     -
    ";

    #[test]
    fn every_range_is_inside_from_its_first_address_to_its_last_and_no_further() {
        let rows = RANGES.lines().map(str::trim).filter(|row| !row.is_empty());
        let mut firsts = std::vec::Vec::new();
        for row in rows {
            let [first, last, before, behind] =
                row.split_whitespace().collect::<std::vec::Vec<_>>()[..]
            else {
                panic!("{row}");
            };
            for inside in [first, last] {
                assert!(is_inside(inside.parse().unwrap()), "{inside} of {row}");
            }
            for outside in [before, behind].into_iter().filter(|one| *one != "-") {
                assert!(!is_inside(outside.parse().unwrap()), "{outside} beside {row}");
            }
            firsts.push(first.parse::<IpAddr>().unwrap());
        }
        let v4 = V4.iter().map(|(first, _)| IpAddr::from(*first));
        for first in v4.chain(V6.iter().map(|(first, _)| IpAddr::from(*first))) {
            assert!(firsts.contains(&first), "{first} has no row");
        }
    }

    #[test]
    fn hosts_on_the_internet_are_outside() {
        for host in
            ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8"]
        {
            assert!(!is_inside(host.parse().unwrap()), "{host}");
        }
    }
}
