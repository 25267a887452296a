//! A regular expression as a tree of the characters it takes; as much of it as its cost needs.

/// Which characters a place of the expression takes: each of ASCII, and of all others the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Characters {
    ascii: u128,
    /// Kinds of which it takes some.
    others: u8,
    /// Kinds of which it takes all.
    whole: u8,
}

/// Letters and digits beyond ASCII.
const WORD: u8 = 1;
/// Blanks beyond ASCII.
const BLANK: u8 = 2;
/// Everything else beyond ASCII.
const OTHER: u8 = 4;
const EVERY: u8 = WORD | BLANK | OTHER;

impl Characters {
    pub(super) const NONE: Characters = Characters {
        ascii: 0,
        others: 0,
        whole: 0,
    };
    const ALL: Characters = Characters {
        ascii: u128::MAX,
        others: EVERY,
        whole: EVERY,
    };

    fn of(character: char) -> Self {
        let mut set = Self::NONE;
        set.add(character, character);
        set
    }

    fn add(&mut self, first: char, last: char) {
        for code in u32::from(first)..=u32::from(last).min(127) {
            self.ascii |= 1 << code;
        }
        if u32::from(last) > 127 {
            self.others |= match (first == last, last) {
                (true, last) if last.is_alphanumeric() => WORD,
                (true, last) if last.is_whitespace() => BLANK,
                (true, _) => OTHER,
                (false, _) => EVERY,
            };
        }
    }

    fn join(&mut self, other: Characters) {
        self.ascii |= other.ascii;
        self.others |= other.others;
        self.whole |= other.whole;
    }

    /// All characters outside of the set.
    fn inverted(self) -> Self {
        Characters {
            ascii: !self.ascii,
            others: EVERY & !self.whole,
            whole: EVERY & !self.others,
        }
    }

    /// Both cases of every letter.
    fn without_case(mut self) -> Self {
        for upper in 'A'..='Z' {
            let pair = 1 << u32::from(upper) | 1 << u32::from(upper.to_ascii_lowercase());
            if self.ascii & pair != 0 {
                self.ascii |= pair;
            }
        }
        self
    }

    pub(super) fn meets(self, other: Characters) -> bool {
        self.ascii & other.ascii != 0 || self.others & other.others != 0
    }
}

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// One character; none at all for an assertion, which can fail without taking anything.
    One(Characters),
    /// Parts one behind the other.
    Sequence(Vec<Node>),
    /// One of several parts.
    Choice(Vec<Node>),
    /// A part several times.
    Repeat {
        node: Box<Node>,
        least: u32,
        /// `None` without bound.
        most: Option<u32>,
        /// Where it lies in the expression, in characters.
        span: (usize, usize),
    },
}

/// How deep groups may lie in each other.
const MAX_DEPTH: usize = 100;

/// Reads an expression; `None` if it is not understood.
pub(super) fn parse(pattern: &str) -> Option<Node> {
    let mut parser = Parser {
        characters: pattern.chars().collect(),
        at: 0,
        dot_takes_all: false,
        ignores_case: false,
    };
    let node = parser.choice(0)?;
    (parser.at == parser.characters.len()).then_some(node)
}

struct Parser {
    characters: Vec<char>,
    at: usize,
    dot_takes_all: bool,
    ignores_case: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn take(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let found = self.characters.get(self.at..self.at + length);
        let is_there = found.is_some_and(|found| found.iter().copied().eq(text.chars()));
        self.at += if is_there { length } else { 0 };
        is_there
    }

    fn choice(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.take("|") {
            branches.push(self.sequence(depth)?);
        }
        Some(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Choice(branches),
        })
    }

    fn sequence(&mut self, depth: usize) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(next) = self.peek() {
            if next == '|' || next == ')' {
                break;
            }
            let start = self.at;
            let part = self.part(depth)?;
            let part = self.repeated(part, start)?;
            parts.push(part);
        }
        Some(Node::Sequence(parts))
    }

    fn part(&mut self, depth: usize) -> Option<Node> {
        let character = self.next()?;
        let set = match character {
            '(' => return self.group(depth),
            '[' => self.class()?,
            '.' if self.dot_takes_all => Characters::ALL,
            '.' => Characters::of('\n').inverted(),
            '^' => return Some(Node::Sequence(Vec::new())),
            '$' => Characters::NONE,
            '\\' => return self.escape(),
            character => Characters::of(character),
        };
        Some(self.one(set))
    }

    fn one(&self, set: Characters) -> Node {
        Node::One(match self.ignores_case {
            true => set.without_case(),
            false => set,
        })
    }

    fn escape(&mut self) -> Option<Node> {
        let character = self.next()?;
        Some(match character {
            'A' | 'G' => Node::Sequence(Vec::new()),
            'b' | 'B' | 'Z' | 'z' => Node::One(Characters::NONE),
            // What a group took: anything, and it can fail.
            '1'..='9' => Node::One(Characters::NONE),
            character => {
                let set = self.escaped(character)?;
                self.one(set)
            }
        })
    }

    fn escaped(&mut self, character: char) -> Option<Characters> {
        let mut set = Characters::NONE;
        match character {
            'd' | 'D' => set.add('0', '9'),
            'w' | 'W' => {
                for (first, last) in [('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')] {
                    set.add(first, last);
                }
                (set.others, set.whole) = (WORD, WORD);
            }
            's' | 'S' => {
                set.add('\t', '\r');
                set.add('\u{1c}', ' ');
                (set.others, set.whole) = (BLANK, BLANK);
            }
            'h' => [' ', '\t'].into_iter().for_each(|c| set.add(c, c)),
            'n' => set.add('\n', '\n'),
            'r' => set.add('\r', '\r'),
            't' => set.add('\t', '\t'),
            'f' => set.add('\u{c}', '\u{c}'),
            'v' => set.add('\u{b}', '\u{b}'),
            'a' => set.add('\u{7}', '\u{7}'),
            '0' => set.add('\0', '\0'),
            'x' => self.code(2, &mut set)?,
            'u' => self.code(4, &mut set)?,
            'U' => self.code(8, &mut set)?,
            character if character.is_ascii_alphanumeric() => return None,
            character => set.add(character, character),
        }
        Some(match character {
            'D' | 'W' | 'S' => set.inverted(),
            _ => set,
        })
    }

    fn code(&mut self, digits: usize, set: &mut Characters) -> Option<()> {
        let text: String = self
            .characters
            .get(self.at..self.at + digits)?
            .iter()
            .collect();
        let code = u32::from_str_radix(&text, 16).ok()?;
        let character = char::from_u32(code)?;
        self.at += digits;
        set.add(character, character);
        Some(())
    }

    fn class(&mut self) -> Option<Characters> {
        let is_inverted = self.take("^");
        let mut set = Characters::NONE;
        let mut is_first = true;
        loop {
            let character = self.next()?;
            if character == ']' && !is_first {
                break;
            }
            is_first = false;
            let (single, taken) = self.member(character)?;
            let range = self.peek() == Some('-')
                && !matches!(self.characters.get(self.at + 1), Some(']') | None);
            match (single, range) {
                (Some(first), true) => {
                    self.at += 1;
                    let next = self.next()?;
                    match self.member(next)? {
                        (Some(last), _) => set.add(first, last),
                        (None, other) => {
                            set.add(first, first);
                            set.add('-', '-');
                            set.join(other);
                        }
                    }
                }
                _ => set.join(taken),
            }
        }
        Some(match is_inverted {
            true => set.inverted(),
            false => set,
        })
    }

    /// A member of a class: the character if it is a single one, and the set that it stands for.
    fn member(&mut self, character: char) -> Option<(Option<char>, Characters)> {
        if character != '\\' {
            return Some((Some(character), Characters::of(character)));
        }
        let escaped = self.next()?;
        if escaped == 'b' {
            return Some((Some('\u{8}'), Characters::of('\u{8}')));
        }
        let set = self.escaped(escaped)?;
        let single = (!escaped.is_ascii_alphanumeric()).then_some(escaped);
        Some((single, set))
    }

    fn group(&mut self, depth: usize) -> Option<Node> {
        let (dot, case) = (self.dot_takes_all, self.ignores_case);
        let mut is_assertion = false;
        if self.take("?") {
            if self.take("#") {
                while self.next()? != ')' {}
                return Some(Node::Sequence(Vec::new()));
            }
            if self.take("P=") {
                while self.next()? != ')' {}
                return Some(Node::One(Characters::NONE));
            }
            let looks = ["=", "!", "<=", "<!"];
            if looks.into_iter().any(|look| self.take(look)) {
                is_assertion = true;
            } else if self.take("P<") || self.take("<") {
                while self.next()? != '>' {}
            } else if !self.take(">") {
                let mut is_on = true;
                loop {
                    match self.next()? {
                        '-' => is_on = false,
                        's' => self.dot_takes_all = is_on,
                        'i' => self.ignores_case = is_on,
                        'a' | 'L' | 'm' | 'u' => {}
                        ':' => break,
                        // Flags for all that follows.
                        ')' => return Some(Node::Sequence(Vec::new())),
                        _ => return None,
                    }
                }
            }
        }
        let node = self.choice(depth + 1)?;
        (self.dot_takes_all, self.ignores_case) = (dot, case);
        self.take(")").then_some(())?;
        Some(match is_assertion {
            true => Node::One(Characters::NONE),
            false => node,
        })
    }

    fn repeated(&mut self, mut node: Node, start: usize) -> Option<Node> {
        loop {
            let (least, most) = match self.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => match self.bounds() {
                    Some(bounds) => bounds,
                    None => return Some(node),
                },
                _ => return Some(node),
            };
            self.at += 1;
            // Lazy or not, the same cuts are tried.
            let _ = self.take("?") || self.take("+");
            node = Node::Repeat {
                node: Box::new(node),
                least,
                most,
                span: (start, self.at),
            };
        }
    }

    /// `{2}`, `{2,}`, `{,5}` or `{2,5}` up to its closing brace; a brace may be just a character.
    fn bounds(&mut self) -> Option<(u32, Option<u32>)> {
        let rest = self.characters.get(self.at + 1..)?;
        let end = rest.iter().position(|character| *character == '}')?;
        let text: String = rest[..end].iter().collect();
        let number = |text: &str| text.parse().ok();
        let bounds = match text.split_once(',') {
            None => (number(&text)?, Some(number(&text)?)),
            Some(("", most)) => (0, Some(number(most)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        self.at += end + 1;
        Some(bounds)
    }
}
