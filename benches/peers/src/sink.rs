//! An origin of our own, for what nginx does not do: it swallows uploads, answers differently each time, holds responses
//! until so many requests wait, and echoes WebSocket messages.

mod api;
mod connection;
mod hold;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::background;
use connection::Connection;
use hold::Holds;

/// As many as the kernel lets wait (`net.core.somaxconn`): who connects does not wait for a second because others do.
const BACKLOG: u32 = 4096;

/// The origin at work, in threads of its own; ended when dropped.
pub(crate) struct Sink {
    _runtime: Runtime,
    _threads: Threads,
    open: Arc<AtomicUsize>,
}

/// Threads for what others are not to wait for.
struct Threads {
    handshakes: Runtime,
    downloads: Runtime,
}

impl Sink {
    /// Listens on `port` of all of 127.0.0.0/8, with the certificate in `folder`.
    pub(crate) fn start(port: u16, folder: &Path) -> Result<Self> {
        let runtime = thread()?;
        let threads = Threads { handshakes: thread()?, downloads: background::runtime()? };
        let acceptor = TlsAcceptor::from(Arc::new(config(folder)?));
        let listener = runtime.block_on(async { listen(port) })?;
        let open = Arc::new(AtomicUsize::new(0));
        runtime.spawn(accept(
            listener,
            acceptor,
            open.clone(),
            [&threads.handshakes, &threads.downloads].map(|runtime| runtime.handle().clone()),
        ));
        Ok(Self { _runtime: runtime, _threads: threads, open })
    }

    /// How many connections it has.
    pub(crate) fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

fn config(folder: &Path) -> Result<ServerConfig> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(folder.join("cert.pem"))?.collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain?, key);
    config.context("the benchmark's certificate")
}

fn thread() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))?;
    socket.listen(BACKLOG)
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    open: Arc<AtomicUsize>,
    [handshakes, downloads]: [Handle; 2],
) {
    let holds = Holds::default();
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let (acceptor, holds, open) = (acceptor.clone(), holds.clone(), open.clone());
        let (handshakes, downloads) = (handshakes.clone(), downloads.clone());
        connections.spawn(async move {
            open.fetch_add(1, Ordering::Relaxed);
            // Proxies end connections as they like; what clients miss, they notice.
            let _ended = async {
                tcp.set_nodelay(true)?;
                let handshake = handshakes.spawn(async move { acceptor.accept(tcp).await });
                let stream = handshake.await.map_err(std::io::Error::other)??;
                Connection::new(stream).serve(&holds, &downloads).await
            }
            .await;
            open.fetch_sub(1, Ordering::Relaxed);
        });
        while connections.try_join_next().is_some() {}
    }
}
