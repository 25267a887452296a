//! The ranges of addresses that CPython calls private.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
}
