//! How the writer fares, and a hand on it from outside.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dashcam_exchange::{GapReason, Timestamp};

use crate::budget::Budget;
use crate::guarantee::GuaranteeCounts;
use crate::pause::{By, Pause};
use crate::{Recorder, now};

/// A batch that takes longer is worth telling: the disk hangs.
const STALLED: Duration = Duration::from_secs(2);

/// How the writer fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why recording is paused; `None` while it goes on.
    pub pause: Option<Pause>,
    /// For how long the store has not answered, if that is longer than it should take.
    pub stalled: Option<Duration>,
    /// Bytes of heads, bodies, messages and all else that is held in memory.
    pub queued_bytes: usize,
    /// Traffic that waited for the recording, as a rule's guarantee asks.
    pub guarantees: GuaranteeCounts,
}

impl Recorder {
    /// How the writer fares.
    #[must_use]
    pub fn health(&self) -> Health {
        let since = self.shared.storing_since.load(Ordering::Relaxed);
        let waited = Duration::from_micros(u64::try_from(now().0 - since).unwrap_or(0));
        Health {
            pause: self.shared.pausing.read(),
            stalled: Some(waited).filter(|waited| since != 0 && *waited >= STALLED),
            queued_bytes: self.shared.memory.held(),
            guarantees: self.shared.guarantees.read(),
        }
    }

    /// How full the recorder is, from 0 to 1: its places or its memory, whichever is fuller.
    #[must_use]
    pub fn fullness(&self) -> f64 {
        let share = |budget: &Budget| budget.held() as f64 / budget.bounds().total.max(1) as f64;
        share(&self.shared.memory).max(share(&self.shared.places))
    }

    /// When an exchange was dropped last; `None` if none was since the start.
    #[must_use]
    pub fn dropped_at(&self) -> Option<Timestamp> {
        let at = self.shared.counters.dropped_at.load(Ordering::Relaxed);
        (at != 0).then_some(Timestamp(at))
    }

    /// Bytes of heads, bodies and messages that were handed over to be stored since the start.
    #[must_use]
    pub fn handed_over(&self) -> u64 {
        self.shared.counters.bytes.load(Ordering::Relaxed)
    }

    /// Pauses recording from outside, for `reason`, or ends that pause: then it goes on unless the writer itself can't
    /// store anything.
    pub fn hold(&self, pause: Option<(GapReason, String)>) {
        match pause {
            Some((reason, message)) => self.shared.pausing.pause(By::Holder, reason, message),
            None => self.shared.pausing.resume(By::Holder),
        }
    }
}
