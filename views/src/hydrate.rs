//! The rows that an exchange or a connection refers to, read along with it.

use dashcam_exchange::{Certificate, Connection, Exchange, Program, UpstreamConnection};
use dashcam_store::{ReadError, Reader};

use crate::dto;

/// An exchange as the API shows it.
///
/// # Errors
/// When the store cannot be read; so with all that follow.
pub async fn exchange(reader: &Reader, exchange: Exchange) -> Result<dto::Exchange, ReadError> {
    let program = program(reader, &exchange).await?;
    sent_by(reader, exchange, program).await
}

/// An exchange as the API shows it, sent by `program`.
///
/// # Errors
/// When the store cannot be read.
pub async fn sent_by(
    reader: &Reader,
    exchange: Exchange,
    program: Option<Program>,
) -> Result<dto::Exchange, ReadError> {
    let messages = reader.message_count(exchange.id).await?;
    let upstream = upstream(reader, &exchange).await?;
    let pinned = reader.is_pinned(exchange.id).await?;
    let note = reader.note(exchange.id).await?;
    let snapshots = reader.snapshots_of(exchange.id).await?;
    let client = match exchange.connection {
        Some(id) => reader.client(id).await?,
        None => None,
    };
    let marks = dto::exchange::Marks { pinned, note, snapshots, client };
    Ok(dto::Exchange::new(exchange, program, upstream, messages, marks))
}

/// The program that sent `exchange`, as far as it is stored.
///
/// # Errors
/// When the store cannot be read.
pub async fn program(reader: &Reader, exchange: &Exchange) -> Result<Option<Program>, ReadError> {
    let Some(id) = exchange.connection else { return Ok(None) };
    Ok(reader.connection(id).await?.and_then(|connection| connection.program))
}

/// A client connection as the API shows it.
///
/// # Errors
/// When the store cannot be read.
pub async fn connection(reader: &Reader, mut connection: Connection) -> Result<dto::Connection, ReadError> {
    for certificate in connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates) {
        read(reader, certificate).await?;
    }
    Ok(connection.into())
}

/// The connection to the upstream that served `exchange`, with its certificates, as far as it is stored.
///
/// # Errors
/// When the store cannot be read.
pub async fn upstream(reader: &Reader, exchange: &Exchange) -> Result<Option<UpstreamConnection>, ReadError> {
    let Some(id) = exchange.upstream.as_ref().and_then(|upstream| upstream.connection) else {
        return Ok(None);
    };
    let Some(mut connection) = reader.upstream_connection(id).await? else { return Ok(None) };
    let theirs = connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates);
    for certificate in theirs.chain(&mut connection.client_certificate) {
        read(reader, certificate).await?;
    }
    Ok(Some(connection))
}

async fn read(reader: &Reader, certificate: &mut Certificate) -> Result<(), ReadError> {
    if let Some(der) = reader.certificate(certificate.sha256).await? {
        certificate.der = der.into();
    }
    Ok(())
}
