//! Bytes with a known destination: look, and decide whether to tunnel, decrypt or read them.

use std::sync::Arc;

use dashcam_exchange::{Destination, Detected, Failure, Scheme, Side, Stage, TunnelReason, Verdict};

use tokio::io::AsyncWriteExt as _;

use crate::exchange::route::{Route, RouteKind};
use crate::net::io::Io;
use crate::net::unread::UnreadRelay;
use crate::serve::alpn_negotiation;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, detect_in_tunnel};
use crate::serve::grant::Grant;
use crate::serve::opened::Opened;
use crate::serve::server::Server;
use crate::serve::setup_tunnel;
use crate::serve::tls::Identity;
use crate::serve::tunnel;
use crate::serve::verdict::{decide, decided_reason};
use crate::upstream;
use crate::upstream::{Dialled, NoAnswer, connect_tcp};

/// A tunnel that could not be opened. Its client has got no answer yet.
pub(crate) struct Unopened {
    pub(crate) io: Io,
    pub(crate) destination: Destination,
    pub(crate) why: NoAnswer,
}

/// Serves a client that asks for a tunnel to `destination`: modes call it once they know that. The client gets `granted`
/// first, when `grant` says; `None` if it asked for nothing, and knows of no proxy.
///
/// # Errors
/// When the tunnel is refused, or the upstream of one that is not looked at can't be reached: the mode answers, in its
/// client's protocol. `Ok(None)` is a tunnel that has ended already.
pub(crate) async fn open_tunnel(
    mut io: Io,
    destination: Destination,
    (granted, grant): (Option<&[u8]>, Grant),
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Result<Option<Box<Opened>>, Box<Unopened>> {
    let asks = granted.is_some();
    if asks && server.setup_site.is_at(&destination) {
        Box::pin(setup_tunnel::serve(io, destination, granted.unwrap_or_default(), server, log)).await;
        return Ok(None);
    }
    log.destination(&destination);
    let granted = granted.unwrap_or_default();
    if let Some(why) = refused(&destination, asks, server, log).await {
        return Err(Box::new(Unopened { io, destination, why }));
    }
    let reason = known_reason(&destination, server, log);
    let looks = reason.is_none() && !is_own(&destination, server);
    match reason {
        Some(reason) => log.tunnel(None, reason),
        // The attempt to connect says that nothing goes there.
        None if !looks => log.verdict(None, Verdict::Tunnel),
        None => {}
    }
    if grant == Grant::AtOnce || (grant == Grant::Looking && looks) {
        if io.write_all(granted).await.is_err() {
            return Ok(None);
        }
        if grant == Grant::Looking {
            return Ok(serve(io, destination, server, log).await);
        }
        return Ok(match dial(io, &destination, server, log).await {
            Some((io, upstream)) => connected(io, (destination, upstream), looks, server, log).await,
            None => None,
        });
    }
    match connect_tcp(&server.service.upstreams, &destination, log.parent(), log.source()).await {
        Ok(upstream) => Ok(match io.write_all(granted).await {
            Ok(()) => connected(io, (destination, upstream), looks, server, log).await,
            Err(_) => None,
        }),
        Err(why) => Err(Box::new(Unopened { io, destination, why })),
    }
}

/// Serves a client whose upstream is connected; it may be either's turn to speak.
async fn connected(
    io: Io,
    (destination, upstream): (Destination, Dialled),
    looks: bool,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Option<Box<Opened>> {
    if !looks {
        let unread = unread(&destination, server, log);
        return Some(Opened::relay(io, upstream, unread));
    }
    match watched(io, upstream, server, log).await {
        Watched::Client(spoken) => {
            let (io, first, upstream) = *spoken;
            read(io, destination, (first, Some(upstream)), server, log).await
        }
        Watched::Upstream(opened) => Some(opened),
        Watched::Over => None,
    }
}

/// Why the client may have no tunnel to `destination`, if that is known before anything is connected to.
async fn refused(
    destination: &Destination,
    asks: bool,
    server: &Server,
    log: &ClientRecord,
) -> Option<NoAnswer> {
    let client = asks.then(|| log.client().ip());
    if let Some(failure) = server.access.denies_port(client, destination.port) {
        return Some((403, failure).into());
    }
    upstream::refused(&server.service.upstreams, destination, log.parent(), log.source()).await
}

/// The reason for which nobody looks at what goes to `destination`, if that is known before anything comes.
fn known_reason(destination: &Destination, server: &Server, log: &mut ClientRecord) -> Option<TunnelReason> {
    let rule = || server.rules.ignores(destination).then_some(TunnelReason::Rule);
    decided_reason(log.decision()).or_else(rule)
}

/// Returns whether `destination` is an address of our own.
fn is_own(destination: &Destination, server: &Server) -> bool {
    let own = |ip| server.context.own_address((ip, destination.port).into()).is_some();
    destination.ip().is_some_and(own)
}

/// A place among the tunnels that nobody reads only because nothing is recorded now; `None` for all others.
fn unread(destination: &Destination, server: &Server, log: &mut ClientRecord) -> Option<UnreadRelay> {
    let is_unread = log.decision().is_off() && !server.rules.ignores(destination);
    is_unread.then(|| server.context.unread.begin())
}

/// Serves what a client sends through a tunnel to `destination`.
async fn serve(
    mut io: Io,
    destination: Destination,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Option<Box<Opened>> {
    let first = detect_in_tunnel(&mut io, &server.context.config.timeouts).await;
    let (io, first, upstream) = match first {
        FirstBytes::Silent => match Box::pin(silent(io, &destination, server, log)).await {
            Watched::Client(spoken) => {
                let (io, first, upstream) = *spoken;
                (io, first, Some(upstream))
            }
            Watched::Upstream(opened) => return Some(opened),
            Watched::Over => return None,
        },
        first => (io, first, None),
    };
    read(io, destination, (first, upstream), server, log).await
}

/// Decides about a client that began with `first`; its upstream may be connected already.
async fn read(
    io: Io,
    destination: Destination,
    (first, upstream): (FirstBytes, Option<Dialled>),
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Option<Box<Opened>> {
    let sni = first.sni().filter(|sni| *sni != destination.host).map(str::to_owned);
    match &first {
        FirstBytes::Tls(hello) => log.hello(hello),
        FirstBytes::Http1 | FirstBytes::Http2 => log.plain_http(),
        FirstBytes::Other | FirstBytes::Silent | FirstBytes::Closed => {}
    }
    let decision = log.decision();
    let (verdict, reason) = decide(decision, &server.rules, &destination, &first);
    match reason {
        Some(reason) => log.tunnel(first.detected(), reason),
        None => log.verdict(first.detected(), verdict),
    }
    let (upstream, ready) = match upstream {
        Some(upstream) if matches!(verdict, Verdict::Decrypt | Verdict::Plain) => {
            let upstreams = &server.service.upstreams;
            (None, Some(upstreams.keep_ready(&destination, log.source(), upstream)))
        }
        upstream => (upstream, None),
    };
    let route = |destination, decrypted, sni| Route {
        destination: Some(destination),
        sni,
        decrypted,
        ..log.route(RouteKind::Forward)
    };
    match (verdict, first) {
        (Verdict::Decrypt, FirstBytes::Tls(hello)) => {
            let host = destination.host.clone();
            let mut route = route(Destination { scheme: Scheme::Https, ..destination }, true, sni);
            let alpn = Box::pin(alpn_negotiation::offer(server, (&hello, decision.record), &mut route)).await;
            let identity = Identity::new(hello, &host, log.runtime());
            Some(Box::new(Opened::Tls { io, identity, alpn, route: Box::new(route), ready }))
        }
        (Verdict::Plain, first) => {
            let route = route(Destination { scheme: Scheme::Http, ..destination }, false, sni);
            let is_h2 = first == FirstBytes::Http2;
            Some(Box::new(Opened::Http { io, is_h2, route: Box::new(route), ready }))
        }
        (Verdict::Tunnel, _) => {
            let (io, upstream) = match upstream {
                Some(upstream) => (io, upstream),
                None => dial(io, &destination, server, log).await?,
            };
            let unread = unread(&destination, server, log);
            Some(Opened::relay(io, upstream, unread))
        }
        (Verdict::Refuse | Verdict::Decrypt, _) => None,
    }
}

/// The client's stream with one to `destination`, if that can be reached.
async fn dial(
    io: Io,
    destination: &Destination,
    server: &Server,
    log: &mut ClientRecord,
) -> Option<(Io, Dialled)> {
    match connect_tcp(&server.service.upstreams, destination, log.parent(), log.source()).await {
        Ok(upstream) => Some((io, upstream)),
        Err(no_answer) => {
            log.fail(no_answer.failure);
            io.reset();
            None
        }
    }
}

/// The outcome of watching both sides of a connection.
enum Watched {
    /// The client spoke first: its first bytes after all, and the connection to the upstream.
    Client(Box<(Io, FirstBytes, Dialled)>),
    /// It was the upstream's turn.
    Upstream(Box<Opened>),
    Over,
}

/// Serves a client that says nothing at first: connects to `destination`, as it may be the server's turn to speak.
async fn silent(io: Io, destination: &Destination, server: &Server, log: &mut ClientRecord) -> Watched {
    log.tunnel(FirstBytes::Silent.detected(), TunnelReason::Silent);
    match dial(io, destination, server, log).await {
        Some((io, upstream)) => watched(io, upstream, server, log).await,
        None => Watched::Over,
    }
}

/// Waits for the side of a connection that speaks first.
async fn watched(mut io: Io, mut upstream: Dialled, server: &Server, log: &mut ClientRecord) -> Watched {
    match tunnel::first_to_move(&mut io, &mut upstream.io, &server.context).await {
        Ok(Some(Side::Client)) if !io.ahead().is_empty() => {
            let first = detect_in_tunnel(&mut io, &server.context.config.timeouts).await;
            return Watched::Client(Box::new((io, first, upstream)));
        }
        Ok(_) => {
            log.verdict(FirstBytes::Silent.detected(), Verdict::Tunnel);
            return Watched::Upstream(Opened::relay(io, upstream, None));
        }
        Err(broken) => {
            tunnel::failed(&broken, &server.context, log);
            if broken.side != Side::Proxy {
                io.reset();
                upstream.io.reset();
            }
        }
    }
    Watched::Over
}

/// Refuses a stream that is not what a listener is for.
pub(crate) fn refuse(detected: Option<Detected>, why: &str, log: &mut ClientRecord) {
    log.fail(Failure::new(Side::Client, Stage::Detect, why));
    log.verdict(detected, Verdict::Refuse);
}
