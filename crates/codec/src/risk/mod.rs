//! Which parts of a regular expression can take very long on a line that does not match.

mod automaton;
mod tree;

use automaton::Automaton;
use tree::Node;

/// A part of an expression that can blow up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternRisk {
    /// Where it begins, in characters of the expression.
    pub at: usize,
    /// The part.
    pub part: String,
    /// Why.
    pub why: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

/// The parts of an expression that can blow up; none if it is harmless, or cannot be judged.
///
/// Found are parts whose cost doubles with every character (`(\w+\s?)+$`, `(a|a)*$`), exactly,
/// and neighbours without bound that take the same characters (`\s*\s*$`), whose cost grows with
/// the square of the length. What nothing follows that could fail is harmless.
pub fn pattern_risks(pattern: &str) -> Vec<PatternRisk> {
    let Some(tree) = tree::parse(pattern) else {
        return Vec::new();
    };
    let risk = |(start, end): (usize, usize), why, hint| PatternRisk {
        at: start,
        part: pattern.chars().skip(start).take(end - start).collect(),
        why,
        hint,
    };
    let mut risks = Vec::new();
    let Some(automaton) = Automaton::new(&tree) else {
        return risks;
    };
    for span in automaton.explosive() {
        risks.push(risk(
            span,
            "the time for a line that does not match doubles with every character, because the same text can be cut into repetitions in many ways",
            "let each repetition begin or end with a character that cannot stand inside it, like `(?:[^,]*,)*`",
        ));
    }
    let mut neighbours = Vec::new();
    collect_neighbours(&tree, &mut neighbours);
    for (first, second) in neighbours {
        let span = (first.0, second.1);
        let is_known = risks
            .iter()
            .any(|risk| risk.at <= span.0 && span.1 <= risk.at + risk.part.chars().count());
        if !is_known && automaton.can_fail_behind(second) {
            risks.push(risk(
                span,
                "both pieces take the same characters without bound, so a line that does not match is cut between them in every way",
                "leave one of them out, or let them take different characters",
            ));
        }
    }
    risks.sort_by_key(|risk| risk.at);
    risks
}

type Span = (usize, usize);

/// Pairs of pieces without bound that stand side by side and take a character in common.
fn collect_neighbours(node: &Node, found: &mut Vec<(Span, Span)>) {
    match node {
        Node::One(_) => {}
        Node::Choice(parts) => parts
            .iter()
            .for_each(|part| collect_neighbours(part, found)),
        Node::Repeat { node, .. } => collect_neighbours(node, found),
        Node::Sequence(parts) => {
            let mut open: Option<(tree::Characters, Span)> = None;
            for part in flattened(parts) {
                collect_neighbours_inside(part, found);
                match unbounded(part) {
                    Some((set, span)) => {
                        if let Some((before, first)) = open
                            && before.meets(set)
                        {
                            found.push((first, span));
                        }
                        open = Some((set, span));
                    }
                    // What may be empty keeps the pieces around it neighbours.
                    None if automaton::is_nullable(part) => {}
                    None => open = None,
                }
            }
        }
    }
}

/// The parts of a sequence, sequences in it opened.
fn flattened(parts: &[Node]) -> Vec<&Node> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Node::Sequence(inner) => all.extend(flattened(inner)),
            part => all.push(part),
        }
    }
    all
}

fn collect_neighbours_inside(part: &Node, found: &mut Vec<(Span, Span)>) {
    match part {
        Node::Choice(_) => collect_neighbours(part, found),
        Node::Repeat { node, .. } => collect_neighbours(node, found),
        Node::One(_) | Node::Sequence(_) => {}
    }
}

/// The characters of a piece like `\s*`, and where it stands.
fn unbounded(node: &Node) -> Option<(tree::Characters, Span)> {
    let Node::Repeat {
        node,
        most: None,
        span,
        ..
    } = node
    else {
        return None;
    };
    match &**node {
        Node::One(set) => Some((*set, *span)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_blows_up_is_found_with_its_place() {
        for (pattern, expected) in [
            (r"(?P<a>(\w+\s?)+)$", r"6 (\w+\s?)+"),
            (r"(a+)+$", "0 (a+)+"),
            (r"x(a*)*y", "1 (a*)*"),
            (r"(?:a|a)*b", "0 (?:a|a)*"),
            (r"(?:\w|\d)+ ", r"0 (?:\w|\d)+"),
            (r"(?:a|aa)+$", "0 (?:a|aa)+"),
            (r"(?:a|ab|b)+$", "0 (?:a|ab|b)+"),
            (r"((?:[^ ]+ ?)*): ", "1 (?:[^ ]+ ?)*"),
            (r"(?i)(?:a|A)+$", "4 (?:a|A)+"),
            (r#""(?:[^"\\]|\\.|[^"])*"$"#, r#"1 (?:[^"\\]|\\.|[^"])*"#),
            (r"\s*\s*x", r"0 \s*\s*"),
            (r"(?P<a>.*)(?P<b>.*) end", "6 .*)(?P<b>.*"),
            (r"(?P<a>\w+)-?(?P<b>\d*):", r"6 \w+)-?(?P<b>\d*"),
        ] {
            let found = pattern_risks(pattern);
            let shown: Vec<_> = found
                .iter()
                .map(|risk| format!("{} {}", risk.at, risk.part))
                .collect();
            assert_eq!(shown, [expected], "{pattern}");
        }
    }

    #[test]
    fn harmless_patterns_are_left_alone() {
        for pattern in [
            r"(?P<a>[^ ]*) (?P<b>[^ ]*) \[(?P<t>.*?)\]",
            r#""(?P<ua>[^"\\]*(?:\\.[^"\\]*)*)""#,
            r#""(?P<ua>(?:[^"\\]|\\.)*)""#,
            r"(?:\d+,)+$",
            r"(?:[^,]*,)*end",
            r"(?:foo|fob)+$",
            r"(?:a|ab)*$",
            // Nothing follows that could fail.
            r"(\w+\s?)+",
            r".*.*",
            r"(?:\d{1,3}\.){3}\d{1,3}",
            r"\w+\s+\w+\s+",
            r"(?:-|(?P<ident>.+)) (?:-|(?P<user>.+)) x",
            r"(?P<a>a{2,}b)*c",
            r"(?=.*x)(?P<a>.*)y",
            r"(unclosed",
            "",
        ] {
            assert_eq!(pattern_risks(pattern), [], "{pattern}");
        }
    }
}
