//! Lists of exchanges, filtered.
//!
//! SQL spares the filter the rows that surely do not match (`reader/filter.rs`), and the filter decides about those that
//! SQL can't decide about. It sees a row whole; the list keeps short texts of it, and a row is read at a time.
//!
//! A statement looks at so many numbers at most, so that no read lasts long: the log can start over in between.

use std::time::Instant;

use dashcam_exchange::{Exchange, ExchangeId, Summary};
use dashcam_filter::{Client, Facts, Filter, Marks, Moment, Parts, Truth};
use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, SqlitePool};

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::filter::{self, Translation, Value};
use crate::rows::columns::Columns;
use crate::rows::connection_row::{self, OF_EXCHANGE, PROGRAM};
use crate::rows::exchange_row::{self, COLUMNS, SUMMARY_COLUMNS};
use crate::rows::pins::PINNED;

/// How many numbers a statement looks at that has a condition.
const WINDOW: i64 = 1 << 14;
/// The fewest rows that are asked for where the filter may refuse some.
const BATCH: usize = 256;

/// The beginning and the direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Newest first, below a number.
    Before(ExchangeId),
    /// Oldest first, above a number.
    After(ExchangeId),
}

/// An exchange that matches, or may: then the contents of its bodies or messages decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Its row, shortened.
    pub summary: Summary,
    /// True if it matches; unknown if its contents have to be looked at.
    pub truth: Truth,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The exchanges, in the direction of the list.
    pub rows: Vec<Match>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Start>,
}

impl Start {
    /// The newest of all, and then older ones.
    pub const NEWEST: Self = Self::Before(ExchangeId(i64::MAX));
    /// The oldest of all, and then newer ones.
    pub const OLDEST: Self = Self::After(ExchangeId(i64::MIN));

    /// The same direction, from `id` on.
    #[must_use]
    pub fn at(self, id: ExchangeId) -> Self {
        match self {
            Self::Before(_) => Self::Before(id),
            Self::After(_) => Self::After(id),
        }
    }
}

/// At most `most` exchanges that match or may match, from `start` on. It ends early, between two reads, once `until` has
/// passed.
pub(crate) async fn page(
    readers: &SqlitePool,
    filter: &Filter,
    start: Start,
    (most, until): (usize, Option<Instant>),
) -> Result<Page, StoreError> {
    let ends = Ends::of(readers).await?;
    let scan =
        Scan { readers, filter, translation: filter::translate(filter), is_deep: needs_record(filter) };
    let (mut rows, mut next) = (Vec::new(), ends.first(start));
    while let Some(start) = next {
        if rows.len() >= most || until.is_some_and(|until| !rows.is_empty() && Instant::now() >= until) {
            break;
        }
        let window = if filter.is_all() { i64::MAX } else { WINDOW };
        next = scan.read(start, window, (&mut rows, most)).await?.and_then(|start| ends.within(start));
    }
    Ok(Page { rows, next })
}

/// Returns whether the filter has to see more than a row of a list.
fn needs_record(filter: &Filter) -> bool {
    filter.needs().intersects(Parts::RECORD | Parts::CONNECTION)
}

/// The first and the last number that is stored.
struct Ends {
    first: i64,
    last: i64,
}

impl Ends {
    async fn of(readers: &SqlitePool) -> Result<Self, StoreError> {
        // Two lookups in the key; `min` and `max` in one statement would read all rows.
        let sql = "SELECT coalesce((SELECT min(id) FROM exchanges), 0), coalesce((SELECT max(id) FROM exchanges), -1)";
        let (first, last) = sqlx::query_as(sql).fetch_one(readers).await?;
        Ok(Self { first, last })
    }

    /// The same start, or a later one where there is nothing before that; `None` where there is nothing at all.
    fn first(&self, start: Start) -> Option<Start> {
        let start = match start {
            Start::Before(ExchangeId(id)) => Start::Before(ExchangeId(id.min(self.last.saturating_add(1)))),
            Start::After(ExchangeId(id)) => Start::After(ExchangeId(id.max(self.first.saturating_sub(1)))),
        };
        self.within(start)
    }

    /// `start`, unless nothing follows.
    fn within(&self, start: Start) -> Option<Start> {
        let follows = match start {
            Start::Before(id) => id.0 > self.first,
            Start::After(id) => id.0 < self.last,
        };
        follows.then_some(start)
    }
}

/// One pass over the rows.
struct Scan<'s> {
    readers: &'s SqlitePool,
    filter: &'s Filter,
    translation: Translation,
    is_deep: bool,
}

impl Scan<'_> {
    /// Reads on from `start` through a window of numbers, or until there are `most` rows; gives where it came to, `None`
    /// at the end of all.
    async fn read(
        &self,
        start: Start,
        window: i64,
        (rows, most): (&mut Vec<Match>, usize),
    ) -> Result<Option<Start>, StoreError> {
        let missing = most - rows.len();
        let limit = if self.translation.is_exact { missing } else { missing.max(BATCH) };
        let sql = self.sql(start);
        let mut found =
            sqlx::query_with(AssertSqlSafe(sql), self.values(start, window, limit)?).fetch(self.readers);
        let (mut read, mut at) = (0, start);
        while let Some(row) = found.try_next().await? {
            let (mut summary, truth) = self.decide(&row)?;
            (read, at) = (read + 1, start.at(summary.id));
            if truth != Truth::False {
                summary.shorten();
                rows.push(Match { summary, truth });
                if rows.len() == most {
                    return Ok(Some(at));
                }
            }
        }
        let end = match start {
            Start::Before(id) => id.0.checked_sub(window),
            Start::After(id) => id.0.checked_add(window),
        };
        // A full statement may have left some of the window out.
        Ok(if read == limit { Some(at) } else { end.map(|end| start.at(ExchangeId(end))) })
    }

    fn sql(&self, start: Start) -> String {
        let (seek, order) = match start {
            Start::Before(_) => ("id < ? AND id >= ?", "DESC"),
            Start::After(_) => ("id > ? AND id <= ?", "ASC"),
        };
        let columns = if self.is_deep { COLUMNS.as_str() } else { SUMMARY_COLUMNS.as_str() };
        let condition = &self.translation.sql;
        let rows = format!(
            "SELECT {PINNED} AS pinned, {PROGRAM} AS program, {columns} FROM exchanges WHERE {seek} AND ({condition}) ORDER BY id {order} LIMIT ?"
        );
        if !self.is_deep {
            return rows;
        }
        let of_exchange = OF_EXCHANGE.as_str();
        format!(
            "SELECT e.*, {of_exchange} FROM ({rows}) AS e LEFT JOIN connections AS c ON c.id = e.connection ORDER BY e.id {order}"
        )
    }

    fn values(&self, start: Start, window: i64, limit: usize) -> Result<SqliteArguments, StoreError> {
        let mut values = SqliteArguments::default();
        let (from, to) = match start {
            Start::Before(id) => (id.0, id.0.saturating_sub(window)),
            Start::After(id) => (id.0, id.0.saturating_add(window)),
        };
        let mut add = |value: &Value| match value {
            Value::Integer(number) => values.add(*number),
            Value::Text(text) => values.add(text.as_str()),
        };
        let limit = Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
        let ends = [Value::Integer(from), Value::Integer(to)];
        for value in ends.iter().chain(&self.translation.values).chain([&limit]) {
            add(value).map_err(sqlx::Error::Encode)?;
        }
        Ok(values)
    }

    /// The row, and whether it matches.
    fn decide(&self, row: &SqliteRow) -> Result<(Summary, Truth), StoreError> {
        let mut columns = Columns::of(row);
        if !self.is_deep {
            let summary = summary(&mut columns)?;
            let truth = self.evaluate(|| Facts::of_summary(&summary));
            return Ok((summary, truth));
        }
        let (pinned, program): (bool, Option<String>) = (columns.take()?, columns.take()?);
        let marks = Marks { pinned, ..Marks::default() };
        let exchange: Exchange = exchange_row::read(&mut columns)?;
        let connection = connection_row::read_of_exchange(&mut columns)?;
        let truth = self.evaluate(|| {
            let client = connection.as_ref().map(Client::from);
            Facts::of_exchange(&exchange, Moment::End).with_client(client).with_marks(marks)
        });
        Ok((Summary { pinned, program, ..exchange.summary() }, truth))
    }

    fn evaluate<'f>(&self, facts: impl FnOnce() -> Facts<'f>) -> Truth {
        if self.translation.is_exact { Truth::True } else { self.filter.evaluate(&facts()) }
    }
}

impl Reader {
    /// The rows of exchanges in the order of their ids, with their texts whole; without those that are gone.
    pub(crate) async fn summaries(&self, ids: &[i64]) -> Result<Vec<Summary>, StoreError> {
        let columns = SUMMARY_COLUMNS.as_str();
        let sql = format!(
            "SELECT {PINNED}, {PROGRAM}, {columns} FROM exchanges WHERE id IN (SELECT value FROM json_each(?)) \
             ORDER BY id"
        );
        let ids = serde_json::to_string(ids).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let readers = self.0.readers().await?;
        let mut rows = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch(&*readers);
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await? {
            found.push(summary(&mut Columns::of(&row))?);
        }
        Ok(found)
    }
}

/// Reads whether a row is pinned, the program that sent it, and the columns of a summary.
fn summary(columns: &mut Columns<'_>) -> Result<Summary, StoreError> {
    let (pinned, program) = (columns.take()?, columns.take()?);
    Ok(Summary { pinned, program, ..exchange_row::read_summary(columns)? })
}
