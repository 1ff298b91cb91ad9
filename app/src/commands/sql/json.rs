//! Rows as JSON objects: an array of them, or one a line. Bytes are base64.

use std::collections::HashSet;
use std::io::Write;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dashcam_store::sql::Value;

use super::Rows;
use crate::terminal::escaped_json;

/// The arrangement of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One array.
    Array,
    /// One object a line.
    Lines,
}

/// Objects whose members stand in the order of the columns.
pub(super) struct Json {
    to: Box<dyn Write + Send>,
    columns: Vec<String>,
    layout: Layout,
    rows: u64,
}

impl Json {
    pub(super) fn begin(columns: Vec<String>, to: Box<dyn Write + Send>, layout: Layout) -> Result<Self> {
        refuse_double(&columns)?;
        Ok(Self { to, columns, layout, rows: 0 })
    }
}

/// A member of an object, and a column of a Parquet file, has a name of its own.
pub(super) fn refuse_double(columns: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    if let Some(double) = columns.iter().find(|name| !seen.insert(name.as_str())) {
        bail!("two columns are called {double}: name them with AS");
    }
    Ok(())
}

impl Rows for Json {
    fn row(&mut self, row: Vec<Value>) -> Result<()> {
        let object: serde_json::Map<_, _> =
            self.columns.iter().cloned().zip(row.into_iter().map(json)).collect();
        let object = escaped_json(&serde_json::to_string(&object)?);
        match (self.layout, self.rows) {
            (Layout::Lines, _) => writeln!(self.to, "{object}")?,
            (Layout::Array, 0) => write!(self.to, "[\n{object}")?,
            (Layout::Array, _) => write!(self.to, ",\n{object}")?,
        }
        self.rows += 1;
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        match (self.layout, self.rows) {
            (Layout::Lines, _) => {}
            (Layout::Array, 0) => writeln!(self.to, "[]")?,
            (Layout::Array, _) => writeln!(self.to, "\n]")?,
        }
        Ok(self.to.flush()?)
    }
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => number.into(),
        // JSON has no infinity; SQLite makes no NaN.
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => BASE64_STANDARD.encode(bytes).into(),
    }
}
