//! Answers to a client's TLS, so that the client sees what it would see without us: the protocol that the
//! upstream itself chooses of those that the client offers.

use std::sync::Arc;

use crate::exchange::route::Route;
use crate::net::alpn::Alpn;
use crate::serve::detect::Hello;
use crate::serve::server::Server;
use crate::upstream;
use crate::upstream::{Key, Protocol};

/// The protocols to offer the client that sent `hello`. Where it matters, the upstream is connected to beforehand, and the
/// connection kept for the first request, and recorded if `records`. Only clients that offer HTTP/2 have a choice that could differ.
pub(crate) async fn offer(server: &Arc<Server>, (hello, records): (&Hello, bool), route: &mut Route) -> Alpn {
    let offers = |protocol: &[u8]| hello.alpn.iter().any(|name| name == protocol);
    let Some(destination) = route.destination.clone().filter(|_| offers(b"h2")) else {
        return Alpn::http2_and_http1();
    };
    route.session.offered = if offers(b"http/1.1") { Protocol::Http2OrHttp1 } else { Protocol::Http2 };
    let key = Key {
        via: server.service.upstreams.parents.tunnel(route.parent, &destination),
        destination,
        named: false,
        sni: route.sni.clone(),
        protocol: route.session.offered,
        pinned: None,
        own: route.connection,
        proxy_header: None,
    };
    match upstream::prepare(&server.service.upstreams, &key, route.source.as_ref(), records).await {
        Ok(chosen) => chosen,
        Err(no_answer) => {
            route.session.set_unreachable(no_answer);
            Alpn::http2_and_http1()
        }
    }
}
