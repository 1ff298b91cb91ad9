//! A segment in memory, and the blocks of ids.

use super::integers::{Column, Numbers};
use super::names::Names;
use super::targets::Targets;

/// Bits of an exchange's id within its block.
pub(crate) const BITS: u32 = 10;

/// The narrow facts of exchanges, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Segment {
    /// The different values of what repeats.
    pub(crate) names: Names,
    /// The numbers of each exchange, and which names it has; of stored segments, those that were wanted.
    pub(crate) numbers: Numbers,
    /// Paths and queries; as numbers.
    pub(crate) targets: Targets,
}

/// The block of an exchange.
pub(crate) fn block_of(exchange: i64) -> i64 {
    exchange >> BITS
}

/// The first id of a block, and the last.
pub(crate) fn ids_of(block: i64) -> (i64, i64) {
    let first = block.saturating_mul(1 << BITS);
    (first, first.saturating_add((1 << BITS) - 1))
}

impl Segment {
    /// How many exchanges it has.
    pub(crate) fn len(&self) -> usize {
        self.numbers.of(Column::Id).len()
    }
}
