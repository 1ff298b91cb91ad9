//! Rows out, column by column in the order in which [`crate::rows::values`] took them in, so that a row's writing and
//! reading can be compared line by line.

use dashcam_exchange::{Certificate, Failure, Fingerprint, Side, Stage, TlsFacts};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

use crate::StoreError;

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

    /// Two numbers: of the request and of the response.
    pub(crate) fn numbers<T: TryFrom<i64>>(&mut self) -> Result<[T; 2], StoreError> {
        Ok([self.number()?, self.number()?])
    }

    /// A column that is not wanted here.
    pub(crate) fn pass(&mut self) {
        self.next += 1;
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

    /// The facts that `Values::push_tls` wrote.
    pub(crate) fn tls(&mut self) -> Result<Option<TlsFacts>, StoreError> {
        let version: Option<String> = self.take()?;
        let cipher: Option<String> = self.take()?;
        let (sni, alpn, certificates) = (self.take()?, self.take()?, Vec::new());
        let cipher = cipher.unwrap_or_default();
        Ok(version.map(|version| TlsFacts { version, cipher, sni, alpn, certificates }))
    }

    /// Takes the certificates that `Values::push_certificates` wrote.
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
