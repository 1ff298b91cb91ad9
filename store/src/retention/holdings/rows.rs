//! Rows of `holdings`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{Held, Holdings, Names};
use crate::StoreError;

const LOAD: &str = "SELECT block, holders FROM holdings ORDER BY block";
const STORE: &str = "INSERT OR REPLACE INTO holdings (block, holders) VALUES (?, ?)";
const FORGET: &str = "DELETE FROM holdings WHERE block = ?";

/// A block as it is stored: bytes and exchanges, of all and by name.
#[derive(Default, Serialize, Deserialize)]
struct Stored {
    all: (f64, f64),
    clients: Vec<(String, f64, f64)>,
    hosts: Vec<(String, f64, f64)>,
}

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
            let Ok(stored) = serde_json::from_str::<Stored>(&holders) else { continue };
            let named = |names: Vec<(String, f64, f64)>, known: &Names| -> Vec<(Arc<str>, Held)> {
                let held = |(name, bytes, exchanges): (String, f64, f64)| {
                    (shared(known, &name), Held { bytes, exchanges })
                };
                names.into_iter().map(held).collect()
            };
            let (clients, hosts) = (named(stored.clients, &self.clients), named(stored.hosts, &self.hosts));
            let (bytes, exchanges) = stored.all;
            self.change(block, Held { bytes, exchanges }, &clients, &hosts);
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

    fn store_block(&self, connection: &Connection, number: i64) -> Result<(), StoreError> {
        let Some(block) = self.blocks.get(&number) else {
            connection.prepare_cached(FORGET)?.execute([number])?;
            return Ok(());
        };
        let figures = |held: &Held| (held.bytes.round(), (held.exchanges * 1000.0).round() / 1000.0);
        let named = |names: &Names| -> Vec<(String, f64, f64)> {
            let row = |(name, held): (&Arc<str>, &Held)| {
                let (bytes, exchanges) = figures(held);
                (name.to_string(), bytes, exchanges)
            };
            names.iter().map(row).collect()
        };
        let stored =
            Stored { all: figures(&block.all), clients: named(&block.clients), hosts: named(&block.hosts) };
        let holders = serde_json::to_string(&stored).expect("names and numbers are JSON");
        connection.prepare_cached(STORE)?.execute((number, holders))?;
        Ok(())
    }
}

/// A name, shared with those that are known.
pub(super) fn shared(known: &Names, name: &str) -> Arc<str> {
    known.get_key_value(name).map_or_else(|| Arc::from(name), |(known, _)| Arc::clone(known))
}
