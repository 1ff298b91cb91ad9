//! Transparent mode (Linux): the firewall leads connections to us that were meant for others, and the socket says for whom.
//!
//! With REDIRECT, the system keeps the address that the client connected to (`SO_ORIGINAL_DST`); with TPROXY, the
//! connection still has it (`IP_TRANSPARENT`). Clients know nothing of dashcam, so none can be told why it is refused.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, Scheme, Side, Stage, Verdict};

use crate::context::OwnAddress;
use crate::net::io::Io;
use crate::serve::answer::answer;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, detect};
use crate::serve::dispatch::{Unopened, open_tunnel};
use crate::serve::grant::Grant;
use crate::serve::mode::spec::{Accepted, ModeSpec};
use crate::serve::server::Server;

/// The mode's line of the table.
pub(super) const MODE: ModeSpec = ModeSpec {
    name: "transparent",
    upstream: None,
    parent: None,
    foreign: true,
    run: |accepted| Box::pin(run(accepted)),
};

/// HTTP's status for a client that comes straight to the listener, and for a loop (RFC 5842 §7.2).
const BAD_REQUEST: u16 = 400;
const LOOP_DETECTED: u16 = 508;

async fn run(Accepted { io, server, log, .. }: Accepted<'_>) {
    // It is none of TCP only in tests.
    let Some(meant_for) = io.original_destination() else { return };
    let Some(destination) = destination(meant_for) else { return };
    log.meant_for(meant_for);
    log.destination(&destination);
    if let Some((status, why)) = refused(meant_for, server, log).await {
        return refuse(io, (status, why), server, log).await;
    }
    match Box::pin(open_tunnel(io, destination, (None, Grant::Looking), server, log)).await {
        Ok(Some(opened)) => opened.serve(server, log).await,
        Ok(None) => {}
        Err(unopened) => {
            let Unopened { io, why, .. } = *unopened;
            if why.failure.side == Side::Proxy {
                log.verdict(None, Verdict::Refuse);
            }
            log.fail(why.failure);
            io.reset();
        }
    }
}

fn destination(address: SocketAddr) -> Option<Destination> {
    Destination::parse(Scheme::Https, &address.to_string()).ok()
}

/// Why a connection that was meant for `address` goes no further: it was meant for us, or is our own.
async fn refused(address: SocketAddr, server: &Server, log: &ClientRecord) -> Option<(u16, String)> {
    if server.context.own_address(address) == Some(OwnAddress::Listener) {
        let why = format!(
            "The connection came straight to dashcam's transparent listener at {address}, which serves only what the \
             firewall leads to it (REDIRECT or TPROXY). Send clients that know a proxy to a forward or socks5 listener."
        );
        return Some((BAD_REQUEST, why));
    }
    let own = server.context.own_sockets.as_ref()?;
    if !own.has(log.client(), address).await {
        return None;
    }
    let why = format!(
        "dashcam's own connection to {address} was led back to it: the request would go round for ever. Let the \
         firewall except dashcam's user (nft: meta skuid != dashcam; iptables: -m owner ! --uid-owner dashcam)."
    );
    Some((LOOP_DETECTED, why))
}

/// Closes a connection, with an answer for HTTP.
async fn refuse(mut io: Io, (status, why): (u16, String), server: &Arc<Server>, log: &mut ClientRecord) {
    tracing::debug!(client = %log.client(), "{why}");
    let failure = Failure::new(Side::Proxy, Stage::Connect, why);
    let first = detect(&mut io, server.context.config.timeouts.detect).await;
    log.fail(failure.clone());
    log.verdict(first.detected(), Verdict::Refuse);
    if first == FirstBytes::Http1 {
        answer(&mut io, status, &failure).await;
    } else {
        io.reset();
    }
}
