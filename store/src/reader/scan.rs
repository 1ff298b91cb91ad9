//! Looking through exchanges for those that match a filter: stretch by stretch, from stored segments where there are
//! any, else from the rows.
//!
//! Each stretch is read in reads of its own, of some milliseconds: whoever looks through a million keeps no transaction open,
//! behind which the write-ahead log could not start over.

pub(crate) mod bounds;
mod rest;
pub(crate) mod statements;
mod verdicts;
mod wanted;
mod words;

use std::collections::VecDeque;

use dashcam_filter::{Facts, Filter, Parts, Truth};
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::cost::{Cost, Patience};
use crate::reader::filter::{Translation, translate};
use crate::reader::scan::bounds::Bounds;
use crate::reader::scan::verdicts::Verdicts;
use crate::reader::scan::words::Words;
use crate::rows::segment::gather::{Order, gather};
use crate::rows::segment::{self, BITS, Column, Head, Segment, Wanted, block_of, ids_of};

/// Rows that are read at once where there is no segment.
const ROWS: usize = 1 << BITS;
/// Heads that are read at once.
const HEADS: usize = 64;

/// The way through exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To higher ids.
    Newer,
    /// To lower ids.
    Older,
}

/// A walk over exchanges.
pub(crate) struct Scan<'a> {
    connection: &'a Connection,
    filter: &'a Filter,
    /// The filter as SQL.
    translation: Translation,
    bounds: Bounds,
    /// Words without which nothing matches, if there are any.
    words: Option<Words>,
    /// The parts of segments that the filter needs, or whoever asks.
    wanted: Wanted,
    way: Way,
    /// The next id to look at; `None` at the end.
    next: Option<i64>,
    /// Stored segments that are next.
    heads: VecDeque<Head>,
    /// No more of them are stored.
    has_all_heads: bool,
    /// Exchanges that were looked at, or surely do not match by what is known of their block.
    looked_at: u64,
    /// Those of them whose rows were read.
    rows_read: u64,
}

/// Exchanges that follow each other, and those that match.
pub(crate) struct Stretch {
    pub(crate) segment: Segment,
    /// Places of exchanges that match, or of which only contents tell, in the order of the walk.
    pub(crate) found: Vec<(usize, Truth)>,
    /// Those that are pinned, if the filter asks for it.
    pinned: Option<Vec<i64>>,
}

impl Stretch {
    /// The id of the exchange at a place.
    pub(crate) fn id(&self, row: usize) -> i64 {
        self.segment.numbers.of(Column::Id)[row]
    }

    /// Shows `look` what is known of the exchange at a place, with as much of the rest of its record as is among `needs`.
    /// `None` if it is gone meanwhile.
    pub(crate) fn look<T>(
        &self,
        row: usize,
        (connection, needs): (&Connection, Parts),
        look: impl FnOnce(Facts<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let facts = verdicts::facts(&self.segment, row, self.pinned.as_deref());
        rest::with_rest((connection, needs), facts, look)
    }
}

impl<'a> Scan<'a> {
    /// A walk from `start` on, that id included. Stretches have what is `wanted` of the exchanges in them.
    pub(crate) fn new(
        (connection, filter): (&'a Connection, &'a Filter),
        wanted: Wanted,
        way: Way,
        start: i64,
    ) -> Result<Self, StoreError> {
        let bounds = Bounds::of(filter.tree());
        // Above the newest exchange there is nothing to look for.
        let newest = "SELECT coalesce(max(id), 0) FROM exchange_rows";
        let newest: i64 = connection.query_row(newest, [], |row| row.get(0))?;
        let start = match way {
            Way::Newer => start.max(bounds.ids.min),
            Way::Older => start.min(bounds.ids.max).min(newest),
        };
        let next = (bounds.ids.contains(start) && !bounds.is_empty()).then_some(start);
        let always = Wanted::columns(&[Column::Id, Column::StartedAt]);
        Ok(Self {
            connection,
            filter,
            translation: translate(filter),
            bounds,
            words: Words::of(filter.tree()),
            wanted: wanted::wanted(filter.tree()).and(wanted).and(always),
            way,
            next,
            heads: VecDeque::new(),
            has_all_heads: false,
            looked_at: 0,
            rows_read: 0,
        })
    }

    /// The next stretch in which something may match; `None` at the end, or when the time is over.
    pub(crate) fn next(&mut self, patience: &Patience) -> Result<Option<Stretch>, StoreError> {
        while let Some(at) = self.position() {
            if patience.is_over() {
                return Ok(None);
            }
            if let Some(stretch) = self.look_at(at)? {
                return Ok(Some(stretch));
            }
        }
        self.next = None;
        Ok(None)
    }

    /// Looks at the next block, or at rows, however long it takes; the stretch if something in it may match.
    pub(crate) fn first(&mut self) -> Result<Option<Stretch>, StoreError> {
        self.position().map_or(Ok(None), |at| self.look_at(at))
    }

    fn look_at(&mut self, at: i64) -> Result<Option<Stretch>, StoreError> {
        let stretch = match self.head_at(at)? {
            Some(head) => self.stored(head, at)?,
            None => self.rows(at)?,
        };
        let Some(mut stretch) = stretch else { return Ok(None) };
        self.resolve(&mut stretch)?;
        Ok((!stretch.found.is_empty()).then_some(stretch))
    }

    /// Answers for those that the packed facts leave open, as far as their rows tell.
    fn resolve(&mut self, stretch: &mut Stretch) -> Result<(), StoreError> {
        let open: Vec<i64> = stretch
            .found
            .iter()
            .filter(|(_, truth)| !truth.is_certain())
            .map(|(row, _)| stretch.id(*row))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        self.rows_read += open.len() as u64;
        // SQL spares most of them the reading of their heads.
        let candidates = statements::candidates(self.connection, &self.translation, &open)?;
        let mut found = Vec::new();
        for (row, truth) in std::mem::take(&mut stretch.found) {
            let truth = match truth {
                Truth::Unknown if candidates.binary_search(&stretch.id(row)).is_err() => Truth::False,
                Truth::Unknown if self.translation.is_exact => Truth::True,
                Truth::Unknown => {
                    let facts = verdicts::facts(&stretch.segment, row, stretch.pinned.as_deref());
                    rest::judge(self.connection, self.filter, facts)?
                }
                certain => certain,
            };
            found.extend((truth != Truth::False).then_some((row, truth)));
        }
        stretch.found = found;
        Ok(())
    }

    /// The cost of the walk so far.
    pub(crate) fn cost(&self, patience: &Patience, is_complete: bool) -> Cost {
        let Self { looked_at, rows_read, .. } = *self;
        Cost { looked_at, rows_read, took: patience.elapsed(), is_complete }
    }

    /// The next id that was not looked at; `None` at the end.
    pub(crate) fn position(&self) -> Option<i64> {
        self.next.filter(|at| self.bounds.ids.contains(*at))
    }

    /// The stored segment of the block of `id`, if there is one.
    fn head_at(&mut self, id: i64) -> Result<Option<Head>, StoreError> {
        let block = block_of(id);
        while self.heads.front().is_some_and(|head| self.is_before(head.block, block)) {
            self.heads.pop_front();
        }
        if self.heads.is_empty() && !self.has_all_heads {
            let last = if self.way == Way::Newer { i64::MAX } else { i64::MIN };
            let (heads, is_all) = segment::heads(self.connection, (block, last), self.bounds.at, HEADS)?;
            (self.heads, self.has_all_heads) = (heads.into(), is_all);
        }
        Ok(self.heads.pop_front_if(|head| head.block == block))
    }

    fn is_before(&self, one: i64, other: i64) -> bool {
        if self.way == Way::Newer { one < other } else { one > other }
    }

    /// Looks at a block that has a segment.
    fn stored(&mut self, head: Head, at: i64) -> Result<Option<Stretch>, StoreError> {
        let (first, last) = ids_of(head.block);
        let beyond = if self.way == Way::Newer { last.checked_add(1) } else { first.checked_sub(1) };
        let Head { block, exchanges, names } = head;
        let verdicts = names.and_then(|names| Some((Verdicts::of(self.filter, &names)?, names)));
        let Some((verdicts, names)) = verdicts else {
            self.looked_at += exchanges as u64;
            self.next = beyond;
            return Ok(None);
        };
        let loaded = segment::load(self.connection, (block, exchanges), &names, self.wanted)?;
        let Some((numbers, targets)) = loaded else { return self.rows(at) };
        self.looked_at += exchanges as u64;
        self.next = beyond;
        self.judged(Segment { names, numbers, targets }, Some(verdicts), at).map(Some)
    }

    /// Looks at rows, down or up to the next block that has a segment.
    fn rows(&mut self, at: i64) -> Result<Option<Stretch>, StoreError> {
        let next_block = self.heads.front().map(|head| head.block).filter(|block| *block != block_of(at));
        let (range, order) = match self.way {
            Way::Newer => {
                let end = next_block.map_or(i64::MAX, |block| ids_of(block).0 - 1);
                ((at, end.min(self.bounds.ids.max)), Order::Ascending)
            }
            Way::Older => {
                let end = next_block.map_or(i64::MIN, |block| ids_of(block).1 + 1);
                ((end.max(self.bounds.ids.min), at), Order::Descending)
            }
        };
        let segment = gather(self.connection, range, order, ROWS)?;
        let rows = segment.len();
        (self.looked_at, self.rows_read) = (self.looked_at + rows as u64, self.rows_read + rows as u64);
        let ids = segment.numbers.of(Column::Id);
        self.next = match (self.way, rows == ROWS) {
            (Way::Newer, true) => ids.last().and_then(|last| last.checked_add(1)),
            (Way::Newer, false) => range.1.checked_add(1),
            (Way::Older, true) => ids.first().and_then(|first| first.checked_sub(1)),
            (Way::Older, false) => range.0.checked_sub(1),
        };
        let verdicts = Verdicts::of(self.filter, &segment.names);
        self.judged(segment, verdicts, at).map(Some)
    }

    /// The exchanges of `segment` from `start` on that match or may match.
    fn judged(
        &mut self,
        segment: Segment,
        verdicts: Option<Verdicts>,
        start: i64,
    ) -> Result<Stretch, StoreError> {
        let mut found = Vec::new();
        let Some(verdicts) = verdicts else { return Ok(Stretch { segment, found, pinned: None }) };
        let pinned = match self.filter.needs().intersects(Parts::MARKS) {
            true => Some(statements::pinned(self.connection, &segment)?),
            false => None,
        };
        let ids = segment.numbers.of(Column::Id);
        let (mut first, mut last) = (0, ids.len());
        match self.way {
            Way::Newer => first = ids.partition_point(|id| *id < start),
            Way::Older => last = ids.partition_point(|id| *id <= start),
        }
        let mut rows: Vec<usize> = (first..last).filter(|row| self.bounds.contains(&segment, *row)).collect();
        verdicts.sift(&segment, &mut rows);
        if let Some(words) = self.words.as_mut().filter(|_| !rows.is_empty()) {
            let candidates = words.candidates(&segment);
            rows.retain(|row| candidates[*row]);
        }
        if self.way == Way::Older {
            rows.reverse();
        }
        let judge = |row: usize| {
            let truth = verdicts.judge(self.filter, &segment, row, pinned.as_deref());
            (truth != Truth::False).then_some((row, truth))
        };
        found.extend(rows.into_iter().filter_map(judge));
        Ok(Stretch { segment, found, pinned })
    }
}
