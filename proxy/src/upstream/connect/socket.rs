//! A new TCP connection, to an upstream or to a parent proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_recorder::{Moment, OpenExchange};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::net::admission::{Account, UpstreamPermit};
use crate::net::io::Io;
use crate::net::tcp;
use crate::net::write_timeout::WriteTimeout;
use crate::upstream::connect::addresses::{Peer, permitted_addresses};
use crate::upstream::connect::race::{Why, race, take_turns};
use crate::upstream::connect::unreachable::{not_connected, outcomes};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;

/// A connection that came about.
pub(in crate::upstream) struct Socket {
    pub(in crate::upstream) io: Io,
    /// When the name was resolved; `None` for an address.
    pub(in crate::upstream) resolved: Option<Instant>,
    /// The outcome of attempts at other addresses, where there were any.
    pub(in crate::upstream) tried: Option<String>,
}

/// Connects to `peer` on `account`, at the first of its addresses that lets us before the `deadline`.
pub(in crate::upstream) async fn open_socket(
    upstreams: &Upstreams,
    peer: Peer<'_>,
    account: Option<&Arc<Account>>,
    (open, deadline): (Option<&OpenExchange>, Instant),
) -> Result<Socket, NoAnswer> {
    let addresses = peer.resolve(upstreams, account, deadline).await?;
    let resolved = peer.is_name().then(Instant::now);
    mark(open, Moment::Resolved);
    let addresses = permitted_addresses(upstreams, peer, addresses)?;
    let open_one = |address| open_tcp(upstreams, account, address);
    match race(take_turns(addresses), deadline, open_one).await {
        Ok(((stream, permit), tried)) => {
            tcp::tune(&stream);
            let timeout =
                WriteTimeout::new(&upstreams.context.config.timeouts, None, &upstreams.context.limited);
            let io = Io::from(stream).with_permit(Some(permit)).with_write_timeout(timeout);
            Ok(Socket { io, resolved, tried: outcomes(&tried) })
        }
        Err(tried) => {
            upstreams.resolver.forget(peer.host());
            Err(not_connected(upstreams, peer, &tried))
        }
    }
}

/// A socket that is connected to `address`, and its place among all of them: also those count that are being opened.
async fn open_tcp(
    upstreams: &Upstreams,
    account: Option<&Arc<Account>>,
    address: SocketAddr,
) -> Result<(TcpStream, UpstreamPermit), Why> {
    let mut permit = upstreams.pool.admit(&upstreams.context.admission, account).map_err(Why::NoRoom)?;
    let dial = upstreams.context.own_sockets.as_ref().map(|own| own.dial(address));
    let stream = TcpStream::connect(address).await.map_err(Why::Error)?;
    permit.hold(dial.and_then(|dial| dial.connected(&stream)));
    Ok((stream, permit))
}

/// Notes when the exchange `open` came so far, if that is recorded.
pub(in crate::upstream) fn mark(open: Option<&OpenExchange>, moment: Moment) {
    if let Some(open) = open {
        open.mark(moment);
    }
}
