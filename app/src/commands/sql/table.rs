//! Rows as a table for people.

use std::io::Write;

use anyhow::Result;
use dashcam_store::sql::Value;

use super::Rows;
use crate::terminal::escaped;

/// Rows that say how wide the columns are; those behind them are cut to that.
const SEEN: usize = 200;
/// The widest column, in characters, but for the last one.
const WIDEST: usize = 60;

/// A table whose columns are as wide as the first rows need.
pub(super) struct Table {
    to: Box<dyn Write + Send>,
    columns: Vec<String>,
    seen: Vec<Vec<String>>,
    widths: Vec<usize>,
}

impl Table {
    pub(super) fn begin(columns: Vec<String>, to: Box<dyn Write + Send>) -> Self {
        Self { to, columns, seen: Vec::new(), widths: Vec::new() }
    }

    /// Writes the rows that were kept to learn the widths.
    fn settle(&mut self) -> Result<()> {
        let columns = self.columns.iter().map(|name| escaped(name)).collect::<Vec<_>>();
        let widest = |column: usize| {
            let cells = self.seen.iter().map(|row| row[column].chars().count());
            cells.chain([columns[column].chars().count()]).max().unwrap_or(0).min(WIDEST)
        };
        self.widths = (0..columns.len()).map(widest).collect();
        self.line(&columns)?;
        let rule: Vec<_> = self.widths.iter().map(|width| "─".repeat(*width)).collect();
        self.line(&rule)?;
        for row in std::mem::take(&mut self.seen) {
            self.line(&row)?;
        }
        Ok(())
    }

    fn line(&mut self, cells: &[String]) -> Result<()> {
        let last = cells.len().saturating_sub(1);
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            if column == last {
                line.push_str(cell);
                break;
            }
            let width = self.widths[column];
            match cell.chars().count() {
                length if length > width => {
                    line.extend(cell.chars().take(width.saturating_sub(1)));
                    line.push('…');
                }
                length => {
                    line.push_str(cell);
                    line.extend(std::iter::repeat_n(' ', width - length));
                }
            }
            line.push_str("  ");
        }
        line.truncate(line.trim_end().len());
        writeln!(self.to, "{line}")?;
        Ok(())
    }
}

impl Rows for Table {
    fn row(&mut self, row: Vec<Value>) -> Result<()> {
        let row = row.iter().map(cell).collect::<Vec<_>>();
        if !self.widths.is_empty() {
            return self.line(&row);
        }
        self.seen.push(row);
        if self.seen.len() == SEEN { self.settle() } else { Ok(()) }
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        if self.widths.is_empty() {
            self.settle()?;
        }
        Ok(self.to.flush()?)
    }
}

/// A value on one line, without anything that a terminal would obey. Bytes by their number: `show --body` has them.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "·".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => escaped(&text.replace("\r\n", "⏎").replace('\n', "⏎").replace('\t', " ")),
        Value::Blob(bytes) => format!("({} bytes)", bytes.len()),
    }
}
