//! The HTTP/2 connections to a destination: as few as its limit of concurrent streams allows.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use dashcam_recorder::OpenExchange;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Ping, PingPong, SendStream};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::connect::{Facts, connect};
use super::h2::failed;
use super::{Key, NoAnswer, Protocol, h1};
use crate::alpn::Alpn;
use crate::engine::Engine;
use crate::http::h2::fields::chain;
use crate::io::Io;

/// What an upstream may send ahead of us.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;
/// What is held for an upstream that does not read, for each stream.
const SEND_BUFFER: usize = 256 << 10;
/// Connections to one destination, at the most; beyond them requests wait for each other's end.
const MOST: usize = 64;
/// How long an upstream may take to say what it knows and how much it takes.
const SETTINGS: Duration = Duration::from_secs(2);
/// What h2 is told of an upstream's limit before that has said anything: no limit that one would name.
const UNKNOWN_LIMIT: usize = (1 << 31) - 3;

/// The one place for the HTTP/2 connections to a destination: who opens one has the state locked.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// How many attempts to connect have failed; changes under the lock only.
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    known: Known,
    /// How the last attempt failed, and its number among the failures.
    failed: Option<(u64, NoAnswer)>,
}

/// What is known of a destination that may speak HTTP/2.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    /// It chose this, and not HTTP/2; its connections are in the pool.
    Http1(Alpn),
    Http2(Vec<Sender>),
}

/// A connection.
#[derive(Clone)]
pub(super) struct Sender {
    requests: SendRequest<Bytes>,
    shared: Arc<Shared>,
}

struct Shared {
    facts: Facts,
    /// Streams that are open, or wait to be.
    active: AtomicUsize,
    closed: AtomicBool,
    /// Whether the upstream was asked for its settings in vain.
    mute: AtomicBool,
    pings: Mutex<Option<PingPong>>,
}

/// Counts a stream as long as it lives.
#[derive(Clone)]
pub(super) struct Active {
    _counted: Arc<Counted>,
}

struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Sender {
    pub(super) fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// A place among its streams; taken with the slot's state locked, so that no two requests get the last one.
    fn activate(&self) -> Active {
        self.shared.active.fetch_add(1, Ordering::Relaxed);
        Active { _counted: Arc::new(Counted(Arc::clone(&self.shared))) }
    }

    /// Opens a stream; it waits in h2 when there are too many.
    pub(super) async fn open(
        &self,
        request: http::Request<()>,
        ends: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut requests = self.requests.clone().ready().await?;
        requests.send_request(request, ends)
    }

    /// Whether the upstream knows extended CONNECT. A server says so in its first frame: when it has answered a
    /// ping, that has come.
    pub(super) async fn extends_connect(&self) -> bool {
        self.settle().await;
        self.requests.is_extended_connect_protocol_enabled()
    }

    /// Waits for the upstream's settings, but not for long.
    async fn settle(&self) {
        if self.is_settled() {
            return;
        }
        let mut pings = self.shared.pings.lock().await;
        // Who waited for the lock may have nothing left to wait for.
        if self.is_settled() {
            return;
        }
        let Some(pings) = pings.as_mut() else { return };
        if !matches!(timeout(SETTINGS, pings.ping(Ping::opaque())).await, Ok(Ok(_))) {
            self.shared.mute.store(true, Ordering::Release);
        }
    }

    fn is_settled(&self) -> bool {
        self.requests.current_max_send_streams() != UNKNOWN_LIMIT || self.shared.mute.load(Ordering::Acquire)
    }

    fn is_closed(&self) -> bool {
        let ready = self.requests.clone().poll_ready(&mut Context::from_waker(Waker::noop()));
        self.shared.closed.load(Ordering::Acquire) || matches!(ready, std::task::Poll::Ready(Err(_)))
    }

    /// Whether one more stream surely need not wait for another's end.
    fn has_room(&self) -> bool {
        let active = self.shared.active.load(Ordering::Relaxed);
        active == 0 || (self.is_settled() && active < self.requests.current_max_send_streams())
    }

    fn is_unsettled(&self) -> bool {
        !self.is_settled() && !self.is_closed()
    }
}

impl Slot {
    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_over(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| match &state.known {
            Known::Nothing => true,
            Known::Http1(_) => false,
            Known::Http2(senders) => senders.iter().all(Sender::is_closed),
        })
    }

    /// Gives `sender` no more requests; what runs on it goes on.
    pub(super) async fn forget(&self, sender: &Sender) {
        let mut state = self.state.lock().await;
        if let Known::Http2(senders) = &mut state.known {
            senders.retain(|kept| !Arc::ptr_eq(&kept.shared, &sender.shared));
        }
    }
}

impl State {
    /// Where a request can go without a new connection.
    fn way(&mut self) -> Option<Way> {
        match &mut self.known {
            Known::Http1(_) => Some(Way::Http1),
            Known::Nothing => None,
            Known::Http2(senders) => {
                senders.retain(|sender| !sender.is_closed());
                let free = senders.iter().find(|sender| sender.has_room()).cloned();
                let sender = free.or_else(|| {
                    let busy = senders.iter().filter(|_| senders.len() >= MOST);
                    busy.min_by_key(|sender| sender.shared.active.load(Ordering::Relaxed)).cloned()
                })?;
                let active = sender.activate();
                Some(Way::Http2 { sender, active })
            }
        }
    }

    /// A connection whose limit is not known yet: its first request did not wait for that, and more should.
    fn unsettled(&self) -> Option<Sender> {
        match &self.known {
            Known::Http2(senders) => senders.iter().find(|sender| sender.is_unsettled()).cloned(),
            Known::Nothing | Known::Http1(_) => None,
        }
    }
}

/// Where a request goes.
pub(super) enum Way {
    Http2 { sender: Sender, active: Active },
    Http1New(h1::Connection),
    Http1,
}

/// The connection to use, opened if none has room. Who waited while another's attempt failed gets that
/// failure: otherwise all that wait for a dead destination would wait out its time limit in turn.
pub(super) async fn way(
    engine: &Arc<Engine>,
    key: &Key,
    open: Option<&OpenExchange>,
) -> Result<Way, NoAnswer> {
    let slot = engine.upstreams.slot(key);
    let before = slot.failures.load(Ordering::Acquire);
    let mut state = slot.state.lock().await;
    loop {
        if let Some(way) = state.way() {
            return Ok(way);
        }
        let Some(unsettled) = state.unsettled() else { break };
        unsettled.settle().await;
    }
    if let Some((number, no_answer)) = &state.failed
        && *number > before
    {
        return Err(no_answer.clone());
    }
    match dial(engine, key, open).await {
        Ok(Dialled::Http2(sender)) => {
            state.keep(sender.clone());
            let active = sender.activate();
            Ok(Way::Http2 { sender, active })
        }
        Ok(Dialled::Http1(connection, chosen)) => {
            state.known = Known::Http1(chosen);
            state.failed = None;
            Ok(Way::Http1New(connection))
        }
        Err(no_answer) => {
            let number = slot.failures.fetch_add(1, Ordering::Release) + 1;
            state.failed = Some((number, no_answer.clone()));
            Err(no_answer)
        }
    }
}

/// Sees to it that it is known which protocol the destination chooses, and that a connection to it is there for the
/// first request. What it chose.
pub(super) async fn prepare(engine: &Arc<Engine>, key: &Key) -> Result<Alpn, NoAnswer> {
    let h2 = Alpn::of([b"h2".as_slice()]);
    let slot = engine.upstreams.slot(key);
    let mut state = slot.state.lock().await;
    match &state.known {
        Known::Http1(chosen) => return Ok(chosen.clone()),
        Known::Http2(senders) if senders.iter().any(|sender| !sender.is_closed()) => return Ok(h2),
        Known::Http2(_) | Known::Nothing => {}
    }
    match dial(engine, key, None).await? {
        Dialled::Http2(sender) => {
            state.keep(sender);
            Ok(h2)
        }
        Dialled::Http1(connection, chosen) => {
            state.known = Known::Http1(chosen.clone());
            engine.upstreams.put(&Key { protocol: Protocol::Http1, ..key.clone() }, connection);
            Ok(chosen)
        }
    }
}

impl State {
    fn keep(&mut self, sender: Sender) {
        self.failed = None;
        match &mut self.known {
            Known::Http2(senders) => senders.push(sender),
            Known::Nothing | Known::Http1(_) => self.known = Known::Http2(vec![sender]),
        }
    }
}

enum Dialled {
    Http2(Sender),
    /// With the protocol that was chosen.
    Http1(h1::Connection, Alpn),
}

async fn dial(engine: &Arc<Engine>, key: &Key, open: Option<&OpenExchange>) -> Result<Dialled, NoAnswer> {
    let (io, facts) = connect(engine, key, open).await?;
    let chosen = io.tls().and_then(|tls| tls.alpn_protocol());
    if chosen != Some(b"h2") && key.protocol != Protocol::Http2PriorKnowledge {
        let chosen = Alpn::of(chosen);
        return Ok(Dialled::Http1(h1::Connection::new(io, facts), chosen));
    }
    open_h2(engine, io, facts).await.map(Dialled::Http2).map_err(|error| failed(key, &chain(&error)).into())
}

async fn open_h2(engine: &Arc<Engine>, io: Io, facts: Facts) -> Result<Sender, h2::Error> {
    let (requests, mut connection) = Builder::new()
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .initial_max_send_streams(UNKNOWN_LIMIT)
        .max_header_list_size(u32::try_from(engine.config.limits.head).unwrap_or(u32::MAX))
        .enable_push(false)
        .handshake(io)
        .await?;
    let shared = Arc::new(Shared {
        facts,
        active: AtomicUsize::new(0),
        closed: AtomicBool::new(false),
        mute: AtomicBool::new(false),
        pings: Mutex::new(connection.ping_pong()),
    });
    let closing = Arc::clone(&shared);
    engine.tasks.spawn(async move {
        // Each of its requests gets the error as well.
        let _ = poll_fn(|cx| std::pin::Pin::new(&mut connection).poll(cx)).await;
        closing.closed.store(true, Ordering::Release);
    });
    Ok(Sender { requests, shared })
}
