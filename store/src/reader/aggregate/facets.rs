//! The most frequent values.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::by::{By, kept};
use super::row::Row;
use crate::reader::scan::Stretch;

/// Different values of a kind that are told apart: memory is bounded.
const MOST: usize = 50_000;
/// Bytes of these values.
const MOST_BYTES: usize = 8 << 20;

/// The most frequent values of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The kind of value.
    pub by: By,
    /// Values and how many exchanges have each, the most frequent first; `None` is for those that have none of it.
    pub values: Vec<(Option<String>, u64)>,
    /// How many exchanges have other values.
    pub others: u64,
    /// False if there are so many different values that some were not told apart: a frequent one may be missing that
    /// the newest exchanges do not have.
    pub is_exact: bool,
}

/// Values of one kind, counted.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) by: By,
    values: HashMap<String, u64>,
    bytes: usize,
    without: u64,
    beyond: u64,
}

impl Counts {
    pub(super) fn new(by: By) -> Self {
        Self { by, values: HashMap::new(), bytes: 0, without: 0, beyond: 0 }
    }

    pub(super) fn add(&mut self, row: &Row<'_>, shape: &mut String) {
        let value = self.by.of_row(row, shape);
        self.count(value.as_deref(), 1);
    }

    /// Counts the names of a stretch before the values that they stand for. False if this kind has no names.
    pub(super) fn add_names(&mut self, stretch: &Stretch, rows: &[usize]) -> bool {
        let Some(column) = self.by.column() else { return false };
        let column = stretch.segment.numbers.of(column);
        let mut names: Vec<u64> = Vec::new();
        for row in rows {
            let name = usize::try_from(column[*row]).unwrap_or_default();
            if names.len() <= name {
                names.resize(name + 1, 0);
            }
            names[name] += 1;
        }
        for (name, number) in names.into_iter().enumerate().filter(|(_, number)| *number > 0) {
            self.count(self.by.of_name(&stretch.segment.names, name).as_deref(), number);
        }
        true
    }

    fn count(&mut self, value: Option<&str>, number: u64) {
        let Some(value) = value.map(kept) else {
            self.without += number;
            return;
        };
        if let Some(count) = self.values.get_mut(value) {
            *count += number;
        } else if self.values.len() < MOST && self.bytes < MOST_BYTES {
            self.bytes += value.len();
            self.values.insert(value.to_owned(), number);
        } else {
            self.beyond += number;
        }
    }

    /// At most `most` of the values.
    pub(super) fn facet(self, most: usize) -> Facet {
        let without = (self.without > 0).then_some((None, self.without));
        let told = self.values.into_iter().map(|(value, count)| (Some(value), count));
        let mut values: Vec<(Option<String>, u64)> = told.chain(without).collect();
        values.sort_unstable_by(|one, other| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0)));
        let rest = values.iter().skip(most).map(|(_, count)| count).sum::<u64>();
        values.truncate(most);
        Facet { by: self.by, values, others: self.beyond + rest, is_exact: self.beyond == 0 }
    }
}
