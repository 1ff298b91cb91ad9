//! The kept part of an exchange under way, the memory that it holds, and its way to the writer.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use dashcam_control::Usage;
use dashcam_exchange::{BodyRecord, Direction, Exchange, Failure, Level, Record};
use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::oneshot;

use crate::Recorder;
use crate::arrivals::Arrivals;
use crate::begin::Begin;
use crate::budget::{Full, Held, Share};
use crate::client_connection::ClientConnection;
use crate::guarantee::Beginning;
use crate::outcome::{Fate, TakeBack};
use crate::redaction::in_force::Names;
use crate::redaction::under_way::{Passed, Rules};
use crate::serving::Serving;
use crate::shareable::Shareable;
use crate::wait::Waited;
use crate::way::Way;

/// The memory that an exchange holds beside its heads and bodies.
const EXCHANGE: usize =
    size_of::<Exchange>() + size_of::<Mutex<Recording>>() + HANDLE + size_of::<Entry>() + TEXTS;
/// The fields of [`Open`] beside its recording.
const HANDLE: usize = 96;
/// The bytes that are reckoned for its short texts: addresses, a failure.
const TEXTS: usize = 256;

/// An exchange with its recording, until that is stored.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) recorder: Recorder,
    pub(crate) started: Instant,
    /// The most bytes of each body that are captured.
    pub(crate) body_limit: AtomicU64,
    /// How many keep it open.
    pub(crate) handles: AtomicUsize,
    /// The program that sends it.
    pub(crate) caller: ClientConnection,
    /// Its guarantee, and how long it has waited for that.
    pub(crate) waited: Waited,
    pub(crate) state: Mutex<Recording>,
}

/// One of those who keep an exchange open. The last one that goes ends it.
#[derive(Debug)]
pub(crate) struct Handle(pub(crate) Option<Arc<Open>>);

impl Deref for Handle {
    type Target = Open;

    fn deref(&self) -> &Open {
        self.0.as_ref().expect("taken only in drop")
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        self.handles.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(open) = self.0.take()
            && open.handles.fetch_sub(1, Ordering::AcqRel) == 1
        {
            open.finish();
        }
    }
}

/// Something on its way to the writer.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A record, with what it holds of its client's shares: memory, and its place in the queue.
    Record {
        record: Record,
        memory: Held,
        #[expect(dead_code, reason = "given back in drop")]
        place: Held,
        way: Way,
        /// Told when it is stored, or lost, where somebody waits for that.
        stored: Option<oneshot::Sender<bool>>,
    },
    /// An exchange that has ended, and is stored or goes aside. It holds what it held while it was under way.
    Ended(Arc<Open>),
    /// Somebody waits until all that came before is stored; true is sent then.
    Settled {
        told: oneshot::Sender<bool>,
        #[expect(dead_code, reason = "given back in drop")]
        place: Held,
    },
}

#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) exchange: Shareable,
    pub(crate) fate: Fate,
    /// The connection that serves it, while its record waits for what the rules decide.
    pub(crate) serving: Option<Arc<Serving>>,
    /// The rule that is to know how much was stored of it.
    pub(crate) usage: Option<Usage>,
    /// The set of redaction that its rule names, once that is certain.
    pub(crate) redaction: Option<Arc<str>>,
    /// How much of its bodies has left, if something has and redaction is on.
    pub(crate) passed: Option<Box<[Passed; 2]>>,
    /// The rules of redaction that it is under to its end, once something of it has left.
    pub(crate) rules: Option<Box<Rules>>,
    /// True if the rules have decided, and what it has goes aside until it ends.
    pub(crate) only_aside: bool,
    /// True once the sink beside the store knows of the exchange.
    pub(crate) known_aside: bool,
    /// When the bytes of its bodies came, where that is noted.
    pub(crate) arrivals: Option<Box<Arrivals>>,
    /// True if its bodies and messages are captured.
    pub(crate) captures: bool,
    /// Pieces that the store has to be told to give up, as there was no room to tell it.
    pub(crate) owes: Option<TakeBack>,
    /// The part of its client's share of memory that all of it holds.
    pub(crate) memory: Held,
    /// The part of that which a copy without the bodies would hold.
    pub(crate) heads: usize,
    /// The part of the memory that is there for heads which find no other room.
    pub(crate) spare: usize,
    /// Of one that is lossless, its part of what all of those may hold as they begin.
    pub(crate) beginning: Option<Beginning>,
    /// Told when its end is stored, or lost.
    pub(crate) stored: Option<oneshot::Sender<bool>>,
    /// Why there was no room for a part without which the record would not be true.
    pub(crate) lost: Option<Full>,
    /// True if the store lost pieces of it that went ahead.
    pub(crate) lost_pieces: bool,
    pub(crate) refused: bool,
    pub(crate) aborted: bool,
    /// True if a secret was hidden in the heads as they were received: then it may be in those as sent.
    pub(crate) hid: bool,
    pub(crate) next_message: u32,
    /// True if it is not to be seen any more.
    pub(crate) left_out: bool,
    /// True once the store knows of the exchange.
    pub(crate) announced: bool,
    /// The place in the queue for the end.
    pub(crate) place: Place,
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Place {
    /// `None` once another needed it more.
    pub(crate) permit: Option<OwnedPermit<Entry>>,
    /// Its part of its client's share.
    pub(crate) held: Held,
}

/// The memory that `begin` makes an exchange hold.
pub(crate) fn footprint(begin: &Begin) -> usize {
    EXCHANGE + begin.request.footprint() + begin.destination.host.capacity()
}

impl Recording {
    /// Of `exchange`, as it begins; `memory` holds its [`footprint`], and `hid` says whether something secret was hidden
    /// in its head.
    pub(crate) fn new(
        exchange: Exchange,
        (fate, usage, redaction): (Fate, Option<Usage>, Option<Arc<str>>),
        (memory, hid): (Held, bool),
        place: Place,
    ) -> Self {
        let heads = memory.amount();
        Self {
            fate,
            serving: None,
            usage,
            redaction,
            passed: None,
            rules: None,
            only_aside: false,
            known_aside: false,
            arrivals: None,
            captures: exchange.level == Level::Full,
            owes: None,
            exchange: Shareable::new(exchange),
            memory,
            heads,
            spare: 0,
            beginning: None,
            stored: None,
            lost: None,
            lost_pieces: false,
            refused: false,
            aborted: false,
            hid,
            next_message: 0,
            left_out: false,
            announced: false,
            place,
        }
    }

    pub(crate) fn body(&mut self, direction: Direction) -> &mut BodyRecord {
        body_of(&mut self.exchange, direction)
    }

    /// The sets of redaction that it is under: while rules with different ones may decide about it, all of them.
    pub(crate) fn redactions(&self) -> Names {
        match &self.fate {
            Fate::Undecided(pending) => pending.redactions(),
            Fate::Stored | Fate::Aside | Fate::LetGo => vec![self.redaction.clone()],
        }
    }

    /// The same, and its host.
    pub(crate) fn seen_under(&self) -> (Names, String) {
        (self.redactions(), self.exchange.destination.host.clone())
    }

    /// Returns whether there was room for all without which the record would not be true, and the rules want it, or may.
    pub(crate) fn is_kept(&self) -> bool {
        self.lost.is_none() && !matches!(self.fate, Fate::LetGo)
    }

    /// Takes `bytes` for a head or trailers, if there is room.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Full> {
        if let Some(full) = self.lost {
            return Err(full);
        }
        if let Err(full) = self.memory.take(bytes) {
            self.spare = self.spare.checked_sub(bytes).ok_or(full)?;
        }
        self.heads += bytes;
        Ok(())
    }

    /// Takes `bytes` for a head without which the record would not be true. False: there is no room, and the exchange is
    /// lost.
    pub(crate) fn hold(&mut self, bytes: usize) -> bool {
        if !self.is_kept() {
            return false;
        }
        let taken = self.take(bytes);
        taken.inspect_err(|full| self.lose(*full)).is_ok()
    }

    /// Gives back what [`Recording::hold`] took.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.memory.give_back(bytes);
        self.heads -= bytes;
    }

    /// Lets go of what was kept, and keeps nothing more.
    pub(crate) fn lose(&mut self, full: Full) {
        self.lost = Some(full);
        self.spare = 0;
        for direction in [Direction::Request, Direction::Response] {
            let body = self.body(direction);
            body.truncated = true;
            body.stored -= body.rest.len() as u64;
            body.rest = Vec::new();
        }
        self.release_bodies();
        // The store knows the heads of one that was announced; its end there needs them.
        if !self.announced {
            self.clear();
        }
    }

    /// Gives back the memory that its bodies took, which are gone.
    pub(crate) fn release_bodies(&mut self) {
        self.arrivals = None;
        self.memory.give_back(self.memory.amount().saturating_sub(self.heads + self.spare));
    }

    /// Lets go of the heads of one that is lost, or not kept.
    pub(crate) fn clear(&mut self) {
        let Exchange { request, request_sent, response, response_sent, interim, .. } = &mut *self.exchange;
        (request.headers, request.target) = Default::default();
        (*request_sent, *response, *response_sent, *interim) = Default::default();
        (self.heads, self.spare) = (EXCHANGE, 0);
        self.release_bodies();
    }

    /// Notes that the client went away, unless it failed before.
    pub(crate) fn abort(&mut self, failure: Failure) {
        self.aborted |= self.exchange.failure.is_none();
        self.exchange.failure.get_or_insert(failure);
    }

    /// Returns whether it has ended, or was given up: its place in the queue is used.
    pub(crate) fn has_ended(&self) -> bool {
        self.place.permit.is_none()
    }

    /// The share of places that its client has.
    pub(crate) fn places(&self) -> &Share {
        self.place.held.share()
    }
}

/// One of `exchange`'s bodies.
pub(crate) fn body_of(exchange: &mut Exchange, direction: Direction) -> &mut BodyRecord {
    match direction {
        Direction::Request => &mut exchange.request_body,
        Direction::Response => &mut exchange.response_body,
    }
}
