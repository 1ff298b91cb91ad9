//! Events on their way to all who watch.

use std::fmt::{self, Debug, Formatter};
use std::ops::Deref;
use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use dashcam_exchange::{ExchangeId, Live};

use crate::lock::lock;
use crate::redaction::in_force::Under;

/// An event, and what it looks like to those who watch: the first of them does that work for all. Secrets are taken out
/// of it by the first as well; nobody can reach it as it was before.
pub struct Event {
    /// The exchange that has come further, and whether it is over.
    exchange: Option<(ExchangeId, bool)>,
    /// As it was before, until somebody asks.
    raw: Mutex<Option<Raw>>,
    shown: OnceLock<Live>,
    rendered: OnceLock<Bytes>,
}

/// An event with secrets in it.
struct Raw {
    live: Box<Live>,
    under: Under,
    host: String,
}

impl Event {
    /// One with no secrets in it.
    pub(crate) fn new(live: Live) -> Self {
        let (exchange, raw) = (live.row(), Mutex::new(None));
        Self { exchange, raw, shown: OnceLock::from(live), rendered: OnceLock::new() }
    }

    /// One of an exchange with `host`, out of which `under` takes secrets.
    pub(crate) fn raw(live: Live, under: Under, host: String) -> Self {
        let exchange = live.row();
        let raw = Mutex::new(Some(Raw { live: Box::new(live), under, host }));
        Self { exchange, raw, shown: OnceLock::new(), rendered: OnceLock::new() }
    }

    /// The exchange that has started, got its response's head or finished; `None` for other events. Cheap: nothing is
    /// redacted for it.
    #[must_use]
    pub fn exchange(&self) -> Option<ExchangeId> {
        self.exchange.map(|(id, _)| id)
    }

    /// True if that exchange is over. As cheap.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.exchange.is_some_and(|(_, is_over)| is_over)
    }

    /// The bytes that `render` makes of it, which have to be the same whoever asks.
    pub fn rendered(&self, render: impl FnOnce(&Live) -> Bytes) -> Bytes {
        self.rendered.get_or_init(|| render(self)).clone()
    }
}

impl Deref for Event {
    type Target = Live;

    fn deref(&self) -> &Live {
        self.shown.get_or_init(|| {
            let Raw { live, under, host } = lock(&self.raw).take().expect("taken only here, once");
            under.shown_event(*live, &host)
        })
    }
}

impl Debug for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
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
