//! The clients of connections, looked up once for each connection.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::rows::connection_row::without_port;

/// Connections whose clients are remembered.
const MOST: usize = 50_000;

/// The client of a connection.
#[derive(Debug)]
pub(super) struct Client {
    /// Its address without its port.
    pub(super) address: Box<str>,
    /// The name of its program, if that was found.
    pub(super) program: Option<Box<str>>,
}

/// Clients that were looked up.
#[derive(Debug, Default)]
pub(super) struct Clients {
    of: HashMap<i64, Option<Client>>,
}

impl Clients {
    /// The client of connection `id`; `None` if that is not stored.
    pub(super) fn of(&mut self, connection: &Connection, id: i64) -> Result<Option<&Client>, StoreError> {
        if !self.of.contains_key(&id) {
            if self.of.len() >= MOST {
                self.of.clear();
            }
            let sql = "SELECT client, program FROM connections WHERE id = ?";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let found: Option<(String, Option<String>)> =
                connection.prepare_cached(sql)?.query_row([id], read).optional()?;
            let client = found.map(|(client, program)| Client {
                address: without_port(&client).into(),
                program: program.map(String::into),
            });
            self.of.insert(id, client);
        }
        Ok(self.of.get(&id).and_then(Option::as_ref))
    }
}
