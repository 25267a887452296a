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
    if is_ipv4_address(text.as_bytes()) {
        return true;
    }
    match text.split_once('%') {
        None => parse_address(text).is_some(),
        Some((address, scope)) => {
            matches!(parse_address(address), Some(IpAddr::V6(_)))
                && !scope.is_empty()
                && !scope.contains('%')
        }
    }
}

/// Whether text is an IPv4 address. Most addresses are, and telling so takes a fraction of the time
/// that reading them takes.
fn is_ipv4_address(text: &[u8]) -> bool {
    let (mut dots, mut digits, mut number) = (0, 0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                let has_leading_zero = digits > 0 && number == 0;
                number = number * 10 + u32::from(byte - b'0');
                digits += 1;
                if has_leading_zero || number > 255 {
                    return false;
                }
            }
            b'.' if digits > 0 => {
                dots += 1;
                (digits, number) = (0, 0);
            }
            _ => return false,
        }
    }
    dots == 3 && digits > 0
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
    fn ipv4_addresses_are_those_of_the_standard_library() {
        for text in [
            "192.0.2.1",
            "0.0.0.0",
            "255.255.255.255",
            "256.0.0.1",
            "1.2.3.04",
            "1.2.3.00",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4.",
            ".1.2.3.4",
            "1..2.3",
            "1.2.3.4 ",
            "",
            "...",
            "::1",
            "11111111111111111111.1.1.1",
        ] {
            let expected = text.parse::<std::net::Ipv4Addr>().is_ok();
            assert_eq!(is_ipv4_address(text.as_bytes()), expected, "{text}");
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
