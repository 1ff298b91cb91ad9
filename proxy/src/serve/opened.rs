//! A tunnel about which is decided: relayed, decrypted, or read.
//!
//! It stands apart from how it came about, so that a connection holds no room for that while it lasts.

use std::sync::Arc;

use crate::exchange::route::{Route, RouteKind};
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::turns;
use crate::net::unread::UnreadRelay;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::begins_http2;
use crate::serve::server::Server;
use crate::serve::tls::{HandshakeFailed, Identity};
use crate::serve::{h1, h2, tunnel};
use crate::upstream::{Dialled, ReadyGuard};

/// The work that is left to do with a tunnel.
pub(crate) enum Opened {
    /// TLS is ended here. `ready`: a connection that waits for the first request.
    Tls { io: Io, identity: Identity, alpn: Alpn, route: Box<Route>, ready: Option<ReadyGuard> },
    /// HTTP that is not encrypted.
    Http { io: Io, is_h2: bool, route: Box<Route>, ready: Option<ReadyGuard> },
    /// Bytes are relayed unread.
    Relay { io: Io, upstream: Io, unread: Option<UnreadRelay> },
}

impl Opened {
    pub(crate) fn relay(io: Io, upstream: Dialled, unread: Option<UnreadRelay>) -> Box<Self> {
        Box::new(Self::Relay { io, upstream: upstream.io, unread })
    }

    /// Serves what goes through it until it ends.
    pub(crate) async fn serve(self: Box<Self>, server: &Arc<Server>, log: &mut ClientRecord) {
        match *self {
            Self::Tls { io, identity, alpn, route, ready: _ready } => {
                decrypt(io, (&identity, &alpn), route, server, log).await;
            }
            Self::Http { io, is_h2, route, ready: _ready } => http(io, is_h2, route, server, log).await,
            Self::Relay { io, upstream, unread } => {
                Box::pin(tunnel::relay((io, upstream), unread, &server.context, log)).await;
            }
        }
    }
}

/// Terminates TLS on `io` as `identity` that speaks `alpn`, and serves what is inside.
pub(crate) async fn decrypt(
    io: Io,
    (identity, alpn): (&Identity, &Alpn),
    route: Box<Route>,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) {
    let reverse = matches!(route.kind, RouteKind::Reverse { .. });
    // Boxed, so that a connection does not hold the room that the handshake took.
    let handshake = server.tls.accept(io, identity, alpn, reverse);
    match Box::pin(turns::take(log.source(), handshake)).await {
        Ok((mut io, facts)) => {
            let is_h2 = facts.alpn.as_deref().map(|name| name == "h2");
            log.tls(facts);
            let is_h2 = match is_h2 {
                Some(is_h2) => is_h2,
                None => Box::pin(begins_http2(&mut io, &server.context)).await,
            };
            http(io, is_h2, route, server, log).await;
            let unused = log.take_unused();
            if let Some(unused) = unused
                && let Some(failure) = server.tls.refusal(identity, &unused, reverse)
            {
                log.refused(failure, unused.is_silent(), !reverse);
            }
        }
        Err(HandshakeFailed { failure, is_refusal: true }) => log.refused(failure, false, !reverse),
        Err(HandshakeFailed { failure, .. }) => log.fail(failure),
    }
}

/// Serves HTTP on `io`.
pub(crate) async fn http(
    io: Io,
    is_h2: bool,
    mut route: Box<Route>,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) {
    // By now TLS is part of it.
    route.described = Some(log.described());
    if is_h2 {
        Box::pin(h2::server::serve(io, Arc::new(*route), server, log)).await;
    } else {
        // With a destination there is no CONNECT to come back for.
        // Boxed, so that a connection does not hold the room that detection and handshake took.
        Box::pin(h1::server::serve(io, &route, server, log)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<'a, F>(_: impl Fn(Box<Opened>, &'a Arc<Server>, &'a mut ClientRecord) -> F) -> usize {
        size_of::<F>()
    }

    fn size_of_http1<'a, F>(_: impl Fn(Io, &'a Route, &'a Arc<Server>, &'a mut ClientRecord) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_connection_holds_no_room_for_handshakes_and_exchanges() {
        let (opened, http1) = (size(Opened::serve), size_of_http1(h1::server::serve));
        assert!(opened <= 2 << 10 && http1 <= 2560, "{opened} and {http1} bytes");
    }
}
