//! Servers for dashcam to reach: a site with known answers, and sockets that misbehave.

mod h1;
mod h2;
mod site;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub use site::{Reply, Seen, Site};

/// A connection of an origin, with or without TLS.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// A connection that is read by lines.
pub type Stream = BufReader<Box<dyn Io>>;

/// A server on a free port of 127.0.0.1 (and, for [`Origin::everywhere`], of all of 127.0.0.0/8). It ends when dropped.
pub struct Origin {
    address: SocketAddr,
    scheme: &'static str,
    site: Arc<Site>,
    _accepting: JoinSet<()>,
}

impl Origin {
    /// The site without TLS, HTTP/1.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn http() -> Result<Self> {
        Self::start("127.0.0.1:0", None).await
    }

    /// The site with TLS: HTTP/2 for those who offer it, else HTTP/1.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn https() -> Result<Self> {
        let tls = crate::test_ca::shared()?.server(&["localhost", "127.0.0.1"], &["h2", "http/1.1"])?;
        Self::start("127.0.0.1:0", Some(tls.into())).await
    }

    /// The site with TLS, HTTP/1 only.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn https1() -> Result<Self> {
        Self::https_with(&["localhost", "127.0.0.1"]).await
    }

    /// The site with TLS, HTTP/1 only, with a certificate for `names`, on all loopback addresses.
    ///
    /// # Errors
    /// When no port can be bound or a name is none.
    pub async fn https_with(names: &[&str]) -> Result<Self> {
        let tls = crate::test_ca::shared()?.server(names, &["http/1.1"])?;
        Self::start("0.0.0.0:0", Some(tls.into())).await
    }

    /// The site without TLS, HTTP/2 only.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn h2c() -> Result<Self> {
        let site = Arc::new(Site::default());
        let serving = Arc::clone(&site);
        let mut origin =
            Self::listen("127.0.0.1:0", move |stream| h2::serve(stream, Arc::clone(&serving))).await?;
        origin.site = site;
        Ok(origin)
    }

    /// The site with the given TLS.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(bind: &str, tls: Option<TlsAcceptor>) -> Result<Self> {
        let site = Arc::new(Site::default());
        let serving = Arc::clone(&site);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let mut origin =
            Self::listen(bind, move |stream| serve(stream, tls.clone(), Arc::clone(&serving))).await?;
        (origin.site, origin.scheme) = (site, scheme);
        Ok(origin)
    }

    /// A server whose connections `handle` deals with, byte for byte.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn raw<F, Fut>(handle: F) -> Result<Self>
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        Self::listen("127.0.0.1:0", handle).await
    }

    async fn listen<F, Fut>(bind: &str, handle: F) -> Result<Self>
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind(bind).await?;
        let address = SocketAddr::from(([127, 0, 0, 1], listener.local_addr()?.port()));
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _unneeded = stream.set_nodelay(true);
                // A connection that fails is the client's business: the test looks at the client.
                connections.spawn(handle(stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, scheme: "http", site: Arc::default(), _accepting: accepting })
    }

    /// An address that refuses connections, and that nobody else is given while this lives.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn dead() -> Result<(TcpSocket, SocketAddr)> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = socket.local_addr()?;
        Ok((socket, address))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `path` as a URL, with `localhost` as its host for TLS.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}{path}", self.scheme, self.port())
    }

    /// The requests that it saw, and the gate of its events.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, site: Arc<Site>) -> Result<()> {
    let Some(tls) = tls else { return h1::serve(BufReader::new(Box::new(stream)), &site).await };
    let stream = tls.accept(stream).await?;
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => h2::serve(stream, site).await,
        _ => h1::serve(BufReader::new(Box::new(stream)), &site).await,
    }
}
