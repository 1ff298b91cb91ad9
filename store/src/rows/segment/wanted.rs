//! The parts of a segment that a search needs: the others are neither read nor unpacked.

use super::integers::{ALL, Column};

/// Parts of a segment, beside its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    columns: u16,
    /// Paths and queries.
    pub(crate) targets: bool,
}

impl Wanted {
    /// Nothing.
    pub(crate) const NONE: Self = Self { columns: 0, targets: false };
    /// Paths and queries.
    pub(crate) const TARGETS: Self = Self { columns: 0, targets: true };
    /// Everything.
    pub(crate) const ALL: Self = Self { columns: (1 << ALL.len()) - 1, targets: true };

    /// One column.
    pub(crate) const fn column(column: Column) -> Self {
        Self { columns: 1 << column as u16, targets: false }
    }

    /// Both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self { columns: self.columns | other.columns, targets: self.targets || other.targets }
    }

    /// Some columns.
    pub(crate) fn columns(columns: &[Column]) -> Self {
        columns.iter().fold(Self::NONE, |all, column| all.and(Self::column(*column)))
    }

    /// Returns whether a column is among them.
    pub(crate) fn has(self, column: Column) -> bool {
        self.columns & (1 << column as u16) != 0
    }
}
