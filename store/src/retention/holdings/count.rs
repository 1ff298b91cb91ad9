//! Adds a batch to the amounts that are held.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use dashcam_exchange::State;
use rusqlite::{Connection, OptionalExtension as _};

use super::rows::shared;
use super::{Held, Holder, Holdings, block_of};
use crate::StoreError;
use crate::rows::exchange_detail::Row;
use crate::state::batch::Batch;

/// About the bytes of an exchange's row, heads among them …
pub(super) const ROW: f64 = 1024.0;
/// … and of a message's, beside its payload.
pub(super) const MESSAGE: f64 = 64.0;
/// Connections whose clients are remembered.
const REMEMBERED: usize = 16_384;

/// A block, and what somebody holds of it.
type Addition = (i64, Holder, Held);

/// The bytes that messages of an exchange are counted with.
const MESSAGES: &str = "SELECT coalesce(sum(length(data) + 64), 0) FROM messages WHERE exchange = ?";
const CLIENT: &str = "SELECT client FROM connections WHERE id = ?";
const ASKED: &str = "SELECT connection, host FROM exchange_rows WHERE id = ?";

impl Holdings {
    /// Counts what `batch` adds, which has been written within the transaction that goes on.
    pub(crate) fn count(&mut self, connection: &Connection, batch: &Batch) -> Result<(), StoreError> {
        let mut added = Vec::new();
        self.count_exchanges(connection, batch, &mut added)?;
        self.count_messages(connection, batch, &mut added)?;
        for (block, holder, held) in &added {
            self.add(*block, holder, *held);
        }
        self.store(connection, added.iter().map(|(block, ..)| *block))
    }

    /// Takes exchanges out that are about to be deleted within the transaction that goes on.
    pub(crate) fn forget(
        &mut self,
        connection: &Connection,
        exchanges: impl Iterator<Item = i64> + Clone,
    ) -> Result<(), StoreError> {
        for id in exchanges.clone() {
            if let Some(holder) = self.holder_at(connection, id)? {
                self.remove(id, &holder);
            }
        }
        self.store(connection, exchanges.map(block_of))
    }

    /// Takes out the messages of an exchange that are about to be deleted within the transaction that goes on.
    pub(crate) fn forget_messages(
        &mut self,
        connection: &Connection,
        exchange: i64,
    ) -> Result<(), StoreError> {
        let bytes: i64 = connection.prepare_cached(MESSAGES)?.query_row([exchange], |row| row.get(0))?;
        if bytes > 0
            && let Some(holder) = self.holder_at(connection, exchange)?
        {
            self.lighten(exchange, &holder, bytes);
            self.store(connection, std::iter::once(block_of(exchange)))?;
        }
        Ok(())
    }

    fn count_exchanges(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        added: &mut Vec<Addition>,
    ) -> Result<(), StoreError> {
        let ended = |row: &&Row| row.exchange.state != State::Open;
        let mut last: Option<&Row> = None;
        for row in batch.exchanges.iter().chain(&batch.exchanges_again).filter(ended) {
            let held = Held { bytes: bytes(row, batch), exchanges: 1.0 };
            // Exchanges of one client follow each other.
            let same = last.filter(|last| is_alike(last, row)).and_then(|_| added.last_mut());
            match same {
                Some((_, _, sum)) => sum.add(held),
                None => {
                    let connected = row.exchange.connection.map(|id| id.0);
                    let host = row.exchange.destination.host.as_str();
                    let holder = self.holder_of(connection, connected, host)?;
                    added.push((block_of(row.exchange.id.0), holder, held));
                }
            }
            last = Some(row);
        }
        Ok(())
    }

    fn count_messages(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        added: &mut Vec<Addition>,
    ) -> Result<(), StoreError> {
        let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
        for row in &batch.messages {
            *sums.entry(row.message.exchange.0).or_default() += row.message.data.len() as f64 + MESSAGE;
        }
        for (exchange, bytes) in sums {
            if let Some(holder) = self.holder_at(connection, exchange)? {
                added.push((block_of(exchange), holder, Held { bytes, exchanges: 0.0 }));
            }
        }
        Ok(())
    }

    /// The holder of an exchange; `None` if it is not there.
    pub(in crate::retention) fn holder_at(
        &mut self,
        connection: &Connection,
        exchange: i64,
    ) -> Result<Option<Holder>, StoreError> {
        let asked = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(Option<i64>, String)> =
            connection.prepare_cached(ASKED)?.query_row([exchange], asked).optional()?;
        let Some((connected, host)) = found else { return Ok(None) };
        self.holder_of(connection, connected, &host).map(Some)
    }

    /// The holder of exchanges over a connection, of a host.
    pub(crate) fn holder_of(
        &mut self,
        connection: &Connection,
        connected: Option<i64>,
        host: &str,
    ) -> Result<Holder, StoreError> {
        let client = match connected {
            Some(id) => self.client(connection, id)?,
            None => None,
        };
        Ok(Holder { client, host: Some(shared(&self.hosts, host)) })
    }

    fn client(&mut self, connection: &Connection, id: i64) -> Result<Option<Arc<str>>, StoreError> {
        if let Some(client) = self.addresses.get(&id) {
            return Ok(Some(Arc::clone(client)));
        }
        let client = connection.prepare_cached(CLIENT)?.query_row([id], |row| row.get::<_, String>(0));
        let Some(client) = client.optional()? else { return Ok(None) };
        let client = shared(&self.clients, &network(&client));
        if self.addresses.len() >= REMEMBERED {
            self.addresses.clear();
        }
        self.addresses.insert(id, Arc::clone(&client));
        Ok(Some(client))
    }
}

fn is_alike(one: &Row, other: &Row) -> bool {
    let (one, other) = (&one.exchange, &other.exchange);
    one.connection == other.connection
        && one.destination.host == other.destination.host
        && block_of(one.id.0) == block_of(other.id.0)
}

/// About the bytes that an exchange takes on disk.
fn bytes(row: &Row, batch: &Batch) -> f64 {
    let stored = (row.exchange.request_body.stored + row.exchange.response_body.stored) as f64;
    let pack = row.place.and_then(|place| batch.packs.get(place));
    ROW + pack.map_or(stored, |pack| stored * pack.data.len() as f64 / pack.size.max(1) as f64)
}

/// The address of a client, which is known by address and port. Of IPv6 the network: whoever has one address there has
/// all.
pub(super) fn network(client: &str) -> String {
    let Ok(address) = client.parse::<SocketAddr>() else { return client.to_owned() };
    match address.ip().to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}
