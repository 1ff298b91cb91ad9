//! Bound addresses: accepts connections until the shutdown, and serves those that are within the limits.

use std::io;
use std::net::SocketAddr;

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::config::ListenerConfig;
use crate::error::BindError;
use crate::net::admission::Admitted;
use crate::net::io::Io;
use crate::net::log_rate::LogRate;
use crate::net::tcp;
use crate::net::workers::Workers;
use crate::net::write_timeout::WriteTimeout;
use crate::serve::access::Arrival;
use crate::serve::access::is_private;
use crate::serve::client_record::ClientRecord;
use crate::serve::mode::spec;
use crate::serve::mode::spec::Accepted;
use crate::serve::proxy_protocol;
use crate::serve::server::Server;

/// How long accepting rests when the system has no room for a connection.
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound listener.
pub(crate) struct Listener {
    /// As it was configured, with the address that it got.
    pub(crate) config: Arc<ListenerConfig>,
    socket: TcpListener,
    /// Accepting that failed.
    log: LogRate,
}

impl Listener {
    pub(crate) async fn bind(config: &ListenerConfig) -> Result<Self, BindError> {
        let address = config.address;
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address, mode: config.mode.to_string() },
            _ => BindError::Listen { address, source },
        };
        let socket = if spec(&config.mode).foreign {
            let (socket, all) = tcp::listen_for_others(address, config.reuse_port).map_err(refused)?;
            if !all {
                tracing::info!(
                    "{config} on {address} takes what the firewall redirects (REDIRECT); TPROXY needs CAP_NET_ADMIN"
                );
            }
            socket
        } else {
            tcp::listen(address, config.reuse_port).map_err(refused)?
        };
        let address = socket.local_addr().map_err(|source| BindError::Listen { address, source })?;
        let config = Arc::new(ListenerConfig { address, ..config.clone() });
        Ok(Self { config, socket, log: LogRate::default() })
    }

    /// Returns whether it takes connections that were meant for others.
    pub(crate) fn is_foreign(&self) -> bool {
        spec(&self.config.mode).foreign
    }

    /// Accepts until the shutdown. Beyond the limits, clients are told so and closed.
    pub(crate) async fn run(self, server: Arc<Server>, workers: Arc<Workers>) {
        let draining = server.context.tasks.draining.clone();
        loop {
            let accepted = tokio::select! {
                () = draining.cancelled() => return,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) if !self.lets_in(&server, &stream, peer) => {
                    let own = Arc::clone(&server);
                    let option = self.option();
                    server.context.tasks.spawn(async move {
                        own.access.refused.refuse(stream.into(), peer, option).await;
                    });
                }
                Ok((stream, peer)) => match server.context.admission.admit(peer.ip()) {
                    Ok(place) => self.hand_over(&server, &workers, (stream, peer), place),
                    Err(limit) => {
                        let client = (stream.into(), peer);
                        server.shedding.shed(&server.context, client, limit, &self.config.mode);
                    }
                },
                Err(error) => self.failed(&error).await,
            }
        }
    }

    /// Returns whether a connection from `peer` is served. Where a load balancer names the client, that is asked about later.
    fn lets_in(&self, server: &Server, stream: &TcpStream, peer: SocketAddr) -> bool {
        if let Some(protocol) = &self.config.proxy_protocol {
            return protocol.trusts(peer.ip(), is_private);
        }
        let arrival =
            Arrival { mode: &self.config.mode, listener: self.config.address.ip(), client: peer.ip() };
        server.access.admits(&arrival, || stream.local_addr().ok().map(|address| address.ip()))
    }

    /// The option that says who is let in.
    fn option(&self) -> &'static str {
        if self.config.proxy_protocol.is_some() {
            "proxy-protocol=CIDR behind its mode"
        } else {
            "--allow-client"
        }
    }

    /// Lets a worker serve a client.
    fn hand_over(
        &self,
        server: &Arc<Server>,
        workers: &Workers,
        (stream, peer): (TcpStream, SocketAddr),
        place: Admitted,
    ) {
        // Its worker registers it with the runtime there.
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => return self.warn("can't serve a connection", &error),
        };
        let (own, listener) = (Arc::clone(server), Arc::clone(&self.config));
        let worker = workers.assign();
        let runtime = worker.as_ref().map(|worker| worker.runtime.clone());
        let task = async move {
            serve(stream, (peer, place), &listener, &own).await;
            drop(worker);
        };
        match runtime {
            Some(runtime) => server.context.tasks.spawn_on(task, &runtime),
            None => server.context.tasks.spawn(task),
        }
    }

    async fn failed(&self, error: &io::Error) {
        if is_of_one_connection(error) {
            return;
        }
        // Mostly EMFILE: accepting again at once would only burn the processor.
        self.warn("can't accept a connection; trying again", error);
        sleep(BACK_OFF).await;
    }

    /// Strangers may be the cause, as often as they like.
    fn warn(&self, what: &str, error: &io::Error) {
        if let Some(times) = self.log.due() {
            tracing::warn!(%error, times, address = %self.config.address, "{what}");
        }
    }
}

/// Returns whether only the connection to accept is broken: Linux reports that here (accept(2)).
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | NetworkUnreachable
            | TimedOut
    )
}

/// Serves a connection from `peer`, whose `place` it takes unless a load balancer names another client.
async fn serve(
    stream: std::net::TcpStream,
    (peer, place): (SocketAddr, Admitted),
    listener: &ListenerConfig,
    server: &Arc<Server>,
) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => {
            let why = format!("The connection can't be served: {error}.");
            let mut log = ClientRecord::new(&server.service, peer, listener);
            return log.fail(Failure::new(Side::Proxy, Stage::Detect, why));
        }
    };
    tcp::tune(&stream);
    let io = Io::from(stream);
    let (io, client, place) = match &listener.proxy_protocol {
        None => (io, peer, place),
        Some(_) => match Box::pin(proxy_protocol::client(io, (peer, place), listener, server)).await {
            Some(named) => named,
            None => return,
        },
    };
    let log = ClientRecord::new(&server.service, client, listener);
    let mut log = log.with_source(Arc::clone(&place.account));
    let room = server.context.transit.room(Some(client.ip()));
    let timeout =
        WriteTimeout::new(&server.context.config.timeouts, Some(Arc::clone(&room)), &server.context.limited);
    let io = io.with_write_timeout(timeout);
    log.accepted(&io, room);
    (spec(&listener.mode).run)(Accepted { io, mode: &listener.mode, server, log: &mut log }).await;
}
