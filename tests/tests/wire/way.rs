//! The ways from a client to an origin, and connections whose ends can be told apart.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Io;
use dashcam_tests::{raw, test_ca};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How a client reaches the origin.
pub(crate) enum Way<'a> {
    Direct,
    /// By CONNECT.
    Tunnel(&'a Dashcam),
    /// By CONNECT, with TLS inside.
    Tls(&'a Dashcam),
    /// By CONNECT to another proxy.
    Other(SocketAddr),
    /// A listener that stands for the origin: dashcam's in reverse mode, or nginx.
    InFront(&'static str, SocketAddr),
}

impl Way<'_> {
    /// As scripts name it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Tunnel(_) => "tunnel",
            Self::Tls(_) => "tls",
            Self::Other(_) => "other",
            Self::InFront(name, _) => name,
        }
    }

    /// Returns whether what scripts say of `named` is meant.
    pub(crate) fn is(&self, named: &str) -> bool {
        named == self.name() || (named == "dashcam" && !matches!(self.name(), "direct" | "nginx"))
    }

    /// A client's connection to `origin`.
    pub(crate) async fn connect(&self, origin: &ScriptedOrigin) -> Result<Wire> {
        match self {
            Self::Direct => Ok(Wire::Tcp(plain(origin.address).await?)),
            Self::InFront(_, address) => Ok(Wire::Tcp(plain(*address).await?)),
            Self::Other(proxy) => Ok(Wire::Tcp(tunnel(*proxy, &origin.host()).await?)),
            Self::Tunnel(dashcam) => Ok(Wire::Tcp(tunnel(dashcam.proxy(), &origin.host()).await?)),
            Self::Tls(dashcam) => {
                let stream = tunnel(dashcam.proxy(), &origin.host()).await?;
                let io = raw::tls(BufReader::new(Box::new(stream)), &dashcam.ca(), "localhost").await?;
                Ok(Wire::Tls(Box::new(io)))
            }
        }
    }
}

async fn plain(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn tunnel(proxy: SocketAddr, host: &str) -> Result<TcpStream> {
    let mut stream = plain(proxy).await?;
    stream.write_all(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    let mut head = Vec::new();
    within("an answer to CONNECT", async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        Ok(())
    })
    .await?;
    ensure!(head.starts_with(b"HTTP/1.1 200"), "CONNECT: {}", String::from_utf8_lossy(&head));
    Ok(stream)
}

/// A server that does as it is told.
pub(crate) struct ScriptedOrigin {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl ScriptedOrigin {
    pub(crate) async fn bind(is_tls: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let tls = is_tls
            .then(|| test_ca::shared()?.server(&["localhost"], &["http/1.1"]))
            .transpose()?
            .map(TlsAcceptor::from);
        Ok(Self { listener, address, tls })
    }

    /// The host that requests to it name.
    pub(crate) fn host(&self) -> String {
        if self.tls.is_some() {
            format!("localhost:{}", self.address.port())
        } else {
            self.address.to_string()
        }
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> Result<Wire> {
        let (stream, _) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Wire::Tcp(stream)),
            Some(tls) => Ok(Wire::Tls(Box::new(tls.accept(stream).await.context("the origin's TLS")?))),
        }
    }

    /// Returns whether nobody waits to be accepted.
    pub(crate) async fn is_alone(&self) -> bool {
        tokio::select! {
            biased;
            _ = self.listener.accept() => false,
            () = tokio::task::yield_now() => true,
        }
    }
}

/// A connection.
pub(crate) enum Wire {
    Tcp(TcpStream),
    Tls(Box<dyn Io>),
    /// It is closed.
    Gone,
}

impl Wire {
    pub(crate) async fn read(&mut self, into: &mut Vec<u8>) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read_buf(into).await,
            Self::Tls(stream) => stream.read_buf(into).await,
            Self::Gone => Ok(0),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
            Self::Gone => Err(std::io::ErrorKind::NotConnected.into()),
        }
    }

    /// Closes the writing half.
    pub(crate) async fn end(&mut self) -> std::io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
            Self::Gone => Ok(()),
        }
    }

    pub(crate) async fn close(&mut self) -> Result<()> {
        // The other side may be gone already.
        let _ = self.end().await;
        *self = Self::Gone;
        Ok(())
    }

    pub(crate) fn reset(&mut self) -> Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_zero_linger()?,
            Self::Tls(_) => anyhow::bail!("resets are for connections without TLS"),
            Self::Gone => {}
        }
        *self = Self::Gone;
        Ok(())
    }
}
