//! Counts, errors, bytes and durations of groups.

use std::collections::HashMap;
use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_filter::Filter;
use rusqlite::Connection;

use super::clients::Clients;
use super::covered::{Covered, ERRORS, each, is_error};
use super::durations::Durations;
use super::key::By;
use crate::StoreError;
use crate::reader::cost::Patience;
use crate::reader::scan::Stretch;
use crate::rows::segment::{Column, Wanted};

/// Groups that are told apart: memory is bounded.
const MOST: usize = 10_000;
/// Between the values of a key: no value has it.
const SEPARATOR: char = '\u{1f}';

/// Exchanges that have the same values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The values, in the order in which they were asked for.
    pub key: Vec<String>,
    /// The first moment of the time that it is about, if that was asked for.
    pub from: Option<Timestamp>,
    /// How many there are.
    pub exchanges: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
    /// Bytes of the bodies of requests that passed.
    pub request_bytes: u64,
    /// Bytes of the bodies of responses that passed.
    pub response_bytes: u64,
    /// Microseconds from start to end that half of them do not exceed, right to 3 %; `None` if none has ended.
    pub p50: Option<i64>,
    /// The same of 95 in a hundred.
    pub p95: Option<i64>,
    /// The same of 99 in a hundred.
    pub p99: Option<i64>,
}

/// Figures of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// By their time, and then those with the most exchanges first.
    pub groups: Vec<Group>,
    /// How many exchanges are in groups for which there was no room.
    pub others: u64,
    /// The exchanges that they are about.
    pub covered: Covered,
}

#[derive(Default)]
struct Sums {
    exchanges: u64,
    errors: u64,
    bytes: [u64; 2],
    durations: Durations,
}

impl Sums {
    fn add(&mut self, stretch: &Stretch, row: usize) {
        let numbers = &stretch.segment.numbers;
        self.exchanges += 1;
        self.errors += u64::from(is_error(&stretch.segment, row));
        for (sum, column) in self.bytes.iter_mut().zip([Column::RequestSize, Column::ResponseSize]) {
            *sum = sum.saturating_add(numbers.of(column)[row].unsigned_abs());
        }
        numbers.optional(Column::Duration, row).into_iter().for_each(|us| self.durations.add(us));
    }

    fn group(self, key: &str, from: Option<i64>) -> Group {
        let [request_bytes, response_bytes] = self.bytes;
        let [p50, p95, p99] = [500, 950, 990].map(|permille| self.durations.quantile(permille));
        let key = key.split_terminator(SEPARATOR).map(str::to_owned).collect();
        let (exchanges, errors, from) = (self.exchanges, self.errors, from.map(Timestamp));
        Group { key, from, exchanges, errors, request_bytes, response_bytes, p50, p95, p99 }
    }
}

pub(super) fn stats(
    (connection, filter): (&Connection, &Filter),
    by: &[By],
    every: Option<Duration>,
    patience: &Patience,
) -> Result<Stats, StoreError> {
    let width = every.map(|every| i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1));
    let mut groups: HashMap<String, HashMap<Option<i64>, Sums>> = HashMap::new();
    let (mut number, mut others) = (0, 0);
    let (mut clients, mut key, mut value) = (Clients::default(), String::new(), String::new());
    let sums = Wanted::columns(&[Column::RequestSize, Column::ResponseSize, Column::Duration]);
    let wanted = by.iter().map(|by| by.wanted()).fold(sums.and(ERRORS), Wanted::and);
    let covered = each((connection, filter), wanted, patience, |connection, stretch, rows| {
        let starts = stretch.segment.numbers.of(Column::StartedAt);
        for row in rows {
            key.clear();
            for by in by {
                by.of_row((&stretch.segment, *row), (connection, &mut clients), &mut value)?;
                key.push_str(&value);
                key.push(SEPARATOR);
            }
            let from = width.map(|width| starts[*row].div_euclid(width).saturating_mul(width));
            if let Some(sums) = groups.get_mut(&key).and_then(|times| times.get_mut(&from)) {
                sums.add(stretch, *row);
            } else if number < MOST {
                number += 1;
                groups.entry(key.clone()).or_default().entry(from).or_default().add(stretch, *row);
            } else {
                others += 1;
            }
        }
        Ok(())
    })?;
    let flat = groups.into_iter().flat_map(|(key, times)| {
        times.into_iter().map(move |(from, sums)| sums.group(&key, from)).collect::<Vec<_>>()
    });
    let mut groups: Vec<Group> = flat.collect();
    groups.sort_by(|one, other| {
        one.from.cmp(&other.from).then(other.exchanges.cmp(&one.exchanges)).then(one.key.cmp(&other.key))
    });
    Ok(Stats { groups, others, covered })
}
