//! Numbers and times outside of which nothing can match, so that nothing there is read.

use dashcam_filter::{Field, Node, Span, Term, Test};

use crate::rows::segment::{Column, Segment};

const ALL: Span = Span { min: i64::MIN, max: i64::MAX };

/// Where exchanges are that can match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Their ids.
    pub(crate) ids: Span,
    /// When they began, in unix microseconds.
    pub(crate) at: Span,
}

impl Bounds {
    /// The bounds that a filter has.
    pub(crate) fn of(node: &Node) -> Self {
        let all = Self { ids: ALL, at: ALL };
        match node {
            Node::And(nodes) => nodes.iter().map(Self::of).fold(all, |one, other| one.with(other, both)),
            Node::Or(nodes) => {
                nodes.iter().map(Self::of).reduce(|one, other| one.with(other, either)).unwrap_or(all)
            }
            Node::Term(Term { field: Field::Id, test: Test::Numbers(spans) }) => {
                Self { ids: around(spans), ..all }
            }
            Node::Term(Term { field: Field::At, test: Test::Numbers(spans) }) => {
                Self { at: around(spans), ..all }
            }
            Node::All | Node::Not(_) | Node::Term(_) => all,
        }
    }

    /// Nothing can match.
    pub(crate) fn is_empty(self) -> bool {
        self.ids.min > self.ids.max || self.at.min > self.at.max
    }

    /// Returns whether the exchange at `row` can match.
    pub(crate) fn contains(self, segment: &Segment, row: usize) -> bool {
        let of = |column| segment.numbers.of(column)[row];
        self.ids.contains(of(Column::Id)) && self.at.contains(of(Column::StartedAt))
    }

    fn with(self, other: Self, join: fn(Span, Span) -> Span) -> Self {
        Self { ids: join(self.ids, other.ids), at: join(self.at, other.at) }
    }
}

fn both(one: Span, other: Span) -> Span {
    Span { min: one.min.max(other.min), max: one.max.min(other.max) }
}

fn either(one: Span, other: Span) -> Span {
    Span { min: one.min.min(other.min), max: one.max.max(other.max) }
}

fn around(spans: &[Span]) -> Span {
    spans.iter().copied().reduce(either).unwrap_or(ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_all_that_can_match() {
        let id =
            |min, max| Node::Term(Term { field: Field::Id, test: Test::Numbers(vec![Span { min, max }]) });
        let at =
            |min, max| Node::Term(Term { field: Field::At, test: Test::Numbers(vec![Span { min, max }]) });
        let bounds = |node: &Node| {
            let Bounds { ids, at } = Bounds::of(node);
            [ids.min, ids.max, at.min, at.max]
        };
        let (least, most) = (i64::MIN, i64::MAX);
        for (node, expect) in [
            (Node::All, [least, most, least, most]),
            (id(3, 9), [3, 9, least, most]),
            (Node::and(vec![id(3, 9), id(5, most), at(1, 2)]), [5, 9, 1, 2]),
            (Node::or(vec![id(3, 9), id(20, 30)]), [3, 30, least, most]),
            (Node::or(vec![id(3, 9), at(1, 2)]), [least, most, least, most]),
            (Node::not(id(3, 9)), [least, most, least, most]),
        ] {
            assert_eq!(bounds(&node), expect, "{node}");
        }
        assert!(Bounds::of(&Node::and(vec![id(3, 4), id(5, 6)])).is_empty());
    }
}
