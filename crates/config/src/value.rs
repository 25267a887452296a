//! Reads the text of an option as list, boolean, number, UTC offset or JSON list.

/// Splits the text of a list option into its entries.
///
/// **Shape**: text that starts with `[` is split at commas, and an entry may
/// hold several words; other text is split at white space. Empty entries are
/// left out.
///
/// ```
/// assert_eq!(yagura_config::list_entries("a b"), ["a", "b"]);
/// assert_eq!(yagura_config::list_entries("[a b, c]"), ["a b", "c"]);
/// ```
pub fn list_entries(text: &str) -> Vec<&str> {
    let text = text.trim();
    if !text.starts_with('[') {
        return text.split_whitespace().collect();
    }
    text.trim_matches(['[', ']', '|'])
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .collect()
}

/// Splits the text of a list option into words, whatever its syntax.
pub(crate) fn words(text: &str) -> Vec<String> {
    list_entries(text)
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// Removes white space and one pair of quotes around a word.
pub(crate) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inside) = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inside.trim();
        }
    }
    text
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// Reads an offset from UTC: `±HH:MM`, a number of hours, `Z` or `UTC`.
///
/// **Units**: seconds, east of Greenwich positive. **Limits**: less than 24 hours.
///
/// ```
/// assert_eq!(yagura_config::parse_utc_offset("-04:30"), Some(-16_200));
/// assert_eq!(yagura_config::parse_utc_offset("9"), Some(32_400));
/// ```
pub fn parse_utc_offset(text: &str) -> Option<i32> {
    let text = unquoted(text);
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !magnitude.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let seconds = match magnitude.split_once(':') {
        Some((hours, minutes)) => {
            let hours: i32 = hours.parse().ok().filter(|hours| (0..24).contains(hours))?;
            let minutes: i32 = minutes
                .parse()
                .ok()
                .filter(|minutes| (0..60).contains(minutes))?;
            hours * 3600 + minutes * 60
        }
        None => {
            let hours: f64 = magnitude.parse().ok()?;
            let seconds = (hours * 3600.0).round();
            if !(0.0..86_400.0).contains(&seconds) {
                return None;
            }
            #[allow(clippy::cast_possible_truncation, reason = "checked to be below a day")]
            let seconds = seconds as i32;
            seconds
        }
    };
    Some(sign * seconds)
}

/// Reads a JSON array of texts; empty text is an empty list.
pub(crate) fn json_list(text: &str) -> Result<Vec<String>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a  b\n c", &["a", "b", "c"]),
            ("[a b, c d]", &["a b", "c d"]),
            ("[a, b", &["a", "b"]),
            ("[[a],\n b]|", &["a]", "b"]),
            ("[]", &[]),
            ("[a, , b,]", &["a", "b"]),
            ("a, b", &["a,", "b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&list_entries(text), expected, "{text}");
        }
        assert_eq!(words("[a b, c]"), ["a", "b", "c"]);
    }

    #[test]
    fn utc_offsets() {
        let cases = [
            ("+00:00", Some(0)),
            ("+09:00", Some(32_400)),
            ("09:30", Some(34_200)),
            ("-00:30", Some(-1_800)),
            ("-03:30", Some(-12_600)),
            ("-3.5", Some(-12_600)),
            ("\"+01:00\"", Some(3_600)),
            ("Z", Some(0)),
            ("+24:00", None),
            ("+09:60", None),
            ("+-9:00", None),
            ("+09:-30", None),
            ("--9", None),
            ("24", None),
            ("nan", None),
            ("1e999", None),
            ("Asia/Tokyo", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_utc_offset(text), expected, "{text}");
        }
    }
}
