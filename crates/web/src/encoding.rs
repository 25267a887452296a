//! Which packed forms a client accepts, from its `Accept-Encoding`.

/// A packed form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli, the smaller one.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// Smallest first.
    const ALL: [Encoding; 2] = [Encoding::Brotli, Encoding::Gzip];

    /// The name in HTTP headers.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gzip",
        }
    }

    /// What the name of the packed file ends with.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Encoding::Brotli => ".br",
            Encoding::Gzip => ".gz",
        }
    }

    /// The form a file has by its name; none for a file as it is.
    pub(crate) fn of_packed_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| name.ends_with(encoding.suffix()))
    }
}

/// The forms a header accepts, smallest first, whatever its weights, except those it refuses with
/// `q=0`.
pub(crate) fn accepted(header: &str) -> Vec<Encoding> {
    let weights: Vec<(&str, f32)> = header.split(',').map(weight).collect();
    let weight_of = |name: &str| {
        let named = weights
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, weight)| *weight)
    };
    Encoding::ALL
        .into_iter()
        .filter(|encoding| {
            let named = weight_of(encoding.name());
            named.or_else(|| weight_of("*")).unwrap_or(0.0) > 0.0
        })
        .collect()
}

/// The name and weight of one item such as `gzip;q=0.5`; a weight that cannot be read refuses.
fn weight(item: &str) -> (&str, f32) {
    let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
    let weight = match parameters.trim().split_once('=') {
        Some((key, value)) if key.trim().eq_ignore_ascii_case("q") => {
            value.trim().parse().unwrap_or(0.0)
        }
        _ => 1.0,
    };
    (name.trim(), weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_clients_write_them() {
        use Encoding::{Brotli, Gzip};
        for (header, expected) in [
            ("", vec![]),
            ("identity", vec![]),
            ("gzip", vec![Gzip]),
            ("gzip, deflate, br, zstd", vec![Brotli, Gzip]),
            ("GZIP;q=0.5, Br;q=0", vec![Gzip]),
            ("*", vec![Brotli, Gzip]),
            ("*;q=0.1, br; q=0.0", vec![Gzip]),
            ("gzip;q=x", vec![]),
            (",;,=,;q", vec![]),
        ] {
            assert_eq!(accepted(header), expected, "{header}");
        }
    }
}
