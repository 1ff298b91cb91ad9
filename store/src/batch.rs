//! Records sorted by table, and their way into the database.

use std::sync::LazyLock;

use dashcam_exchange::{Certificate, Connection, Exchange, Gap, Message, Timestamp, UpstreamConnection};
use sqlx::SqliteConnection;

use crate::columns::Values;
use crate::payload_rows::{self, Part};
use crate::table::Table;
use crate::{StoreError, connection_row, exchange_row, upstream_connection_row};

/// What one transaction adds.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) connections: Vec<Connection>,
    pub(crate) upstream_connections: Vec<UpstreamConnection>,
    /// With the time at which each was shown.
    pub(crate) certificates: Vec<(Certificate, Timestamp)>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) parts: Vec<Part>,
    pub(crate) messages: Vec<Message>,
    pub(crate) gaps: Vec<Gap>,
    /// Exchanges whose bodies or messages come before any row of their own.
    pub(crate) orphans: Vec<i64>,
    /// Exchanges that were such, and have a row now.
    pub(crate) adopted: Vec<i64>,
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

const META: &str = "UPDATE meta SET last_exchange = max(last_exchange, ?), \
    last_connection = max(last_connection, ?), \
    last_upstream_connection = max(last_upstream_connection, ?), exchanges = exchanges + ?";

impl Batch {
    /// Writes everything, within the transaction that the caller has begun.
    pub(crate) async fn write(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (exchanges, connections) = (&*exchange_row::TABLE, &*connection_row::TABLE);
        exchanges.insert(connection, self.exchanges, |_| 0, exchange_row::bind).await?;
        payload_rows::BODIES
            .insert(connection, self.parts, |part| part.data.len(), payload_rows::bind_part)
            .await?;
        let size = |message: &Message| message.data.len();
        payload_rows::MESSAGES.insert(connection, self.messages, size, payload_rows::bind_message).await?;
        connections.insert(connection, self.connections, |_| 0, connection_row::bind).await?;
        let (upstream_connections, certificates) =
            (&*upstream_connection_row::TABLE, &*upstream_connection_row::CERTIFICATES);
        upstream_connections
            .insert(connection, self.upstream_connections, |_| 0, upstream_connection_row::bind)
            .await?;
        let size = |(certificate, _): &(Certificate, Timestamp)| certificate.der.len();
        certificates
            .insert(connection, self.certificates, size, upstream_connection_row::bind_certificate)
            .await?;
        payload_rows::GAPS.insert(connection, self.gaps, |_| 0, payload_rows::bind_gap).await?;
        ORPHANS.insert(connection, self.orphans, |_| 0, bind_orphan).await?;
        for id in self.adopted {
            sqlx::query("DELETE FROM orphans WHERE exchange = ?").bind(id).execute(&mut *connection).await?;
        }
        let meta = sqlx::query(META).bind(self.last_exchange).bind(self.last_connection);
        let meta = meta.bind(self.last_upstream_connection);
        meta.bind(self.new_exchanges).execute(connection).await?;
        Ok(())
    }
}

fn bind_orphan(exchange: i64, values: &mut Values) {
    values.push(exchange);
    values.push(0);
}
