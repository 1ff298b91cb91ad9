//! Places in a table, as numbers that ascend with its keys: so that a stretch that can't be read can be leapt over.

use rusqlite::Row;
use rusqlite::types::Value;

/// How the rows of a table are found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// By a column of numbers from 0 on.
    Number(&'static str),
    /// By these two columns: an exchange, and a number of 32 bits.
    Pair(&'static str),
    /// By 64 hex digits, of which the first 16 are the place.
    Fingerprint,
}

impl Key {
    /// The columns that make the place, separated by commas.
    pub(super) fn columns(self) -> &'static str {
        match self {
            Self::Number(column) => column,
            Self::Pair(columns) => columns,
            Self::Fingerprint => "sha256",
        }
    }

    /// How many columns these are.
    pub(super) fn width(self) -> usize {
        self.columns().split(',').count()
    }

    /// Rows from a place on: a condition with as many parameters.
    pub(super) fn from(self) -> String {
        let parameters = vec!["?"; self.width()].join(", ");
        format!("({}) >= ({parameters})", self.columns())
    }

    /// The parameters for the place `at`.
    pub(super) fn values(self, at: i128) -> Vec<Value> {
        let number = |number: i128| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        match self {
            Self::Number(_) => vec![number(at)],
            Self::Pair(_) => vec![number(at >> 32), number(at & 0xffff_ffff)],
            Self::Fingerprint => vec![Value::Text(format!("{at:016x}"))],
        }
    }

    /// The place of a row that begins with these columns; `None` if it makes no sense.
    pub(super) fn at(self, row: &Row<'_>) -> Option<i128> {
        match self {
            Self::Number(_) => Some(i128::from(row.get::<_, i64>(0).ok()?)),
            Self::Pair(_) => {
                let (exchange, seq): (i64, i64) = (row.get(0).ok()?, row.get(1).ok()?);
                (0..=0xffff_ffff).contains(&seq).then_some(i128::from(exchange) << 32 | i128::from(seq))
            }
            Self::Fingerprint => {
                let text: String = row.get(0).ok()?;
                i128::from_str_radix(text.get(..16)?, 16).ok()
            }
        }
    }

    /// The last place that there can be.
    pub(super) fn last(self) -> i128 {
        match self {
            Self::Number(_) => i128::from(i64::MAX),
            Self::Pair(_) => i128::from(i64::MAX) << 32,
            Self::Fingerprint => i128::from(u64::MAX),
        }
    }

    /// Which exchange a place belongs to, in tables that are about exchanges.
    pub(super) fn exchange(self, at: i128) -> Option<i64> {
        match self {
            Self::Number("id") => i64::try_from(at).ok(),
            Self::Number(_) => i64::try_from(at >> crate::rows::body_key::BITS).ok(),
            Self::Pair(_) => i64::try_from(at >> 32).ok(),
            Self::Fingerprint => None,
        }
    }
}
