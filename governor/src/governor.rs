//! The decision to step down or up: pure, with measured values and the time as arguments.
//!
//! Down goes one step when a measure was beyond its bound at several looks in a row; each further step takes as many looks
//! again, so that the last one has time to show. Up goes one step once everything was well within its bounds for a while. A
//! step up that has to be taken back soon doubles that while, so that a load between two steps does not make recording flap.

use std::fmt;
use std::time::Duration;

use dashcam_control::Step;

use crate::measure::{Measure, Reading, Standing};

/// The wait before a step up is doubled so often, at most.
const MOST_DOUBLINGS: u32 = 5;

/// How soon steps are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Looks in a row at which a measure is beyond its bound before a step down.
    pub down_after: u32,
    /// How long everything is to be well within its bounds before a step up, at first.
    pub up_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { down_after: 3, up_after: Duration::from_secs(30) }
    }
}

/// A step that is to be taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stepped {
    /// The step before.
    pub from: Step,
    /// The step since.
    pub to: Step,
    /// The reason.
    pub because: Because,
}

/// The reason for a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Because {
    /// Down: this is beyond its bound.
    Beyond(Reading),
    /// Up: everything has been well within its bounds for so long.
    Recovered(Duration),
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beyond(reading) => reading.fmt(f),
            Self::Recovered(time) => {
                write!(f, "everything has been well within its bounds for {:?}", rounded(*time))
            }
        }
    }
}

/// Whole milliseconds.
fn rounded(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Holds recording at a step.
#[derive(Debug)]
pub struct Governor {
    pace: Pace,
    step: Step,
    /// Looks in a row at which a measure was beyond its bound, by measure.
    beyond: [u32; Measure::ALL.len()],
    /// Since when everything is well within its bounds.
    clear_since: Option<Duration>,
    /// When the last step up was taken.
    up_at: Option<Duration>,
    /// How often the wait before a step up is doubled now.
    doublings: u32,
}

impl Governor {
    /// Begins where nothing is held back.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        let beyond = [0; Measure::ALL.len()];
        Self { pace, step: Step::Full, beyond, clear_since: None, up_at: None, doublings: 0 }
    }

    /// Takes steps at another pace from now on.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// The step in force.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// How long everything is to be well within its bounds before the next step up.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.pace.up_after * 2_u32.pow(self.doublings)
    }

    /// Takes the values that were measured at `at`, a time that only grows. Returns the step that is to be taken.
    pub fn look(&mut self, readings: &[Reading], at: Duration) -> Option<Stepped> {
        let mut due: Option<(Standing, u32, &Reading)> = None;
        for reading in readings {
            let (standing, looks) = self.note(reading);
            let is_due = standing == Standing::Far
                || (standing == Standing::Beyond && looks >= self.pace.down_after.max(1));
            if is_due && due.is_none_or(|(worst, most, _)| (standing, looks) > (worst, most)) {
                due = Some((standing, looks, reading));
            }
        }
        let is_clear = readings.iter().all(|reading| reading.standing() == Standing::Clear);
        if !is_clear {
            self.clear_since = None;
        }
        if let Some((_, _, reading)) = due {
            return self.step_down(*reading, at);
        }
        if is_clear { self.step_up(at) } else { None }
    }

    /// Counts how often in a row a measure is beyond its bound.
    fn note(&mut self, reading: &Reading) -> (Standing, u32) {
        let standing = reading.standing();
        let looks = &mut self.beyond[reading.measure as usize];
        *looks = if standing >= Standing::Beyond { looks.saturating_add(1) } else { 0 };
        (standing, *looks)
    }

    fn step_down(&mut self, reading: Reading, at: Duration) -> Option<Stepped> {
        self.beyond = [0; Measure::ALL.len()];
        let to = self.step.down()?;
        if let Some(up) = self.up_at.take() {
            let was_soon = at.saturating_sub(up) <= self.wait() * 2;
            self.doublings = if was_soon { (self.doublings + 1).min(MOST_DOUBLINGS) } else { 0 };
        }
        Some(self.step_to(to, Because::Beyond(reading)))
    }

    fn step_up(&mut self, at: Duration) -> Option<Stepped> {
        let since = *self.clear_since.get_or_insert(at);
        let clear = at.saturating_sub(since);
        let to = self.step.up().filter(|_| clear >= self.wait())?;
        self.up_at = Some(at);
        self.clear_since = Some(at);
        Some(self.step_to(to, Because::Recovered(clear)))
    }

    fn step_to(&mut self, to: Step, because: Because) -> Stepped {
        let from = std::mem::replace(&mut self.step, to);
        Stepped { from, to, because }
    }
}

#[cfg(test)]
mod tests;
