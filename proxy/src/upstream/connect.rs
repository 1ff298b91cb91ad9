//! New connections to upstreams.

mod race;
mod unreachable;

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Certificate, Destination, Failure, Scheme, Side, Stage};
use dashcam_recorder::{Moment, OpenExchange, now};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::net::admission::{Account, UpstreamPermit};
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::tcp;
use crate::net::turns;
use crate::net::write_timeout::WriteTimeout;
use crate::upstream::connect::race::{Why, race, take_turns};
use crate::upstream::connect::unreachable::not_connected;
use crate::upstream::key::{Key, Protocol};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::permitted;
use crate::upstream::ready::Dialled;
use crate::upstream::record::{ConnectTimings, UpstreamRecord};
use crate::upstream::resolve::Unresolved;
use crate::upstream::upstreams::Upstreams;

/// A new connection for `key` on `account`, with TLS if its scheme says so; for the exchange `open`, if that is recorded.
/// `records` says that the connection is to be recorded at once.
pub(super) async fn connect(
    upstreams: &Upstreams,
    key: &Key,
    account: Option<&Arc<Account>>,
    (open, records): (Option<&OpenExchange>, bool),
) -> Result<(Io, UpstreamRecord), NoAnswer> {
    if let Some(io) = upstreams.dialer.given() {
        return Ok((io, UpstreamRecord::unknown(&upstreams.context.recorder)));
    }
    let destination = &key.destination;
    let dialled = match upstreams.ready.take(destination, account) {
        Some(ready) => {
            mark(open, Moment::Connected);
            ready
        }
        None => dial(upstreams, (destination, key.named), account, open).await?,
    };
    let Dialled { mut io, timings: mut opening } = dialled;
    if destination.scheme == Scheme::Http {
        let facts = UpstreamRecord::new(&upstreams.context.recorder, (key, records), &io, opening);
        return Ok((io, facts));
    }
    let name = key.sni.as_deref().unwrap_or(&destination.host);
    let alpn = match key.protocol {
        Protocol::Http2OrHttp1 => Alpn::http2_and_http1(),
        Protocol::Http2 | Protocol::Http2PriorKnowledge => Alpn::of([b"h2".as_slice()]),
        Protocol::Http1 => Alpn::http1(),
    };
    let limit = upstreams.context.config.timeouts.tls_handshake;
    let permit = io.take_permit();
    let handshake = turns::take(account, upstreams.tls.connect(io, name, &alpn));
    let (io, shown) = match timeout(limit, handshake).await {
        Ok(result) => result?,
        Err(_) => {
            let message =
                format!("{destination} did not finish the TLS handshake within {} s.", limit.as_secs_f64());
            return Err(Failure::new(Side::Upstream, Stage::TlsHandshake, message).into());
        }
    };
    mark(open, Moment::Tls);
    opening.tls = Some(opening.since.elapsed());
    opening.shown = shown.map(|certificate| Certificate::new(&certificate));
    let facts = UpstreamRecord::new(&upstreams.context.recorder, (key, records), &io, opening);
    Ok((io.with_permit(permit), facts))
}

/// A new TCP connection to `destination` on `account`, but never to ourselves.
pub(crate) async fn connect_tcp(
    upstreams: &Upstreams,
    destination: &Destination,
    account: Option<&Arc<Account>>,
) -> Result<Dialled, NoAnswer> {
    dial(upstreams, (destination, false), account, None).await
}

/// Why nothing at `destination` may be connected to, if that is known before anything is.
pub(crate) async fn refused(
    upstreams: &Upstreams,
    destination: &Destination,
    account: Option<&Arc<Account>>,
) -> Option<NoAnswer> {
    if !upstreams.context.config.access.deny_private {
        return None;
    }
    let deadline = Instant::now() + upstreams.context.config.timeouts.connect;
    let addresses = resolve(upstreams, destination, account, deadline).await.ok()?;
    permitted::among(upstreams.context.config.access.deny_private, (destination, false), addresses).err()
}

/// A connection to `destination`; `named` says that the operator named it.
async fn dial(
    upstreams: &Upstreams,
    (destination, named): (&Destination, bool),
    account: Option<&Arc<Account>>,
    open: Option<&OpenExchange>,
) -> Result<Dialled, NoAnswer> {
    let (at, since) = (now(), Instant::now());
    let deadline = since + upstreams.context.config.timeouts.connect;
    let addresses = resolve(upstreams, destination, account, deadline).await?;
    let resolved = destination.ip().is_none().then(|| since.elapsed());
    mark(open, Moment::Resolved);
    if let Some(own) = addresses.iter().find_map(|address| upstreams.context.own_address(*address)) {
        return Err(NoAnswer::own_address(own, destination));
    }
    let addresses =
        permitted::among(upstreams.context.config.access.deny_private, (destination, named), addresses)?;
    let open_one = |address| open_tcp(upstreams, account, address);
    let (stream, permit) = match race(take_turns(addresses), deadline, open_one).await {
        Ok(opened) => opened,
        Err(tried) => {
            upstreams.resolver.forget(&destination.host);
            return Err(not_connected(upstreams, destination, &tried));
        }
    };
    tcp::tune(&stream);
    mark(open, Moment::Connected);
    let timeout = WriteTimeout::new(&upstreams.context.config.timeouts, None, &upstreams.context.limited);
    let io = Io::from(stream).with_permit(Some(permit)).with_write_timeout(timeout);
    let timings = ConnectTimings { at, since, resolved, connected: since.elapsed(), tls: None, shown: None };
    Ok(Dialled { io, timings })
}

/// A socket that is connected to `address`, and its place among all of them: also those count that are being opened.
async fn open_tcp(
    upstreams: &Upstreams,
    account: Option<&Arc<Account>>,
    address: SocketAddr,
) -> Result<(TcpStream, UpstreamPermit), Why> {
    let permit = upstreams.pool.admit(&upstreams.context.admission, account).map_err(Why::NoRoom)?;
    let stream = TcpStream::connect(address).await.map_err(Why::Error)?;
    Ok((stream, permit))
}

async fn resolve(
    upstreams: &Upstreams,
    destination: &Destination,
    account: Option<&Arc<Account>>,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, NoAnswer> {
    let Destination { host, port, .. } = destination;
    if let Some(ip) = destination.ip() {
        return Ok(vec![SocketAddr::new(ip, *port)]);
    }
    let resolved = upstreams.resolver.resolve((host, *port), account, deadline).await;
    resolved.map_err(|why| {
        let message = format!("The name {host} could not be resolved: {why}.");
        match why {
            Unresolved::NoRoom(_) => NoAnswer::busy(Stage::Dns, message),
            Unresolved::Refused(_) | Unresolved::TimedOut => {
                Failure::new(Side::Upstream, Stage::Dns, message).into()
            }
        }
    })
}

fn mark(open: Option<&OpenExchange>, moment: Moment) {
    if let Some(open) = open {
        open.mark(moment);
    }
}
