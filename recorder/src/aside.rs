//! A sink beside the store: it gets, whole, what the rules do not keep.

use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::Ordering;

use dashcam_exchange::{Exchange, Record};

use crate::Recorder;
use crate::outcome::Fate;
use crate::recording::Recording;
use crate::shared::Shared;
use crate::way::Way;

/// News for a sink beside the store, in the order of their records.
#[derive(Debug)]
pub enum Aside<'r> {
    /// A record of an exchange that is not stored, or not with its bodies; pieces of one about which the rules have not
    /// decided; or of a connection, before the first exchange that names it.
    Record(&'r Record),
    /// An exchange that has ended and is stored with all that it has, also what came of it as a record.
    Stored(&'r Exchange),
    /// A batch ends: nothing follows for a moment.
    BatchEnd,
}

/// The sink's closure, which runs on the writer's task and must not wait.
pub(crate) struct Sink(pub(crate) Box<dyn FnMut(Aside<'_>) + Send>);

impl Debug for Sink {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl Recorder {
    /// Says whether exchanges that the rules do not keep, and the bodies of those that they keep without them, go to the sink
    /// beside the store, if the writer has one ([`crate::Writer::with_aside`]). At the start they do not.
    pub fn set_aside(&self, on: bool) {
        self.shared.aside.store(on, Ordering::Relaxed);
    }
}

impl Shared {
    pub(crate) fn has_aside(&self) -> bool {
        self.aside.load(Ordering::Relaxed)
    }
}

impl Recording {
    /// The way of its pieces that go ahead of its end.
    pub(crate) fn way(&self, shared: &Shared) -> Way {
        match self.fate {
            _ if self.only_aside => Way::Aside,
            Fate::Undecided(_) if shared.has_aside() => Way::Both,
            _ => Way::Store,
        }
    }
}

/// `exchange` as it is stored below the level `full`.
pub(crate) fn without_captures(exchange: &Exchange) -> Exchange {
    let mut exchange = exchange.without_bodies();
    exchange.request_body.forget_bytes();
    exchange.response_body.forget_bytes();
    exchange
}
