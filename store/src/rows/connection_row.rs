//! A row of `connections`.

use std::sync::LazyLock;

use dashcam_exchange::{Connection, ConnectionId, Detected, Timestamp, Verdict};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// The columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "id, opened_at, closed_at, client, mode, destination, detected, verdict, \
    tls_version, tls_cipher, tls_sni, tls_alpn, failure_side, failure_stage, failure_message, bytes_in, bytes_out, \
    certificates";

/// The table. A later record of a connection replaces the earlier one.
pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "connections", COLUMNS));

pub(crate) fn bind<'r>(connection: &'r Connection, values: &mut Values<'_, '_, 'r>) {
    values.push(connection.id.0);
    values.push(connection.opened_at.0);
    values.push(connection.closed_at.map(|at| at.0));
    values.push(connection.client.as_str());
    values.push(connection.mode.as_str());
    values.push(connection.destination.as_deref());
    values.push(connection.detected.map(Detected::as_str));
    values.push(connection.verdict.map(Verdict::as_str));
    values.push_tls(connection.tls.as_ref());
    values.push_failure(connection.failure.as_ref());
    values.push_size(connection.bytes_in);
    values.push_size(connection.bytes_out);
    values.push_certificates(connection.tls.as_ref());
}

pub(crate) fn read(row: &SqliteRow) -> Result<Connection, StoreError> {
    let mut columns = Columns::of(row);
    let mut connection = Connection {
        id: ConnectionId(columns.take()?),
        opened_at: Timestamp(columns.take()?),
        closed_at: columns.take::<Option<i64>>()?.map(Timestamp),
        client: columns.take()?,
        mode: columns.take()?,
        destination: columns.take()?,
        detected: columns.optional_name(Detected::parse)?,
        verdict: columns.optional_name(Verdict::parse)?,
        tls: columns.tls()?,
        failure: columns.failure()?,
        bytes_in: columns.number()?,
        bytes_out: columns.number()?,
    };
    columns.certificates(connection.tls.as_mut())?;
    Ok(connection)
}
