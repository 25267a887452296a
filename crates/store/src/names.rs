//! Index names and the patterns users write for them.

/// A list of index patterns such as `log-*,-log-aws-waf-*`.
#[derive(Debug, Clone)]
pub struct IndexPatterns {
    includes: Vec<String>,
    excludes: Vec<String>,
}

impl IndexPatterns {
    /// Reads a comma-separated list; an empty one, `*` and `_all` mean every index.
    pub fn parse(text: &str) -> Self {
        let mut patterns = Self {
            includes: Vec::new(),
            excludes: Vec::new(),
        };
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.strip_prefix('-') {
                Some(rest) if !patterns.includes.is_empty() => {
                    patterns.excludes.push(rest.to_owned())
                }
                _ if part == "_all" => patterns.includes.push("*".to_owned()),
                _ => patterns.includes.push(part.to_owned()),
            }
        }
        if patterns.includes.is_empty() {
            patterns.includes.push("*".to_owned());
        }
        patterns
    }

    /// Whether an index name is meant.
    pub fn matches(&self, name: &str) -> bool {
        self.includes
            .iter()
            .any(|pattern| wildcard_matches(pattern, name))
            && !self
                .excludes
                .iter()
                .any(|pattern| wildcard_matches(pattern, name))
    }

    /// The names without a wildcard, which must exist.
    pub fn exact_names(&self) -> impl Iterator<Item = &str> {
        self.includes
            .iter()
            .map(String::as_str)
            .filter(|pattern| !pattern.contains('*'))
    }
}

/// Whether a text matches a pattern in which `*` stands for any run of characters.
pub fn wildcard_matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_choose_indices() {
        let cases = [
            ("*", "log-aws-waf-2026-11", true),
            ("", "x", true),
            ("log-*,-log-aws-waf-*", "log-aws-waf-2026-11", false),
            ("log-*,-log-aws-waf-*", "log-aws-elb-2026-11", true),
            ("log-aws-elb", "log-aws-elb-2026", false),
            ("log-*-2026*", "log-aws-elb-2026-11", true),
            ("*elb*waf*", "log-aws-waf-elb", false),
            ("a*a", "a", false),
            ("_all", "x", true),
        ];
        for (patterns, name, expected) in cases {
            assert_eq!(
                IndexPatterns::parse(patterns).matches(name),
                expected,
                "{patterns} {name}"
            );
        }
    }
}
