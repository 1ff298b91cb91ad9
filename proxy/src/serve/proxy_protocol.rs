//! Clients of load balancers, which name them in a header before the client's own bytes (PROXY protocol).

mod header;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Detected, Failure, Side, Stage, Verdict};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::config::ListenerConfig;
use crate::net::admission::Admitted;
use crate::net::io::Io;
use crate::net::limited::Limit;
use crate::serve::access::Arrival;
use crate::serve::client_record::ClientRecord;
use crate::serve::proxy_protocol::header::{Header, Malformed, parse};
use crate::serve::server::Server;

/// Why there is no header.
#[derive(Debug, thiserror::Error)]
enum NoHeader {
    /// It ended before its first byte, as some checks of a service's health do.
    #[error("the connection ended before it began")]
    Closed,
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("the connection ended inside it")]
    Ended,
    #[error("it is not complete after {} s (timeouts.proxy_header)", .0.as_secs_f64())]
    Late(Duration),
}

/// The stream behind its header, the client that a load balancer at `peer` names there, and the client's place. `None`:
/// there is no header, or the client is not let in, and the connection is done with.
pub(crate) async fn client(
    mut io: Io,
    (peer, place): (SocketAddr, Admitted),
    listener: &ListenerConfig,
    server: &Arc<Server>,
) -> Option<(Io, SocketAddr, Admitted)> {
    let header = match read(&mut io, server).await {
        Ok(header) => header,
        Err(why) => {
            refuse(peer, &why, listener, server);
            return None;
        }
    };
    // The load balancer speaks for itself.
    let Some(client) = header.client else { return Some((io, peer, place)) };
    // Its place is the client's from here on.
    drop(place);
    admit(io, client, listener, server).await
}

/// Admits a client by its own address, as if it had come by itself.
async fn admit(
    io: Io,
    client: SocketAddr,
    listener: &ListenerConfig,
    server: &Arc<Server>,
) -> Option<(Io, SocketAddr, Admitted)> {
    // The load balancer's way here says nothing about the client's.
    let anywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let arrival = Arrival { mode: &listener.mode, listener: anywhere, client: client.ip() };
    if !server.access.admits(&arrival, || None) {
        server.access.refused.refuse(io, client, "--allow-client").await;
        return None;
    }
    match server.context.admission.admit(client.ip()) {
        Ok(place) => Some((io, client, place)),
        Err(limit) => {
            server.shedding.shed(&server.context, (io, client), limit, &listener.mode);
            None
        }
    }
}

/// Reads a header. At the end of dashcam, a connection without a byte is not waited for.
async fn read(io: &mut Io, server: &Server) -> Result<Header, NoHeader> {
    let context = &server.context;
    let limit = context.config.timeouts.proxy_header.min(context.first_bytes_limit());
    let whole = async {
        loop {
            if let Some(header) = parse(io.ahead())? {
                let mut consumed = vec![0; header.length];
                return io.read_exact(&mut consumed).await.map(|_| header).map_err(|_| NoHeader::Ended);
            }
            let read: io::Result<usize> = tokio::select! {
                biased;
                read = io.look_further() => read,
                () = context.tasks.draining.cancelled() => Ok(0),
            };
            match read {
                Ok(1..) => {}
                Ok(0) | Err(_) if io.ahead().is_empty() => return Err(NoHeader::Closed),
                Ok(0) | Err(_) => return Err(NoHeader::Ended),
            }
        }
    };
    timeout(limit, whole).await.unwrap_or_else(|_| {
        context.limited.count(Limit::ProxyHeaderTime);
        Err(NoHeader::Late(limit))
    })
}

/// Records and counts a connection that does not name its client.
fn refuse(peer: SocketAddr, why: &NoHeader, listener: &ListenerConfig, server: &Arc<Server>) {
    let mut log = ClientRecord::new(&server.service, peer, listener);
    if matches!(why, NoHeader::Closed) {
        return;
    }
    let message = format!(
        "The connection does not begin with a header of the PROXY protocol, as this listener requires: {why}. Let the \
         load balancer send one (HAProxy: send-proxy-v2, nginx: proxy_protocol on), or leave out proxy-protocol."
    );
    let failure = Failure::new(Side::Client, Stage::Detect, message);
    server.access.refused.without_header(peer, listener, &failure);
    log.fail(failure);
    log.verdict(Some(Detected::Other), Verdict::Refuse);
}

#[cfg(test)]
mod tests;
