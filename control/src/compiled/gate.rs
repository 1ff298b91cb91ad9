//! Requests that surely don't match a rule, told by a few bits.
//!
//! Most rules name a method or a part of a path, and most requests have neither. Pairs of neighbouring letters are marked
//! by one bit each: those of a request once, those that a rule needs when it is compiled. A request that lacks one of
//! them does not match, without a look at its texts.

use dashcam_exchange::RequestHead;
use dashcam_filter::{Field, Node, Term, Test, Text};

use super::candidates::Candidates;

/// The most alternatives of one rule; one with more is asked always.
const MOST: usize = 8;

/// Pairs of letters, of a path and a method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Marks(u64);

/// Pairs that a request has to have to match a rule: those of one of these. None if it may match without.
#[derive(Debug, Default)]
struct Gate(Box<[Marks]>);

/// The gates of a list of rules, one behind another.
#[derive(Debug)]
pub(crate) struct Gates {
    /// Rules that have one, and those that have none.
    closed: Candidates,
    open: Candidates,
    /// Pairs of which a rule needs all, and its place.
    needed: Box<[(Marks, usize)]>,
}

impl Gates {
    /// The gates of rules with `filters`; none for those that are to be asked whatever the request.
    pub(super) fn of<'f>(filters: impl Iterator<Item = Option<&'f Node>>) -> Self {
        let (mut closed, mut open, mut needed) = (Candidates::NONE, Candidates::NONE, Vec::new());
        for (index, filter) in filters.enumerate() {
            let gate = filter.map(Gate::of).unwrap_or_default();
            if gate.0.is_empty() {
                open.insert(index);
            } else {
                closed.insert(index);
            }
            needed.extend(gate.0.iter().map(|marks| (*marks, index)));
        }
        Self { closed, open, needed: needed.into_boxed_slice() }
    }

    /// Takes those rules out of `candidates` that `request` surely does not match.
    pub(crate) fn keep(&self, candidates: &mut Candidates, request: &RequestHead) {
        if !candidates.meets(self.closed) {
            return;
        }
        let (request, mut through) = (Marks::of(request), self.open);
        for (needed, index) in &self.needed {
            if request.has(*needed) {
                through.insert(*index);
            }
        }
        candidates.keep(through);
    }
}

impl Marks {
    fn of(request: &RequestHead) -> Self {
        Self(of_path(request.target.as_bytes()) | of_word(request.method.as_bytes()))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    fn has(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }

    fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl Gate {
    fn of(filter: &Node) -> Self {
        let needed = alternatives(filter);
        let is_open = needed.iter().any(|marks| *marks == Marks::default());
        Self(if is_open { Box::default() } else { needed.into_boxed_slice() })
    }
}

/// Marks of which a request that matches `node` has all of one entry.
fn alternatives(node: &Node) -> Vec<Marks> {
    let any = || vec![Marks::default()];
    match node {
        Node::All | Node::Not(_) => any(),
        Node::Term(Term { field, test: Test::Text(texts) }) => {
            if !matches!(field, Field::Path | Field::Method) {
                return any();
            }
            let needed: Vec<_> = texts.iter().flat_map(of_text).map(Marks).collect();
            if needed.len() > MOST { any() } else { needed }
        }
        Node::Term(_) => any(),
        Node::Or(nodes) => {
            let needed: Vec<_> = nodes.iter().flat_map(alternatives).collect();
            if needed.len() > MOST { any() } else { needed }
        }
        Node::And(nodes) => nodes.iter().map(alternatives).fold(any(), both),
    }
}

/// The marks that both sides need; of one side, if there are too many.
fn both(one: Vec<Marks>, other: Vec<Marks>) -> Vec<Marks> {
    if one.len() * other.len() <= MOST {
        return one.iter().flat_map(|one| other.iter().map(|other| one.and(*other))).collect();
    }
    let least = |needed: &[Marks]| needed.iter().map(|marks| marks.count()).min();
    if least(&one) >= least(&other) { one } else { other }
}

/// The marks of texts that meet `text`: each has all of one entry.
fn of_text(text: &Text) -> Vec<u64> {
    match text {
        Text::Contains(word) | Text::Exact(word) => vec![of_word(word.as_bytes())],
        Text::Glob(pieces) => vec![pieces.iter().fold(0, |marks, piece| marks | of_word(piece.as_bytes()))],
        Text::Regex(_) => match text.required() {
            Some(words) => words.iter().map(|word| of_word(word.as_bytes())).collect(),
            None => vec![0],
        },
        Text::Number(_) | Text::Network(_) => vec![0],
    }
}

/// The pairs of a target's path. One that has letters beyond ASCII may be met by words in other letters.
fn of_path(target: &[u8]) -> u64 {
    let (mut marks, mut last, mut all) = (0, 0, 0);
    for byte in target {
        if *byte == b'?' {
            break;
        }
        marks |= pair(last, *byte);
        all |= *byte;
        last = *byte;
    }
    if all.is_ascii() { marks } else { u64::MAX }
}

/// The pairs of a word, but for those with letters beyond ASCII.
fn of_word(word: &[u8]) -> u64 {
    let pairs = word.windows(2).filter(|pair| pair.is_ascii());
    pairs.fold(0, |marks, letters| marks | pair(letters[0], letters[1]))
}

/// The bit of two letters, the same whatever their case.
#[inline]
fn pair(first: u8, second: u8) -> u64 {
    let number = u32::from(first | 0x20) * 5 + u32::from(second | 0x20);
    1 << (number % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dashcam_exchange::sample;
    use dashcam_filter::{Context, Facts, Filter, Parts};
    use jiff::Zoned;

    use super::*;

    fn filter(text: &str) -> Filter {
        let (now, presets) = (Zoned::default(), BTreeMap::new());
        Filter::parse(text, &Context { now: &now, presets: &presets }).unwrap()
    }

    const PATHS: [&str; 12] = [
        "/",
        "/health",
        "/HEALTHZ?x=1",
        "/v1/orders/42",
        "/app.js",
        "/a/b.png",
        "/beta/x",
        "*",
        "/\u{212a}elvin",
        "/gr\u{fc}n",
        "/v1/admin?path=/health",
        "",
    ];
    const FILTERS: [&str; 16] = [
        "path:/health",
        "path:=/health",
        "path:*.js,*.css,*.png",
        "path:/v1/*",
        "path:/beta/* | path:orders",
        "method:GET path:/v1",
        "method:PUT,PATCH,POST",
        "-path:/health",
        "path:/kelvin\\d*/",
        "path:/v\\d+/",
        "path:*a*b*",
        "path:k",
        "path:gr\u{fc}n",
        "path:/GR\u{dc}N",
        "method:OPTIONS",
        "path:/(orders|beta)/",
    ];

    /// Nothing is kept out that matches.
    #[test]
    fn all_that_match_are_let_through() {
        let destination = sample::exchange(1).destination;
        let mut kept_out = 0;
        for text in FILTERS {
            let filter = filter(text);
            let gates = Gates::of([Some(filter.tree())].into_iter());
            for (path, method) in
                PATHS.iter().flat_map(|path| ["GET", "OPTIONS", "POST"].map(|method| (path, method)))
            {
                let request = sample::request(method, path, &[]);
                let mut facts = Facts::of_request(&destination, &request);
                facts.known = Parts::REQUEST | Parts::REQUEST_HEAD;
                let lets_through = {
                    let mut left = Candidates::first(1);
                    gates.keep(&mut left, &request);
                    left == Candidates::first(1)
                };
                assert!(lets_through || !filter.evaluate(&facts).is_true(), "{text}: {method} {path}");
                kept_out += u32::from(!lets_through);
            }
        }
        assert!(kept_out > 250, "{kept_out}");
    }

    #[test]
    fn some_rules_are_asked_always() {
        for text in
            ["", "-path:/health", "status:5xx", "path:/health | status:5xx", "header.x-debug:*", "path:a"]
        {
            assert!(Gate::of(filter(text).tree()).0.is_empty(), "{text}");
        }
        for text in ["path:/health", "path:/health status:5xx", "method:GET | path:/x/y"] {
            assert!(!Gate::of(filter(text).tree()).0.is_empty(), "{text}");
        }
    }
}
