//! Records sorted by table, and their way into the database.

use std::sync::LazyLock;

use dashcam_exchange::{
    self as exchange, Certificate, Direction, Exchange, Gap, Message, Timestamp, UpstreamConnection,
};
use rusqlite::Connection;

use crate::pack::{self, Pack, Packer};
use crate::payload_rows::{self, Part, body_key};
use crate::table::Table;
use crate::values::Values;
use crate::{StoreError, connection_row, exchange_row, upstream_connection_row};

/// An exchange on its way into the database.
pub(crate) struct Row {
    pub(crate) exchange: Box<Exchange>,
    /// Which of the batch's packs has its bodies; once these are numbered, which of all.
    pub(crate) pack: Option<i64>,
}

/// What one transaction adds.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) connections: Vec<exchange::Connection>,
    pub(crate) upstream_connections: Vec<UpstreamConnection>,
    /// With the time at which each was shown.
    pub(crate) certificates: Vec<(Certificate, Timestamp)>,
    /// Exchanges that have no row yet.
    pub(crate) exchanges: Vec<Row>,
    /// Exchanges that have one, in their order.
    pub(crate) exchanges_again: Vec<Row>,
    pub(crate) parts: Vec<Part>,
    pub(crate) packs: Vec<Pack>,
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
        exchanges.push(Row { exchange, pack: None });
    }

    /// Puts what exchanges hold of their bodies where it belongs: into packs, or behind the pieces that came before.
    pub(crate) fn pack(&mut self, packer: &mut Packer, busy: bool) -> Result<(), StoreError> {
        // In the order of the keys SQLite appends, rather than looking for the place of each row.
        self.exchanges.sort_unstable_by_key(|row| row.exchange.id.0);
        self.packs = packer.pack(self.exchanges.iter_mut().chain(&mut self.exchanges_again), busy)?;
        for Row { exchange, .. } in self.exchanges.iter_mut().chain(&mut self.exchanges_again) {
            let id = exchange.id;
            let bodies = [&mut exchange.request_body, &mut exchange.response_body];
            for (direction, body) in [Direction::Request, Direction::Response].into_iter().zip(bodies) {
                let data = std::mem::take(&mut body.rest);
                if !data.is_empty() {
                    self.parts.push(Part { key: body_key(id, direction, body.parts)?, data });
                }
            }
        }
        self.parts.sort_by_key(|part| part.key);
        Ok(())
    }

    /// Writes everything, within the transaction that the caller has begun. [`Batch::pack`] comes before.
    pub(crate) fn write(self, connection: &Connection) -> Result<(), StoreError> {
        let first = if self.packs.is_empty() { 0 } else { pack::next(connection)? };
        let numbered = move |row: Row| Row { pack: row.pack.map(|pack| first + pack), ..row };
        let (new, again) = (self.exchanges, self.exchanges_again);
        exchange_row::NEW.insert(connection, new.into_iter().map(numbered), exchange_row::bind)?;
        exchange_row::AGAIN.insert(connection, again.into_iter().map(numbered), exchange_row::bind)?;
        pack::insert(connection, first, self.packs)?;
        payload_rows::BODIES.insert(connection, self.parts, payload_rows::bind_part)?;
        payload_rows::MESSAGES.insert(connection, self.messages, payload_rows::bind_message)?;
        connection_row::TABLE.insert(connection, self.connections, connection_row::bind)?;
        upstream_connection_row::TABLE.insert(
            connection,
            self.upstream_connections,
            upstream_connection_row::bind,
        )?;
        upstream_connection_row::CERTIFICATES.insert(
            connection,
            self.certificates,
            upstream_connection_row::bind_certificate,
        )?;
        payload_rows::GAPS.insert(connection, self.gaps, payload_rows::bind_gap)?;
        ORPHANS.insert(connection, self.orphans, bind_orphan)?;
        for id in self.interrupted {
            connection.prepare_cached(INTERRUPTED)?.execute([id])?;
        }
        for id in self.adopted {
            connection.prepare_cached(ADOPTED)?.execute([id])?;
        }
        let (connections, upstreams) = (self.last_connection, self.last_upstream_connection);
        let numbers = [self.last_exchange, connections, upstreams, self.new_exchanges];
        connection.prepare_cached(META)?.execute(numbers)?;
        Ok(())
    }
}

fn bind_orphan(exchange: i64, values: &mut Values<'_, '_>) {
    values.push(exchange);
    values.push(0);
}
