//! Numbers in Python's text form.

/// Appends a double as Python's `repr` writes it: shortest digits that read back the same,
/// `.0` on whole values, an exponent below 1e-4 and from 1e16.
pub fn push_python_float(number: f64, out: &mut Vec<u8>) {
    if number.is_nan() {
        return out.extend_from_slice(b"nan");
    }
    if number.is_infinite() {
        return out.extend_from_slice(if number > 0.0 { b"inf" } else { b"-inf" });
    }
    // Rust's exponent form gives the same shortest digits: `d.ddde±x`.
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        out.extend_from_slice(plain.as_bytes());
        if !plain.contains('.') {
            out.extend_from_slice(b".0");
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        let text = format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
        out.extend_from_slice(text.as_bytes());
    }
}

/// Whether a number that JSON text holds is one that JSON text can hold: Python's reader also
/// takes `NaN`, `Infinity` and what overflows a double.
pub(crate) fn is_finite(text: &str) -> bool {
    let may_overflow = |byte| matches!(byte, b'e' | b'E' | b'N' | b'I');
    text.len() < 300 && !text.bytes().any(may_overflow) || text.parse().is_ok_and(f64::is_finite)
}

/// Appends a JSON number in the form Python gives it after reading: whole numbers exactly,
/// others as [`push_python_float`].
pub fn python_number(text: &str, out: &mut Vec<u8>) {
    if text
        .bytes()
        .any(|byte| matches!(byte, b'.' | b'e' | b'E' | b'N' | b'I'))
    {
        match text.parse() {
            Ok(number) => push_python_float(number, out),
            Err(_) => out.extend_from_slice(text.as_bytes()),
        }
    } else if text == "-0" {
        out.push(b'0');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_python() {
        for (text, expected) in [
            ("1", "1"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("1.10", "1.1"),
            ("1E5", "100000.0"),
            ("1e-7", "1e-07"),
            ("1e22", "1e+22"),
            ("1e16", "1e+16"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("1e15", "1000000000000000.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
        ] {
            let mut out = Vec::new();
            python_number(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
    }
}
