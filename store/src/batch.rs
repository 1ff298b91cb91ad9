//! Records sorted by table, and their way into the database.

use std::sync::LazyLock;

use dashcam_exchange::{
    self as exchange, Certificate, Exchange, Gap, Message, Timestamp, UpstreamConnection,
};
use rusqlite::{Connection, ToSql};

use crate::payload_rows::{self, Part};
use crate::table::Table;
use crate::values::Values;
use crate::{StoreError, connection_row, exchange_row, upstream_connection_row};

/// What one transaction adds.
#[allow(clippy::vec_box)] // as exchanges come: to be sorted they are not moved
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) connections: Vec<exchange::Connection>,
    pub(crate) upstream_connections: Vec<UpstreamConnection>,
    /// With the time at which each was shown.
    pub(crate) certificates: Vec<(Certificate, Timestamp)>,
    /// Exchanges that have no row yet.
    pub(crate) exchanges: Vec<Box<Exchange>>,
    /// Exchanges that have one, in their order.
    pub(crate) exchanges_again: Vec<Box<Exchange>>,
    pub(crate) parts: Vec<Part>,
    pub(crate) messages: Vec<Message>,
    pub(crate) gaps: Vec<Gap>,
    /// Exchanges whose bodies or messages come before any row of their own.
    pub(crate) orphans: Vec<i64>,
    /// Exchanges that were such, and have a row now.
    pub(crate) adopted: Vec<i64>,
    /// Exchanges that have a row and ended, but whose end was lost.
    pub(crate) interrupted: Vec<i64>,
    /// Rows that `exchanges` grows by.
    pub(crate) new_exchanges: i64,
    /// The highest exchange that is named.
    pub(crate) last_exchange: i64,
    /// The highest connection that is named.
    pub(crate) last_connection: i64,
    /// The highest connection to an upstream that is named.
    pub(crate) last_upstream_connection: i64,
}

static ORPHANS: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "orphans", "exchange, deleted"));

const ADOPTED: &str = "DELETE FROM orphans WHERE exchange = ?";

const INTERRUPTED: &str = "UPDATE exchange_rows SET state = 'interrupted' WHERE id = ? AND state = 'open'";

const META: &str = "UPDATE meta SET last_exchange = max(last_exchange, ?), \
    last_connection = max(last_connection, ?), \
    last_upstream_connection = max(last_upstream_connection, ?), exchanges = exchanges + ?";

impl Batch {
    /// Adds an exchange that comes `again`, or for the first time.
    pub(crate) fn push(&mut self, exchange: Box<Exchange>, again: bool) {
        let exchanges = if again { &mut self.exchanges_again } else { &mut self.exchanges };
        exchanges.push(exchange);
    }

    /// Writes everything, within the transaction that the caller has begun. What fails may be written again.
    pub(crate) fn write(&mut self, connection: &Connection) -> Result<(), StoreError> {
        // In the order of the keys SQLite appends, rather than looking for the place of each row.
        self.exchanges.sort_unstable_by_key(|exchange| exchange.id.0);
        self.parts.sort_by_key(|part| part.key);
        exchange_row::NEW.insert(connection, &self.exchanges, exchange_row::bind)?;
        exchange_row::AGAIN.insert(connection, &self.exchanges_again, exchange_row::bind)?;
        payload_rows::BODIES.insert(connection, &self.parts, payload_rows::bind_part)?;
        payload_rows::MESSAGES.insert(connection, &self.messages, payload_rows::bind_message)?;
        connection_row::TABLE.insert(connection, &self.connections, connection_row::bind)?;
        upstream_connection_row::TABLE.insert(
            connection,
            &self.upstream_connections,
            upstream_connection_row::bind,
        )?;
        upstream_connection_row::CERTIFICATES.insert(
            connection,
            &self.certificates,
            upstream_connection_row::bind_certificate,
        )?;
        payload_rows::GAPS.insert(connection, &self.gaps, payload_rows::bind_gap)?;
        ORPHANS.insert(connection, &self.orphans, bind_orphan)?;
        for id in &self.interrupted {
            connection.prepare_cached(INTERRUPTED)?.execute([id])?;
        }
        for id in &self.adopted {
            connection.prepare_cached(ADOPTED)?.execute([id])?;
        }
        let (connections, upstreams) = (self.last_connection, self.last_upstream_connection);
        let numbers = [self.last_exchange, connections, upstreams, self.new_exchanges];
        connection.prepare_cached(META)?.execute(numbers)?;
        Ok(())
    }

    /// Whether the database has it: a transaction whose end failed can survive. What may be written twice without
    /// harm is not looked at.
    pub(crate) fn is_stored(&self, connection: &Connection) -> Result<bool, StoreError> {
        let one = |sql: &str, values: &[&dyn ToSql]| -> Result<bool, StoreError> {
            Ok(connection.prepare_cached(sql)?.exists(values)?)
        };
        if let Some(exchange) = self.exchanges.first() {
            return one("SELECT 1 FROM exchange_rows WHERE id = ?", &[&exchange.id.0]);
        }
        if let Some(message) = self.messages.first() {
            let sql = "SELECT 1 FROM messages WHERE exchange = ? AND seq = ?";
            return one(sql, &[&message.exchange.0, &message.seq]);
        }
        if let Some(part) = self.parts.first() {
            return one("SELECT 1 FROM body_rows WHERE key = ?", &[&part.key]);
        }
        let Some(gap) = self.gaps.first() else { return Ok(false) };
        let sql = "SELECT 1 FROM gaps WHERE from_at = ? AND until_at = ? AND reason = ?";
        one(sql, &[&gap.from.0, &gap.until.0, &gap.reason.as_str()])
    }
}

fn bind_orphan(exchange: &i64, values: &mut Values<'_, '_, '_>) {
    values.push(*exchange);
    values.push(0);
}
