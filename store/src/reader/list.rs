//! Lists of exchanges, filtered, in pages.
//!
//! `reader/scan.rs` finds the exchanges; the rows of those that are shown are read then.

use std::time::{Duration, Instant};

use dashcam_exchange::{ExchangeId, Summary, grpc_status};
use dashcam_filter::{Filter, Truth};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::cost::{Cost, Patience};
use crate::reader::error::ReadError;
use crate::reader::find::{self, Found};
use crate::rows::columns::Columns;
use crate::rows::connection_row::{CLIENT, PROGRAM, without_port};
use crate::rows::exchange_row::{SUMMARY_COLUMNS, read_summary};
use crate::rows::notes::TAGS;
use crate::rows::pins::PINNED;

/// The heads that may have the status of a gRPC call; NULL of other exchanges.
const GRPC: &str = "CASE WHEN content_type LIKE 'application/grpc%' THEN response_headers END, \
    CASE WHEN content_type LIKE 'application/grpc%' THEN response_trailers END";

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
    /// Its coverage, and its cost.
    pub cost: Cost,
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

impl Reader {
    /// The rows of these exchanges, shortened, in the direction of `start`; without those that are not behind it, or gone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rows(&self, start: Start, ids: &[ExchangeId]) -> Result<Vec<Summary>, ReadError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        Ok(self.summaries(start, Which::these(&ids)?).await?)
    }

    /// A page as [`Reader::page`] gives it.
    pub(super) async fn matches(
        &self,
        filter: &Filter,
        start: Start,
        (most, until): (usize, Option<Instant>),
    ) -> Result<Page, StoreError> {
        let within = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        let (patience, _waiting) = Patience::begin(within);
        if filter.is_all() {
            return self.unfiltered(start, most, &patience).await;
        }
        let filter = filter.clone();
        let look = move |connection: &rusqlite::Connection| {
            find::find((connection, &filter), start, most, &patience)
        };
        let Found { matches, next, cost } = self.0.search(look).await?;
        let ids: Vec<i64> = matches.iter().map(|(id, _)| *id).collect();
        let summaries = self.summaries(start, Which::these(&ids)?).await?;
        // Those that are gone meanwhile have no row.
        let mut truths = matches.into_iter();
        let row = |summary: Summary| {
            let (_, truth) = truths.find(|(id, _)| *id == summary.id.0)?;
            Some(Match { summary, truth })
        };
        Ok(Page { rows: summaries.into_iter().filter_map(row).collect(), next, cost })
    }

    /// A page of all exchanges.
    async fn unfiltered(&self, start: Start, most: usize, patience: &Patience) -> Result<Page, StoreError> {
        let rows = self.summaries(start, Which::Next(most)).await?;
        let next = rows.last().filter(|_| rows.len() == most).map(|row| start.at(row.id));
        let looked_at = rows.len() as u64;
        let cost = Cost { looked_at, rows_read: looked_at, took: patience.elapsed(), is_complete: true };
        let rows = rows.into_iter().map(|summary| Match { summary, truth: Truth::True }).collect();
        Ok(Page { rows, next, cost })
    }

    /// Rows of exchanges in the direction of `start`, shortened.
    async fn summaries(&self, start: Start, which: Which) -> Result<Vec<Summary>, StoreError> {
        let (Start::Before(id) | Start::After(id)) = start;
        let sql = statement(start, matches!(which, Which::These(_)));
        let query = sqlx::query(AssertSqlSafe(sql)).bind(id.0);
        let query = match which {
            Which::These(ids) => query.bind(ids).bind(-1_i64),
            Which::Next(most) => query.bind(i64::try_from(most).unwrap_or(i64::MAX)),
        };
        let readers = self.0.readers().await?;
        let (mut rows, mut found) = (query.fetch(&*readers), Vec::new());
        while let Some(row) = rows.try_next().await? {
            let mut columns = Columns::of(&row);
            let mut summary = read_summary(&mut columns)?;
            summary.pinned = columns.take()?;
            summary.program = columns.take()?;
            summary.client = columns.take::<Option<&str>>()?.map(without_port);
            summary.tags = columns.json()?.unwrap_or_default();
            let [headers, trailers] = [columns.json()?, columns.json()?];
            let content_type = summary.content_type.as_deref().unwrap_or_default();
            summary.grpc_status = grpc_status(content_type, headers.as_ref(), trailers.as_ref());
            summary.shorten();
            found.push(summary);
        }
        Ok(found)
    }
}

/// The statement that reads rows in the direction of `start`; of `these`, or so many that follow.
pub(crate) fn statement(start: Start, these: bool) -> String {
    let (seek, order) = match start {
        Start::Before(_) => ("<", "DESC"),
        Start::After(_) => (">", "ASC"),
    };
    let condition = if these { "AND id IN (SELECT value FROM json_each(?))" } else { "" };
    let columns = SUMMARY_COLUMNS.as_str();
    format!(
        "SELECT {columns}, {PINNED}, {PROGRAM}, {CLIENT}, {TAGS}, {GRPC} FROM exchanges WHERE id {seek} ? {condition} \
            ORDER BY id {order} LIMIT ?"
    )
}

/// The rows that are read.
enum Which {
    /// Those with these ids, a JSON array.
    These(String),
    /// So many that follow.
    Next(usize),
}

impl Which {
    fn these(ids: &[i64]) -> Result<Self, StoreError> {
        let ids = serde_json::to_string(ids).map_err(|error| StoreError::Damaged(error.to_string()))?;
        Ok(Self::These(ids))
    }
}
