//! The HTTP/2 connections to a destination: as few as its limit of concurrent streams allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashcam_recorder::OpenExchange;
use tokio::sync::Mutex;
use tokio::time::{Duration, timeout};

use super::connect::connect;
use super::h2::failed;
use super::h2_sender::{self, Active, Sender};
use super::{Key, NoAnswer, Protocol, h1};
use crate::admission::Account;
use crate::alpn::Alpn;
use crate::engine::Engine;
use crate::http::h2::fields::chain;

/// Connections to one destination, at the most; beyond them requests wait for each other's end.
const MOST: usize = 64;
/// How long one more connection may take; then the requests wait for each other as well.
const ONE_MORE: Duration = Duration::from_secs(3);
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
    /// It chose something else; its connections are in the pool.
    Http1,
    Http2(Vec<Sender>),
}

impl Slot {
    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_over(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| match &state.known {
            Known::Nothing => true,
            Known::Http1 => false,
            Known::Http2(senders) => senders.iter().all(Sender::is_closed),
        })
    }

    /// Gives `sender` no more requests; what runs on it goes on.
    pub(super) async fn forget(&self, sender: &Sender) {
        let mut state = self.state.lock().await;
        if let Known::Http2(senders) = &mut state.known {
            senders.retain(|kept| !kept.is(sender));
        }
    }
}

impl State {
    /// Where a request can go without a new connection.
    fn way(&mut self) -> Option<Way> {
        match &mut self.known {
            Known::Http1 => Some(Way::Http1),
            Known::Nothing => None,
            Known::Http2(senders) => {
                senders.retain(|sender| !sender.is_closed());
                if let Some(sender) = senders.iter().find(|sender| sender.has_room()).cloned() {
                    let active = sender.activate();
                    return Some(Way::Http2 { sender, active });
                }
                if senders.len() < MOST { None } else { self.busy() }
            }
        }
    }

    /// The least loaded of the connections, for a request that has to wait.
    fn busy(&self) -> Option<Way> {
        let Known::Http2(senders) = &self.known else { return None };
        let sender =
            senders.iter().filter(|sender| !sender.is_closed()).min_by_key(|sender| sender.load())?;
        let active = sender.activate();
        Some(Way::Http2 { sender: sender.clone(), active })
    }

    /// A connection whose limit is not known yet: its first request did not wait for that, and more should.
    fn unsettled(&self) -> Option<Sender> {
        match &self.known {
            Known::Http2(senders) => senders.iter().find(|sender| sender.is_unsettled()).cloned(),
            Known::Nothing | Known::Http1 => None,
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
    account: Option<&Arc<Account>>,
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
    let dialled = match state.busy() {
        None => dial(engine, key, account, open).await,
        // Better to wait for a stream's end than not to be served.
        Some(busy) => match timeout(ONE_MORE, dial(engine, key, account, open)).await {
            Ok(Ok(dialled)) => Ok(dialled),
            Ok(Err(_)) | Err(_) => return Ok(busy),
        },
    };
    match dialled {
        Ok(Dialled::Http2(sender)) => {
            state.keep(sender.clone());
            let active = sender.activate();
            Ok(Way::Http2 { sender, active })
        }
        Ok(Dialled::Http1(connection)) => {
            state.known = Known::Http1;
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

/// What the destination chooses of the protocols that it is offered. If that is not known, it is connected to, and the
/// connection kept for the first request.
pub(super) async fn prepare(
    engine: &Arc<Engine>,
    key: &Key,
    account: Option<&Arc<Account>>,
) -> Result<Alpn, NoAnswer> {
    if let Some(chosen) = engine.upstreams.chosen(key) {
        return Ok(chosen);
    }
    let slot = engine.upstreams.slot(key);
    let mut state = slot.state.lock().await;
    match dial(engine, key, account, None).await? {
        Dialled::Http2(sender) => state.keep(sender),
        Dialled::Http1(connection) => {
            state.known = Known::Http1;
            engine.upstreams.put(&engine.upstreams.place(key.over_h1()), connection);
        }
    }
    Ok(engine.upstreams.chosen(key).unwrap_or_default())
}

impl State {
    fn keep(&mut self, sender: Sender) {
        self.failed = None;
        match &mut self.known {
            Known::Http2(senders) => senders.push(sender),
            Known::Nothing | Known::Http1 => self.known = Known::Http2(vec![sender]),
        }
    }
}

enum Dialled {
    Http2(Sender),
    Http1(h1::Connection),
}

async fn dial(
    engine: &Arc<Engine>,
    key: &Key,
    account: Option<&Arc<Account>>,
    open: Option<&OpenExchange>,
) -> Result<Dialled, NoAnswer> {
    let (io, facts) = connect(engine, key, account, open).await?;
    let chosen = io.tls().and_then(|tls| tls.alpn_protocol());
    let is_h2 = chosen == Some(b"h2");
    engine.upstreams.choose(key, &Alpn::of(chosen));
    if !is_h2 && key.protocol != Protocol::Http2PriorKnowledge {
        let place = engine.upstreams.place(key.over_h1());
        return Ok(Dialled::Http1(h1::Connection::new(io, facts, &place)));
    }
    h2_sender::open(engine, io, facts)
        .await
        .map(Dialled::Http2)
        .map_err(|error| failed(key, &chain(&error)).into())
}
