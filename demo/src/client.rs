//! A client that reaches the origin through the proxy, as programs do: CONNECT and TLS, or requests in absolute form.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Why a client stopped: the demonstration goes on with the next.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The longest answer to a CONNECT.
const LONGEST_GRANT: u64 = 16 << 10;
/// How long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(2);

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    proxy: SocketAddr,
    tls: Arc<ClientConfig>,
    /// Its name in `User-Agent`.
    name: &'static str,
}

/// A connection to one host, on which requests are sent. It is cut when this is dropped.
pub(crate) struct Connection {
    sender: Sender,
    driver: JoinSet<()>,
}

enum Sender {
    /// HTTP/1.1; `true`: without TLS, so that the proxy reads the whole URL.
    Http1(http1::SendRequest<Full<Bytes>>, bool),
    /// HTTP/2.
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// TLS of a client that trusts the roots in `pem`.
pub(crate) fn trusting(pem: &str) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem.as_bytes()).flatten() {
        roots.add(root)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

impl Client {
    /// The client with this name, which trusts what `tls` does.
    pub(crate) fn new(proxy: SocketAddr, tls: &Arc<ClientConfig>, name: &'static str) -> Self {
        Self { proxy, tls: Arc::clone(tls), name }
    }

    /// The same, under another name.
    pub(crate) fn named(&self, name: &'static str) -> Self {
        Self { name, ..self.clone() }
    }

    /// A request for `uri` by this client.
    pub(crate) fn request(&self, method: &str, uri: &str) -> http::request::Builder {
        Request::builder().method(method).uri(uri).header(USER_AGENT, self.name)
    }

    /// A connection with HTTP/1.1 to `host` in TLS.
    pub(crate) async fn https(&self, (host, port): (&str, u16)) -> Result<Connection, Fault> {
        let io = self.tunnel(host, port, b"http/1.1").await?;
        let (sender, driven) = http1::handshake(TokioIo::new(io)).await?;
        Ok(Connection::new(Sender::Http1(sender, false), driven.with_upgrades()))
    }

    /// The same with HTTP/2.
    pub(crate) async fn h2(&self, (host, port): (&str, u16)) -> Result<Connection, Fault> {
        let io = self.tunnel(host, port, b"h2").await?;
        let (sender, driven) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await?;
        Ok(Connection::new(Sender::Http2(sender), driven))
    }

    /// The same without TLS: the proxy gets the requests themselves.
    pub(crate) async fn http(&self) -> Result<Connection, Fault> {
        let io = TcpStream::connect(self.proxy).await?;
        let (sender, driven) = http1::handshake(TokioIo::new(io)).await?;
        Ok(Connection::new(Sender::Http1(sender, true), driven))
    }

    async fn tunnel(
        &self,
        host: &str,
        port: u16,
        alpn: &[u8],
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Fault> {
        let mut io = TcpStream::connect(self.proxy).await?;
        let asked = format!(
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {}\r\n\r\n",
            self.name
        );
        io.write_all(asked.as_bytes()).await?;
        granted(&mut io).await?;
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = vec![alpn.to_vec()];
        Ok(TlsConnector::from(Arc::new(tls)).connect(ServerName::try_from(host.to_owned())?, io).await?)
    }
}

/// Reads the answer to a CONNECT.
async fn granted(io: &mut TcpStream) -> io::Result<()> {
    let mut answer = Vec::new();
    let mut io = io.take(LONGEST_GRANT);
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(io.read_u8().await?);
    }
    let is_granted = answer.get(8..12) == Some(b" 200");
    is_granted.then_some(()).ok_or_else(|| io::Error::other("the proxy grants no tunnel"))
}

impl Connection {
    fn new<E: std::fmt::Display>(
        sender: Sender,
        driven: impl Future<Output = Result<(), E>> + Send + 'static,
    ) -> Self {
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            if let Err(error) = driven.await {
                tracing::debug!(%error, "a connection of the demonstration broke off");
            }
        });
        Self { sender, driver }
    }

    /// Closes it, as clients do that are done.
    pub(crate) async fn close(self) {
        let Self { sender, mut driver } = self;
        drop(sender);
        // One that is not closed by then is cut.
        let _ = timeout(CLOSING, driver.join_next()).await;
    }

    /// Sends a request, and gives the answer once its head is there.
    pub(crate) async fn open(
        &mut self,
        request: Request<impl Into<Bytes>>,
    ) -> Result<Response<Incoming>, Fault> {
        let (mut head, body) = request.into_parts();
        let body = Full::new(body.into());
        match &mut self.sender {
            Sender::Http1(sender, is_plain) => {
                let authority = head.uri.authority().ok_or("no authority")?.to_string();
                head.headers.insert(HOST, authority.parse()?);
                if !*is_plain {
                    let path = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
                    head.uri = path.parse::<Uri>()?;
                }
                sender.ready().await?;
                Ok(sender.send_request(Request::from_parts(head, body)).await?)
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                Ok(sender.send_request(Request::from_parts(head, body)).await?)
            }
        }
    }

    /// Sends a request, and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: Request<impl Into<Bytes>>) -> Result<Response<Bytes>, Fault> {
        let (head, body) = self.open(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}
