//! Through a table in the order of its keys, and past what can't be read.
//!
//! Where a page is damaged, a search for any key in it fails. So the next place that can be read is found by leaps that
//! double, and then by halves.

use std::ops::RangeInclusive;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Row, params_from_iter};

use super::Salvaged;
use super::key::Key;
use crate::StoreError;

/// Rows and bytes of one transaction at most.
const ROWS: u64 = 1000;
const BYTES: usize = 8 << 20;

/// A table and what its rows are like.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: Key,
    pub(super) is_legible: fn(&Row<'_>) -> bool,
}

/// The part of a table that was copied.
#[derive(Debug)]
pub(in crate::maintenance) struct Copied {
    table: &'static str,
    key: Key,
    rows: u64,
    /// Places at which there may have been rows.
    lost: Vec<RangeInclusive<i128>>,
}

impl Copied {
    /// Returns whether these are the exchanges themselves, rather than what belongs to them.
    pub(in crate::maintenance) fn is_exchanges(&self) -> bool {
        self.table == "exchange_rows"
    }

    /// The first and the last exchange of each place where something is lost; none in tables that are not about exchanges.
    pub(in crate::maintenance) fn lost(&self) -> impl Iterator<Item = (i64, i64)> {
        let of_exchanges = matches!(self.table, "exchange_rows" | "body_rows" | "messages");
        let exchange = |at: i128| self.key.exchange(at);
        let lost = self.lost.iter().filter(move |_| of_exchanges);
        lost.filter_map(move |places| Some((exchange(*places.start())?, exchange(*places.end())?)))
    }

    pub(in crate::maintenance) fn told(&self) -> Salvaged {
        Salvaged { table: self.table, rows: self.rows, holes: self.lost.len() as u64 }
    }
}

/// Copies what can be read.
pub(super) fn copy(source: &Connection, target: &Connection, table: &Table) -> Result<Copied, StoreError> {
    let mut copied = Copied { table: table.name, key: table.key, rows: 0, lost: Vec::new() };
    let mut walk = Walk::new(source, target, table)?;
    let mut at = 0;
    while let Some(stopped) = walk.rows(at, &mut copied)? {
        let Some(next) = walk.leap(stopped)? else {
            copied.lost.push(stopped..=table.key.last());
            break;
        };
        copied.lost.push(stopped..=next - 1);
        at = next;
    }
    Ok(copied)
}

struct Walk<'c> {
    target: &'c Connection,
    table: &'c Table,
    rows: CachedStatement<'c>,
    probe: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    width: usize,
}

impl<'c> Walk<'c> {
    fn new(source: &'c Connection, target: &'c Connection, table: &'c Table) -> Result<Self, StoreError> {
        let mut names = target.prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid")?;
        let names: Vec<String> =
            names.query_map([table.name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let (columns, width) = (names.join(", "), names.len());
        let (key, from, name) = (table.key.columns(), table.key.from(), table.name);
        let values = vec!["?"; width].join(", ");
        Ok(Self {
            target,
            table,
            rows: source.prepare_cached(&format!(
                "SELECT {key}, {columns} FROM {name} WHERE {from} ORDER BY {key}"
            ))?,
            probe: source
                .prepare_cached(&format!("SELECT {key} FROM {name} WHERE {from} ORDER BY {key} LIMIT 1"))?,
            insert: target
                .prepare_cached(&format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({values})"))?,
            width,
        })
    }

    /// Copies rows from the place `at` on, until one can't be read: says from where on nothing was copied.
    fn rows(&mut self, at: i128, copied: &mut Copied) -> Result<Option<i128>, StoreError> {
        let key = self.table.key;
        let (mut at, mut in_step, mut bytes) = (at, 0, 0);
        let mut transaction = self.target.unchecked_transaction()?;
        let mut rows = self.rows.query(params_from_iter(key.values(at)))?;
        let stopped = loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break None,
                Err(error) => break Some(unreadable(error).map(|()| at)?),
            };
            // A page that stands in the wrong place has keys that do not belong there.
            let Some(place) = key.at(row).filter(|place| *place >= at) else { break Some(at) };
            at = place + 1;
            let values = values(row, key.width(), self.width)?;
            if (self.table.is_legible)(row) && inserted(&mut self.insert, &values)? {
                copied.rows += 1;
            } else {
                copied.lost.push(place..=place);
            }
            (in_step, bytes) = (in_step + 1, bytes + values.iter().map(size).sum::<usize>());
            if in_step >= ROWS || bytes >= BYTES {
                transaction.commit()?;
                transaction = self.target.unchecked_transaction()?;
                (in_step, bytes) = (0, 0);
            }
        };
        transaction.commit()?;
        Ok(stopped)
    }

    /// The next place from which on there may be something to read.
    fn leap(&mut self, stopped: i128) -> Result<Option<i128>, StoreError> {
        let last = self.table.key.last();
        match self.probe(stopped)? {
            // The row is there, and what belongs to it is not.
            Probed::Row(place) => return Ok(Some(place.max(stopped) + 1)),
            Probed::End => return Ok(None),
            Probed::Unreadable => {}
        }
        let (mut bad, mut step) = (stopped, 1);
        let mut good = loop {
            let next = stopped + step;
            if next > last {
                return Ok(None);
            }
            if !matches!(self.probe(next)?, Probed::Unreadable) {
                break next;
            }
            (bad, step) = (next, step * 2);
        };
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            match self.probe(middle)? {
                Probed::Unreadable => bad = middle,
                Probed::Row(_) | Probed::End => good = middle,
            }
        }
        Ok(Some(good))
    }

    fn probe(&mut self, at: i128) -> Result<Probed, StoreError> {
        let key = self.table.key;
        let mut rows = self.probe.query(params_from_iter(key.values(at)))?;
        match rows.next() {
            Ok(Some(row)) => {
                Ok(key.at(row).filter(|place| *place >= at).map_or(Probed::Unreadable, Probed::Row))
            }
            Ok(None) => Ok(Probed::End),
            Err(error) => unreadable(error).map(|()| Probed::Unreadable),
        }
    }
}

enum Probed {
    Row(i128),
    End,
    Unreadable,
}

/// Passes on errors, but for those that say that the content of the file cannot be read.
fn unreadable(error: rusqlite::Error) -> Result<(), StoreError> {
    match StoreError::from(error) {
        StoreError::Damaged(_) | StoreError::Disk(_) => Ok(()),
        other => Err(other),
    }
}

fn values(row: &Row<'_>, first: usize, width: usize) -> Result<Vec<Value>, StoreError> {
    Ok((first..first + width).map(|column| row.get(column)).collect::<Result<_, _>>()?)
}

/// Inserts a row, and returns whether the table took it: tables are strict about types.
fn inserted(insert: &mut CachedStatement<'_>, values: &[Value]) -> Result<bool, StoreError> {
    match insert.execute(params_from_iter(values)) {
        Ok(rows) => Ok(rows == 1),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    }
}
