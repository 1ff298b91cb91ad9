//! The beginning of an exchange that waits for room.

use std::sync::atomic::Ordering;

use dashcam_exchange::GapReason;

use crate::Recorder;
use crate::begin::Begin;
use crate::budget::{Full, Held};
use crate::client::Client;
use crate::guarantee::{Beginning, NotKept};
use crate::guaranteed_head::spare_for;
use crate::open::OpenExchange;
use crate::recording::{Place, footprint};
use crate::wait::{Next, Patience, Waited};

/// The outcome of an exchange's beginning.
#[derive(Debug)]
pub enum Begun {
    /// It is being recorded.
    Open(OpenExchange),
    /// It passes unrecorded, and is counted.
    Dropped,
    /// It can't be recorded, and may not pass.
    Refused(NotKept),
}

/// An exchange that was seen and has no record yet. One whose client does not wait for it either was dropped.
struct Seen<'a> {
    recorder: &'a Recorder,
    is_settled: bool,
}

impl Recorder {
    /// Reserves room for an exchange, and waits for it as the exchange's guarantee says.
    pub async fn begin_waiting(&self, mut begin: Begin) -> Begun {
        if !begin.decision.level.records() {
            self.pass(begin.decision.kept);
            return Begun::Dropped;
        }
        self.shared.counters.seen.fetch_add(1, Ordering::Relaxed);
        let mut seen = Seen { recorder: self, is_settled: false };
        let (client, hid) = self.take_in(&mut begin);
        let waited = Waited::new(begin.decision.guarantee);
        let (bytes, spare) = (footprint(&begin), spare_for(&begin.request));
        let mut patience = Patience::default();
        loop {
            if let Some(reason) = self.unable() {
                seen.is_settled = true;
                self.drop_for(reason);
                return self.without(&waited, self.shared.gone().unwrap_or(NotKept::Closed));
            }
            if self.shared.queue.is_closed() {
                seen.drop_as(Full::Budget, None);
                return self.without(&waited, NotKept::Closed);
            }
            if waited.is_lossless() && self.is_crowded(&patience) {
                seen.drop_as(Full::Budget, None);
                return self.without(&waited, NotKept::Crowded(self.shared.limits.lossless_waiting));
            }
            let (full, memory) = match self.room(&client, bytes + spare, waited.is_lossless()) {
                Ok((place, mut memory, lossless)) => {
                    seen.is_settled = true;
                    let spare = memory.split(spare);
                    let open = self.open(begin, (place, memory), (hid, client.caller));
                    open.begins_with((spare, lossless), &waited);
                    return Begun::Open(open);
                }
                Err(no_room) => no_room,
            };
            match waited.next(&mut patience, self) {
                Next::Wait(wait) => wait.await,
                Next::GoOn => {
                    seen.drop_as(full, Some(&memory));
                    return Begun::Dropped;
                }
                Next::GiveUp(why) => {
                    seen.drop_as(full, Some(&memory));
                    return self.without(&waited, why);
                }
            }
        }
    }
}

impl Recorder {
    /// Room for an exchange of `client` that takes `bytes`; of one that is lossless, also of what all of those may hold as
    /// they begin.
    fn room(
        &self,
        client: &Client,
        bytes: usize,
        is_lossless: bool,
    ) -> Result<(Place, Held, Option<Beginning>), (Full, Held)> {
        let guarantees = &self.shared.guarantees;
        let begin = || Ok((guarantees.beginnings.hold(bytes)?, guarantees.ends.hold(1)?));
        let lossless = is_lossless.then(begin).transpose();
        let lossless = lossless.map_err(|full| (full, Held::nothing(client.memory.clone())))?;
        let (place, memory) = self.reserve((client.memory.clone(), client.places.clone()), bytes)?;
        Ok((place, memory, lossless))
    }

    /// Returns whether so many wait that one more, which does not yet, is refused.
    fn is_crowded(&self, patience: &Patience) -> bool {
        !patience.is_waiting() && self.shared.guarantees.waiting() >= self.shared.limits.lossless_waiting
    }

    /// The outcome for an exchange that can't be recorded.
    fn without(&self, waited: &Waited, why: NotKept) -> Begun {
        if waited.is_lossless() {
            self.shared.guarantees.refused();
            return Begun::Refused(why);
        }
        Begun::Dropped
    }
}

impl Seen<'_> {
    /// It is dropped for want of room; `memory` is of its client.
    fn drop_as(&mut self, full: Full, memory: Option<&Held>) {
        self.is_settled = true;
        match memory {
            Some(memory) => self.recorder.shared.refuse(full, memory),
            None => self.recorder.shared.miss(full.into()),
        }
    }
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.recorder.shared.miss(GapReason::QueueFull);
        }
    }
}
