//! New connections to upstreams.

use std::io;
use std::net::SocketAddr;

use dashcam_exchange::{Destination, Failure, Scheme, Side, Stage, Upstream};
use dashcam_recorder::{Moment, OpenExchange};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Key, NoAnswer, Protocol};
use crate::engine::Engine;
use crate::io::Io;
use crate::tls::version_name;

/// A new connection for `key`, with TLS if its scheme says so.
pub(super) async fn connect(engine: &Engine, key: &Key, open: Option<&OpenExchange>) -> Result<Io, NoAnswer> {
    let destination = &key.destination;
    let io = connect_tcp(engine, destination, open).await?;
    if destination.scheme == Scheme::Http {
        return Ok(io);
    }
    let name = key.sni.as_deref().unwrap_or(&destination.host);
    let offers_h2 = key.protocol == Protocol::Http2OrHttp1;
    let limit = engine.config.timeouts.tls_handshake;
    let io = match timeout(limit, engine.upstreams.tls.connect(io, name, offers_h2)).await {
        Ok(result) => result?,
        Err(_) => {
            let message =
                format!("{destination} did not finish the TLS handshake within {} s.", limit.as_secs());
            return Err(Failure::new(Side::Upstream, Stage::TlsHandshake, message).into());
        }
    };
    mark(open, Moment::Tls);
    Ok(io)
}

/// A new TCP connection to `destination`, but never to ourselves.
pub(crate) async fn connect_tcp(
    engine: &Engine,
    destination: &Destination,
    open: Option<&OpenExchange>,
) -> Result<Io, NoAnswer> {
    let limit = engine.config.timeouts.connect;
    let deadline = Instant::now() + limit;
    let addresses = resolve(destination, deadline).await?;
    mark(open, Moment::Resolved);
    if let Some(own) = addresses.iter().find_map(|address| engine.own_address(*address)) {
        return Err(NoAnswer::own_address(own, destination));
    }
    let failed = |message| Failure::new(Side::Upstream, Stage::Connect, message);
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        // Each address gets its share of the time that is left, so that a dead one leaves some for the next.
        let share = (deadline - Instant::now()) / u32::try_from(addresses.len() - index).unwrap_or(1);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it small writes wait for acknowledgements; the connection works either way.
                let _ = stream.set_nodelay(true);
                mark(open, Moment::Connected);
                return Ok(stream.into());
            }
            Ok(Err(error)) => {
                last = Some(format!("{destination} ({address}) can't be reached: {error}."));
            }
            Err(_) => {
                last =
                    Some(format!("{destination} ({address}) did not answer within {} s.", limit.as_secs()));
            }
        }
    }
    Err(failed(last.unwrap_or_else(|| format!("{destination} has no address."))).into())
}

async fn resolve(destination: &Destination, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
    let Destination { host, port, .. } = destination;
    if let Some(ip) = destination.ip() {
        return Ok(vec![SocketAddr::new(ip, *port)]);
    }
    let failed = |why: &dyn std::fmt::Display| {
        let message = format!("The name {host} could not be resolved: {why}.");
        Failure::new(Side::Upstream, Stage::Dns, message)
    };
    match timeout_at(deadline, lookup_host((host.as_str(), *port))).await {
        Ok(Ok(addresses)) => Ok(addresses.collect()),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&io::Error::from(io::ErrorKind::TimedOut))),
    }
}

fn mark(open: Option<&OpenExchange>, moment: Moment) {
    if let Some(open) = open {
        open.mark(moment);
    }
}

/// What is recorded of the connection that serves an exchange.
pub(super) fn facts(io_facts: &Facts, reused: bool) -> Upstream {
    Upstream { address: io_facts.address.clone(), reused, tls_version: io_facts.tls_version.clone() }
}

/// What is known of a connection.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    address: String,
    tls_version: Option<String>,
}

impl From<&Io> for Facts {
    fn from(io: &Io) -> Self {
        Self {
            address: io.peer().map(|peer| peer.to_string()).unwrap_or_default(),
            tls_version: io.tls().and_then(rustls::CommonState::protocol_version).map(version_name),
        }
    }
}
