//! An exchange under way.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Failure, Live, ResponseHead, State, Summary, Timings,
    Upstream,
};
use dashcam_filter::Moment as Reached;

use crate::begin::Begin;
use crate::budget::Held;
use crate::client::Client;
use crate::client_connection::ClientConnection;
use crate::intake::Part;
use crate::lock::lock;
use crate::outcome::Fate;
use crate::recording::{Handle, Open, Place, Recording};
use crate::redaction::in_force::Names;
use crate::shared::Shared;
use crate::wait::Waited;
use crate::{BodyTap, MessageTap, Recorder, now};

/// Interim responses of one exchange that are recorded; an upstream may send them without end.
const MOST_INTERIM: usize = 32;

/// A moment in an exchange's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The upstream's name was resolved.
    Resolved,
    /// The upstream's connection was there.
    Connected,
    /// Its TLS handshake was done.
    Tls,
}

/// An exchange that is being recorded. It is stored when this and all of its taps are gone: then it is
/// complete if its whole response passed, refused if [`OpenExchange::refuse`] was called, failed if
/// [`OpenExchange::fail`] was, and aborted otherwise.
#[derive(Debug)]
pub struct OpenExchange {
    pub(crate) open: Handle,
    is_certain: bool,
}

impl OpenExchange {
    /// `memory` holds the footprint of `begin`; `hid` says whether something secret was hidden in its head; `caller` is the
    /// program that sends it.
    pub(crate) fn new(
        recorder: &Recorder,
        place: Place,
        (memory, hid, caller): (Held, bool, ClientConnection),
        id: ExchangeId,
        begin: Begin,
    ) -> Self {
        let started_at = now();
        let exchange = Exchange {
            id,
            connection: begin.connection.and_then(|id| recorder.shared.numbers.stored_connection(id)),
            replay_of: begin.replay_of,
            started_at,
            level: begin.decision.level,
            rule: begin.decision.rule,
            keep_until: begin.decision.keep_for.map(|time| started_at.after(time)),
            redaction: None,
            state: State::Open,
            destination: begin.destination,
            request: begin.request,
            request_sent: None,
            request_body: BodyRecord::default(),
            interim: Vec::new(),
            response: None,
            response_sent: None,
            response_body: BodyRecord::default(),
            timings: Timings::default(),
            upstream: None,
            failure: None,
        };
        let is_certain = begin.decision.pending.is_none();
        let (usage, redaction) = (begin.decision.usage, begin.decision.redaction);
        let fate = begin.decision.pending.map_or(Fate::Stored, Fate::Undecided);
        let open = Arc::new(Open {
            recorder: recorder.clone(),
            started: Instant::now(),
            body_limit: AtomicU64::new(begin.decision.body_limit),
            handles: AtomicUsize::new(1),
            caller,
            waited: Waited::new(begin.decision.guarantee),
            state: Mutex::new(Recording::new(exchange, (fate, usage, redaction), (memory, hid), place)),
        });
        lock(&recorder.shared.open).insert(id, Arc::downgrade(&open));
        Self { open: Handle(Some(open)), is_certain }
    }

    /// Returns whether it was certain from its beginning that it is kept, and at which level.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// Notes what the rules have decided already of one about which they wait, and returns whether it is to be seen.
    pub(crate) fn is_in_sight(&self) -> bool {
        let mut state = lock(&self.open.state);
        self.open.foresee(&mut state);
        !state.left_out
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> ExchangeId {
        lock(&self.open.state).exchange.id
    }

    /// The account of the client that it belongs to.
    #[must_use]
    pub fn client(&self) -> Client {
        let state = lock(&self.open.state);
        let (memory, places) = (state.memory.share().clone(), state.places().clone());
        Client { memory, places, caller: self.open.caller.clone() }
    }

    /// A tap for one of its bodies.
    #[must_use]
    pub fn tap(&self, direction: Direction) -> BodyTap {
        BodyTap::new(self.open.clone(), direction)
    }

    /// A tap for messages inside it.
    #[must_use]
    pub fn messages(&self) -> MessageTap {
        MessageTap::new(self.open.clone())
    }

    /// Notes that `moment` is now.
    pub fn mark(&self, moment: Moment) {
        let at = Some(self.open.elapsed_us());
        let timings = &mut lock(&self.open.state).exchange.timings;
        match moment {
            Moment::Resolved => timings.resolved_us = at,
            Moment::Connected => timings.connected_us = at,
            Moment::Tls => timings.tls_us = at,
        }
    }

    /// Notes who serves it, over a connection that has its number from [`Recorder::upstream_connection_id`].
    pub fn upstream(&self, upstream: Upstream) {
        let upstream = self.open.recorder.shared.numbers.in_store(upstream);
        lock(&self.open.state).exchange.upstream = Some(upstream);
    }

    /// Notes an interim response (1xx). Of very many, and where there is no room, the first are kept, and the response is
    /// marked as cut.
    pub fn interim(&self, mut head: ResponseHead) {
        let mut state = lock(&self.open.state);
        self.open.recorder.shared.intake.take(Part::Interim(&mut head), &mut state.hid);
        let bytes = size_of::<ResponseHead>() + head.footprint();
        if state.exchange.interim.len() >= MOST_INTERIM || state.take(bytes).is_err() {
            state.exchange.response_body.truncated = true;
            return;
        }
        state.exchange.interim.push(head);
    }

    /// Notes the response's head. Without room for it the exchange is lost.
    pub fn response(&self, mut head: ResponseHead) {
        let at = self.open.elapsed_us();
        let mut state = lock(&self.open.state);
        self.open.recorder.shared.intake.take(Part::Response(&mut head), &mut state.hid);
        if !state.hold(head.footprint()) {
            return;
        }
        state.exchange.timings.response_start_us = Some(at);
        state.exchange.response = Some(head);
        if state.is_undecided() {
            self.open.decide(&mut state, Reached::Response);
            if !state.is_kept() {
                return;
            }
        }
        let event = || Live::Responded(self.open.summary(&state.exchange).cut());
        let id = state.exchange.id;
        self.open.recorder.shared.publish_row(id, || state.seen_under(), event);
    }

    /// Notes why it failed; the first reason stays.
    pub fn fail(&self, failure: Failure) {
        lock(&self.open.state).exchange.failure.get_or_insert(failure);
    }

    /// Notes that the client went away, and why it is thought so, unless it failed before.
    pub fn abort(&self, failure: Failure) {
        lock(&self.open.state).abort(failure);
    }

    /// Notes that we refuse it and why: no upstream hears of it. The first reason stays.
    pub fn refuse(&self, failure: Failure) {
        let mut state = lock(&self.open.state);
        state.refused |= state.exchange.failure.is_none();
        state.exchange.failure.get_or_insert(failure);
    }

    /// Takes out of the record what the request said in confidence (its query, cookies and credentials): it was meant
    /// for dashcam itself.
    pub fn withhold(&self) {
        let Recording { exchange, hid, .. } = &mut *lock(&self.open.state);
        self.open.recorder.shared.intake.take(Part::OwnRequest(&mut exchange.request), hid);
    }

    /// The sets of redaction that it is under, and its host.
    pub(crate) fn seen_under(&self) -> (Names, String) {
        lock(&self.open.state).seen_under()
    }

    pub(crate) fn summary(&self) -> Summary {
        self.open.summary(&lock(&self.open.state).exchange)
    }
}

impl Open {
    /// The row of `exchange`, which is its own, in a list.
    pub(crate) fn summary(&self, exchange: &Exchange) -> Summary {
        Summary { program: self.caller.name(), client: self.caller.address(), ..exchange.summary() }
    }

    /// Returns whether nothing more of bodies and messages is to be kept: recording went off since it began,
    /// or is paused, or the exchange is lost.
    pub(crate) fn is_silenced(&self, state: &Recording) -> bool {
        let Shared { off, pausing, .. } = &*self.recorder.shared;
        let is_off = state.exchange.replay_of.is_none() && off.load(Ordering::Relaxed);
        // Bytes that must be recorded are kept to be stored later: their taker waits for that.
        let is_paused = pausing.reason().is_some() && !self.waited.is_lossless();
        is_paused || is_off || !state.is_kept()
    }

    pub(crate) fn elapsed_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}
