//! Rows in and out, column by column in order, so that a row's writing and reading can be compared line by line.

use dashcam_exchange::{Certificate, Failure, Fingerprint, Headers, Side, Stage, TlsFacts};
use sqlx::encode::Encode;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Decode, Row, Sqlite, Type};

use crate::StoreError;
use crate::headers_json;

/// The values of one statement.
#[derive(Default)]
pub(crate) struct Values(SqliteArguments);

impl Values {
    pub(crate) fn with_capacity(values: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(values, 0);
        Self(arguments)
    }

    pub(crate) fn push<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) {
        self.0.add(value).expect("encoding SQLite's own types has no way to fail");
    }

    /// A size or a count. SQLite has no unsigned numbers; none of ours comes near the end of the signed ones.
    pub(crate) fn push_size(&mut self, value: u64) {
        self.push(i64::try_from(value).unwrap_or(i64::MAX));
    }

    pub(crate) fn push_headers(&mut self, headers: Option<&Headers>) {
        self.push(headers.map(headers_json::encode));
    }

    pub(crate) fn push_failure(&mut self, failure: Option<Failure>) {
        self.push(failure.as_ref().map(|failure| failure.side.as_str()));
        self.push(failure.as_ref().map(|failure| failure.stage.as_str()));
        self.push(failure.map(|failure| failure.message));
    }

    pub(crate) fn push_tls(&mut self, tls: Option<&TlsFacts>) {
        self.push(tls.map(|tls| tls.version.as_str()));
        self.push(tls.map(|tls| tls.cipher.as_str()));
        self.push(tls.and_then(|tls| tls.sni.as_deref()));
        self.push(tls.and_then(|tls| tls.alpn.as_deref()));
    }

    /// What they are known by, as a JSON array; NULL for none. Their bytes are stored apart.
    pub(crate) fn push_certificates(&mut self, tls: Option<&TlsFacts>) {
        let certificates = tls.map(|tls| &tls.certificates).filter(|certificates| !certificates.is_empty());
        self.push(certificates.map(|certificates| {
            let each = certificates.iter().map(|certificate| format!("\"{}\"", certificate.sha256));
            format!("[{}]", each.collect::<Vec<_>>().join(","))
        }));
    }

    pub(crate) fn into_arguments(self) -> SqliteArguments {
        self.0
    }
}

/// The columns of one row, from the first on.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn take<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        Ok(self.row.try_get(self.next - 1)?)
    }

    /// A number that is stored as `i64` and meant as `T`.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let number: i64 = self.take()?;
        T::try_from(number).map_err(|_| self.damaged(number))
    }

    /// A name that `parse` knows.
    pub(crate) fn name<T>(&mut self, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let name: &str = self.take()?;
        parse(name).ok_or_else(|| self.damaged(name))
    }

    /// A name that `parse` knows, or NULL.
    pub(crate) fn optional_name<T>(&mut self, parse: fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        let name: Option<&str> = self.take()?;
        name.map(|name| parse(name).ok_or_else(|| self.damaged(name))).transpose()
    }

    /// A JSON text, or NULL.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        let json: Option<&str> = self.take()?;
        json.map(|json| serde_json::from_str(json).map_err(|error| self.damaged(error))).transpose()
    }

    pub(crate) fn failure(&mut self) -> Result<Option<Failure>, StoreError> {
        let side = self.optional_name(Side::parse)?;
        let stage = self.optional_name(Stage::parse)?;
        let message: Option<String> = self.take()?;
        let Some((side, stage)) = side.zip(stage) else { return Ok(None) };
        Ok(Some(Failure { side, stage, message: message.unwrap_or_default() }))
    }

    /// What [`Values::push_tls`] wrote.
    pub(crate) fn tls(&mut self) -> Result<Option<TlsFacts>, StoreError> {
        let version: Option<String> = self.take()?;
        let cipher: Option<String> = self.take()?;
        let (sni, alpn, certificates) = (self.take()?, self.take()?, Vec::new());
        let cipher = cipher.unwrap_or_default();
        Ok(version.map(|version| TlsFacts { version, cipher, sni, alpn, certificates }))
    }

    /// What [`Values::push_certificates`] wrote.
    pub(crate) fn certificates(&mut self, tls: Option<&mut TlsFacts>) -> Result<(), StoreError> {
        let list: Vec<Fingerprint> = self.json()?.unwrap_or_default();
        if let Some(tls) = tls {
            tls.certificates = list.into_iter().map(Certificate::named).collect();
        }
        Ok(())
    }

    fn damaged(&self, found: impl std::fmt::Display) -> StoreError {
        StoreError::Damaged(format!("column {} of a row: {found}", self.next))
    }
}
