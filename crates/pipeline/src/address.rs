//! What counts as an IP address.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether the text is an IPv4 or IPv6 address in text form: no leading zeros, no port, no
/// brackets; an IPv6 address may have a scope (`fe80::1%eth0`).
pub fn is_ip_address(text: &str) -> bool {
    let Some(first) = text.bytes().next() else {
        return false;
    };
    if !first.is_ascii_hexdigit() && first != b':' {
        return false;
    }
    if text.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let (address, scope) = match text.split_once('%') {
        Some((address, scope)) => (address, Some(scope)),
        None => (text, None),
    };
    scope.is_none_or(|scope| !scope.is_empty() && !scope.contains('%'))
        && address.parse::<Ipv6Addr>().is_ok()
}
