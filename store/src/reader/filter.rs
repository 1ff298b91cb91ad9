//! Filters as SQL.
//!
//! A filter's tree becomes a condition on rows of the view `exchanges` that lets through every row that matches; where SQL
//! can't decide, it lets through more, and the filter itself decides ([`Translation::is_exact`]). Each condition is
//! translated into two bounds, so that one that is excluded is sound as well. No condition is ever NULL.

mod bound;
mod fields;
mod heads;
mod texts;

use dashcam_filter::{Filter, Node};

pub(crate) use bound::Value;
use bound::{Bound, Bounds};

/// Conditions that are translated: a filter of more is left to itself. Far below SQLite's own limits.
const MOST: usize = 100;

/// A filter as a condition on rows.
#[derive(Debug)]
pub(crate) struct Translation {
    /// The condition, with a `?` for each value.
    pub(crate) sql: String,
    /// The values in their order.
    pub(crate) values: Vec<Value>,
    /// True if the rows that meet the condition are those that match.
    pub(crate) is_exact: bool,
}

/// Translates `filter`.
pub(crate) fn translate(filter: &Filter) -> Translation {
    let mut left = MOST;
    let bounds = bounds(filter.tree(), &mut left);
    let is_exact = bounds.is_exact();
    let (sql, values) = bounds.upper().into_sql();
    Translation { sql, values, is_exact }
}

fn bounds(node: &Node, left: &mut usize) -> Bounds {
    match node {
        Node::All => Bounds::exact(Bound::All),
        Node::And(nodes) => Bounds::and(nodes.iter().map(|node| bounds(node, left)).collect()),
        Node::Or(nodes) => Bounds::or(nodes.iter().map(|node| bounds(node, left)).collect()),
        Node::Not(node) => bounds(node, left).not(),
        Node::Term(term) if *left > 0 => {
            *left -= 1;
            fields::bounds(term)
        }
        Node::Term(_) => Bounds::unknown(),
    }
}
