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
    let values = DigitValues::of(block);
    let (dots, digits) = (values.dots(), values.up_to(9));
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
    let has_leading_zero = starts & values.is(0) & next;
    let has_three_digits = starts & next & after;
    let up_to_255 = values.up_to(1)
        | values.is(2) & (values.up_to(4) >> 1 | values.is(5) >> 1 & values.up_to(5) >> 2);
    (dots | digits) == (1 << text.len()) - 1
        && has_three_dots
        && has_empty | has_four_digits | has_leading_zero | has_three_digits & !up_to_255 == 0
}

/// A text of seven to fifteen digits and dots, as every IPv4 address is, as a number of its own;
/// `None` for others.
///
/// **Shape**: never 0.
#[inline]
pub fn dotted_digits(text: &str) -> Option<u64> {
    let (length, block) = (text.len(), padded(text.as_bytes())?);
    let values = DigitValues::of(block);
    let others = !(values.up_to(9) | values.dots());
    if others & ((1 << length) - 1) != 0 {
        return None;
    }
    // Half of each byte tells which character it is; what lies behind the text is told by its
    // length, for which the last half is free.
    let halves = u128::from_le_bytes((values.0 & u8x16::splat(0xF)).to_array());
    let (first, last) = (packed(halves as u64), packed((halves >> 64) as u64));
    Some(u64::from(first) | u64::from(last) << 32 | (length as u64) << 60)
}

/// What each byte is worth as a digit. Questions are answered by a bit for each byte: the lowest
/// tells of the first.
#[derive(Clone, Copy)]
struct DigitValues(u8x16);

impl DigitValues {
    #[inline]
    fn of(bytes: [u8; 16]) -> Self {
        DigitValues(u8x16::new(bytes) - u8x16::splat(b'0'))
    }

    #[inline]
    fn is(self, value: u8) -> u32 {
        self.0.simd_eq(u8x16::splat(value)).to_bitmask()
    }

    #[inline]
    fn up_to(self, value: u8) -> u32 {
        self.0.min(u8x16::splat(value)).simd_eq(self.0).to_bitmask()
    }

    #[inline]
    fn dots(self) -> u32 {
        self.is(b'.'.wrapping_sub(b'0'))
    }
}

/// The lower halves of eight bytes.
#[inline]
fn packed(halves: u64) -> u32 {
    let pairs = (halves | halves >> 4) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    (fours | fours >> 16) as u32
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
    fn digits_and_dots_have_numbers_of_their_own() {
        let digits = (0..10).map(|digit| format!("192.0.2.{digit}"));
        let places = (0..15).map(|place| {
            let mut text = "1".repeat(15);
            text.replace_range(place..=place, ".");
            text
        });
        let lengths = (7..16).flat_map(|length| ["0", "1", "9", "."].map(|one| one.repeat(length)));
        let texts: Vec<String> = digits.chain(places).chain(lengths).collect();
        let numbers: std::collections::BTreeSet<_> =
            texts.iter().map(|text| dotted_digits(text)).collect();
        assert_eq!(numbers.len(), texts.len());
        assert!(!numbers.contains(&None) && !numbers.contains(&Some(0)));
        for text in [
            "",
            "::1",
            "1.2.3.",
            "192.0.2.1\0",
            "192.0.2.1 ",
            "/92.0.2.1",
            "192.0.2.:",
            "192.0.2.a",
            "192.0.2.\u{b2}",
            "2001:db8::1:2:34",
            "1111111111111111",
        ] {
            assert_eq!(dotted_digits(text), None, "{text}");
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
