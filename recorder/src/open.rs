//! An exchange under way.

use std::ops::Deref;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use dashcam_exchange::{
    BodyRecord, ConnectionId, Destination, Direction, Exchange, ExchangeId, Failure, Level, Live, Record,
    RequestHead, ResponseHead, State, Summary, Timings, Upstream,
};
use tokio::sync::mpsc::OwnedPermit;

use crate::budget::{Full, Held, Share};
use crate::client::Client;
use crate::recorder::{Entry, Shared, lock};
use crate::{BodyTap, MessageTap, Recorder, now};

/// Interim responses of one exchange that are recorded; an upstream may send them without end.
const MOST_INTERIM: usize = 32;
/// The memory that an exchange holds beside its heads and bodies.
const EXCHANGE: usize = size_of::<Exchange>() + size_of::<Open>() + size_of::<Entry>() + TEXTS;
/// What is reckoned for its short texts: addresses, a failure.
const TEXTS: usize = 256;

/// What is known when an exchange begins.
#[derive(Debug)]
pub struct Begin {
    /// The client connection, by [`Recorder::connection_id`]; `None` for a replay.
    pub connection: Option<ConnectionId>,
    /// That connection's account, by [`Recorder::client`]; `None` for a replay.
    pub client: Option<Client>,
    /// The exchange that this one repeats.
    pub replay_of: Option<ExchangeId>,
    /// How much is to be recorded.
    pub level: Level,
    /// Bytes of each body that are stored at the most.
    pub body_limit: u64,
    /// Where it goes; the address at which it came in, if it is refused and names no destination.
    pub destination: Destination,
    /// The request's head as received; of one that is refused, as much as could be read.
    pub request: RequestHead,
}

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
}

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) recorder: Recorder,
    pub(crate) started: Instant,
    pub(crate) body_limit: u64,
    pub(crate) state: Mutex<Recording>,
}

#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) exchange: Box<Exchange>,
    /// What all of it holds of its client's share of memory.
    pub(crate) memory: Held,
    /// What of that a copy without the bodies would hold.
    heads: usize,
    /// Why there was no room for a part without which the record would not be true.
    lost: Option<Full>,
    refused: bool,
    pub(crate) aborted: bool,
    pub(crate) next_message: u32,
    /// Whether the store knows of the exchange already.
    pub(crate) announced: bool,
    /// The place in the queue for the end.
    place: Place,
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) permit: OwnedPermit<Entry>,
    /// What it is of its client's share.
    pub(crate) held: Held,
}

/// The memory that `begin` makes an exchange hold.
pub(crate) fn footprint(begin: &Begin) -> usize {
    EXCHANGE + begin.request.footprint() + begin.destination.host.capacity()
}

impl OpenExchange {
    /// `memory` holds the [`footprint`] of `begin`.
    pub(crate) fn new(recorder: &Recorder, place: Place, memory: Held, id: ExchangeId, begin: Begin) -> Self {
        let heads = memory.amount();
        let exchange = Box::new(Exchange {
            id,
            connection: begin.connection.and_then(|id| recorder.shared.numbers.stored_connection(id)),
            replay_of: begin.replay_of,
            started_at: now(),
            level: begin.level,
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
        });
        let state = Recording {
            exchange,
            memory,
            heads,
            lost: None,
            refused: false,
            aborted: false,
            next_message: 0,
            announced: false,
            place,
        };
        let open = Arc::new(Open {
            recorder: recorder.clone(),
            started: Instant::now(),
            body_limit: begin.body_limit,
            state: Mutex::new(state),
        });
        lock(&recorder.shared.open).insert(id, Arc::downgrade(&open));
        Self { open: Handle(Some(open)) }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> ExchangeId {
        lock(&self.open.state).exchange.id
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
    pub fn interim(&self, head: ResponseHead) {
        let mut state = lock(&self.open.state);
        let bytes = size_of::<ResponseHead>() + head.footprint();
        if state.exchange.interim.len() >= MOST_INTERIM || state.take(bytes).is_err() {
            state.exchange.response_body.truncated = true;
            return;
        }
        state.exchange.interim.push(head);
    }

    /// Notes the response's head. Without room for it the exchange is lost.
    pub fn response(&self, head: ResponseHead) {
        let at = self.open.elapsed_us();
        let mut state = lock(&self.open.state);
        if !state.hold(head.footprint()) {
            return;
        }
        state.exchange.timings.response_start_us = Some(at);
        state.exchange.response = Some(head);
        self.open.recorder.publish(|| Live::Responded(state.exchange.summary().cut()));
    }

    /// Notes why it failed; the first reason stays.
    pub fn fail(&self, failure: Failure) {
        lock(&self.open.state).exchange.failure.get_or_insert(failure);
    }

    /// Notes that we refuse it and why: no upstream hears of it. The first reason stays.
    pub fn refuse(&self, failure: Failure) {
        let mut state = lock(&self.open.state);
        state.refused |= state.exchange.failure.is_none();
        state.exchange.failure.get_or_insert(failure);
    }

    pub(crate) fn summary(&self) -> Summary {
        lock(&self.open.state).exchange.summary()
    }
}

impl Open {
    /// Whether nothing more of bodies and messages is to be kept: recording went off since it began, or is paused, or
    /// the exchange is lost.
    pub(crate) fn is_silenced(&self, state: &Recording) -> bool {
        let Shared { off, pausing, .. } = &*self.recorder.shared;
        let is_off = state.exchange.replay_of.is_none() && off.load(Ordering::Relaxed);
        pausing.reason().is_some() || is_off || !state.is_kept()
    }

    pub(crate) fn elapsed_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

impl Recording {
    pub(crate) fn body(&mut self, direction: Direction) -> &mut BodyRecord {
        body_of(&mut self.exchange, direction)
    }

    /// Whether there was room for all without which the record would not be true.
    pub(crate) fn is_kept(&self) -> bool {
        self.lost.is_none()
    }

    /// Takes `bytes` for a head or trailers, if there is room.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Full> {
        if let Some(full) = self.lost {
            return Err(full);
        }
        self.memory.take(bytes)?;
        self.heads += bytes;
        Ok(())
    }

    /// Takes `bytes` for a head without which the record would not be true. False: there is no room, and the exchange is
    /// lost.
    pub(crate) fn hold(&mut self, bytes: usize) -> bool {
        let taken = self.take(bytes);
        if let (Err(full), None) = (taken, self.lost) {
            self.lose(full);
        }
        taken.is_ok()
    }

    /// Gives back what [`Recording::hold`] took.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.memory.give_back(bytes);
        self.heads -= bytes;
    }

    /// Lets go of what was kept, and keeps nothing more.
    fn lose(&mut self, full: Full) {
        self.lost = Some(full);
        for direction in [Direction::Request, Direction::Response] {
            let body = self.body(direction);
            body.truncated = true;
            body.stored -= body.rest.len() as u64;
            body.rest = Vec::new();
        }
        // The store knows the heads of one that was announced; its end there needs them.
        if !self.announced {
            let Exchange { request, request_sent, response, response_sent, interim, .. } =
                &mut *self.exchange;
            (request.headers, request.target) = Default::default();
            (*request_sent, *response, *response_sent, *interim) = Default::default();
            self.heads = EXCHANGE;
        }
        self.memory.give_back(self.memory.amount().saturating_sub(self.heads));
    }

    /// The share of places that its client has.
    pub(crate) fn places(&self) -> &Share {
        self.place.held.share()
    }

    /// The exchange as it stands, for the store, with what the copy holds; `None` without room for it.
    pub(crate) fn snapshot(&mut self) -> Option<(Record, Held)> {
        let memory = self.memory.share().hold(self.heads).ok()?;
        self.announced = true;
        Some((Record::Opened(Box::new(self.without_bodies())), memory))
    }

    /// Tells the store that the exchange is under way. False without room: then it has to be told later, before any
    /// piece of it.
    pub(crate) fn announce(&mut self, recorder: &Recorder) -> bool {
        let Some((opened, memory)) = self.snapshot() else { return false };
        self.announced = recorder.send(opened, memory, self.places());
        self.announced
    }

    /// The exchange as it stands, without the bytes of its bodies.
    pub(crate) fn without_bodies(&mut self) -> Exchange {
        let rests =
            [Direction::Request, Direction::Response].map(|side| std::mem::take(&mut self.body(side).rest));
        let snapshot = (*self.exchange).clone();
        let [request, response] = rests;
        self.exchange.request_body.rest = request;
        self.exchange.response_body.rest = response;
        snapshot
    }
}

pub(crate) fn body_of(exchange: &mut Exchange, direction: Direction) -> &mut BodyRecord {
    match direction {
        Direction::Request => &mut exchange.request_body,
        Direction::Response => &mut exchange.response_body,
    }
}

/// One of those who keep an exchange open. The last one that goes ends it.
#[derive(Debug, Clone)]
pub(crate) struct Handle(Option<Arc<Open>>);

impl Handle {
    /// The exchange, if it is still open.
    pub(crate) fn upgrade(open: &Weak<Open>) -> Option<Self> {
        open.upgrade().map(|open| Self(Some(open)))
    }
}

impl Deref for Handle {
    type Target = Open;

    fn deref(&self) -> &Open {
        self.0.as_ref().expect("taken only in drop")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(open) = self.0.take().and_then(Arc::into_inner) {
            open.finish();
        }
    }
}

impl Open {
    /// The one end of every exchange.
    fn finish(self) {
        let end = self.elapsed_us();
        let Recording { mut exchange, memory, lost, refused, aborted, announced, place, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shared = &self.recorder.shared;
        lock(&shared.open).remove(&exchange.id);
        if let (Some(full), false) = (lost, announced) {
            shared.counters.open.fetch_sub(1, Ordering::Relaxed);
            shared.refuse(full, &memory);
            return;
        }
        exchange.timings.end_us = Some(end).filter(|_| lost.is_none());
        exchange.state = match (&exchange.failure, &exchange.response) {
            _ if lost.is_some() => State::Interrupted,
            _ if refused => State::Refused,
            _ if aborted => State::Aborted,
            (Some(_), _) => State::Failed,
            (None, Some(_)) if exchange.response_body.complete => State::Complete,
            _ => State::Aborted,
        };
        shared.counters.pending.fetch_add(1, Ordering::Relaxed);
        shared.counters.open.fetch_sub(1, Ordering::Relaxed);
        let Place { permit, held } = place;
        permit.send(Entry { record: Record::Finished(exchange), memory, place: held });
    }
}
