//! Segments from the rows.

use dashcam_exchange::{Destination, Failure, Level, Scheme, Side, Stage, State};
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row};

use super::integers::Column;
use super::layout::Segment;
use super::names::{Interner, Outcome};
use crate::StoreError;

/// Which end of a range is read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Those that are the oldest.
    Ascending,
    /// Those that are the newest.
    Descending,
}

/// The columns that a segment has. Those that name what repeats come last.
const COLUMNS: &str = "id, target, started_at, connection, replay_of, request_size, response_size, duration_us, \
    response_start_us, request_truncated OR response_truncated, scheme, host, port, method, status, content_type, \
    level, state, failure_side, failure_stage, failure_message, \
    (SELECT name FROM rule_names WHERE rule_names.id = rule)";

/// The exchanges from `first` to `last`, or as many of them as there may be at once, at most `most`. They are in the
/// order of their ids either way.
pub(crate) fn gather(
    connection: &Connection,
    (first, last): (i64, i64),
    order: Order,
    most: usize,
) -> Result<Segment, StoreError> {
    let mut statement = connection.prepare_cached(&statement(order))?;
    let mut rows = statement.query((first, last, i64::try_from(most).unwrap_or(i64::MAX)))?;
    let mut gathering = Gathering::default();
    while let Some(row) = rows.next()? {
        gathering.add(row)?;
    }
    let segment = gathering.segment;
    Ok(if order == Order::Descending { segment.reversed() } else { segment })
}

/// The statement that reads rows in an order.
pub(crate) fn statement(order: Order) -> String {
    let direction = if order == Order::Ascending { "ASC" } else { "DESC" };
    format!("SELECT {COLUMNS} FROM exchange_rows WHERE id BETWEEN ? AND ? ORDER BY id {direction} LIMIT ?")
}

type OutcomeKey = (Level, State, Option<(Side, Stage, String)>, Option<String>);

/// A segment that grows, and the numbers of its names.
#[derive(Default)]
struct Gathering {
    segment: Segment,
    destinations: Interner<(Scheme, String, u16)>,
    methods: Interner<String>,
    statuses: Interner<Option<u16>>,
    types: Interner<Option<String>>,
    outcomes: Interner<OutcomeKey>,
}

impl Gathering {
    fn add(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let numbers = &mut self.segment.numbers;
        numbers.push(Column::Id, row.get(0)?);
        self.segment.targets.push(text(row, 1)?);
        numbers.push(Column::StartedAt, row.get(2)?);
        for (at, column) in [(3, Column::Connection), (4, Column::ReplayOf)] {
            numbers.push_optional(column, natural(row, at)?);
        }
        for (at, column) in [(5, Column::RequestSize), (6, Column::ResponseSize)] {
            numbers.push(column, natural(row, at)?.unwrap_or(0));
        }
        for (at, column) in [(7, Column::Duration), (8, Column::ResponseStart)] {
            numbers.push_optional(column, natural(row, at)?);
        }
        numbers.push(Column::Truncated, i64::from(row.get::<_, bool>(9)?));
        self.name(row)
    }

    fn name(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let Segment { names, numbers, .. } = &mut self.segment;
        let (scheme, host, port) = (named(row, 10, Scheme::parse)?, text(row, 11)?, value::<u16>(row, 12)?);
        let is_it = |one: &Destination| (one.scheme, one.host.as_str(), one.port) == (scheme, host, port);
        let destination = self.destinations.number(&mut names.destinations, is_it, || {
            let host = host.to_owned();
            ((scheme, host.clone(), port), Destination { scheme, host, port })
        });
        numbers.push(Column::Destination, destination);
        let method = text(row, 13)?;
        let is_it = |one: &String| one == method;
        let make = || (method.to_owned(), method.to_owned());
        numbers.push(Column::Method, self.methods.number(&mut names.methods, is_it, make));
        let status: Option<u16> = value(row, 14)?;
        let is_it = |one: &Option<u16>| *one == status;
        numbers.push(Column::Status, self.statuses.number(&mut names.statuses, is_it, || (status, status)));
        let kind = row.get_ref(15)?.as_str_or_null().map_err(|error| unlike(15, &error))?;
        let is_it = |one: &Option<String>| one.as_deref() == kind;
        let make = || (kind.map(str::to_owned), kind.map(str::to_owned));
        numbers.push(Column::Type, self.types.number(&mut names.types, is_it, make));
        let (level, state) = (named(row, 16, |name| name.parse().ok())?, named(row, 17, State::parse)?);
        let outcome = Outcome { level, state, failure: failure(row)?, rule: value(row, 21)? };
        let key = |one: &Outcome| {
            let failure = one.failure.as_ref();
            let failure = failure.map(|failure| (failure.side, failure.stage, failure.message.clone()));
            (level, state, failure, one.rule.clone())
        };
        let is_it = |one: &Outcome| *one == outcome;
        let make = || (key(&outcome), outcome.clone());
        numbers.push(Column::Outcome, self.outcomes.number(&mut names.outcomes, is_it, make));
        Ok(())
    }
}

fn failure(row: &Row<'_>) -> Result<Option<Failure>, StoreError> {
    if row.get_ref(18)? == ValueRef::Null || row.get_ref(19)? == ValueRef::Null {
        return Ok(None);
    }
    let (side, stage) = (named(row, 18, Side::parse)?, named(row, 19, Stage::parse)?);
    Ok(Some(Failure { side, stage, message: value::<Option<String>>(row, 20)?.unwrap_or_default() }))
}

fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r str, StoreError> {
    row.get_ref(at)?.as_str().map_err(|error| unlike(at, &error))
}

fn value<T: FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    T::column_result(row.get_ref(at)?).map_err(|error| unlike(at, &error))
}

fn named<T>(row: &Row<'_>, at: usize, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let name = text(row, at)?;
    parse(name).ok_or_else(|| unlike(at, &name))
}

/// A number that is not negative, or NULL.
fn natural(row: &Row<'_>, at: usize) -> Result<Option<i64>, StoreError> {
    match value::<Option<i64>>(row, at)? {
        Some(number) if number < 0 => Err(unlike(at, &number)),
        number => Ok(number),
    }
}

fn unlike(at: usize, found: &dyn std::fmt::Display) -> StoreError {
    let name = COLUMNS.split(", ").nth(at).unwrap_or_default();
    StoreError::Damaged(format!("column {name} of a row: {found}"))
}

impl Segment {
    fn reversed(self) -> Self {
        let mut reversed = Self { names: self.names, ..Self::default() };
        reversed.numbers = self.numbers.reversed();
        let rows = reversed.len();
        (0..rows).rev().for_each(|row| reversed.targets.push(self.targets.of(row)));
        reversed
    }
}
