//! What others may know of the budget: the latest report, and each step as it is taken.

use std::sync::{Mutex, PoisonError};

use dashcam_control::Step;
use dashcam_exchange::Timestamp;
use tokio::sync::watch;

use crate::measure::Reading;
use crate::tally::Tally;

/// A step that came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepChange {
    /// The step.
    pub step: Step,
    /// Since when.
    pub since: Timestamp,
    /// The reason; `None` at the start.
    pub because: Option<String>,
}

/// Everything at one look.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The values that were measured.
    pub readings: Vec<Reading>,
    /// The account of steps.
    pub tally: Tally,
}

/// Shared by the one that looks and all who ask.
#[derive(Debug)]
pub struct Board {
    report: Mutex<Report>,
    step: watch::Sender<StepChange>,
}

impl Board {
    /// Nothing has been measured, and nothing is held back.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        let report = Report { readings: Vec::new(), tally: Tally::default() };
        let first = StepChange { step: Step::Full, since, because: None };
        Self { report: Mutex::new(report), step: watch::channel(first).0 }
    }

    /// The latest report.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The step in force.
    #[must_use]
    pub fn step(&self) -> StepChange {
        self.step.borrow().clone()
    }

    /// Gets each step that comes into force.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<StepChange> {
        self.step.subscribe()
    }

    /// Puts up a report.
    pub fn put(&self, report: Report) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }

    /// Tells of a step.
    pub fn tell(&self, change: StepChange) {
        self.step.send_replace(change);
    }
}
