//! Rows as CSV (RFC 4180): NULL is an empty field, bytes are base64.

use std::io::Write;

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use csv::{Terminator, Writer, WriterBuilder};
use dashcam_store::sql::Value;

use super::Rows;
use crate::terminal::escaped;

/// A line for the names, and one for each row.
pub(super) struct Csv {
    to: Writer<Box<dyn Write + Send>>,
    /// A terminal would obey some characters.
    escapes: bool,
}

impl Csv {
    pub(super) fn begin(columns: &[String], to: Box<dyn Write + Send>, escapes: bool) -> Result<Self> {
        let mut to = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(to);
        to.write_record(columns.iter().map(|name| if escapes { escaped(name) } else { name.clone() }))?;
        Ok(Self { to, escapes })
    }
}

impl Rows for Csv {
    fn row(&mut self, row: Vec<Value>) -> Result<()> {
        let escapes = self.escapes;
        let fields = row.into_iter().map(|value| match value {
            Value::Null => String::new(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) if escapes => escaped(&text),
            Value::Text(text) => text,
            Value::Blob(bytes) => BASE64_STANDARD.encode(bytes),
        });
        Ok(self.to.write_record(fields)?)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        Ok(self.to.flush()?)
    }
}
