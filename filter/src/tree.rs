//! The tree that both spellings are read into, and that matcher and SQL are made from.

mod print;

use std::net::IpAddr;

use ipnet::IpNet;

use crate::field::Field;
use crate::names::Names;

/// A filter as a tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Matches every exchange.
    All,
    /// Matches if each of them does; there are at least two.
    And(Vec<Node>),
    /// Matches if one of them does; there are at least two.
    Or(Vec<Node>),
    /// Matches if it does not.
    Not(Box<Node>),
    /// A condition on one field.
    Term(Term),
}

/// A condition on one field. A field that has several values meets it if one of them does; a field that is missing does
/// not meet it.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The field.
    pub field: Field,
    /// The condition.
    pub test: Test,
}

/// A condition on a value. Of lists, one entry has to hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The field is there.
    Present,
    /// On texts.
    Text(Vec<Text>),
    /// On whole numbers: microseconds, bytes, ids, statuses; times are unix microseconds.
    Numbers(Vec<Span>),
    /// On values that have names: the bits of those that hold.
    Names(Names),
}

/// A condition on a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// It occurs, whatever the case of its letters ([`crate::fold`]).
    Contains(String),
    /// It is the whole text, byte for byte. (Hosts are lower case; so is what they are compared with.)
    Exact(String),
    /// The whole text is these pieces in their order, whatever the case of letters, with anything between two of them.
    /// There are at least two; some may be empty.
    Glob(Vec<String>),
    /// A regular expression occurs; the case of letters counts only if it says so.
    Regex(String),
    /// The text is a number in a range.
    Number(Range),
    /// The text is an address of the network, with or without a port.
    Network(IpNet),
}

/// Whole numbers from `min` to `max`, both included. The ends of the type stand for no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

/// Numbers in a range, with the texts' own digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower bound, and whether it is part of the range.
    pub min: Option<(f64, bool)>,
    /// The upper bound, and whether it is part of the range.
    pub max: Option<(f64, bool)>,
}

impl Node {
    /// All of `nodes`.
    #[must_use]
    pub fn and(nodes: Vec<Self>) -> Self {
        joined(nodes, Self::And)
    }

    /// One of `nodes`.
    #[must_use]
    pub fn or(nodes: Vec<Self>) -> Self {
        joined(nodes, Self::Or)
    }

    /// The opposite of `node`.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it builds a node, as `and` and `or` do")]
    pub fn not(node: Self) -> Self {
        Self::Not(Box::new(node))
    }
}

impl From<Term> for Node {
    fn from(term: Term) -> Self {
        Self::Term(term)
    }
}

fn joined(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        0 => Node::All,
        1 => nodes.remove(0),
        _ => join(nodes),
    }
}

impl Span {
    /// One number.
    #[must_use]
    pub const fn only(number: i64) -> Self {
        Self { min: number, max: number }
    }

    /// Returns whether `number` is in it.
    #[must_use]
    #[inline]
    pub const fn contains(self, number: i64) -> bool {
        self.min <= number && number <= self.max
    }
}

impl Range {
    /// Returns whether `number` is in it.
    #[must_use]
    pub fn contains(self, number: f64) -> bool {
        let above = self.min.is_none_or(|(min, included)| number > min || included && number >= min);
        above && self.max.is_none_or(|(max, included)| number < max || included && number <= max)
    }
}

/// The address of `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let bare = |text: &str| text.parse().ok();
    if let Some(rest) = text.strip_prefix('[') {
        return bare(rest.split_once(']')?.0);
    }
    bare(text).or_else(|| bare(text.rsplit_once(':')?.0))
}
