//! Counts the blocks that were recorded before anybody counted who holds how much.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::count::{MESSAGE, ROW, network};
use super::rows::shared;
use super::{BITS, Held, Holder, Holdings, block_of};
use crate::StoreError;

const EXCHANGES: &str = "SELECT e.id, c.client, e.host, \
    (e.request_stored + e.response_stored) * coalesce(CAST(length(p.data) AS REAL) / max(p.size, 1), 1.0) \
    FROM exchange_rows AS e LEFT JOIN connections AS c ON c.id = e.connection LEFT JOIN packs AS p ON p.id = e.pack \
    WHERE e.id BETWEEN ? AND ? AND e.state <> 'open'";
const MESSAGES: &str = "SELECT exchange, count(*), sum(length(data)) FROM messages WHERE exchange BETWEEN ? AND ? \
    GROUP BY exchange";

/// A block of exchanges, and who holds how much of it, as its rows say.
#[derive(Debug)]
pub(crate) struct BlockHeld {
    block: i64,
    held: HashMap<Holder, Held>,
}

impl BlockHeld {
    /// Counts the block of `exchange`.
    pub(crate) fn count(connection: &Connection, exchange: i64) -> Result<Self, StoreError> {
        let block = block_of(exchange);
        let messages = messages(connection, block)?;
        let mut statement = connection.prepare_cached(EXCHANGES)?;
        let mut rows = statement.query(ids_of(block))?;
        let mut held = HashMap::<Holder, Held>::new();
        while let Some(row) = rows.next()? {
            let (id, client, host, stored): (i64, Option<String>, String, f64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let bytes = ROW + stored + messages.get(&id).copied().unwrap_or_default();
            let client = client.map(|client| Arc::from(network(&client)));
            let holder = Holder { client, host: Some(Arc::from(host)) };
            held.entry(holder).or_default().add(Held { bytes, exchanges: 1.0 });
        }
        Ok(Self { block, held })
    }

    /// The first id that belongs to it.
    pub(crate) fn first(&self) -> i64 {
        ids_of(self.block).0
    }
}

impl Holdings {
    /// From now on it is noted if anything of the block of `exchange` goes, whose rows somebody counts.
    pub(crate) fn begin_count(&mut self, exchange: i64) {
        self.counting = Some(block_of(exchange));
    }

    /// Something of a block has gone.
    pub(super) fn spoil(&mut self, block: i64) {
        self.counting.take_if(|counting| *counting == block);
    }

    /// Takes a block in that was counted, within the transaction that the caller has begun. False if something of it has
    /// gone since [`Holdings::begin_count`].
    pub(crate) fn take_in(
        &mut self,
        connection: &Connection,
        counted: &BlockHeld,
    ) -> Result<bool, StoreError> {
        let BlockHeld { block, held } = counted;
        if self.counting.take() != Some(*block) {
            return Ok(false);
        }
        for (Holder { client, host }, held) in held {
            let client = client.as_ref().map(|client| shared(&self.clients, client));
            let host = host.as_ref().map(|host| shared(&self.hosts, host));
            self.add(*block, &Holder { client, host }, *held);
        }
        self.store(connection, [*block].into_iter())?;
        Ok(true)
    }
}

/// The first id of a block and the last.
fn ids_of(block: i64) -> (i64, i64) {
    (block << BITS, ((block + 1) << BITS) - 1)
}

/// Bytes of messages by exchange.
fn messages(connection: &Connection, block: i64) -> Result<HashMap<i64, f64>, StoreError> {
    let mut statement = connection.prepare_cached(MESSAGES)?;
    let bytes = |row: &rusqlite::Row<'_>| {
        let (messages, bytes): (f64, f64) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, bytes + messages * MESSAGE))
    };
    Ok(statement.query_map(ids_of(block), bytes)?.collect::<Result<_, _>>()?)
}
