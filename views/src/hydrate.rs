//! The rows that an exchange or a connection refers to, read along with it.

use dashcam_exchange::{Certificate, Connection, Exchange, UpstreamConnection};
use dashcam_store::{Store, StoreError};

use crate::dto;

/// An exchange as the API shows it.
///
/// # Errors
/// When the store cannot be read; so with all that follow.
pub async fn exchange(store: &Store, exchange: Exchange) -> Result<dto::Exchange, StoreError> {
    let messages = store.message_count(exchange.id).await?;
    let upstream = upstream(store, &exchange).await?;
    let pinned = store.is_pinned(exchange.id).await?;
    Ok(dto::Exchange::new(exchange, upstream, messages, pinned))
}

/// A client connection as the API shows it.
///
/// # Errors
/// When the store cannot be read.
pub async fn connection(store: &Store, mut connection: Connection) -> Result<dto::Connection, StoreError> {
    for certificate in connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates) {
        read(store, certificate).await?;
    }
    Ok(connection.into())
}

/// The connection to the upstream that served `exchange`, with its certificates, as far as it is stored.
///
/// # Errors
/// When the store cannot be read.
pub async fn upstream(store: &Store, exchange: &Exchange) -> Result<Option<UpstreamConnection>, StoreError> {
    let Some(id) = exchange.upstream.as_ref().and_then(|upstream| upstream.connection) else {
        return Ok(None);
    };
    let Some(mut connection) = store.upstream_connection(id).await? else { return Ok(None) };
    let theirs = connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates);
    for certificate in theirs.chain(&mut connection.client_certificate) {
        read(store, certificate).await?;
    }
    Ok(Some(connection))
}

async fn read(store: &Store, certificate: &mut Certificate) -> Result<(), StoreError> {
    if let Some(der) = store.certificate(certificate.sha256).await? {
        certificate.der = der.into();
    }
    Ok(())
}
