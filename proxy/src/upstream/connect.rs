//! New connections to upstreams.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use dashcam_exchange::{Certificate, Destination, Failure, Scheme, Side, Stage};
use dashcam_recorder::{Moment, OpenExchange, now};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::net::admission::{Account, UpstreamPermit};
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::limited::Limit;
use crate::net::tcp;
use crate::net::turns;
use crate::net::write_timeout::WriteTimeout;
use crate::upstream::key::{Key, Protocol};
use crate::upstream::no_answer::{NoAnswer, Unreached};
use crate::upstream::permitted;
use crate::upstream::ready::Dialled;
use crate::upstream::record::{ConnectTimings, UpstreamRecord};
use crate::upstream::resolve::Unresolved;
use crate::upstream::upstreams::Upstreams;

/// How long an address has to itself before the next one is tried besides (RFC 8305 §8).
const HEAD_START: Duration = Duration::from_millis(250);
/// Addresses that an error names at most.
const NAMED: usize = 4;
/// The system's errors when it (`ENFILE`) or the process (`EMFILE`) has no room for one more open file.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

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

/// An attempt to connect to an address.
struct Attempt<F> {
    address: SocketAddr,
    since: Instant,
    connecting: Pin<Box<F>>,
}

/// Why there is no connection to an address.
enum Why {
    Error(io::Error),
    /// It did not answer for as long as this.
    Silent(Duration),
    /// There are as many connections to upstreams as there may be.
    NoRoom(Limit),
}

impl Why {
    fn unreached(&self) -> Option<Unreached> {
        match self {
            Self::Error(error) => Unreached::of(error.kind()),
            Self::Silent(_) => Some(Unreached::Silent),
            Self::NoRoom(_) => None,
        }
    }
}

/// The first connection that comes about (RFC 8305 §5): when an address fails, or has no answer for a
/// moment, the next one is tried besides. The error says what came of each.
async fn race<T, F: Future<Output = Result<T, Why>>>(
    addresses: Vec<SocketAddr>,
    deadline: Instant,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<T, Vec<(SocketAddr, Why)>> {
    let mut waiting = addresses.into_iter();
    let mut running = Vec::new();
    let mut failed = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            let connecting = Box::pin(connect(address));
            running.push(Attempt { address, since: Instant::now(), connecting });
        }
        if running.is_empty() {
            return Err(failed);
        }
        let next = if waiting.len() > 0 { deadline.min(Instant::now() + HEAD_START) } else { deadline };
        match timeout_at(next, first(&mut running)).await {
            Ok((_, Ok(connection))) => return Ok(connection),
            Ok((address, Err(why))) => failed.push((address, why)),
            Err(_) if Instant::now() >= deadline => {
                let silent = |attempt: Attempt<F>| (attempt.address, Why::Silent(attempt.since.elapsed()));
                failed.extend(running.into_iter().map(silent));
                return Err(failed);
            }
            Err(_) => {}
        }
    }
}

/// The next of `running` to end.
async fn first<F: Future>(running: &mut Vec<Attempt<F>>) -> (SocketAddr, F::Output) {
    poll_fn(|cx| {
        for index in 0..running.len() {
            if let Poll::Ready(output) = running[index].connecting.as_mut().poll(cx) {
                let ended = running.swap_remove(index);
                return Poll::Ready((ended.address, output));
            }
        }
        Poll::Pending
    })
    .await
}

/// The addresses with IPv6 and IPv4 by turns, beginning with the first one's (RFC 8305 §4): when one
/// of the two does not work here, it does not hold up the other.
fn take_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let v6_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == v6_first);
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

/// Without room for a single attempt it is not the upstream's fault.
fn not_connected(upstreams: &Upstreams, destination: &Destination, tried: &[(SocketAddr, Why)]) -> NoAnswer {
    let refused = |(_, why): &(SocketAddr, Why)| match why {
        Why::NoRoom(limit) => Some(*limit),
        Why::Error(_) | Why::Silent(_) => None,
    };
    match tried.first().and_then(refused) {
        Some(limit) if tried.iter().all(|tried| refused(tried).is_some()) => {
            NoAnswer::no_room(&upstreams.context.limited, limit)
        }
        _ => NoAnswer {
            unreached: tried.iter().filter_map(|(_, why)| why.unreached()).max(),
            ..Failure::new(Side::Upstream, Stage::Connect, unreachable(destination, tried)).into()
        },
    }
}

fn unreachable(destination: &Destination, tried: &[(SocketAddr, Why)]) -> String {
    if tried.is_empty() {
        return format!("{destination} has no address.");
    }
    let each = tried.iter().take(NAMED).map(|(address, why)| match why {
        Why::Error(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("{address} refused the connection")
        }
        Why::Error(error) if matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) => format!(
            "dashcam has as many files and sockets open as the system lets it ({error}); raise its limit on open files (ulimit -n, LimitNOFILE)"
        ),
        Why::Error(error) => format!("{address}: {error}"),
        Why::NoRoom(_) => format!("{address}: there are as many connections to upstreams as there may be"),
        Why::Silent(time) => format!("{address} did not answer within {:.1} s", time.as_secs_f64()),
    });
    let each = each.collect::<Vec<_>>().join("; ");
    let more = match tried.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{destination} can't be reached: {each}{more}.")
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

#[cfg(test)]
mod tests;
