//! A client's HTTP/2 connection: accepts its streams until it closes or is drained.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use dashcam_exchange::{Failure, Side, Stage};
use h2::server::{Builder, Connection};
use tokio::time::timeout;

use crate::exchange::route::Route;
use crate::h2::fields::chain;
use crate::h2::gather::{Gathering, Outlet, gather};
use crate::h2::send::SEND_BUFFER;
use crate::net::deadline::Deadline;
use crate::net::io::Io;
use crate::net::limited::Limit;
use crate::serve::client_record::ClientRecord;
use crate::serve::h2::stream;
use crate::serve::h2::stream::{Incoming, Shared};
use crate::serve::server::Server;

/// Bytes that a stream and a connection may send ahead of us.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Serves HTTP/2 on `io`.
pub(crate) async fn serve(io: Io, route: Arc<Route>, server: &Arc<Server>, log: &mut ClientRecord) {
    let limits = server.context.config.limits;
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(limits.h2_streams)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
        .enable_connect_protocol();
    let (io, outlet) = gather(io);
    let connection = match timeout(server.context.config.timeouts.request_head, builder.handshake(io)).await {
        Ok(Ok(connection)) => {
            log.begins_to_speak();
            connection
        }
        Ok(Err(error)) => {
            note(&error, server, log);
            return log.left(error.into_io());
        }
        Err(_) => {
            server.context.limited.count(Limit::RequestHeadTime);
            let message = "The client chose HTTP/2 and did not begin it in time (timeouts.request_head).";
            return log.fail(Failure::new(Side::Client, Stage::RequestHead, message));
        }
    };
    outlet.begin();
    if let Err(error) = accept((connection, outlet), &route, server, log).await {
        note(&error, server, log);
    }
}

async fn accept(
    (mut connection, outlet): (Connection<Gathering, Bytes>, Outlet),
    route: &Arc<Route>,
    server: &Arc<Server>,
    log: &mut ClientRecord,
) -> Result<(), h2::Error> {
    let mut draining = false;
    // Every stream under way holds it too.
    let shared = Arc::new(Shared { server: Arc::clone(server), route: Arc::clone(route) });
    let is_idle = || Arc::strong_count(&shared) == 1;
    let mut idle = Deadline::default();
    loop {
        let was_idle = is_idle();
        idle.set(server.context.config.timeouts.idle);
        let accepted = tokio::select! {
            biased;
            () = poll_fn(|cx| idle.poll(cx)) => {
                if !was_idle || !is_idle() {
                    continue;
                }
                if draining && !connection.has_streams() {
                    // It was told, and does not close.
                    return Ok(());
                }
                connection.graceful_shutdown();
                draining = true;
                continue;
            }
            // The runner of the connection's task wakes it when that may be.
            () = poll_fn(|_| ends(log, route, is_idle())), if !draining => {
                // Streams under way go on, and those on their way are taken; the client is told to open no more (two
                // GOAWAYs: RFC 9113 §6.8).
                connection.graceful_shutdown();
                draining = true;
                continue;
            }
            accepted = poll_fn(|cx| outlet.poll(cx, |cx| connection.poll_accept(cx))) => accepted,
        };
        let Some(accepted) = accepted else { return Ok(()) };
        let (request, respond) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                outlet.send_rest().await;
                return Err(error);
            }
        };
        log.begins();
        let incoming = Incoming::new(request, route);
        // Boxed: a task's future is moved several times before it runs, and this one is large.
        server.context.tasks.spawn(Box::pin(stream::serve(Arc::clone(&shared), incoming, respond)));
    }
}

/// Ready when the client is to open no more streams. Where recording has gone off, an `idle` client is told with its next
/// request, and so before that is answered: told earlier, it may be sending that request just then, and few clients try
/// again.
fn ends(log: &mut ClientRecord, route: &Route, idle: bool) -> Poll<()> {
    let ends = if idle { log.is_draining() } else { log.is_drained(route) };
    if ends { Poll::Ready(()) } else { Poll::Pending }
}

/// A connection that broke a rule is a failure. One that just ended, without a farewell, is not: many clients
/// leave like that, and streams that were under way tell of it by themselves.
fn note(error: &h2::Error, server: &Server, log: &mut ClientRecord) {
    if error.is_library() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM) {
        server.context.limited.count(Limit::Http2Flood);
    }
    if let Some(stalled) = log.room().and_then(|room| room.stalled()) {
        let message = format!("The client does not read its HTTP/2 connection: {stalled}.");
        return log.fail(Failure::new(Side::Client, Stage::ResponseBody, message));
    }
    if !error.is_io() && error.reason() != Some(h2::Reason::NO_ERROR) {
        let message = format!("The HTTP/2 connection broke: {}.", chain(error));
        log.fail(Failure::new(Side::Client, Stage::RequestHead, message));
    }
}
