//! Origins that speak HTTP/2 by hand.

use std::future::Future;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio_rustls::TlsAcceptor;

use super::frame::{data, headers};
use super::peer::{Event, Peer};
use crate::origin::Origin;
use crate::{test_ca, wire};

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

/// An origin with TLS that answers an HTTP/1.1 upgrade with `status`, and then each `said` with `reply`. If `h2`, it
/// speaks HTTP/2 with those who offer it, and does not know extended CONNECT.
///
/// # Errors
/// When no port can be bound.
pub async fn upgrading(
    h2: bool,
    status: &'static str,
    said: &'static [u8],
    reply: &'static [u8],
) -> Result<Origin> {
    let alpn: &[&str] = if h2 { &["h2", "http/1.1"] } else { &["http/1.1"] };
    let tls = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], alpn)?);
    Origin::raw(move |stream| {
        let tls = tls.clone();
        async move {
            let stream = tls.accept(stream).await?;
            let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let mut io: crate::origin::Stream = BufReader::new(Box::new(stream));
            if is_h2 {
                let mut peer = Peer::server(io, &[]).await?;
                return peer.accept().await.map(drop);
            }
            let head = wire::read_head(&mut io).await?.context("no request")?;
            ensure!(head.field("sec-websocket-key").is_some_and(|key| key.len() == 24), "no key");
            ensure!(head.start == "GET /chat HTTP/1.1", "{}", head.start);
            let fields = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: chat.v2\r\n\
                          Sec-WebSocket-Accept: unchecked\r\n";
            let fields = if status.starts_with("101") { fields } else { "Content-Length: 0\r\n" };
            io.write_all(format!("HTTP/1.1 {status}\r\n{fields}\r\n").as_bytes()).await?;
            io.flush().await?;
            let mut buffer = vec![0; said.len()];
            while io.read_exact(&mut buffer).await.is_ok() {
                ensure!(buffer == said, "{buffer:?}");
                io.write_all(reply).await?;
                io.flush().await?;
            }
            Ok(io.shutdown().await?)
        }
    })
    .await
}
