//! A row of `exchange_rows`, read through the view `exchanges`.

use std::sync::LazyLock;

use dashcam_exchange::Exchange;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::exchange_detail::{DETAIL, Row, bind_detail, read_detail};
use crate::rows::exchange_summary::{SUMMARY, bind_summary};

pub(crate) use crate::rows::exchange_summary::read_summary;
use crate::rows::recorded::names;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// The columns that make a summary, as they stand in a statement.
pub(crate) static SUMMARY_COLUMNS: LazyLock<String> = LazyLock::new(|| names(SUMMARY));

/// The columns that make an [`Exchange`], as they stand in a statement.
pub(crate) static COLUMNS: LazyLock<String> =
    LazyLock::new(|| format!("{}, {}", names(SUMMARY), names(DETAIL)));

/// For an exchange that has no row yet.
pub(crate) static NEW: LazyLock<Table> = LazyLock::new(|| table("INSERT"));

/// For one that may have the row of when it was open. Not for all, as SQLite prepares to undo each such insert by
/// itself: it copies the page aside.
pub(crate) static AGAIN: LazyLock<Table> = LazyLock::new(|| table("INSERT OR REPLACE"));

fn table(verb: &str) -> Table {
    Table::new(verb, "exchange_rows", &COLUMNS)
}

pub(crate) fn bind<'r>(row: &'r Row, values: &mut Values<'_, '_, 'r>) {
    bind_summary(row, values);
    bind_detail(row, values);
}

/// Reads [`COLUMNS`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Exchange, StoreError> {
    let summary = read_summary(columns)?;
    read_detail(columns, summary)
}

/// Reads [`COLUMNS`] and the numbers of pieces that the two bodies have.
pub(crate) fn exchange(row: &SqliteRow) -> Result<Exchange, StoreError> {
    let mut columns = Columns::of(row);
    let mut exchange = read(&mut columns)?;
    [exchange.request_body.parts, exchange.response_body.parts] = columns.numbers()?;
    Ok(exchange)
}
