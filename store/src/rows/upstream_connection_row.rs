//! Rows of `upstream_connections` and `certificates`.

use std::sync::LazyLock;

use dashcam_exchange::{Certificate, Fingerprint, Timestamp, UpstreamConnection, UpstreamConnectionId};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// The columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "id, opened_at, destination, address, local_address, dns_us, connect_us, tls_us, \
    tls_version, tls_cipher, tls_sni, tls_alpn, certificates, client_certificate";

pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "upstream_connections", COLUMNS));

/// Many connections show the same certificate.
pub(crate) static CERTIFICATES: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR IGNORE", "certificates", "sha256, der, first_seen"));

pub(crate) fn bind<'r>(connection: &'r UpstreamConnection, values: &mut Values<'_, '_, 'r>) {
    values.push(connection.id.0);
    values.push(connection.opened_at.0);
    values.push(connection.destination.as_str());
    values.push(connection.address.as_str());
    values.push(connection.local_address.as_deref());
    values.push(connection.dns_us);
    values.push(connection.connect_us);
    values.push(connection.tls_us);
    values.push_tls(connection.tls.as_ref());
    values.push_certificates(connection.tls.as_ref());
    let client_certificate = connection.client_certificate.as_ref();
    values.push(client_certificate.map(|certificate| certificate.sha256.to_string()));
}

pub(crate) fn read(row: &SqliteRow) -> Result<UpstreamConnection, StoreError> {
    let mut columns = Columns::of(row);
    let mut connection = UpstreamConnection {
        id: UpstreamConnectionId(columns.take()?),
        opened_at: Timestamp(columns.take()?),
        destination: columns.take()?,
        address: columns.take()?,
        local_address: columns.take()?,
        dns_us: columns.take()?,
        connect_us: columns.take()?,
        tls_us: columns.take()?,
        tls: columns.tls()?,
        client_certificate: None,
    };
    columns.certificates(connection.tls.as_mut())?;
    connection.client_certificate = columns.optional_name(Fingerprint::parse)?.map(Certificate::named);
    Ok(connection)
}

pub(crate) fn bind_certificate<'r>(
    (certificate, at): &'r (Certificate, Timestamp),
    values: &mut Values<'_, '_, 'r>,
) {
    values.push(certificate.sha256.to_string());
    values.push(&*certificate.der);
    values.push(at.0);
}
