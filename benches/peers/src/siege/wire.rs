//! Connections from chosen addresses of the loopback net, and frames of HTTP/2 as bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::trusting;

/// Connecting may take this long; a client in need of an answer has given up then.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// The besieged proxy.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) name: &'static str,
    port: u16,
    /// The page's port, and the token for it.
    pub(super) page: Option<(u16, String)>,
    h1: Arc<ClientConfig>,
    h2: Arc<ClientConfig>,
}

/// A client's connection.
pub(super) type Tls = TlsStream<TcpStream>;

impl Target {
    pub(super) fn new(name: &'static str, port: u16, page: Option<(u16, String)>) -> Result<Self> {
        let with = |protocol: &[u8]| {
            let mut config = trusting::client(true)?;
            config.alpn_protocols = vec![protocol.to_vec()];
            anyhow::Ok(Arc::new(config))
        };
        Ok(Self { name, port, page, h1: with(b"http/1.1")?, h2: with(b"h2")? })
    }

    /// A connection without TLS to the listener.
    pub(super) async fn tcp(&self, from: Ipv4Addr) -> Result<TcpStream> {
        connect(from, self.port).await
    }

    pub(super) async fn h1(&self, from: Ipv4Addr) -> Result<Tls> {
        self.tls(from, &self.h1).await
    }

    /// An HTTP/2 connection that has said what comes first, with those settings.
    pub(super) async fn h2(&self, from: Ipv4Addr, settings: &[(u16, u32)]) -> Result<Tls> {
        let mut io = self.h2_bare(from).await?;
        let pairs = settings.iter().flat_map(|(name, value)| {
            name.to_be_bytes().into_iter().chain(value.to_be_bytes()).collect::<Vec<_>>()
        });
        let first =
            [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, &pairs.collect::<Vec<_>>())];
        io.write_all(&first.concat()).await?;
        Ok(io)
    }

    /// A connection on which HTTP/2 was agreed on and nothing said.
    pub(super) async fn h2_bare(&self, from: Ipv4Addr) -> Result<Tls> {
        self.tls(from, &self.h2).await
    }

    async fn tls(&self, from: Ipv4Addr, config: &Arc<ClientConfig>) -> Result<Tls> {
        let tcp = self.tcp(from).await?;
        let name = ServerName::try_from("localhost")?;
        Ok(timeout(PATIENCE, TlsConnector::from(Arc::clone(config)).connect(name, tcp)).await??)
    }
}

/// A connection from one address of this machine to a port of it.
pub(super) async fn connect(from: Ipv4Addr, port: u16) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let stream = timeout(PATIENCE, socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A frame (RFC 9113 §4.1).
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A request's fields as literals that no table keeps (RFC 7541 §6.2.2); none is longer than 126 bytes.
pub(super) fn request(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let first = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
    first.iter().chain(more).flat_map(|(name, value)| literal(0, name, value)).collect()
}

/// A field as a literal of the form that `first` says.
pub(super) fn literal(first: u8, name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![first];
    for text in [name, value] {
        put_length(text.len(), &mut bytes);
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// With a prefix of seven bits (RFC 7541 §5.1).
fn put_length(length: usize, out: &mut Vec<u8>) {
    let Some(mut rest) = length.checked_sub(127) else { return out.push(length as u8) };
    out.push(127);
    while rest >= 128 {
        out.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    out.push(rest as u8);
}

/// Fails unless `bytes` begin a response with the status `wanted`.
pub(super) fn expect(bytes: &[u8], wanted: &str) -> Result<()> {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    ensure!(line.split(' ').nth(1) == Some(wanted), "not {wanted}: {line}");
    Ok(())
}
