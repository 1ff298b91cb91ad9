//! Bound addresses: accepts connections until the shutdown, and serves those that are within the limits.

use std::io;
use std::net::SocketAddr;

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::config::Mode;
use crate::error::BindError;
use crate::net::admission::Admitted;
use crate::net::io::Io;
use crate::net::log_rate::LogRate;
use crate::net::tcp;
use crate::net::workers::Workers;
use crate::net::write_timeout::WriteTimeout;
use crate::serve::access::Arrival;
use crate::serve::client_record::ClientRecord;
use crate::serve::mode::spec;
use crate::serve::mode::spec::Accepted;
use crate::serve::server::Server;

/// How long accepting rests when the system has no room for a connection.
const BACK_OFF: Duration = Duration::from_millis(100);

/// A bound listener.
pub(crate) struct Listener {
    pub(crate) mode: Mode,
    pub(crate) address: SocketAddr,
    socket: TcpListener,
    /// Accepting that failed.
    log: LogRate,
}

impl Listener {
    pub(crate) async fn bind(mode: Mode, address: SocketAddr) -> Result<Self, BindError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address, mode: mode.to_string() },
            _ => BindError::Listen { address, source },
        };
        let socket = tcp::listen(address).map_err(refused)?;
        let address = socket.local_addr().map_err(|source| BindError::Listen { address, source })?;
        Ok(Self { mode, address, socket, log: LogRate::default() })
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
                Ok((stream, client)) if !self.lets_in(&server, &stream, client) => {
                    let own = Arc::clone(&server);
                    server
                        .context
                        .tasks
                        .spawn(async move { own.access.refused.refuse(stream.into(), client).await });
                }
                Ok((stream, client)) => match server.context.admission.admit(client.ip()) {
                    Ok(place) => self.hand_over(&server, &workers, (stream, client), place),
                    Err(limit) => {
                        server.shedding.shed(&server.context, (stream, client), limit, &self.mode);
                    }
                },
                Err(error) => self.failed(&error).await,
            }
        }
    }

    fn lets_in(&self, server: &Server, stream: &TcpStream, client: SocketAddr) -> bool {
        let arrival = Arrival { mode: &self.mode, listener: self.address.ip(), client: client.ip() };
        server.access.admits(&arrival, || stream.local_addr().ok().map(|address| address.ip()))
    }

    /// Lets a worker serve a client.
    fn hand_over(
        &self,
        server: &Arc<Server>,
        workers: &Workers,
        (stream, client): (TcpStream, SocketAddr),
        place: Admitted,
    ) {
        // Its worker registers it with the runtime there.
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => return self.warn("can't serve a connection", &error),
        };
        let (own, mode) = (Arc::clone(server), self.mode.clone());
        let worker = workers.assign();
        let runtime = worker.as_ref().map(|worker| worker.runtime.clone());
        let task = async move {
            let log = ClientRecord::new(&own.service, client, &mode);
            let mut log = log.with_source(Arc::clone(&place.account));
            serve(stream, client, &mode, &own, &mut log).await;
            drop(log);
            drop((place, worker));
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
            tracing::warn!(%error, times, address = %self.address, "{what}");
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

async fn serve(
    stream: std::net::TcpStream,
    client: SocketAddr,
    mode: &Mode,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => {
            return log.fail(Failure::new(
                Side::Proxy,
                Stage::Detect,
                format!("The connection can't be served: {error}."),
            ));
        }
    };
    tcp::tune(&stream);
    let room = server.context.transit.room(Some(client.ip()));
    let timeout =
        WriteTimeout::new(&server.context.config.timeouts, Some(Arc::clone(&room)), &server.context.limited);
    let io = Io::from(stream).with_write_timeout(timeout);
    log.accepted(&io, room);
    (spec(mode).run)(Accepted { io, mode, server, log }).await;
}
