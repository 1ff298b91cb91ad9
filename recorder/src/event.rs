//! Events on their way to all who watch.

use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;
use dashcam_exchange::Live;

/// An event, and what it looks like to those who watch: the first of them does that work for all.
#[derive(Debug)]
pub struct Event {
    live: Live,
    rendered: OnceLock<Bytes>,
}

impl Event {
    pub(crate) fn new(live: Live) -> Self {
        Self { live, rendered: OnceLock::new() }
    }

    /// The bytes that `render` makes of it, which have to be the same whoever asks.
    pub fn rendered(&self, render: impl FnOnce(&Live) -> Bytes) -> Bytes {
        self.rendered.get_or_init(|| render(&self.live)).clone()
    }
}

impl Deref for Event {
    type Target = Live;

    fn deref(&self) -> &Live {
        &self.live
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Gap, GapReason, Timestamp};

    use super::*;

    #[test]
    fn the_work_is_done_once() {
        let gap = Gap { from: Timestamp(1), until: Timestamp(2), reason: GapReason::DiskError, exchanges: 1 };
        let event = Event::new(Live::Gap(gap));
        assert_eq!(event.rendered(|_| Bytes::from_static(b"one")), "one");
        assert_eq!(event.rendered(|_| unreachable!("it is there")), "one");
    }
}
