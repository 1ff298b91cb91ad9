//! Origins that speak HTTP/2 by hand.

use std::future::Future;
use std::sync::Arc;

use anyhow::Result;
use tokio::io::BufReader;
use tokio_rustls::TlsAcceptor;

use super::frame::{data, headers};
use super::peer::{Event, Peer};
use crate::origin::Origin;
use crate::test_ca;

/// An origin that announces `settings`; `handle` deals with each of its connections.
///
/// # Errors
/// When no port can be bound.
pub async fn by_hand<F, Fut>(tls: bool, settings: &[(u16, u32)], handle: F) -> Result<Origin>
where
    F: Fn(Peer) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let acceptor: Option<TlsAcceptor> =
        if tls { Some(test_ca::shared()?.server(&["localhost"], &["h2", "http/1.1"])?.into()) } else { None };
    let (handle, settings) = (Arc::new(handle), settings.to_vec());
    Origin::raw(move |stream| {
        let (acceptor, handle, settings) = (acceptor.clone(), Arc::clone(&handle), settings.clone());
        async move {
            let stream: crate::origin::Stream = match acceptor {
                Some(acceptor) => BufReader::new(Box::new(acceptor.accept(stream).await?)),
                None => BufReader::new(Box::new(stream)),
            };
            handle(Peer::server(stream, &settings).await?).await
        }
    })
    .await
}

/// An origin without TLS that answers every whole request with 200 and "ok", but for `/wait`, which it lets wait.
///
/// # Errors
/// When no port can be bound.
pub async fn answering() -> Result<Origin> {
    by_hand(false, &[], |mut peer| async move {
        let mut waiting = Vec::new();
        loop {
            let event = peer.next().await?;
            if let Event::Headers { stream, fields, .. } = &event
                && fields.iter().any(|(name, value)| name == ":path" && value == "/wait")
            {
                waiting.push(*stream);
            }
            match event {
                Event::Headers { stream, ends: true, .. } | Event::Data { stream, ends: true, .. }
                    if !waiting.contains(&stream) =>
                {
                    peer.write(&headers(stream, &[(":status", "200")], false)).await?;
                    peer.write(&data(stream, b"ok", true)).await?;
                }
                Event::Closed => return Ok(()),
                _ => {}
            }
        }
    })
    .await
}
