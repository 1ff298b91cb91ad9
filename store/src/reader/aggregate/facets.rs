//! The most frequent values.

use std::cmp::Reverse;
use std::collections::HashMap;

use dashcam_filter::Filter;
use rusqlite::Connection;

use super::clients::Clients;
use super::covered::{Covered, each};
use super::key::By;
use crate::StoreError;
use crate::reader::cost::Patience;
use crate::reader::scan::Stretch;
use crate::rows::segment::Wanted;

/// Different values of a kind that are told apart: memory is bounded.
const MOST: usize = 50_000;

/// The most frequent values of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The kind of value.
    pub by: By,
    /// Values and how many exchanges have each, the most frequent first.
    pub values: Vec<(String, u64)>,
    /// How many exchanges have other values.
    pub others: u64,
    /// False if there are so many different values that some were not told apart: a frequent one may be missing that
    /// the newest exchanges do not have.
    pub is_exact: bool,
}

/// The most frequent values of some kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// In the order in which they were asked for.
    pub facets: Vec<Facet>,
    /// The exchanges that they are about.
    pub covered: Covered,
}

#[derive(Default)]
struct Counts {
    values: HashMap<String, u64>,
    others: u64,
}

impl Counts {
    fn add(&mut self, value: &str, number: u64) {
        if let Some(count) = self.values.get_mut(value) {
            *count += number;
        } else if self.values.len() < MOST {
            self.values.insert(value.to_owned(), number);
        } else {
            self.others += number;
        }
    }

    fn facet(self, by: By, most: usize) -> Facet {
        let is_exact = self.others == 0;
        let mut values: Vec<(String, u64)> = self.values.into_iter().collect();
        values.sort_unstable_by(|one, other| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0)));
        let rest = values.iter().skip(most).map(|(_, count)| count).sum::<u64>();
        values.truncate(most);
        Facet { by, values, others: self.others + rest, is_exact }
    }
}

pub(super) fn facets(
    (connection, filter): (&Connection, &Filter),
    by: &[By],
    most: usize,
    patience: &Patience,
) -> Result<Facets, StoreError> {
    let mut counts: Vec<(By, Counts)> = by.iter().map(|by| (*by, Counts::default())).collect();
    let (mut clients, mut value) = (Clients::default(), String::new());
    let wanted = by.iter().map(|by| by.wanted()).fold(Wanted::NONE, Wanted::and);
    let covered = each((connection, filter), wanted, patience, |connection, stretch, rows| {
        for (by, counts) in &mut counts {
            match by.column() {
                Some(_) => count_names(*by, stretch, rows, counts),
                None => {
                    for row in rows {
                        by.of_row((&stretch.segment, *row), (connection, &mut clients), &mut value)?;
                        counts.add(&value, 1);
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(Facets { facets: counts.into_iter().map(|(by, counts)| counts.facet(by, most)).collect(), covered })
}

/// Counts the names of a stretch before the values that they stand for.
fn count_names(by: By, stretch: &Stretch, rows: &[usize], counts: &mut Counts) {
    let Some(column) = by.column() else { return };
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
        counts.add(&by.of_name(&stretch.segment.names, name), number);
    }
}
