//! The changes made to a head on its way.

use dashcam_exchange::Headers;

/// A field that is only in one of two heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change<'h> {
    /// It was received and not sent.
    Removed(&'h [u8], &'h [u8]),
    /// It was sent and not received.
    Added(&'h [u8], &'h [u8]),
}

/// Of larger heads than these everything counts as changed: finding what is not would take too long.
const LARGEST_TABLE: usize = 4 << 20;

/// The changes that turn `received` into `sent`, in their order: the fewest changes (a longest common subsequence).
pub(super) fn changes<'h>(received: &'h Headers, sent: &'h Headers) -> Vec<Change<'h>> {
    let (before, after): (Vec<_>, Vec<_>) = (received.iter().collect(), sent.iter().collect());
    if before.len().saturating_mul(after.len()) > LARGEST_TABLE {
        let removed = before.iter().map(|(name, value)| Change::Removed(name, value));
        return removed.chain(after.iter().map(|(name, value)| Change::Added(name, value))).collect();
    }
    let width = after.len() + 1;
    // How many fields are the same from `row` and `column` on.
    let mut same = vec![0_u32; (before.len() + 1) * width];
    for row in (0..before.len()).rev() {
        for column in (0..after.len()).rev() {
            same[row * width + column] = if before[row] == after[column] {
                same[(row + 1) * width + column + 1] + 1
            } else {
                same[(row + 1) * width + column].max(same[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column, mut changes) = (0, 0, Vec::new());
    while row < before.len() || column < after.len() {
        if row < before.len() && column < after.len() && before[row] == after[column] {
            (row, column) = (row + 1, column + 1);
        } else if column == after.len()
            || (row < before.len() && same[(row + 1) * width + column] >= same[row * width + column + 1])
        {
            changes.push(Change::Removed(before[row].0, before[row].1));
            row += 1;
        } else {
            changes.push(Change::Added(after[column].0, after[column].1));
            column += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::Change::{Added, Removed};
    use super::*;

    fn check(received: &[(&str, &str)], sent: &[(&str, &str)], expect: &[Change<'_>]) {
        let (received, sent): (Headers, Headers) =
            (received.iter().copied().collect(), sent.iter().copied().collect());
        assert_eq!(changes(&received, &sent), expect, "{received:?} to {sent:?}");
    }

    #[test]
    fn the_fewest() {
        check(&[], &[], &[]);
        check(&[("a", "1")], &[("a", "1")], &[]);
        check(&[("a", "1")], &[("A", "1")], &[Removed(b"a", b"1"), Added(b"A", b"1")]);
        check(
            &[("a", "1"), ("te", "x"), ("b", "2")],
            &[("host", "h"), ("a", "1"), ("b", "2")],
            &[Added(b"host", b"h"), Removed(b"te", b"x")],
        );
        check(
            &[("a", "1"), ("b", "2")],
            &[("b", "2"), ("a", "1")],
            &[Removed(b"a", b"1"), Added(b"a", b"1")],
        );
    }
}
