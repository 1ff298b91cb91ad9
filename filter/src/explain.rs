//! Filters in words: one English sentence of the whole, and one clause for each condition that has to hold.

mod amount;
mod predicate;
mod subject;

use jiff::tz::TimeZone;

use crate::error::FilterError;
use crate::field::Field;
use crate::names::{Flag, Names};
use crate::parse::{self, Condition, Context};
use crate::tree::{Node, Term, Test};

use self::predicate::Predicate;

/// A filter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence, without a full stop: “status is 5xx, and host ends with “.api””.
    pub sentence: String,
    /// The conditions of which all have to hold, in the filter's order; none in a filter that chooses everything.
    pub clauses: Vec<Clause>,
}

/// A condition that has to hold beside others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The first of its characters in the filter, from 0 …
    pub from: usize,
    /// … and the one behind the last.
    pub to: usize,
    /// Says the same in words.
    pub words: String,
    /// True if it excludes.
    pub excludes: bool,
    /// The opposite, as it can stand in its place.
    pub opposite: String,
}

/// Reads `text`, and says in words what it chooses.
///
/// # Errors
/// When `text` is no filter.
pub fn explain(text: &str, context: &Context<'_>) -> Result<Explanation, FilterError> {
    let words = Words { zone: context.now.time_zone() };
    let conditions = parse::conditions(text, context)?;
    let characters = |bytes: usize| text.get(..bytes).map_or(0, |before| before.chars().count());
    let clauses = conditions.iter().map(|condition| {
        let Condition { place, node, .. } = condition;
        Clause {
            from: characters(place.start),
            to: characters(place.end),
            words: words.of(node, false),
            excludes: matches!(node, Node::Not(_)),
            opposite: opposite(&text[place.clone()], condition),
        }
    });
    let clauses = clauses.collect();
    let nodes: Vec<&Node> = conditions.iter().map(|condition| &condition.node).collect();
    let sentence = match nodes.iter().filter(|node| ***node != Node::All).collect::<Vec<_>>().as_slice() {
        [] => words.of(&Node::All, false),
        // Alone it needs no parentheses.
        [node] => words.of(node, false),
        several => several.iter().map(|node| words.part(node)).collect::<Vec<_>>().join(", and "),
    };
    Ok(Explanation { sentence, clauses })
}

/// The opposite of the condition that is written as `source`.
fn opposite(source: &str, condition: &Condition) -> String {
    match without_sign(source) {
        _ if condition.has_alternatives => format!("-({source})"),
        Some(rest) => rest.to_owned(),
        None => format!("-{source}"),
    }
}

/// The source of a condition behind the sign that excludes; `None` if it begins with none: then it may exclude all the same,
/// as a group or a preset.
fn without_sign(source: &str) -> Option<&str> {
    // A minus alone is a word.
    if let Some(rest) = source.strip_prefix(['-', '!']).filter(|rest| !rest.is_empty()) {
        return Some(rest.trim_start());
    }
    let (word, rest) = source.split_at_checked("not".len())?;
    let is_sign = word.eq_ignore_ascii_case("not")
        && rest.starts_with(|next: char| next == '(' || next.is_whitespace());
    is_sign.then(|| rest.trim_start())
}

/// The words for nodes; times are those of a zone.
struct Words<'z> {
    zone: &'z TimeZone,
}

impl Words<'_> {
    /// The words for `node`, or for its opposite.
    fn of(&self, node: &Node, excludes: bool) -> String {
        match node {
            Node::All if excludes => "no exchange".to_owned(),
            Node::All => "every exchange".to_owned(),
            Node::Not(node) if matches!(**node, Node::Term(_) | Node::Not(_) | Node::All) => {
                self.of(node, !excludes)
            }
            Node::Not(node) if excludes => self.of(node, false),
            Node::Not(node) => format!("not ({})", self.of(node, false)),
            Node::And(nodes) if !excludes => self.joined(nodes, ", and "),
            Node::Or(nodes) if !excludes => self.joined(nodes, ", or "),
            Node::And(_) | Node::Or(_) => format!("not ({})", self.of(node, false)),
            Node::Term(term) => self.term(term, excludes),
        }
    }

    fn joined(&self, nodes: &[Node], by: &str) -> String {
        nodes.iter().map(|node| self.part(node)).collect::<Vec<_>>().join(by)
    }

    /// The same, in parentheses where it is made of several.
    fn part(&self, node: &Node) -> String {
        let words = self.of(node, false);
        if matches!(node, Node::And(_) | Node::Or(_)) { format!("({words})") } else { words }
    }

    fn term(&self, Term { field, test }: &Term, excludes: bool) -> String {
        match (field, test) {
            (Field::Is, Test::Names(names)) => marks(*names, excludes),
            (Field::Fail, Test::Names(names)) => predicate::failure(*names, excludes),
            (Field::Fail, _) => if excludes { "it has no failure" } else { "it has a failure" }.to_owned(),
            (Field::At, Test::Numbers(spans)) => {
                let times = spans.iter().map(|span| amount::time(*span, self.zone)).collect::<Vec<_>>();
                format!("it {} {}", if excludes { "did not begin" } else { "began" }, times.join(" or "))
            }
            _ => {
                let predicates = Predicate::of(field, test);
                format!("{} {}", subject::of(field), predicate::joined(&predicates, excludes))
            }
        }
    }
}

/// The words for marks.
fn marks(names: Names, excludes: bool) -> String {
    let words = Flag::ALL.iter().filter(|flag| names.has_flag(**flag)).map(|flag| {
        let (is, is_not) = subject::mark(*flag);
        if excludes { is_not } else { is }
    });
    let words: Vec<_> = words.collect();
    format!("it {}", words.join(if excludes { " and " } else { " or " }))
}
