//! One HTTP/2 connection to an upstream: how many streams it has, and may have.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use dashcam_exchange::{Failure, Side, Stage};
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Ping, PingPong, SendStream};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::context;
use crate::h2::gather::gather;
use crate::h2::in_flight::{OpenStream, StreamCount};
use crate::h2::send::SEND_BUFFER;
use crate::net::io::Io;
use crate::upstream::key::Key;
use crate::upstream::record::UpstreamRecord;

/// Bytes that an upstream may send ahead of us.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;
/// How long an upstream may take to say what it knows and how much it takes.
const SETTINGS: Duration = Duration::from_secs(2);
/// The limit of streams that h2 is given before an upstream has named one: no upstream would name this.
const UNKNOWN_LIMIT: usize = (1 << 31) - 3;

/// A connection.
#[derive(Clone)]
pub(in crate::upstream) struct Sender {
    requests: SendRequest<Bytes>,
    shared: Arc<Shared>,
}

struct Shared {
    facts: UpstreamRecord,
    /// Streams that are open, or wait to be.
    active: StreamCount,
    closed: AtomicBool,
    /// True if the upstream was asked for its settings in vain.
    mute: AtomicBool,
    pings: Mutex<Option<PingPong>>,
}

impl Sender {
    pub(in crate::upstream) fn facts(&self) -> &UpstreamRecord {
        &self.shared.facts
    }

    /// A place among its streams; taken with the slot's state locked, so that no two requests get the last one.
    pub(in crate::upstream) fn open_stream(&self) -> OpenStream {
        self.shared.active.open()
    }

    /// Opens a stream; it waits in h2 when there are too many.
    pub(in crate::upstream) async fn open(
        &self,
        request: http::Request<()>,
        ends: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut requests = self.requests.clone().ready().await?;
        requests.send_request(request, ends)
    }

    /// Returns whether the upstream knows extended CONNECT. A server says so in its first frame: when it has
    /// answered a ping, that has come.
    pub(in crate::upstream) async fn extends_connect(&self) -> bool {
        self.settle().await;
        self.requests.is_extended_connect_protocol_enabled()
    }

    /// Waits for the upstream's settings, but not for long.
    pub(in crate::upstream) async fn settle(&self) {
        if self.is_settled() {
            return;
        }
        let mut pings = self.shared.pings.lock().await;
        // Who waited for the lock may have nothing left to wait for.
        if self.is_settled() {
            return;
        }
        let Some(pings) = pings.as_mut() else { return };
        // It fails if one is under way already, of somebody who gave up: then that is waited for.
        let _ = pings.send_ping(Ping::opaque());
        if !matches!(timeout(SETTINGS, poll_fn(|cx| pings.poll_pong(cx))).await, Ok(Ok(_))) {
            self.shared.mute.store(true, Ordering::Release);
        }
    }

    fn is_settled(&self) -> bool {
        self.requests.current_max_send_streams() != UNKNOWN_LIMIT || self.shared.mute.load(Ordering::Acquire)
    }

    /// Returns whether it is the same connection.
    pub(in crate::upstream) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many streams are open, or wait to be.
    pub(in crate::upstream) fn load(&self) -> usize {
        self.shared.active.now()
    }

    pub(in crate::upstream) fn is_closed(&self) -> bool {
        let ready = self.requests.clone().poll_ready(&mut Context::from_waker(Waker::noop()));
        self.shared.closed.load(Ordering::Acquire) || matches!(ready, std::task::Poll::Ready(Err(_)))
    }

    /// Returns whether one more stream surely need not wait for another's end.
    pub(in crate::upstream) fn has_room(&self) -> bool {
        let active = self.shared.active.now();
        active == 0 || (self.is_settled() && active < self.requests.current_max_send_streams())
    }

    pub(in crate::upstream) fn is_unsettled(&self) -> bool {
        !self.is_settled() && !self.is_closed()
    }
}

/// Begins HTTP/2 on a connection.
pub(in crate::upstream) async fn open(
    context: &context::Context,
    io: Io,
    facts: UpstreamRecord,
) -> Result<Sender, h2::Error> {
    let (io, outlet) = gather(io);
    let (requests, mut connection) = Builder::new()
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .initial_max_send_streams(UNKNOWN_LIMIT)
        .max_header_list_size(u32::try_from(context.config.limits.head).unwrap_or(u32::MAX))
        .enable_push(false)
        .handshake(io)
        .await?;
    let shared = Arc::new(Shared {
        facts,
        active: StreamCount::default(),
        closed: AtomicBool::new(false),
        mute: AtomicBool::new(false),
        pings: Mutex::new(connection.ping_pong()),
    });
    let closing = Arc::clone(&shared);
    outlet.begin();
    context.tasks.spawn(async move {
        // Each of its requests gets the error as well.
        let _ = poll_fn(|cx| outlet.poll(cx, |cx| Pin::new(&mut connection).poll(cx))).await;
        closing.closed.store(true, Ordering::Release);
    });
    Ok(Sender { requests, shared })
}

/// A failure of the connection for `key`.
pub(in crate::upstream) fn failed(key: &Key, why: &str) -> Failure {
    let message = format!("{} did not answer over HTTP/2: {why}.", key.destination);
    Failure::new(Side::Upstream, Stage::ResponseHead, message)
}
