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

use crate::budget::Budget;
use crate::recorder::{Entry, Shared, lock};
use crate::secrets::withhold;
use crate::{BodyTap, MessageTap, Recorder, now};

/// Interim responses of one exchange that are recorded; an upstream may send them without end.
const MOST_INTERIM: usize = 32;

/// What is known when an exchange begins.
#[derive(Debug)]
pub struct Begin {
    /// The client connection, by [`Recorder::connection_id`]; `None` for a replay.
    pub connection: Option<ConnectionId>,
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
    /// What the bodies' rests hold of the budget.
    pub(crate) held: usize,
    /// What the heads hold of it.
    heads: usize,
    refused: bool,
    pub(crate) aborted: bool,
    /// Whether something secret was hidden in the heads as they were received: then it may be in those as sent.
    pub(crate) hid: bool,
    pub(crate) next_message: u32,
    /// Whether the store knows of the exchange already.
    pub(crate) announced: bool,
    /// The place in the queue for the end.
    place: OwnedPermit<Entry>,
}

impl OpenExchange {
    /// `begin`'s head has been taken from the budget; `hid` says whether something secret was hidden in it.
    pub(crate) fn new(
        recorder: &Recorder,
        (place, hid): (OwnedPermit<Entry>, bool),
        id: ExchangeId,
        begin: Begin,
    ) -> Self {
        let heads = begin.request.footprint();
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
            held: 0,
            heads,
            refused: false,
            aborted: false,
            hid,
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

    /// Notes an interim response (1xx). Of very many the first are kept, and the response is marked as cut.
    pub fn interim(&self, mut head: ResponseHead) {
        self.open.recorder.shared.secrets.load().response(&mut head);
        let mut state = lock(&self.open.state);
        if state.exchange.interim.len() >= MOST_INTERIM {
            state.exchange.response_body.truncated = true;
            return;
        }
        self.open.hold(&mut state, &head);
        state.exchange.interim.push(head);
    }

    /// Notes the response's head.
    pub fn response(&self, mut head: ResponseHead) {
        let at = self.open.elapsed_us();
        let hid = self.open.recorder.shared.secrets.load().response(&mut head);
        let mut state = lock(&self.open.state);
        state.hid |= hid;
        self.open.hold(&mut state, &head);
        state.exchange.timings.response_start_us = Some(at);
        state.exchange.response = Some(head);
        self.open.recorder.publish(|| Live::Responded(state.exchange.summary()));
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

    /// Takes out of the record what the request said in confidence (its query, cookies and credentials): it was meant
    /// for dashcam itself.
    pub fn withhold(&self) {
        withhold(&mut lock(&self.open.state).exchange.request);
    }

    pub(crate) fn summary(&self) -> Summary {
        lock(&self.open.state).exchange.summary()
    }
}

impl Open {
    /// Whether recording went off since it began, or is paused.
    pub(crate) fn is_silenced(&self, state: &Recording) -> bool {
        let Shared { off, pausing, .. } = &*self.recorder.shared;
        pausing.reason().is_some() || (state.exchange.replay_of.is_none() && off.load(Ordering::Relaxed))
    }

    pub(crate) fn elapsed_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Accounts for a head. It is kept even if memory is short.
    pub(crate) fn hold(&self, state: &mut Recording, head: &ResponseHead) {
        state.hold(&self.recorder.shared.budget, head.footprint());
    }
}

impl Recording {
    pub(crate) fn body(&mut self, direction: Direction) -> &mut BodyRecord {
        match direction {
            Direction::Request => &mut self.exchange.request_body,
            Direction::Response => &mut self.exchange.response_body,
        }
    }

    /// Accounts for `bytes` of a head until the exchange is stored.
    pub(crate) fn hold(&mut self, budget: &Budget, bytes: usize) {
        budget.force(bytes);
        self.heads += bytes;
    }

    /// Gives back what [`Recording::hold`] took.
    pub(crate) fn release(&mut self, budget: &Budget, bytes: usize) {
        budget.give_back(bytes);
        self.heads -= bytes;
    }

    /// The exchange as it stands, for the store, with what the copy of its heads holds of the budget.
    pub(crate) fn snapshot(&mut self, budget: &Budget) -> Entry {
        self.announced = true;
        budget.force(self.heads);
        Entry { record: Record::Opened(Box::new(self.without_bodies())), held: self.heads }
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
        let Recording { mut exchange, held, heads, refused, aborted, place, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        exchange.timings.end_us = Some(end);
        exchange.state = match (&exchange.failure, &exchange.response) {
            _ if refused => State::Refused,
            _ if aborted => State::Aborted,
            (Some(_), _) => State::Failed,
            (None, Some(_)) if exchange.response_body.complete => State::Complete,
            _ => State::Aborted,
        };
        let shared = &self.recorder.shared;
        let secrets = shared.secrets.load();
        for body in [&mut exchange.request_body, &mut exchange.response_body] {
            secrets.rest(body);
        }
        drop(secrets);
        lock(&shared.open).remove(&exchange.id);
        shared.counters.pending.fetch_add(1, Ordering::Relaxed);
        shared.counters.open.fetch_sub(1, Ordering::Relaxed);
        place.send(Entry { record: Record::Finished(exchange), held: held + heads });
    }
}
