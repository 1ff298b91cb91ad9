//! The HTTP/2 connections to a destination: as few as its limit of concurrent streams allows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dashcam_recorder::OpenExchange;
use tokio::time::{Duration, timeout};

use crate::h2::fields::chain;
use crate::net::admission::Account;
use crate::net::alpn::Alpn;
use crate::upstream::connect::connect;
use crate::upstream::h1::connection::Connection;
use crate::upstream::h2::sender;
use crate::upstream::h2::sender::{Sender, failed};
use crate::upstream::h2::slot::{Acquired, Known, State};
use crate::upstream::key::{Key, Protocol};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;

/// How long one more connection may take; then the requests wait for each other as well.
const ONE_MORE: Duration = Duration::from_secs(3);
/// The connection to use, opened if none has room. Who waited while another's attempt failed gets that
/// failure: otherwise all that wait for a dead destination would wait out its time limit in turn.
pub(in crate::upstream) async fn way(
    upstreams: &Arc<Upstreams>,
    key: &Key,
    account: Option<&Arc<Account>>,
    (open, records): (Option<&OpenExchange>, bool),
) -> Result<Acquired, NoAnswer> {
    let slot = upstreams.pool.slot(key);
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
        None => dial(upstreams, key, account, (open, records)).await,
        // Better to wait for a stream's end than not to be served.
        Some(busy) => match timeout(ONE_MORE, dial(upstreams, key, account, (open, records))).await {
            Ok(Ok(dialled)) => Ok(dialled),
            Ok(Err(_)) | Err(_) => return Ok(busy),
        },
    };
    match dialled {
        Ok(Dialled::Http2(sender)) => {
            state.keep(sender.clone());
            let stream = sender.open_stream();
            Ok(Acquired::Http2 { sender, stream })
        }
        Ok(Dialled::Http1(connection)) => {
            state.known = Known::Http1;
            state.failed = None;
            Ok(Acquired::Http1New(connection))
        }
        Err(no_answer) => {
            let number = slot.failures.fetch_add(1, Ordering::Release) + 1;
            state.failed = Some((number, no_answer.shared()));
            Err(no_answer)
        }
    }
}

/// A connection for one request, which no other gets.
pub(in crate::upstream) async fn alone(
    upstreams: &Arc<Upstreams>,
    key: &Key,
    account: Option<&Arc<Account>>,
    exchange: (Option<&OpenExchange>, bool),
) -> Result<Acquired, NoAnswer> {
    Ok(match dial(upstreams, key, account, exchange).await? {
        Dialled::Http2(sender) => {
            let stream = sender.open_stream();
            Acquired::Http2 { sender, stream }
        }
        Dialled::Http1(connection) => Acquired::Http1New(connection),
    })
}

/// The destination's choice of the protocols that it is offered. If that is not known, it is connected to, and the
/// connection kept for the first request.
pub(in crate::upstream) async fn prepare(
    upstreams: &Arc<Upstreams>,
    key: &Key,
    account: Option<&Arc<Account>>,
    records: bool,
) -> Result<Alpn, NoAnswer> {
    if let Some(chosen) = upstreams.pool.chosen(key) {
        return Ok(chosen);
    }
    let slot = upstreams.pool.slot(key);
    let mut state = slot.state.lock().await;
    match dial(upstreams, key, account, (None, records)).await? {
        Dialled::Http2(sender) => state.keep(sender),
        Dialled::Http1(connection) => {
            state.known = Known::Http1;
            upstreams.pool.put(&upstreams.pool.place(key.over_h1()), connection);
        }
    }
    Ok(upstreams.pool.chosen(key).unwrap_or_default())
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
    Http1(Connection),
}

async fn dial(
    upstreams: &Arc<Upstreams>,
    key: &Key,
    account: Option<&Arc<Account>>,
    exchange: (Option<&OpenExchange>, bool),
) -> Result<Dialled, NoAnswer> {
    let (io, facts) = connect(upstreams, key, account, exchange).await?;
    let chosen = io.tls().and_then(|tls| tls.alpn_protocol());
    let is_h2 = chosen == Some(b"h2");
    upstreams.pool.choose(key, &Alpn::of(chosen));
    if !is_h2 && key.protocol != Protocol::Http2PriorKnowledge {
        let place = upstreams.pool.place(key.over_h1());
        return Ok(Dialled::Http1(Connection::new(io, facts, &place)));
    }
    sender::open(&upstreams.context, io, facts)
        .await
        .map(Dialled::Http2)
        .map_err(|error| failed(key, &chain(&error)).into())
}
