//! SQL as an interface: questions that people put to a recording, which can only read it.
//!
//! Besides the tables and views of `docs/SCHEMA.md` there is `v_bodies` here, and the functions `body` and `header`. Only
//! `SELECT` is let through: not by its words, but because SQLite asks for leave for each thing that a statement does.

mod error;
mod functions;
mod permission;

use std::path::Path;
use std::time::{Duration, Instant};

use dashcam_exchange::{Direction, ExchangeId};
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, Rows, Statement};

use crate::StoreError;
use crate::maintenance::access;

pub use error::SqlError;

/// Steps of SQLite's machine between two looks at the clock: some tenths of a millisecond.
const STEPS: i32 = 10_000;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text; bytes of it that are no UTF-8 are replaced.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

/// A recording that is asked in SQL.
#[derive(Debug)]
pub struct Shell(Connection);

impl Shell {
    /// Opens the recording at `path`, also while a dashcam records to it. `body` reads a decoded body, at most so many
    /// bytes of it: `None` where there is none.
    ///
    /// # Errors
    /// When there is no recording, or it can't be read.
    pub fn open(
        path: &Path,
        body: impl Fn(ExchangeId, Direction, Option<u64>) -> Result<Option<Value>, String> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let connection = access::reader(path)?;
        functions::add(&connection, body)?;
        connection.authorizer(Some(permission::ask))?;
        Ok(Self(connection))
    }

    /// A question, which may take no longer than `limit`.
    ///
    /// # Errors
    /// When it is not one statement that SQLite understands, or it would do more than read.
    pub fn ask(&self, sql: &str, limit: Option<Duration>) -> Result<Question<'_>, SqlError> {
        let mut statements = Batch::new(&self.0, sql);
        let statement = statements.next().map_err(SqlError::refused)?.ok_or(SqlError::Empty)?;
        if statements.next().map_err(SqlError::refused)?.is_some() {
            return Err(SqlError::Several);
        }
        Ok(Question { connection: &self.0, statement, limit })
    }
}

/// A statement that can be run.
#[derive(Debug)]
pub struct Question<'shell> {
    connection: &'shell Connection,
    statement: Statement<'shell>,
    limit: Option<Duration>,
}

impl Question<'_> {
    /// The names of the columns, in their order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.statement.column_names().into_iter().map(str::to_owned).collect()
    }

    /// Begins to run it; its time runs from here on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn run(&mut self) -> Result<Answer<'_>, SqlError> {
        let end = self.limit.map(|limit| Instant::now() + limit);
        let is_late = end.map(|end| move || Instant::now() > end);
        self.connection.progress_handler(STEPS, is_late).map_err(SqlError::refused)?;
        let columns = self.statement.column_count();
        let rows = self.statement.query([]).map_err(SqlError::refused)?;
        Ok(Answer { rows, columns, limit: self.limit })
    }
}

/// The rows of an answer, one after the other: none is held here.
pub struct Answer<'question> {
    rows: Rows<'question>,
    columns: usize,
    limit: Option<Duration>,
}

impl Answer<'_> {
    /// The next row; `None` behind the last.
    ///
    /// # Errors
    /// When its time is over, or SQLite fails.
    #[expect(clippy::should_implement_trait, reason = "it fails, and an iterator of results hides where")]
    pub fn next(&mut self) -> Result<Option<Vec<Value>>, SqlError> {
        let limit = self.limit;
        let next = self.rows.next().map_err(|error| SqlError::of(error, limit))?;
        let Some(row) = next else { return Ok(None) };
        let values = (0..self.columns).map(|column| row.get_ref(column).map(Value::from));
        values.collect::<Result<_, _>>().map(Some).map_err(SqlError::refused)
    }
}
