//! The addresses of clients, looked up once for each connection.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::rows::connection_row::without_port;

/// Connections whose clients are remembered.
const MOST: usize = 50_000;

/// Addresses that were looked up.
#[derive(Debug, Default)]
pub(super) struct Clients {
    addresses: HashMap<i64, Option<Box<str>>>,
}

impl Clients {
    /// The address of the client of connection `id`, without its port; `None` if it is not stored.
    pub(super) fn address(&mut self, connection: &Connection, id: i64) -> Result<Option<&str>, StoreError> {
        if !self.addresses.contains_key(&id) {
            if self.addresses.len() >= MOST {
                self.addresses.clear();
            }
            let sql = "SELECT client FROM connections WHERE id = ?";
            let client: Option<String> =
                connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            self.addresses.insert(id, client.map(|client| without_port(&client).into()));
        }
        Ok(self.addresses.get(&id).and_then(Option::as_deref))
    }
}
