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
        destination: Some(upstream.clone()),
        sni: None,
        kind: RouteKind::Reverse { keep_host: engine.config.keep_host },
        decrypted: matches!(first, FirstBytes::Tls(_)),
        replay: None,
    };
    match first {
        FirstBytes::Tls(hello) => {
            log.verdict(detected, Verdict::Decrypt);
            let hello = served_as(hello, &io, upstream);
            conduit::decrypt(io, &hello, route, engine, log).await;
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

/// A client that names no server connects to an address: the certificate is for that.
fn served_as(hello: crate::detect::Hello, io: &Io, upstream: &Destination) -> crate::detect::Hello {
    let sni = hello.sni.or_else(|| io.local().map(|local| local.ip().to_string()));
    crate::detect::Hello { sni: sni.or_else(|| Some(upstream.host.clone())), ..hello }
}
