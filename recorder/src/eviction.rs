//! Room for others: exchanges under way of whoever holds most lose their records when all of a budget is nearly used.
//!
//! Shares alone leave the last comers little when many addresses come one after the other and keep what they have. So
//! once seven eighths are held, or a client within its shares finds no room, the sources that hold more than an even
//! share (the level at which all would fit into three quarters of the budget) give up exchanges that have been open for
//! long, the oldest first. Those are counted as dropped beyond their client's share; their traffic goes on.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;

use crate::budget::Full;
use crate::lock::lock;
use crate::recording::Open;
use crate::shared::Shared;
use crate::writer::LONG;

/// Until there is room again it is looked at this often: what holds it grows old enough meanwhile, or is stored.
const PAUSE: Duration = Duration::from_millis(50);

impl Shared {
    /// Makes room whenever it is wanted.
    pub(crate) async fn keep_room(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.memory.wanted() => {}
                () = self.places.wanted() => {}
            }
            while self.evict() {
                sleep(PAUSE).await;
            }
        }
    }

    /// Takes from those who hold more than an even share. False: there is room enough.
    fn evict(&self) -> bool {
        let (memory, places) = (self.memory.even_share(), self.places.even_share());
        if memory == usize::MAX && places == usize::MAX {
            return false;
        }
        // Nothing begins meanwhile that could have the room.
        if self.pausing.reason().is_some() {
            return true;
        }
        let mut open: Vec<_> = lock(&self.open).values().filter_map(Weak::upgrade).collect();
        // One that must be recorded keeps what it has: it waits for more, and not without end.
        open.retain(|open| open.started.elapsed() >= LONG && !open.waited.is_lossless());
        open.sort_unstable_by_key(|open| open.started);
        open.iter().for_each(|open| open.evict_beyond(memory, places));
        true
    }
}

impl Open {
    /// Gives up the record if the client's source holds more than `memory` or `places`.
    fn evict_beyond(&self, memory: usize, places: usize) {
        let mut state = lock(&self.state);
        let beyond =
            state.memory.share().held_by_source() > memory || state.places().held_by_source() > places;
        if !beyond {
            return;
        }
        if self.gives_up_aside(&mut state) {
            return;
        }
        if state.has_ended() {
            return;
        }
        state.lose(Full::Client);
        state.clear();
        let shared = &self.recorder.shared;
        state.give_up();
        shared.guarantees.room.notify_waiters();
        shared.refuse(Full::Client, &state.memory);
    }
}
