//! Rows of `holdings`.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{Held, Holder, Holdings};
use crate::StoreError;

const LOAD: &str = "SELECT block, holders FROM holdings ORDER BY block";
const STORE: &str = "INSERT OR REPLACE INTO holdings (block, holders) VALUES (?, ?)";
const FORGET: &str = "DELETE FROM holdings WHERE block = ?";

/// A holder as it is stored: client, host, bytes, exchanges.
type Stored = (Option<String>, Option<String>, f64, f64);

impl Holdings {
    /// Reads what is known, once.
    pub(crate) fn load(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.is_loaded {
            return Ok(());
        }
        let mut statement = connection.prepare_cached(LOAD)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (block, holders): (i64, String) = (row.get(0)?, row.get(1)?);
            // What makes no sense is not known: then its exchanges go by their age.
            let holders: Vec<Stored> = serde_json::from_str(&holders).unwrap_or_default();
            for (client, host, bytes, exchanges) in holders {
                let holder = self.holder(client.as_deref(), host.as_deref());
                self.change(block, &holder, Held { bytes, exchanges });
            }
        }
        self.is_loaded = true;
        Ok(())
    }

    /// Stores `blocks` as they are now.
    pub(in crate::retention) fn store(
        &self,
        connection: &Connection,
        blocks: impl Iterator<Item = i64>,
    ) -> Result<(), StoreError> {
        let blocks: BTreeSet<i64> = blocks.collect();
        blocks.into_iter().try_for_each(|block| self.store_block(connection, block))
    }

    /// Deletes the rows of those of `blocks` of which nothing is left.
    pub(in crate::retention) fn drop_empty(
        &self,
        connection: &Connection,
        blocks: impl Iterator<Item = i64>,
    ) -> Result<(), StoreError> {
        self.store(connection, blocks.filter(|block| !self.blocks.contains_key(block)))
    }

    fn store_block(&self, connection: &Connection, number: i64) -> Result<(), StoreError> {
        let Some(block) = self.blocks.get(&number) else {
            connection.prepare_cached(FORGET)?.execute([number])?;
            return Ok(());
        };
        let stored: Vec<(Option<&str>, Option<&str>, f64, f64)> = block
            .iter()
            .map(|(Holder { client, host }, held)| {
                let exchanges = (held.exchanges * 1000.0).round() / 1000.0;
                (client.as_deref(), host.as_deref(), held.bytes.round(), exchanges)
            })
            .collect();
        let holders = serde_json::to_string(&stored).expect("names and numbers are JSON");
        connection.prepare_cached(STORE)?.execute((number, holders))?;
        Ok(())
    }
}
