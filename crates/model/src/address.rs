//! IP addresses in text, as Python's `ipaddress` reads them.

use std::net::IpAddr;

/// The longest text of an address: IPv6 with an IPv4 part.
const MAX_ADDRESS_BYTES: usize = 45;

/// Reads an address that consists of hexadecimal digits, `:` and `.` only.
pub fn parse_address(text: &str) -> Option<IpAddr> {
    if text.len() > MAX_ADDRESS_BYTES {
        return None;
    }
    text.parse().ok()
}

/// Tells whether text is an IP address: no blanks, no leading zeros, no port; IPv6 may have a `%scope`.
///
/// ```
/// assert!(yagura_model::is_ip_address("fe80::1%eth0"));
/// assert!(!yagura_model::is_ip_address("192.0.2.1:80"));
/// ```
pub fn is_ip_address(text: &str) -> bool {
    match text.split_once('%') {
        None => parse_address(text).is_some(),
        Some((address, scope)) => {
            matches!(parse_address(address), Some(IpAddr::V6(_)))
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

#[cfg(test)]
mod tests {
    use super::*;

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
