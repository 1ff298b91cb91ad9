//! Forward mode: clients name the destination, by CONNECT or by an absolute-form target.

use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, RequestHead, Scheme, Side, Stage, Verdict};

use crate::exchange::respond::Told;
use crate::exchange::route::{Route, RouteKind};
use crate::exchange::{respond, service};
use crate::net::io::Io;
use crate::serve::answer::{answer, write};
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, first_bytes};
use crate::serve::dispatch;
use crate::serve::dispatch::{Unopened, open_tunnel};
use crate::serve::grant::Grant;
use crate::serve::h1::server::{Served, serve};
use crate::serve::mode::spec::{Accepted, ModeSpec};
use crate::serve::opened::Opened;
use crate::serve::server::Server;
use crate::upstream::{NoAnswer, Unreached};

/// Grants a CONNECT.
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// The mode's line of the table.
pub(super) const MODE: ModeSpec = ModeSpec {
    name: "forward",
    upstream: None,
    parent: None,
    foreign: false,
    run: |accepted| Box::pin(run(accepted)),
};

/// Serves a client that names its destinations in HTTP.
pub(super) async fn run(Accepted { mut io, server, log, .. }: Accepted<'_>) {
    let first = first_bytes(&mut io, &server.context).await;
    let detected = first.detected();
    match first {
        FirstBytes::Http1 => {}
        FirstBytes::Closed | FirstBytes::Silent => return,
        FirstBytes::Tls(_) | FirstBytes::Http2 | FirstBytes::Other => {
            let why = "This is a proxy for HTTP: a client speaks HTTP/1.1 to it, in the clear, and CONNECT for everything else. Set the proxy's URL to http://…, also for https sites.";
            // Text is answered in text: it helps a person who looks at the bytes.
            if io.ahead().iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
                answer(&mut io, 400, &Failure::new(Side::Client, Stage::Detect, why)).await;
            }
            return dispatch::refuse(detected, why, log);
        }
    }
    // On record once it is known that it is not for us.
    log.note_verdict(detected, Verdict::Plain);
    let route = log.route(RouteKind::Forward);
    if let Served::Connect { io, head } = Box::pin(serve(io, &route, server, log)).await
        && let Some(opened) = Box::pin(connect(io, (*head, &route), server, log)).await
    {
        drop(route);
        opened.serve(server, log).await;
    }
}

/// Opens the tunnel that a CONNECT asks for, or answers why not.
async fn connect(
    mut io: Io,
    (head, route): (RequestHead, &Route),
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Option<Box<Opened>> {
    // Its own port is part of a CONNECT's target (RFC 9110 §9.3.6); some clients leave it out.
    let destination = match Destination::parse(Scheme::Https, &head.target) {
        Ok(destination) => destination,
        Err(error) => {
            let failure =
                Failure::new(Side::Client, Stage::RequestHead, format!("CONNECT was refused: {error}."));
            answer(&mut io, 400, &failure).await;
            log.fail(failure);
            return None;
        }
    };
    log.user_agent(head.headers.all("user-agent").next());
    let grant = Grant::wanted(&head.headers);
    match open_tunnel(io, destination, (Some(ESTABLISHED), grant), server, log).await {
        Ok(opened) => opened,
        Err(unopened) => {
            refuse(*unopened, head, (server, route), log).await;
            None
        }
    }
}

/// Answers a CONNECT in place of a tunnel. Where we refuse it, it is recorded as a request that was refused.
async fn refuse(
    Unopened { mut io, destination, why }: Unopened,
    head: RequestHead,
    (server, route): (&Arc<Server>, &Route),
    log: &mut ClientRecord,
) {
    let NoAnswer { failure, status, ours, unreached, .. } = why;
    log.fail(failure.clone());
    if failure.side != Side::Proxy {
        let mut response = respond::with_status(status, &failure, (false, Told::All));
        if let Some(unreached) = unreached {
            response.head.headers.set("Proxy-Status", proxy_status(unreached));
        }
        return write(&mut io, response).await;
    }
    let response = service::refuse(&server.service, route, (head, Some(destination)), (status, failure));
    if let Some(open) = response.observed.record() {
        log.recorded();
        open.response_sent(&response.head);
        if ours {
            open.withhold();
        }
    }
    write(&mut io, response).await;
}

/// The reason in the words of RFC 9209 §2.3: whoever asked can tell them apart.
fn proxy_status(unreached: Unreached) -> &'static str {
    match unreached {
        Unreached::Refused => "dashcam; error=connection_refused",
        Unreached::Silent => "dashcam; error=connection_timeout",
        Unreached::Host | Unreached::Network => "dashcam; error=destination_ip_unroutable",
    }
}
