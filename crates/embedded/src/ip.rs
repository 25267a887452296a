//! Addresses as index terms that sort like the addresses.
//!
//! An address is kept as a marker character, its family and its digits in hexadecimal. So a
//! dictionary of terms is a sorted list of addresses: a network is one range of it, buckets by
//! address come in order, and everything that works on text works on addresses.

use std::net::{IpAddr, Ipv6Addr};

/// First character of every address term; ordinary text never begins with it.
pub(crate) const MARKER: char = '\u{2}';

/// The term of an address; IPv4 in IPv6 notation is IPv4.
pub(crate) fn encode(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => term('4', &v4.octets()),
        IpAddr::V6(v6) => term('6', &v6.octets()),
    }
}

/// Marker, family and digits. Every address that is loaded comes here, so no formatter is asked.
fn term(family: char, octets: &[u8]) -> String {
    let mut term = String::with_capacity(2 + 2 * octets.len());
    term.push(MARKER);
    term.push(family);
    for octet in octets {
        for digit in [octet >> 4, octet & 15] {
            term.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    term
}

/// The term of the address a text holds.
pub(crate) fn encode_text(text: &str) -> Option<String> {
    text.trim().parse().ok().map(encode)
}

/// The address of a term; `None` if the term is ordinary text.
pub(crate) fn decode(term: &str) -> Option<IpAddr> {
    let digits = term.strip_prefix(MARKER)?;
    if let Some(v4) = digits.strip_prefix('4') {
        return u32::from_str_radix(v4, 16)
            .ok()
            .map(|bits| IpAddr::V4(bits.into()));
    }
    let v6 = digits.strip_prefix('6')?;
    u128::from_str_radix(v6, 16)
        .ok()
        .map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
}

/// The term as people write it.
pub(crate) fn display(term: &str) -> String {
    match decode(term) {
        Some(IpAddr::V4(address)) => display_v4(address.octets()),
        Some(address) => address.to_string(),
        None => term.to_owned(),
    }
}

/// Four numbers with points; completion shows every address there is, so it is quick.
fn display_v4(octets: [u8; 4]) -> String {
    let mut text = String::with_capacity(15);
    for (at, octet) in octets.into_iter().enumerate() {
        if at > 0 {
            text.push('.');
        }
        let digit = |value: u8| char::from(b'0' + value % 10);
        if octet >= 100 {
            text.push(digit(octet / 100));
        }
        if octet >= 10 {
            text.push(digit(octet / 10));
        }
        text.push(digit(octet));
    }
    text
}

/// First and last term of a network such as `192.0.2.0/24`.
pub(crate) fn network_range(text: &str) -> Option<(String, String)> {
    let (address, length) = text.trim().split_once('/')?;
    let length: u32 = length.parse().ok()?;
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) if length <= 32 => {
            let host = u32::MAX.checked_shr(length).unwrap_or(0);
            let first = u32::from(v4) & !host;
            Some((
                encode(IpAddr::V4(first.into())),
                encode(IpAddr::V4((first | host).into())),
            ))
        }
        IpAddr::V6(v6) if length <= 128 => {
            let host = u128::MAX.checked_shr(length).unwrap_or(0);
            let first = u128::from(v6) & !host;
            let last = Ipv6Addr::from(first | host);
            match (
                Ipv6Addr::from(first).to_ipv4_mapped(),
                last.to_ipv4_mapped(),
            ) {
                (Some(first), Some(last)) => Some((encode(first.into()), encode(last.into()))),
                // A network around the mapped addresses is taken as IPv6 alone.
                _ => Some((
                    term('6', &first.to_be_bytes()),
                    term('6', &(first | host).to_be_bytes()),
                )),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_are_shown_as_the_library_shows_them() {
        for octet in 0..=u8::MAX {
            let address = IpAddr::from([octet, 0, 255 - octet, 9]);
            assert_eq!(display(&encode(address)), address.to_string());
        }
    }

    #[test]
    fn terms_sort_like_addresses_and_networks_are_ranges() {
        let inside = [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7/32", "192.0.2.7", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::ffff:192.0.2.0/120", "192.0.2.9", true),
        ];
        for (network, address, expected) in inside {
            let (first, last) = network_range(network).expect("network");
            let term = encode_text(address).expect("address");
            assert_eq!(
                (first..=last).contains(&term),
                expected,
                "{network} {address}"
            );
            assert_eq!(display(&term), address);
        }
        assert_eq!(network_range("192.0.2.0/33"), None);
    }
}
