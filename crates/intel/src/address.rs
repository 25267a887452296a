//! Reads addresses from text as Python's `ipaddress` does, and knows the ranges it calls private.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest text of an address: IPv6 with an IPv4 part.
const MAX_ADDRESS_BYTES: usize = 45;

/// Network and prefix length of the IPv4 ranges that CPython 3.11 calls private.
const PRIVATE_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 29),
    ([192, 0, 0, 170], 31),
    ([192, 0, 2, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([240, 0, 0, 0], 4),
];

/// The first four groups and the prefix length of the IPv6 ranges that CPython 3.11 calls private.
const PRIVATE_V6: &[([u16; 4], u32)] = &[
    ([0x100, 0, 0, 0], 64),
    ([0x2001, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0], 32),
    ([0xfc00, 0, 0, 0], 7),
    ([0xfe80, 0, 0, 0], 10),
];

/// Reads an address that consists of hexadecimal digits, `:` and `.` only.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    if text.len() > MAX_ADDRESS_BYTES {
        return None;
    }
    text.parse().ok()
}

/// Tells whether text is an IP address: no blanks, no leading zeros, no port; IPv6 may have a `%scope`.
///
/// ```
/// assert!(yagura_intel::is_ip_address("fe80::1%eth0"));
/// assert!(!yagura_intel::is_ip_address("192.0.2.1:80"));
/// ```
pub fn is_ip_address(text: &str) -> bool {
    match text.split_once('%') {
        None => parse(text).is_some(),
        Some((address, scope)) => {
            matches!(parse(address), Some(IpAddr::V6(_)))
                && !scope.is_empty()
                && !scope.contains('%')
        }
    }
}

/// The addresses of an X-Forwarded-For text in their order; whatever is no address is left out.
pub fn forwarded_addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| is_ip_address(part))
}

/// Tells whether an address lies in a range that is not used in public networks.
///
/// **Source**: `is_private` of CPython 3.11, which leaves out 100.64.0.0/10 and multicast.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_private_v4(mapped),
            None => is_private_v6(address),
        },
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    PRIVATE_V4.iter().any(|&(network, prefix)| {
        let differing = u32::from_be_bytes(network) ^ address.to_bits();
        differing.leading_zeros() >= prefix
    })
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    bits <= 1
        || PRIVATE_V6.iter().any(|&([a, b, c, d], prefix)| {
            let network = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
            (network.to_bits() ^ bits).leading_zeros() >= prefix
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_ranges() {
        let cases = [
            ("0.0.0.1", true),
            ("9.255.255.255", false),
            ("10.0.0.0", true),
            ("100.64.0.1", false),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("192.0.0.7", true),
            ("192.0.0.8", false),
            ("192.0.0.171", true),
            ("224.0.0.1", false),
            ("255.255.255.255", true),
            ("::", true),
            ("::1", true),
            ("::2", false),
            ("::ffff:10.0.0.1", true),
            ("::ffff:89.160.20.112", false),
            ("100::1", true),
            ("100:0:0:1::", false),
            ("2001:1ff::", true),
            ("2001:200::", false),
            ("2001:db8::1", true),
            ("fdff::1", true),
            ("fec0::1", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_private(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn forwarded_for() {
        let found = |text| forwarded_addresses(text).collect::<Vec<_>>().join(" ");
        assert_eq!(
            found("192.0.2.1, unknown,[2001:db8::1], ::1 ,192.0.2.2:80"),
            "192.0.2.1 ::1"
        );
        assert_eq!(found("-"), "");
    }
}
