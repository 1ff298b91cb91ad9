//! Reverse mode: everything goes to one upstream; clients come with or without TLS, on the same port.

use dashcam_exchange::{Destination, Detected, Failure, Side, Stage, Verdict};
use tokio::io::AsyncWriteExt;

use crate::exchange::route::{Route, RouteKind};
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::serve::answer::answer;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, HANDSHAKE, first_bytes};
use crate::serve::dispatch;
use crate::serve::mode::spec::{Accepted, ModeSpec};
use crate::serve::opened;
use crate::serve::tls::Identity;

/// The mode's line of the table.
pub(super) const MODE: ModeSpec = ModeSpec {
    name: "reverse",
    upstream: Some("http://127.0.0.1:3000"),
    parent: None,
    foreign: false,
    run: |accepted| Box::pin(run(accepted)),
};

async fn run(Accepted { mut io, mode, server, log }: Accepted<'_>) {
    let upstream = mode.upstream.as_ref().expect("no mode with an upstream is read without one");
    log.destination(upstream);
    let first = first_bytes(&mut io, &server.context).await;
    let detected = first.detected();
    let route = Box::new(Route {
        destination: Some(upstream.clone()),
        decrypted: matches!(first, FirstBytes::Tls(_)),
        ..log.route(RouteKind::Reverse {
            keep_host: server.context.config.keep_host,
            trusts_client: server.access.trusts(log.client().ip()),
        })
    });
    if first == FirstBytes::Other && io.ahead().starts_with(&HANDSHAKE) {
        return refuse_old_tls(io, log).await;
    }
    if server.context.config.client_ca.is_some()
        && !matches!(first, FirstBytes::Tls(_) | FirstBytes::Silent | FirstBytes::Closed)
    {
        return refuse_without_tls(io, first == FirstBytes::Http1, detected, log).await;
    }
    match first {
        FirstBytes::Tls(hello) => {
            log.verdict(detected, Verdict::Decrypt);
            log.hello(&hello);
            let identity = Identity::new(hello, &unnamed(&io, upstream), log.runtime());
            opened::decrypt(io, (&identity, &Alpn::http2_and_http1()), route, server, log).await;
        }
        // What is no HTTP gets HTTP's 400: a reverse listener has nothing else to say.
        FirstBytes::Http1 | FirstBytes::Other => {
            log.verdict(detected, Verdict::Plain);
            opened::http(io, false, route, server, log).await;
        }
        FirstBytes::Http2 => {
            log.verdict(detected, Verdict::Plain);
            opened::http(io, true, route, server, log).await;
        }
        FirstBytes::Silent | FirstBytes::Closed => {}
    }
}

/// TLS of a kind that we don't speak gets an answer in TLS.
async fn refuse_old_tls(mut io: Io, log: &mut ClientRecord) {
    // A fatal alert: protocol_version (RFC 8446 §6). A client that is gone misses nothing.
    let _ = io.write_all(b"\x15\x03\x01\x00\x02\x02\x46").await;
    let _ = io.shutdown().await;
    let why = "The client began with TLS that can't be understood: it is damaged, or of version 1.1 or older, and dashcam speaks 1.2 and 1.3. Update the client.";
    log.fail(Failure::new(Side::Client, Stage::TlsHandshake, why));
    log.verdict(Some(Detected::Tls), Verdict::Refuse);
}

/// Without TLS nobody can show the certificate that `--client-ca` demands.
async fn refuse_without_tls(mut io: Io, http1: bool, detected: Option<Detected>, log: &mut ClientRecord) {
    let why = "This listener takes only TLS clients with a certificate (--client-ca), and the client came without TLS. Use https:// and the client's certificate.";
    if http1 {
        answer(&mut io, 400, &Failure::new(Side::Client, Stage::Detect, why)).await;
    }
    dispatch::refuse(detected, why, log);
}

/// Whose certificate a client gets that names no server: it connects to an address.
fn unnamed(io: &Io, upstream: &Destination) -> String {
    io.local().map_or_else(|| upstream.host.clone(), |local| local.ip().to_string())
}
