//! A client that works by hand: one connection, bytes as the test wants them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use crate::eventually::within;
use crate::origin::Stream;
use crate::wire::{Head, Message, read_head, read_response};

/// A TCP connection.
///
/// # Errors
/// When it is refused.
pub async fn open(address: SocketAddr) -> Result<Stream> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(Box::new(stream)))
}

/// A TCP connection from 127.0.0.`client`: a client with an address of its own.
///
/// # Errors
/// When it is refused.
pub async fn open_from(client: u8, address: SocketAddr) -> Result<Stream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, client), 0).into())?;
    let stream = socket.connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(Box::new(stream)))
}

/// Asks `proxy` for a tunnel to `authority`, and gives the answer's head.
///
/// # Errors
/// When no answer comes.
pub async fn connect(proxy: SocketAddr, authority: &str) -> Result<(Head, Stream)> {
    let mut io = open(proxy).await?;
    io.write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes()).await?;
    let head = within("an answer to CONNECT", read_head(&mut io)).await?.context("no answer to CONNECT")?;
    Ok((head, io))
}

/// A tunnel through `proxy` to `authority`.
///
/// # Errors
/// When it is not granted.
pub async fn tunnel(proxy: SocketAddr, authority: &str) -> Result<Stream> {
    let (head, io) = connect(proxy, authority).await?;
    ensure!(head.status()? == 200, "CONNECT {authority}: {}", head.start);
    Ok(io)
}

/// TLS over `io` with `name`, trusting only `ca`.
///
/// # Errors
/// When the handshake fails, for instance because the certificate is not of that authority.
pub async fn tls(io: Stream, ca: &Path, name: &str) -> Result<Stream> {
    let name = ServerName::try_from(name.to_owned())?;
    let connector = TlsConnector::from(client_config(ca)?);
    let stream = within("a TLS handshake", async { Ok(connector.connect(name, io).await?) }).await?;
    Ok(BufReader::new(Box::new(stream)))
}

/// Trusts only the certificates in the file `ca`; offers HTTP/1.
///
/// # Errors
/// When the file has no certificate.
pub fn client_config(ca: &Path) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(ca)? {
        roots.add(root?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Sends `GET target` with `host` and reads the response.
///
/// # Errors
/// When none comes.
pub async fn get(io: &mut Stream, target: &str, host: &str) -> Result<Message> {
    send(io, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    within(&format!("a response to GET {target}"), read_response(io, "GET")).await
}

/// Writes `text` and flushes it.
///
/// # Errors
/// When the connection is gone.
pub async fn send(io: &mut Stream, text: &str) -> Result<()> {
    io.write_all(text.as_bytes()).await?;
    Ok(io.flush().await?)
}
