//! Exchanges under way, told to those to whom their pieces go.

use dashcam_exchange::Record;

use crate::Recorder;
use crate::budget::Held;
use crate::recording::Recording;
use crate::way::Way;

impl Recording {
    /// The exchange as it stands, for the store, with what the copy holds; `None` without room for it.
    pub(crate) fn snapshot(&mut self) -> Option<(Record, Held)> {
        let memory = self.memory.share().hold(self.heads).ok()?;
        self.announced = true;
        Some((Record::Opened(Box::new(self.exchange.without_bodies())), memory))
    }

    /// Makes sure that those to whom its pieces go know that the exchange is under way. False without room: then they
    /// have to be told later, before any piece of it.
    pub(crate) fn announce(&mut self, recorder: &Recorder) -> bool {
        let way = self.way(&recorder.shared);
        let is_known = if way == Way::Aside { self.known_aside } else { self.announced };
        if is_known {
            return true;
        }
        let Ok(memory) = self.memory.share().hold(self.heads) else { return false };
        let opened = Record::Opened(Box::new(self.exchange.without_bodies()));
        let is_sent = recorder.send(opened, memory, self.places(), way);
        self.announced |= is_sent && way != Way::Aside;
        self.known_aside |= is_sent && way != Way::Store;
        is_sent
    }
}
