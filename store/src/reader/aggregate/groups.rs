//! Counts, errors, bytes and durations of groups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use dashcam_exchange::Timestamp;

use super::by::{By, kept};
use super::histogram::microseconds;
use super::key;
use super::row::Row;
use super::sums::Sums;
use super::widths::{WIDEST, wider};

/// Groups that are told apart: memory is bounded.
const MOST: usize = 5000;
/// Bytes of their values.
const MOST_BYTES: usize = 8 << 20;
/// The most groups and stretches of time, one by one: if there would be more, a stretch covers more time.
const MOST_CELLS: usize = 10_000;
/// The most stretches of time where there are no groups, empty ones included.
const MOST_TIMES: i64 = 10_000;

/// Exchanges that have the same values, or those of all groups that are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The values, in the order in which they were asked for, `None` where an exchange has none; `None` altogether for all
    /// other groups in one.
    pub key: Option<Vec<Option<String>>>,
    /// The first moment of the time that it is about, if it was asked for: a multiple of the width, counted from 1970 in
    /// UTC.
    pub from: Option<Timestamp>,
    /// How many there are.
    pub exchanges: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
    /// Bytes of the bodies of requests that passed.
    pub request_bytes: u64,
    /// Bytes of the bodies of responses that passed.
    pub response_bytes: u64,
    /// Microseconds from start to end that half of those that have ended do not exceed; `None` if none has ended.
    pub p50: Option<i64>,
    /// The same of 95 in a hundred.
    pub p95: Option<i64>,
    /// The same of 99 in a hundred.
    pub p99: Option<i64>,
    /// The longest time that one took.
    pub longest: Option<i64>,
    /// False if the quantiles may be up to 3.2 % too high, as there are many durations.
    pub is_exact: bool,
}

/// Figures of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The time that a group is about, if it was asked for. A multiple of the asked one, if that would have made too many.
    pub every: Option<Duration>,
    /// By their time, and then those with the most exchanges first; other groups last.
    pub groups: Vec<Group>,
    /// False if there are so many different groups that some were not told apart: a large one may be missing that the
    /// newest exchanges are not in.
    pub is_exact: bool,
}

type Times = BTreeMap<i64, Sums>;

/// Groups that grow.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) by: Vec<By>,
    width: Option<i64>,
    groups: HashMap<Box<[u8]>, Times>,
    others: Times,
    cells: usize,
    /// Bytes of the keys of all groups.
    bytes: usize,
    /// The key of the exchange that is being added.
    key: Vec<u8>,
}

impl Counts {
    pub(super) fn new(by: &[By], every: Option<Duration>) -> Self {
        let (groups, others, key) = Default::default();
        let width = every.map(microseconds);
        Self { by: by.to_vec(), width, groups, others, cells: 0, bytes: 0, key }
    }

    pub(super) fn add(&mut self, row: &Row<'_>, shape: &mut String) {
        self.key.clear();
        for by in &self.by {
            key::push(&mut self.key, by.of_row(row, shape).as_deref().map(kept));
        }
        let has_room = self.groups.len() < MOST && self.bytes < MOST_BYTES;
        let times = match self.groups.get_mut(self.key.as_slice()) {
            Some(times) => times,
            None if has_room => {
                self.bytes += self.key.len();
                self.groups.entry(self.key.as_slice().into()).or_default()
            }
            None => &mut self.others,
        };
        let before = times.len();
        times.entry(self.width.map_or(0, |width| row.started_at.div_euclid(width))).or_default().add(row);
        self.cells += times.len() - before;
        self.fit();
    }

    /// Widens the stretches of time until there are few enough of them.
    fn fit(&mut self) {
        while self.cells > MOST_CELLS && self.widen() {}
    }

    /// Lets each stretch of time cover more; false if there are none, or they are as wide as can be.
    fn widen(&mut self) -> bool {
        let Some(width) = self.width.filter(|width| *width < WIDEST) else { return false };
        let next = wider(width);
        let factor = next / width;
        self.width = Some(next);
        for times in self.groups.values_mut().chain([&mut self.others]) {
            for (number, sums) in std::mem::take(times) {
                times.entry(number.div_euclid(factor)).or_default().merge(sums);
            }
        }
        self.cells = self.groups.values().map(BTreeMap::len).sum::<usize>() + self.others.len();
        true
    }

    /// The `most` groups with the most exchanges, and all others in one. Where there is one group only, the times of
    /// `range` in which it has no exchange are there as well.
    pub(super) fn groups(mut self, most: usize, range: Option<(Timestamp, Timestamp)>) -> Groups {
        let is_exact = self.others.is_empty();
        if self.by.is_empty() {
            self.fill(range);
        }
        let number = |times: &Times| times.values().map(Sums::exchanges).sum::<u64>();
        let mut ranked: Vec<(u64, Box<[u8]>, Times)> =
            self.groups.into_iter().map(|(key, times)| (number(&times), key, times)).collect();
        ranked.sort_unstable_by(|one, other| (Reverse(one.0), &one.1).cmp(&(Reverse(other.0), &other.1)));
        for (number, sums) in
            ranked.split_off(most.min(ranked.len())).into_iter().flat_map(|(.., times)| times)
        {
            self.others.entry(number).or_default().merge(sums);
        }
        let told = ranked.into_iter().map(|(_, key, times)| (Some(key::values(&key)), times));
        let others = (!self.others.is_empty()).then_some((None, self.others));
        let mut groups = Vec::new();
        for (key, times) in told.chain(others) {
            for (number, sums) in times {
                let from = self.width.map(|width| Timestamp(number.saturating_mul(width)));
                groups.push(sums.group(key.clone(), from));
            }
        }
        groups.sort_by(|one, other| {
            let order = |group: &Group| (group.from, group.key.is_none(), Reverse(group.exchanges));
            order(one).cmp(&order(other)).then_with(|| one.key.cmp(&other.key))
        });
        let every = self.width.map(|width| Duration::from_micros(width.unsigned_abs()));
        Groups { every, groups, is_exact }
    }

    /// Adds the stretches of time that are empty.
    fn fill(&mut self, range: Option<(Timestamp, Timestamp)>) {
        let Some((from, until)) = range else { return };
        while let Some(width) = self.width {
            let times = self.groups.entry(Box::default()).or_default();
            let ends = [from.0.div_euclid(width), until.0.div_euclid(width)];
            let first = times.keys().next().copied().unwrap_or(i64::MAX).min(ends[0]);
            let last = times.keys().next_back().copied().unwrap_or(i64::MIN).max(ends[1]);
            if last.saturating_sub(first) < MOST_TIMES {
                for number in first..=last {
                    times.entry(number).or_default();
                }
                return;
            }
            if !self.widen() {
                return;
            }
        }
    }
}
