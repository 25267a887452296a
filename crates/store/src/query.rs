//! The query tree: what KQL, Lucene syntax and OpenSearch's query DSL are all translated to.

/// A predicate over documents. Field names are full dotted paths such as `source.ip`.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Every document.
    MatchAll,
    /// No document.
    MatchNone,
    /// OpenSearch `bool`. With no `must` and no `filter`, at least one `should` must hold
    /// unless `minimum_should_match` says otherwise.
    Bool(BoolQuery),
    /// The field has exactly this value (keyword semantics; an `ip` field also takes a CIDR).
    Term {
        /// Field path.
        field: String,
        /// Value as text, whatever the field's type.
        value: String,
        /// Compare letters without regard to case.
        case_insensitive: bool,
    },
    /// The field has one of these values.
    Terms {
        /// Field path.
        field: String,
        /// Values as text.
        values: Vec<String>,
    },
    /// The field lies between the bounds; dates take date math such as `now-24h/h`.
    Range {
        /// Field path.
        field: String,
        /// Lower bound.
        lower: Bound,
        /// Upper bound.
        upper: Bound,
        /// Time zone for dates without one: an IANA name or an offset.
        time_zone: Option<String>,
    },
    /// The field has any value.
    Exists {
        /// Field path.
        field: String,
    },
    /// The field's value starts with the text.
    Prefix {
        /// Field path.
        field: String,
        /// Beginning of the value.
        value: String,
        /// Compare letters without regard to case.
        case_insensitive: bool,
    },
    /// `*` and `?` wildcards over the field's whole value.
    Wildcard {
        /// Field path, itself possibly with `*` (`source.*`); `None` means every field and the raw text.
        field: Option<String>,
        /// Pattern; `\*` and `\?` are literal.
        pattern: String,
        /// Compare letters without regard to case.
        case_insensitive: bool,
    },
    /// A regular expression over the field's whole value.
    Regexp {
        /// Field path.
        field: String,
        /// Pattern in Lucene's syntax.
        pattern: String,
    },
    /// Words: on a text field any (or all) of the analysed words, on others the exact value.
    Match {
        /// Field path; `None` means every field and the raw text.
        field: Option<String>,
        /// Text.
        text: String,
        /// All words must occur instead of one.
        all_words: bool,
    },
    /// The words in this order, one after the other.
    Phrase {
        /// Field path; `None` means every field and the raw text.
        field: Option<String>,
        /// Text.
        text: String,
        /// How many positions words may be apart.
        slop: u32,
    },
    /// Documents with these ids.
    Ids(Vec<String>),
}

/// The parts of a `bool` query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoolQuery {
    /// All must hold.
    pub must: Vec<Query>,
    /// All must hold; never scored.
    pub filter: Vec<Query>,
    /// See `minimum_should_match`.
    pub should: Vec<Query>,
    /// None may hold.
    pub must_not: Vec<Query>,
    /// How many of `should` must hold; `None` is OpenSearch's default.
    pub minimum_should_match: Option<usize>,
}

/// One end of a range; the value is text, interpreted by the field's type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Bound {
    /// No bound.
    #[default]
    Unbounded,
    /// The bound belongs to the range.
    Included(String),
    /// The bound does not belong to the range.
    Excluded(String),
}
