//! The account of steps: how many were taken, and how long each was in force.

use std::time::Duration;

use dashcam_control::Step;

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Steps down.
    pub down: u64,
    /// Steps up.
    pub up: u64,
    /// How long each step was in force, in the order of [`Step::ALL`].
    pub time: [Duration; Step::ALL.len()],
    /// Until when that is counted.
    until: Duration,
}

impl Tally {
    /// Counts the time until `at`, a time that only grows, for the step that was in force.
    pub fn pass(&mut self, step: Step, at: Duration) {
        self.time[step as usize] += at.saturating_sub(self.until);
        self.until = self.until.max(at);
    }

    /// Counts a step.
    pub fn step(&mut self, from: Step, to: Step) {
        if to > from { self.down += 1 } else { self.up += 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_to_the_step_that_was_in_force() {
        let (mut tally, second) = (Tally::default(), Duration::from_secs);
        tally.pass(Step::Full, second(3));
        tally.step(Step::Full, Step::Heads);
        tally.pass(Step::Heads, second(7));
        tally.step(Step::Heads, Step::Full);
        tally.pass(Step::Full, second(8));
        assert_eq!(tally.time, [second(4), second(4), second(0), second(0)]);
        assert_eq!((tally.down, tally.up), (1, 1));
    }
}
