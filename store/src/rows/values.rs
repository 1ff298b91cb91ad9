//! The values of a row on their way into a statement.
//!
//! SQLite copies each text that is bound, and keeps it for the next row. Rows that follow each other are much
//! alike — hosts, methods, versions, and often whole heads — so what a column holds already is not bound again.
//! The rows outlive the statement's use (`'r`): what a column holds is known without a copy.

use dashcam_exchange::{Failure, Headers, TlsFacts};
use rusqlite::blob::ZeroBlob;
use rusqlite::{Statement, ToSql};

use crate::rows::headers_json;

/// From so many bytes on it pays to open what was inserted and write to it.
const LARGE: usize = 32 << 10;

/// The value that a column holds since the row before.
#[derive(Debug, Default)]
pub(crate) enum Bound<'r> {
    #[default]
    Unknown,
    Null,
    Integer(i64),
    Text(&'r str),
    Headers(&'r Headers),
}

/// Takes the values of one row in the order of its columns.
pub(crate) struct Values<'s, 'c, 'r> {
    statement: &'s mut Statement<'c>,
    bound: &'s mut [Bound<'r>],
    next: usize,
    data: Option<&'r [u8]>,
    failed: Option<rusqlite::Error>,
}

/// A type whose values a column can have.
pub(crate) trait Value<'r> {
    fn bind(self, values: &mut Values<'_, '_, 'r>);
}

impl<'s, 'c, 'r> Values<'s, 'c, 'r> {
    /// `bound` has an entry a column, and goes with the statement from row to row.
    pub(crate) fn new(statement: &'s mut Statement<'c>, bound: &'s mut [Bound<'r>]) -> Self {
        Self { statement, bound, next: 0, data: None, failed: None }
    }

    pub(crate) fn push(&mut self, value: impl Value<'r>) {
        value.bind(self);
        self.next += 1;
    }

    /// A size or a count. SQLite has no unsigned numbers; none of ours comes near the end of the signed ones.
    pub(crate) fn push_size(&mut self, value: u64) {
        self.push(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Two values of one kind: of the request and of the response.
    pub(crate) fn push_each<T: Value<'r>>(&mut self, [request, response]: [T; 2]) {
        self.push(request);
        self.push(response);
    }

    /// Two sizes.
    pub(crate) fn push_each_size(&mut self, [request, response]: [u64; 2]) {
        self.push_size(request);
        self.push_size(response);
    }

    pub(crate) fn push_failure(&mut self, failure: Option<&'r Failure>) {
        self.push(failure.map(|failure| failure.side.as_str()));
        self.push(failure.map(|failure| failure.stage.as_str()));
        self.push(failure.map(|failure| failure.message.as_str()));
    }

    pub(crate) fn push_tls(&mut self, tls: Option<&'r TlsFacts>) {
        self.push(tls.map(|tls| tls.version.as_str()));
        self.push(tls.map(|tls| tls.cipher.as_str()));
        self.push(tls.and_then(|tls| tls.sni.as_deref()));
        self.push(tls.and_then(|tls| tls.alpn.as_deref()));
    }

    /// The fingerprints of certificates, as a JSON array; NULL for none. Their bytes are stored apart.
    pub(crate) fn push_certificates(&mut self, tls: Option<&TlsFacts>) {
        let certificates = tls.map(|tls| &tls.certificates).filter(|certificates| !certificates.is_empty());
        let json = certificates.map(|certificates| {
            let each = certificates.iter().map(|certificate| format!("\"{}\"", certificate.sha256));
            format!("[{}]", each.collect::<Vec<_>>().join(","))
        });
        self.push(json);
    }

    /// The column `data` of a table that has a number for each row. For large ones only room is made: SQLite would copy
    /// them twice on their way to their place.
    pub(crate) fn push_data(&mut self, data: &'r [u8]) {
        match i32::try_from(data.len()) {
            Ok(length) if data.len() >= LARGE => {
                self.data = Some(data);
                self.bind(ZeroBlob(length), Bound::Unknown);
                self.next += 1;
            }
            _ => self.push(data),
        }
    }

    /// The row is whole, unless a value was beyond what SQLite can hold. What is returned is to be written to the room
    /// that was made for it.
    pub(crate) fn finish(self) -> Result<Option<&'r [u8]>, rusqlite::Error> {
        debug_assert_eq!(self.next, self.bound.len(), "a value a column");
        self.failed.map_or(Ok(self.data), Err)
    }

    fn column(&mut self) -> &mut Bound<'r> {
        &mut self.bound[self.next]
    }

    fn bind(&mut self, value: impl ToSql, holds: Bound<'r>) {
        let done = self.statement.raw_bind_parameter(self.next + 1, value);
        *self.column() = if done.is_ok() { holds } else { Bound::Unknown };
        if let Err(error) = done {
            self.failed.get_or_insert(error);
        }
    }
}

impl<'r> Value<'r> for i64 {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        if !matches!(values.column(), Bound::Integer(held) if *held == self) {
            values.bind(self, Bound::Integer(self));
        }
    }
}

impl<'r> Value<'r> for &'r str {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        if !matches!(values.column(), Bound::Text(held) if *held == self) {
            values.bind(self, Bound::Text(self));
        }
    }
}

/// A text that is made for the row.
impl<'r> Value<'r> for String {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        values.bind(self, Bound::Unknown);
    }
}

impl<'r> Value<'r> for &'r [u8] {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        values.bind(self, Bound::Unknown);
    }
}

/// Headers as they are stored: folded, or whole.
pub(crate) enum Head<'r> {
    Folded(&'r str),
    Whole(&'r Headers),
}

impl<'r> Head<'r> {
    /// Those of a head, which may be `folded`; `None` of none.
    pub(crate) fn of(folded: &'r Option<String>, whole: Option<&'r Headers>) -> Option<Self> {
        folded.as_deref().map(Self::Folded).or_else(|| whole.map(Self::Whole))
    }
}

impl<'r> Value<'r> for Head<'r> {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        match self {
            Self::Folded(text) => text.bind(values),
            Self::Whole(headers) => headers.bind(values),
        }
    }
}

/// Their JSON.
impl<'r> Value<'r> for &'r Headers {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        if !matches!(values.column(), Bound::Headers(held) if *held == self) {
            values.bind(headers_json::encode(self), Bound::Headers(self));
        }
    }
}

impl<'r, T: Value<'r>> Value<'r> for Option<T> {
    fn bind(self, values: &mut Values<'_, '_, 'r>) {
        match self {
            Some(value) => value.bind(values),
            None if matches!(values.column(), Bound::Null) => {}
            None => values.bind(rusqlite::types::Null, Bound::Null),
        }
    }
}

macro_rules! integers {
    ($($type:ty)*) => {
        $(impl<'r> Value<'r> for $type {
            fn bind(self, values: &mut Values<'_, '_, 'r>) {
                i64::from(self).bind(values);
            }
        })*
    };
}

integers!(bool i32 u16 u32);
