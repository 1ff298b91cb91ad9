//! Bound addresses: accepts connections, within a limit, until the shutdown.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::access::Admission;
use crate::config::{Mode, ModeKind};
use crate::connection_log::ConnectionLog;
use crate::engine::Engine;
use crate::io::Io;
use crate::mode::{forward, reverse};
use crate::workers::Workers;

/// How long accepting rests when the system has no room for a connection.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Why the proxy can't start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else has the address.
    #[error(
        "{address} is in use already: stop what listens there, or choose another port with -p PORT or -m {mode}@PORT"
    )]
    InUse {
        /// The address.
        address: SocketAddr,
        /// The listener's mode.
        mode: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A certificate or key file can't be used.
    #[error("{}: {why}", file.display())]
    Certificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An expression for hosts can't be compiled.
    #[error("--ignore-hosts or --allow-hosts: {0}")]
    Hosts(#[from] regex::Error),
    /// The system gives no thread.
    #[error("the threads that carry traffic can't be started: {0}")]
    Threads(io::Error),
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

impl BindError {
    pub(crate) fn tls(error: impl Display) -> Self {
        Self::Tls(error.to_string())
    }

    pub(crate) fn certificate(file: &Path, why: &impl Display) -> Self {
        Self::Certificate { file: file.to_owned(), why: why.to_string() }
    }
}

/// A bound listener.
pub(crate) struct Listener {
    pub(crate) mode: Mode,
    pub(crate) address: SocketAddr,
    socket: TcpListener,
}

impl Listener {
    pub(crate) async fn bind(mode: Mode, address: SocketAddr) -> Result<Self, BindError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address, mode: mode.to_string() },
            _ => BindError::Listen { address, source },
        };
        let socket = TcpListener::bind(address).await.map_err(refused)?;
        let address = socket.local_addr().map_err(|source| BindError::Listen { address, source })?;
        Ok(Self { mode, address, socket })
    }

    /// Accepts until the shutdown. Beyond the limit, clients wait in the system's queue.
    pub(crate) async fn run(self, engine: Arc<Engine>, (room, workers): (Arc<Semaphore>, Arc<Workers>)) {
        let draining = engine.tasks.draining.clone();
        loop {
            let accepted = tokio::select! {
                () = draining.cancelled() => return,
                accepted = self.accept(&room) => accepted,
            };
            let Some((stream, client, place)) = accepted else { continue };
            let (engine, mode, address) = (Arc::clone(&engine), self.mode.clone(), self.address);
            let tasks = engine.tasks.clone();
            let worker = workers.assign();
            let runtime = worker.as_ref().map(|worker| worker.runtime.clone());
            let task = async move {
                serve(stream, client, (&mode, address), &engine).await;
                drop((place, worker));
            };
            match runtime {
                Some(runtime) => tasks.spawn_on(task, &runtime),
                None => tasks.spawn(task),
            }
        }
    }

    async fn accept(
        &self,
        room: &Arc<Semaphore>,
    ) -> Option<(std::net::TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let place = Arc::clone(room).acquire_owned().await.ok()?;
        // Its worker registers it with the runtime there.
        let accepted = self.socket.accept().await;
        match accepted.and_then(|(stream, client)| Ok((stream.into_std()?, client))) {
            Ok((stream, client)) => Some((stream, client, place)),
            Err(error) => {
                // Mostly EMFILE: accepting again at once would only burn the processor.
                tracing::warn!(%error, address = %self.address, "can't accept a connection; trying again");
                sleep(BACK_OFF).await;
                None
            }
        }
    }
}

/// Asks a silent client after a minute, and gives it up after two.
fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4)
}

async fn serve(
    stream: std::net::TcpStream,
    client: SocketAddr,
    (mode, listener): (&Mode, SocketAddr),
    engine: &Arc<Engine>,
) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!(%error, "can't serve a connection"),
    };
    let admission = Admission { mode: &mode.kind, listener: listener.ip(), client: client.ip() };
    if !engine.access.admits(&admission, || stream.local_addr().ok().map(|address| address.ip())) {
        return Box::pin(engine.access.refused.refuse(stream.into(), client)).await;
    }
    // Without it small writes wait for acknowledgements; the connection works either way.
    let _ = stream.set_nodelay(true);
    // Clients that vanish without a word would keep their place for ever; most don't.
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive());
    let mut log = ConnectionLog::new(engine, client, mode.to_string());
    let io = Io::from(stream);
    match &mode.kind {
        ModeKind::Forward => forward::run(io, client, engine, &mut log).await,
        ModeKind::Reverse(upstream) => reverse::run(io, client, upstream, engine, &mut log).await,
    }
}
