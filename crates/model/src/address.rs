//! IP addresses in text, as Python's `ipaddress` reads them.

use std::net::IpAddr;

use wide::u8x16;

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

/// Whether text is an IPv4 address. Most addresses are; all their bytes are looked at together, which
/// takes a fraction of the time that reading one byte after the other does.
fn is_ipv4_address(text: &[u8]) -> bool {
    let Some(block) = padded(text) else {
        return false;
    };
    let value = u8x16::new(block) - u8x16::splat(b'0');
    // A bit for each byte: the lowest tells of the first.
    let is = |digit: u8| value.simd_eq(u8x16::splat(digit)).to_bitmask();
    let up_to = |digit: u8| value.min(u8x16::splat(digit)).simd_eq(value).to_bitmask();
    let (dots, digits) = (is(b'.'.wrapping_sub(b'0')), up_to(9));
    let ends = dots | 1 << text.len();
    let starts = dots << 1 | 1;
    // All bits but the lowest.
    let but_one = |bits: u32| bits & bits.wrapping_sub(1);
    let two_dots = but_one(dots);
    let has_three_dots = but_one(two_dots) != 0 && but_one(but_one(two_dots)) == 0;
    // What stands one and two bytes behind each.
    let (next, after) = (digits >> 1, digits >> 2);
    let has_empty = starts & ends;
    let has_four_digits = digits & next & after & digits >> 3;
    let has_leading_zero = starts & is(0) & next;
    let has_three_digits = starts & next & after;
    let up_to_255 = up_to(1) | is(2) & (up_to(4) >> 1 | is(5) >> 1 & up_to(5) >> 2);
    (dots | digits) == (1 << text.len()) - 1
        && has_three_dots
        && has_empty | has_four_digits | has_leading_zero | has_three_digits & !up_to_255 == 0
}

/// A text of seven to fifteen bytes, as nearly all IPv4 addresses are, as a number of its own; `None`
/// for others.
///
/// **Shape**: never 0.
#[inline]
pub fn short_address_key(text: &str) -> Option<u128> {
    let padded = padded(text.as_bytes())?;
    // The last byte is free.
    Some(u128::from_le_bytes(padded) | (text.len() as u128) << 120)
}

/// Seven to fifteen bytes with zeros behind them.
#[inline]
fn padded(text: &[u8]) -> Option<[u8; 16]> {
    let length = text.len();
    // What both words hold is the same in both.
    let whole = if !(7..16).contains(&length) {
        return None;
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        u128::from(first) | u128::from(last) << (8 * (length - 8))
    } else {
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        u128::from(first) | u128::from(last) << (8 * (length - 4))
    };
    Some(whole.to_le_bytes())
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
        for number in 0..1_000 {
            for part in [
                format!("{number}"),
                format!("{number:02}"),
                format!("{number:03}"),
            ] {
                for text in [
                    format!("{part}.2.3.4"),
                    format!("1.20.{part}.255"),
                    format!("10.0.0.{part}"),
                ] {
                    let expected = text.parse::<std::net::Ipv4Addr>().is_ok();
                    assert_eq!(is_ipv4_address(text.as_bytes()), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn short_texts_have_keys_of_their_own() {
        let texts: Vec<String> = (7..16)
            .flat_map(|length| [b'1', b'.', 0].map(|byte| vec![byte; length]))
            .chain([
                b"192.0.2.1".to_vec(),
                b"192.0.2.1\0".to_vec(),
                b"192.0.2.10".to_vec(),
            ])
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        let keys: std::collections::BTreeSet<_> =
            texts.iter().map(|text| short_address_key(text)).collect();
        assert_eq!(keys.len(), texts.len());
        assert!(!keys.contains(&None) && !keys.contains(&Some(0)));
        for text in ["", "::1", "1.2.3.", "2001:db8::1:2:34"] {
            assert_eq!(short_address_key(text), None, "{text}");
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
