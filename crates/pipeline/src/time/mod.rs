//! Times as logs write them.

mod any;
mod epoch;
mod guess;
mod iso8601;
mod strptime;
mod syslog;

pub use any::{AnyTime, SeenTime};
pub use epoch::parse_epoch;
pub(crate) use guess::{Guess, guess_time};
pub use iso8601::parse_iso8601;
pub(crate) use strptime::Strptime;
pub(crate) use syslog::parse_syslog;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Reads decimal digits; `None` unless all are ASCII digits.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

/// Reads a decimal fraction as microseconds; digits behind the sixth are cut.
pub(crate) fn fraction_micros(digits: &[u8]) -> Option<i64> {
    let kept = &digits[..digits.len().min(6)];
    let number = number(kept)?;
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| i64::from(number) * 10i64.pow(6 - kept.len() as u32))
}

/// Microseconds of the day.
pub(crate) fn micros_of_day(hour: u32, minute: u32, second: u32, micros: i64) -> Option<i64> {
    let fits = hour < 24 && minute < 60 && second < 60;
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    fits.then_some(seconds * MICROS_PER_SECOND + micros)
}

/// English month by the first three letters in any case, 1 to 12.
pub(crate) fn month_by_name(name: &[u8]) -> Option<u32> {
    const NAMES: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let at = NAMES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name))?;
    Some(at as u32 + 1)
}
