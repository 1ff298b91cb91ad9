//! Reverse mode: everything goes to one upstream; clients come with or without TLS, on the same port.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Destination, Verdict};

use crate::conduit;
use crate::connection_log::ConnectionLog;
use crate::detect::{FirstBytes, detect};
use crate::engine::Engine;
use crate::io::Io;
use crate::message::{Route, RouteKind};
use crate::tls::Identity;

/// Serves a client's connection.
pub(crate) async fn run(
    mut io: Io,
    client: SocketAddr,
    upstream: &Destination,
    engine: &Arc<Engine>,
    log: &mut ConnectionLog,
) {
    log.destination(upstream);
    let first = detect(&mut io, engine.config.timeouts.request_head).await;
    let detected = first.detected();
    let route = Route {
        connection: Some(log.id()),
        client: Some(client),
        entrance: io.local(),
        destination: Some(upstream.clone()),
        sni: None,
        kind: RouteKind::Reverse { keep_host: engine.config.keep_host },
        decrypted: matches!(first, FirstBytes::Tls(_)),
        authenticated: Arc::default(),
        replay: None,
    };
    match first {
        FirstBytes::Tls(hello) => {
            log.verdict(detected, Verdict::Decrypt);
            let identity = Identity::new(hello, &unnamed(&io, upstream));
            conduit::decrypt(io, &identity, route, engine, log).await;
        }
        // What is no HTTP gets HTTP's 400: a reverse listener has nothing else to say.
        FirstBytes::Http1 | FirstBytes::Other => {
            log.verdict(detected, Verdict::Plain);
            conduit::http(io, false, route, engine, log).await;
        }
        FirstBytes::Http2 => {
            log.verdict(detected, Verdict::Plain);
            conduit::http(io, true, route, engine, log).await;
        }
        FirstBytes::Silent | FirstBytes::Closed => {}
    }
}

/// Whose certificate a client gets that names no server: it connects to an address.
fn unnamed(io: &Io, upstream: &Destination) -> String {
    io.local().map_or_else(|| upstream.host.clone(), |local| local.ip().to_string())
}
