//! New connections to upstreams.

pub(super) mod addresses;
mod race;
pub(super) mod socket;
mod unreachable;

use std::sync::Arc;

use dashcam_exchange::{Certificate, Destination, Failure, Scheme, Side, Stage};
use dashcam_recorder::{Moment, OpenExchange, now};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};

use crate::net::admission::Account;
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::turns;
use crate::upstream::connect::addresses::{Peer, permitted_addresses, refused_name};
use crate::upstream::connect::socket::{Socket, mark, open_socket};
use crate::upstream::key::{Key, ParentId, Protocol, Via};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::parent::open;
use crate::upstream::ready::Dialled;
use crate::upstream::record::{ConnectTimings, UpstreamRecord};
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
    let dialled = match upstreams.ready.take((destination, key.via), account) {
        Some(ready) => {
            mark(open, Moment::Connected);
            ready
        }
        None => dial(upstreams, (destination, key.named, key.via), account, open).await?,
    };
    let Dialled { mut io, timings: mut opening, .. } = dialled;
    if let Some(header) = &key.proxy_header {
        tell(&mut io, header, destination).await?;
    }
    if destination.scheme == Scheme::Http {
        let facts = UpstreamRecord::new(
            (&upstreams.context.recorder, &upstreams.parents),
            (key, records),
            &io,
            opening,
        );
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
    let late = |_| {
        let message =
            format!("{destination} did not finish the TLS handshake within {} s.", limit.as_secs_f64());
        NoAnswer::from(Failure::new(Side::Upstream, Stage::TlsHandshake, message))
    };
    let host = || match &key.sni {
        Some(sni) => format!("{sni}:{}", destination.port),
        None => destination.host_and_port(),
    };
    let (io, shown) = timeout(limit, handshake)
        .await
        .unwrap_or_else(|elapsed| Err(late(elapsed)))
        .inspect_err(|no_answer| upstreams.context.failures.failed(&no_answer.failure, &host(), None))?;
    upstreams.context.control.rejected().upstream_accepted(host);
    mark(open, Moment::Tls);
    opening.tls = Some(opening.since.elapsed());
    opening.shown = shown.map(|certificate| Certificate::new(&certificate));
    let facts =
        UpstreamRecord::new((&upstreams.context.recorder, &upstreams.parents), (key, records), &io, opening);
    Ok((io.with_permit(permit), facts))
}

/// Tells the upstream, before anything else, who the client is.
async fn tell(io: &mut Io, header: &[u8], destination: &Destination) -> Result<(), NoAnswer> {
    let written = async {
        io.write_all(header).await?;
        io.flush().await
    };
    written.await.map_err(|error| {
        let message =
            format!("{destination} closed the connection at the PROXY header (--send-proxy): {error}.");
        Failure::new(Side::Upstream, Stage::Connect, message).into()
    })
}

/// A new TCP connection to `destination` on `account`, for a client of a listener with the parent `of_listener`; but never
/// to ourselves.
pub(crate) async fn connect_tcp(
    upstreams: &Upstreams,
    destination: &Destination,
    of_listener: Option<ParentId>,
    account: Option<&Arc<Account>>,
) -> Result<Dialled, NoAnswer> {
    let via = upstreams.parents.tunnel(of_listener, destination);
    dial(upstreams, (destination, false, via), account, None).await
}

/// Why nothing at `destination` may be connected to, if that is known before anything is.
pub(crate) async fn refused(
    upstreams: &Upstreams,
    destination: &Destination,
    of_listener: Option<ParentId>,
    account: Option<&Arc<Account>>,
) -> Option<NoAnswer> {
    if !upstreams.context.config.access.deny_private {
        return None;
    }
    let peer = Peer::Upstream { destination, named: false };
    let via = upstreams.parents.tunnel(of_listener, destination);
    if open::resolves_names(upstreams, via) {
        return refused_name(upstreams, peer, account).await;
    }
    let deadline = Instant::now() + upstreams.context.config.timeouts.connect;
    let addresses = peer.resolve(upstreams, account, deadline).await.ok()?;
    permitted_addresses(upstreams, peer, addresses).err()
}

/// A connection to `destination` on the way `via`; `named` says that the operator named it. The log says when there is
/// none.
async fn dial(
    upstreams: &Upstreams,
    way: (&Destination, bool, Via),
    account: Option<&Arc<Account>>,
    open: Option<&OpenExchange>,
) -> Result<Dialled, NoAnswer> {
    let dialled = reach(upstreams, way, account, open).await;
    dialled.inspect_err(|no_answer| {
        upstreams.context.failures.failed(&no_answer.failure, &way.0.host_and_port(), None);
    })
}

async fn reach(
    upstreams: &Upstreams,
    (destination, named, via): (&Destination, bool, Via),
    account: Option<&Arc<Account>>,
    open: Option<&OpenExchange>,
) -> Result<Dialled, NoAnswer> {
    let (at, since) = (now(), Instant::now());
    let deadline = since + upstreams.context.config.timeouts.connect;
    let opened = match via.parent() {
        None => {
            let peer = Peer::Upstream { destination, named };
            open_socket(upstreams, peer, account, (open, deadline)).await
        }
        // Boxed: most connections have none.
        Some(id) => {
            let way = (destination, named, via, id);
            Box::pin(open::open(upstreams, way, account, (open, deadline))).await
        }
    };
    let Socket { io, resolved, tried } = opened?;
    mark(open, Moment::Connected);
    let resolved = resolved.map(|at| at.duration_since(since));
    let timings =
        ConnectTimings { at, since, resolved, connected: since.elapsed(), tls: None, shown: None, tried };
    Ok(Dialled { io, timings, via })
}
