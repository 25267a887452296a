//! How figures are written in tables.

/// A mark that says whether a figure is as it must be.
pub fn verdict(reached: bool) -> &'static str {
    if reached { " ✓" } else { " ✗" }
}

/// A whole number with commas.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
