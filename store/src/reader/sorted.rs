//! The exchanges that match a filter, in the order of one of their values.
//!
//! All that can match is looked through; the first ones of the order are held, and no others.

mod rank;

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
use crate::reader::scan::{Scan, Stretch, Way};
use crate::rows::segment::{Column, Wanted};

pub use rank::{Order, Place};
use rank::{Ranked, Value};

/// A value of exchanges to sort them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Their numbers.
    Id,
    /// When they began.
    StartedAt,
    /// Their methods.
    Method,
    /// The hosts that they were for.
    Host,
    /// Paths and queries.
    Path,
    /// Statuses.
    Status,
    /// Types of the responses' contents.
    Type,
    /// Bytes of the requests' bodies.
    RequestSize,
    /// Bytes of the responses' bodies.
    ResponseSize,
    /// From start to end.
    Duration,
}

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
    while let Some(stretch) = scan.next(patience)? {
        for (row, truth) in &stretch.found {
            if *truth != Truth::True {
                continue;
            }
            let (value, id) = (order.by.of(&stretch, *row), stretch.id(*row));
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

impl SortBy {
    /// The parts of segments that have the value.
    fn wanted(self) -> Wanted {
        match self {
            Self::Id => Wanted::NONE,
            Self::StartedAt => Wanted::column(Column::StartedAt),
            Self::Method => Wanted::column(Column::Method),
            Self::Host => Wanted::column(Column::Destination),
            Self::Path => Wanted::TARGETS,
            Self::Status => Wanted::column(Column::Status),
            Self::Type => Wanted::column(Column::Type),
            Self::RequestSize => Wanted::column(Column::RequestSize),
            Self::ResponseSize => Wanted::column(Column::ResponseSize),
            Self::Duration => Wanted::column(Column::Duration),
        }
    }

    /// The value of an exchange of a stretch.
    fn of(self, stretch: &Stretch, row: usize) -> Value<'_> {
        let (numbers, names) = (&stretch.segment.numbers, &stretch.segment.names);
        let name = |column| numbers.at(column, row).and_then(|name| usize::try_from(name).ok());
        let number = |column| Value::number(numbers.at(column, row));
        match self {
            Self::Id => Value::Number(stretch.id(row)),
            Self::StartedAt => number(Column::StartedAt),
            Self::Method => {
                Value::text(name(Column::Method).and_then(|at| names.methods.get(at)).map(String::as_str))
            }
            Self::Host => {
                let destination = name(Column::Destination).and_then(|at| names.destinations.get(at));
                Value::text(destination.map(|destination| destination.host.as_str()))
            }
            Self::Path => {
                Value::text((!stretch.segment.targets.is_empty()).then(|| stretch.segment.targets.of(row)))
            }
            Self::Status => {
                let status = name(Column::Status).and_then(|at| *names.statuses.get(at)?);
                Value::number(status.map(i64::from))
            }
            Self::Type => Value::text(name(Column::Type).and_then(|at| names.types.get(at)?.as_deref())),
            Self::RequestSize => number(Column::RequestSize),
            Self::ResponseSize => number(Column::ResponseSize),
            Self::Duration => Value::number(numbers.optional(Column::Duration, row)),
        }
    }

    /// The value of a row.
    fn of_row(self, row: &Summary) -> Value<'_> {
        let size = |bytes: u64| Value::Number(i64::try_from(bytes).unwrap_or(i64::MAX));
        match self {
            Self::Id => Value::Number(row.id.0),
            Self::StartedAt => Value::Number(row.started_at.0),
            Self::Method => Value::text(Some(&row.method)),
            Self::Host => Value::text(Some(&row.destination.host)),
            Self::Path => Value::text(Some(&row.target)),
            Self::Status => Value::number(row.status.map(i64::from)),
            Self::Type => Value::text(row.content_type.as_deref()),
            Self::RequestSize => size(row.request_size),
            Self::ResponseSize => size(row.response_size),
            Self::Duration => Value::number(row.duration_us),
        }
    }
}
