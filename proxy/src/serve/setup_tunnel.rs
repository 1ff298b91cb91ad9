//! Tunnels to the site that dashcam itself is: with TLS or without, whatever the level, and never on record.

use std::sync::Arc;

use dashcam_exchange::{Destination, Scheme};
use tokio::io::AsyncWriteExt as _;

use crate::exchange::route::{Route, RouteKind};
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::turns;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, detect_in_tunnel};
use crate::serve::h1;
use crate::serve::server::Server;
use crate::serve::tls::Identity;

/// Grants the tunnel to `destination` with `granted`, and serves the site in it. A client that rejects the certificate
/// finds out by that whether it trusts it: that is no failure.
pub(crate) async fn serve(
    mut io: Io,
    destination: Destination,
    granted: &[u8],
    server: &Arc<Server>,
    log: &mut ClientRecord,
) {
    log.is_at_setup_site();
    if io.write_all(granted).await.is_err() {
        return;
    }
    let route = |scheme, decrypted| Route {
        destination: Some(Destination { scheme, ..destination.clone() }),
        decrypted,
        ..log.route(RouteKind::Forward)
    };
    match detect_in_tunnel(&mut io, &server.context.config.timeouts).await {
        FirstBytes::Tls(hello) => {
            let identity = Identity::new(hello, &destination.host, None);
            let alpn = Alpn::http1();
            let handshake = server.tls.accept(io, &identity, &alpn, false);
            if let Ok((io, _)) = turns::take(log.source(), handshake).await {
                let route = route(Scheme::Https, true);
                Box::pin(h1::server::serve(io, &route, server, log)).await;
            }
        }
        FirstBytes::Http1 => {
            let route = route(Scheme::Http, false);
            Box::pin(h1::server::serve(io, &route, server, log)).await;
        }
        FirstBytes::Http2 | FirstBytes::Other | FirstBytes::Silent | FirstBytes::Closed => {}
    }
}
