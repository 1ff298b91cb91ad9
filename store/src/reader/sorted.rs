//! The exchanges that match a filter, in the order of one of their values.
//!
//! All that can match is looked through; the first ones of the order are held, and no others.

mod by;
mod rank;
mod values;

use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use dashcam_exchange::{ExchangeId, Summary};
use dashcam_filter::{Filter, Truth};
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::cost::{Cost, Patience};
use crate::reader::error::ReadError;
use crate::reader::list::Start;
use crate::reader::scan::{Scan, Way};

pub use by::SortBy;
use rank::Ranked;
pub use rank::{Order, Place};
use values::Values;

/// A part of a sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    /// The rows in their order, shortened.
    pub rows: Vec<Summary>,
    /// How many exchanges were looked at, and whether that was all that can match.
    pub cost: Cost,
}

impl Reader {
    /// The first `most` exchanges in `order` that surely match `filter` by all but contents, from behind `behind` on if
    /// given. It looks `within` some time, and then has the first of those that it met. When the future is dropped, it
    /// stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sorted(
        &self,
        filter: &Filter,
        (order, behind): (Order, Option<Place>),
        (most, within): (usize, Duration),
    ) -> Result<Sorted, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let filter = filter.clone();
        let look =
            move |connection: &Connection| first((connection, &filter), order, (behind, most), &patience);
        let (ids, cost) = self.0.search(look).await?;
        let mut rows = self.rows(Start::NEWEST, &ids).await?;
        let places: HashMap<_, _> = ids.into_iter().zip(0_usize..).collect();
        rows.sort_by_key(|row| places.get(&row.id).copied());
        Ok(Sorted { rows, cost })
    }
}

/// The first exchanges of an order.
fn first(
    (connection, filter): (&Connection, &Filter),
    order: Order,
    (behind, most): (Option<Place>, usize),
    patience: &Patience,
) -> Result<(Vec<ExchangeId>, Cost), StoreError> {
    let behind = behind.map(|place| order.ranked(place.0, place.1));
    let mut scan = Scan::new((connection, filter), order.by.wanted(), Way::Older, i64::MAX)?;
    let mut heap: BinaryHeap<Ranked> = BinaryHeap::with_capacity(most.saturating_add(1).min(1001));
    let mut values = Values::new(order.by);
    while let Some(stretch) = scan.next(patience)? {
        values.begin(connection, &stretch)?;
        for (row, truth) in &stretch.found {
            if *truth != Truth::True {
                continue;
            }
            let (value, id) = (values.of(connection, &stretch, *row)?, stretch.id(*row));
            let is_behind = |ranked: &Ranked| ranked.is_before(value, id);
            if behind.as_ref().is_some_and(|place| !is_behind(place))
                || heap.len() >= most && heap.peek().is_none_or(is_behind)
            {
                continue;
            }
            heap.push(order.ranked(value.to_owned(), id));
            if heap.len() > most {
                heap.pop();
            }
        }
    }
    let is_complete = scan.position().is_none();
    let ids = heap.into_sorted_vec().into_iter().map(|ranked| ExchangeId(ranked.id())).collect();
    Ok((ids, scan.cost(patience, is_complete)))
}
