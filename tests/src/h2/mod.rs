//! HTTP/2 by hand: frames as a test wants them, on either end of a connection.

pub mod frame;
pub mod origin;
pub mod peer;
mod whole;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};
use rustls::pki_types::ServerName;
use tokio::io::BufReader;
use tokio_rustls::TlsConnector;

use crate::dashcam::Dashcam;
use crate::eventually::within;
use crate::origin::Stream;
use crate::raw;
use peer::Peer;
pub use whole::Whole;

/// The first bytes of a client (RFC 9113 §3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Error codes (RFC 9113 §7).
pub mod code {
    #![allow(missing_docs, reason = "they are named as the RFC names them")]
    pub const NO_ERROR: u32 = 0;
    pub const PROTOCOL: u32 = 1;
    pub const INTERNAL: u32 = 2;
    pub const FLOW_CONTROL: u32 = 3;
    pub const STREAM_CLOSED: u32 = 5;
    pub const FRAME_SIZE: u32 = 6;
    pub const REFUSED: u32 = 7;
    pub const CANCEL: u32 = 8;
    pub const COMPRESSION: u32 = 9;
    pub const CALM: u32 = 11;
    pub const HTTP11_REQUIRED: u32 = 13;
}

/// Settings (RFC 9113 §6.5.2, RFC 8441 §3).
pub mod setting {
    #![allow(missing_docs, reason = "they are named as the RFC names them")]
    pub const HEADER_TABLE_SIZE: u16 = 1;
    pub const ENABLE_PUSH: u16 = 2;
    pub const MAX_CONCURRENT_STREAMS: u16 = 3;
    pub const INITIAL_WINDOW_SIZE: u16 = 4;
    pub const MAX_FRAME_SIZE: u16 = 5;
    pub const ENABLE_CONNECT_PROTOCOL: u16 = 8;
}

/// A client in a tunnel through `dashcam` to `authority`, without TLS: both know that it is HTTP/2.
///
/// # Errors
/// When the connection does not come about.
pub async fn plain(dashcam: &Dashcam, authority: &str) -> Result<Peer> {
    Peer::client(raw::tunnel(dashcam.proxy(), authority).await?, &[]).await
}

/// A client in a tunnel through `dashcam` to `localhost:port`, with TLS.
///
/// # Errors
/// When the connection does not come about, or not with HTTP/2.
pub async fn secure(dashcam: &Dashcam, port: u16) -> Result<Peer> {
    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{port}")).await?;
    Peer::client(tls(io, &dashcam.ca()).await?, &[]).await
}

/// dashcam before an `https` origin in reverse mode, where it speaks HTTP/2 whatever the origin speaks, and a client of it.
///
/// # Errors
/// When it does not start, or no connection comes about.
pub async fn bridged(port: u16, arguments: &[&str]) -> Result<(Dashcam, Peer)> {
    let mode = format!("reverse:https://localhost:{port}@127.0.0.1:0");
    let dashcam = Dashcam::start(&[&["-m", mode.as_str()], arguments].concat()).await?;
    let io = raw::open(dashcam.proxy()).await?;
    let peer = Peer::client(tls(io, &dashcam.ca()).await?, &[]).await?;
    Ok((dashcam, peer))
}

/// TLS over `io` as a client that speaks HTTP/2 only, with `localhost`, trusting `ca`.
///
/// # Errors
/// When the handshake fails, or another protocol is chosen.
pub async fn tls(io: Stream, ca: &Path) -> Result<Stream> {
    let mut config = (*raw::client_config(ca)?).clone();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost")?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, io);
    let stream = within("a TLS handshake", async { Ok(connecting.await?) }).await?;
    ensure!(stream.get_ref().1.alpn_protocol() == Some(b"h2"), "HTTP/2 was not chosen");
    Ok(BufReader::new(Box::new(stream)))
}
