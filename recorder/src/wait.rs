//! A wait for room, in steps: after each of them the one who waits tries again.

use std::fmt::{self, Debug, Formatter};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use dashcam_control::Guarantee;
use tokio::time::{Instant, timeout};

use crate::Recorder;
use crate::guarantee::NotKept;

/// The longest step: most room is made by the writer, who tells of it, and some by others, who don't.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// A step of a wait.
pub struct Wait(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl Debug for Wait {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Wait")
    }
}

/// The answer to something that was offered to the recording.
#[derive(Debug)]
pub enum Offered {
    /// It may pass.
    Taken,
    /// It is to be offered again after this.
    Wait(Wait),
    /// It can't be recorded, and may not pass.
    GivenUp(NotKept),
}

/// The next thing to do for somebody who finds no room.
pub(crate) enum Next {
    /// To wait, and try again.
    Wait(Wait),
    /// To go on without.
    GoOn,
    /// Not to go on.
    GiveUp(NotKept),
}

/// A bound that stands for the guarantee `lossless`.
const LOSSLESS: u64 = u64::MAX;

/// The guarantee of an exchange, and for how long it has waited.
#[derive(Debug)]
pub(crate) struct Waited {
    /// The longest wait, in microseconds: none with `best_effort`. It gets shorter when rules decide.
    most: AtomicU64,
    /// Microseconds, of an exchange whose wait is bounded.
    us: AtomicU64,
}

/// One part of an exchange that waits: its head, a body.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Since when it waits without success.
    since: Option<Instant>,
    /// When its last step began.
    step: Option<Instant>,
    counted: Option<Counted>,
}

impl Patience {
    /// Returns whether it waits.
    pub(crate) fn is_waiting(&self) -> bool {
        self.counted.is_some()
    }
}

/// One who waits, as long as this lives.
#[derive(Debug)]
pub(crate) struct Counted(Recorder);

impl Counted {
    pub(crate) fn new(recorder: &Recorder) -> Self {
        recorder.shared.guarantees.begin_waiting();
        Self(recorder.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.shared.guarantees.end_waiting();
    }
}

impl Waited {
    pub(crate) fn new(guarantee: Guarantee) -> Self {
        Self { most: AtomicU64::new(longest(guarantee)), us: AtomicU64::new(0) }
    }

    /// Goes on with `guarantee` if that is weaker: the rules have decided, or those with a stronger one are out of question.
    pub(crate) fn weaken(&self, guarantee: Guarantee) {
        self.most.fetch_min(longest(guarantee), Ordering::Relaxed);
    }

    /// Goes on from where `before` was.
    pub(crate) fn go_on_from(&self, before: &Self) {
        self.us.store(before.us.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub(crate) fn is_best_effort(&self) -> bool {
        self.most.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn is_lossless(&self) -> bool {
        self.most.load(Ordering::Relaxed) == LOSSLESS
    }

    /// The next thing to do for a part of the exchange that finds no room.
    pub(crate) fn next(&self, patience: &mut Patience, recorder: &Recorder) -> Next {
        let shared = &recorder.shared;
        let now = Instant::now();
        let since = *patience.since.get_or_insert(now);
        let (most, so_far) = match self.most.load(Ordering::Relaxed) {
            0 => return Next::GoOn,
            LOSSLESS => (shared.limits.lossless_wait, now - since),
            most => (Duration::from_micros(most), self.spend(patience, now)),
        };
        let left = most.saturating_sub(so_far);
        if left.is_zero() {
            *patience = Patience::default();
            return if self.is_lossless() { Next::GiveUp(NotKept::Late(most)) } else { Next::GoOn };
        }
        patience.step = Some(now);
        if patience.counted.is_none() {
            shared.guarantees.waits();
            patience.counted = Some(Counted::new(recorder));
        }
        shared.guarantees.hurry();
        let recorder = recorder.clone();
        Next::Wait(Wait(Box::pin(async move {
            // Out of time or not, it is tried again.
            let _ = timeout(left.min(STEP), recorder.shared.guarantees.room.notified()).await;
        })))
    }

    /// Notes that there was room after all.
    pub(crate) fn done(&self, patience: &mut Patience) {
        if patience.since.is_some() {
            self.spend(patience, Instant::now());
            *patience = Patience::default();
        }
    }

    /// Counts the last step; the time of all steps so far.
    fn spend(&self, patience: &mut Patience, now: Instant) -> Duration {
        let step = patience.step.take().map_or(Duration::ZERO, |step| now - step);
        let step = u64::try_from(step.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.us.fetch_add(step, Ordering::Relaxed).saturating_add(step))
    }
}

/// The longest wait that `guarantee` allows, in microseconds.
fn longest(guarantee: Guarantee) -> u64 {
    match guarantee {
        Guarantee::BestEffort => 0,
        Guarantee::Bounded(most) => u64::try_from(most.as_micros()).unwrap_or(LOSSLESS).min(LOSSLESS - 1),
        Guarantee::Lossless => LOSSLESS,
    }
}
