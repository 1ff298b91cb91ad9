//! Steps by which a budget holds recording back, whatever the rules say.

use std::fmt;

use dashcam_exchange::Level;
use serde::{Deserialize, Serialize};

/// How much may be recorded within the budget, at most. The rules decide below that; each step costs less than the one
/// before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Everything that the rules say.
    #[default]
    Full,
    /// Heads, sizes and timings; no bodies.
    Heads,
    /// The same of one exchange in ten.
    Sample,
    /// Counts and latencies only.
    Metrics,
}

impl Step {
    /// All of them, from the one that records most.
    pub const ALL: [Self; 4] = [Self::Full, Self::Heads, Self::Sample, Self::Metrics];

    /// "full", "heads", "sample" or "metrics".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Heads => "heads",
            Self::Sample => "sample",
            Self::Metrics => "metrics",
        }
    }

    /// The most that is recorded of an exchange.
    pub(crate) fn cap(self) -> Level {
        match self {
            Self::Full => Level::Full,
            Self::Heads | Self::Sample => Level::Metadata,
            Self::Metrics => Level::Metrics,
        }
    }

    /// Returns whether only one exchange in ten is recorded.
    pub(crate) fn thins(self) -> bool {
        self == Self::Sample
    }

    /// The next one that costs less; `None` below the last.
    #[must_use]
    pub fn down(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }

    /// The next one that records more; `None` above the first.
    #[must_use]
    pub fn up(self) -> Option<Self> {
        (self as usize).checked_sub(1).map(|above| Self::ALL[above])
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_lead_down_and_up_again() {
        let down: Vec<_> = std::iter::successors(Some(Step::default()), |step| step.down()).collect();
        assert_eq!(down, Step::ALL);
        let up = std::iter::successors(Some(Step::Metrics), |step| step.up());
        assert!(up.eq(Step::ALL.into_iter().rev()));
        assert!(Step::ALL.is_sorted());
    }

    #[test]
    fn names_go_both_ways() {
        for step in Step::ALL {
            let json = serde_json::to_value(step).unwrap();
            assert_eq!(json, step.as_str());
            assert_eq!(serde_json::from_value::<Step>(json).unwrap(), step);
        }
    }
}
