//! Connections to the page, from accepted to ended.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::admission::{Admission, Peer, Place};
use super::progress::Progress;
use super::{Page, PageLimits, PageListener, PageTls};
use crate::app::stopped;

/// How long is waited after accepting failed, as it does where there are no more descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How long a refused connection may take to read why, and how many may do so at once.
const FAREWELL: Duration = Duration::from_secs(1);
const FAREWELLS: usize = 32;
/// The largest head of a request; the page's own are far smaller.
const LARGEST_HEAD: usize = 64 << 10;

/// TLS begins with a record of this type; HTTP does not.
const HANDSHAKE: u8 = 22;

const NO_ROOM: &str =
    "All connections of the page are taken: close some of its tabs, or try again in a moment.";

/// Serves connections with `router` until `stopping`, and then those that are there to their ends.
pub(crate) async fn run(
    page: Page,
    router: Router,
    admission: Arc<Admission>,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let Page { listener, tls, limits, .. } = page;
    let way = Arc::new(Way { router, tls, limits, stopping: stopping.clone() });
    let mut connections = JoinSet::new();
    let mut farewells = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stopping) => break,
            accepted = accept(&listener) => accepted,
            Some(_) = connections.join_next() => continue,
            Some(_) = farewells.join_next() => continue,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "the page could not accept a connection");
                sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        match admission.admit(address) {
            Some(place) => drop(connections.spawn(Arc::clone(&way).serve(stream, place))),
            None if way.tls.is_none() && farewells.len() < FAREWELLS => {
                drop(farewells.spawn(refuse(stream)));
            }
            None => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// An accepted stream.
enum Stream {
    Tcp(TcpStream),
    Unix(tokio::net::UnixStream),
}

async fn accept(listener: &PageListener) -> io::Result<(Stream, Option<IpAddr>)> {
    match listener {
        PageListener::Tcp(listener) => {
            let (stream, address) = listener.accept().await?;
            // Events are small and must not wait for a full packet.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            Ok((Stream::Tcp(stream), Some(address.ip())))
        }
        PageListener::Unix(listener) => Ok((Stream::Unix(listener.accept().await?.0), None)),
    }
}

/// How connections are served.
struct Way {
    router: Router,
    tls: Option<PageTls>,
    limits: PageLimits,
    stopping: watch::Receiver<bool>,
}

impl Way {
    /// Until the connection ends, or has to make way. At the end nobody waits for strangers.
    async fn serve(self: Arc<Self>, stream: Stream, place: Place) {
        let peer = Arc::clone(&place.peer);
        let served = async {
            match (stream, &self.tls) {
                (Stream::Tcp(stream), Some(tls)) => self.over_tls(stream, tls, &peer).await,
                (Stream::Tcp(stream), None) => {
                    self.http(Progress::new(stream, self.limits.stall), &peer).await;
                }
                (Stream::Unix(stream), _) => {
                    self.http(Progress::new(stream, self.limits.stall), &peer).await;
                }
            }
        };
        let mut stopping = self.stopping.clone();
        let dismissed = async {
            stopped(&mut stopping).await;
            if !peer.is_stranger() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = served => {}
            () = peer.displaced() => {}
            () = dismissed => {}
        }
    }

    async fn over_tls(&self, stream: TcpStream, tls: &PageTls, peer: &Arc<Peer>) {
        let mut first = [0];
        let peeked = timeout(self.limits.head, stream.peek(&mut first)).await;
        match peeked {
            Ok(Ok(1)) if first[0] == HANDSHAKE => {}
            Ok(Ok(1)) => return plain_refused(stream).await,
            _ => return,
        }
        let stream = Progress::new(stream, self.limits.stall);
        match timeout(self.limits.head, tls.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.http(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake with the page failed"),
            Err(_) => tracing::debug!("a TLS handshake with the page took too long"),
        }
    }

    async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, peer: &Arc<Peer>) {
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(Arc::clone(peer));
            router.call(request)
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.limits.head).max_buf_size(LARGEST_HEAD);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let mut stopping = self.stopping.clone();
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = stopped(&mut stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to the page broke off");
        }
    }
}

/// Says that there is no room.
async fn refuse(stream: Stream) {
    let body = serde_json::json!({"error": {"code": "unavailable", "message": NO_ROOM}}).to_string();
    let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n";
    let answer = answer(head, &body);
    match stream {
        Stream::Tcp(stream) => farewell(stream, &answer).await,
        Stream::Unix(stream) => farewell(stream, &answer).await,
    }
}

/// Says that the page speaks TLS here.
async fn plain_refused(stream: TcpStream) {
    let at = stream.local_addr().map_or_else(|_| "HOST:PORT".to_owned(), |address| address.to_string());
    let body =
        format!("This is dashcam's page, and it speaks TLS here: open https://{at}/ instead of http://.\n");
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n";
    farewell(stream, &answer(head, &body)).await;
}

fn answer(head: &str, body: &str) -> String {
    format!(
        "{head}Cache-Control: no-store\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Writes `answer` and waits a moment until the peer has it: what it sends unread would reset the connection before.
async fn farewell<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: &str) {
    let said = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        while stream.read(&mut [0; 4096]).await? > 0 {}
        io::Result::Ok(())
    };
    // However it ends, the connection does.
    let _ = timeout(FAREWELL, said).await;
}
