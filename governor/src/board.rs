//! The part of it all that others may know: the latest report, each step as it is taken, and the container.

use std::sync::{Arc, Mutex, PoisonError};

use dashcam_control::Step;
use dashcam_exchange::Timestamp;
use tokio::sync::watch;

use crate::cgroups::Cgroups;
use crate::measure::{Measure, Reading, Standing};
use crate::tally::Tally;

/// The state of the budget, and the container.
#[derive(Debug, Clone)]
pub struct Governed {
    /// The state.
    pub board: Arc<Board>,
    /// The control groups of the container.
    pub cgroups: Cgroups,
    /// The CPUs that dashcam may use at once, such as 1.5.
    pub cpus: f64,
    /// Threads that carry traffic.
    pub workers: usize,
    /// Bytes that the recorder may hold.
    pub recorder_memory: usize,
    /// Files and sockets that may be open.
    pub open_files: usize,
}

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

    /// The reason why work that can wait is to wait: the CPU time of recording is spent.
    #[must_use]
    pub fn spent(&self) -> Option<String> {
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let cpu = report.readings.iter().find(|reading| reading.measure == Measure::Cpu);
        cpu.filter(|cpu| cpu.standing() >= Standing::Beyond).map(ToString::to_string)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_waits_while_the_cpu_time_is_spent() {
        let board = Board::new(Timestamp(0));
        let put = |cpu: f64, memory: f64| {
            let reading = |measure, value| Reading { measure, value, bound: Some(5.0) };
            let readings = vec![reading(Measure::Memory, memory), reading(Measure::Cpu, cpu)];
            board.put(Report { readings, tally: Tally::default() });
            board.spent()
        };
        assert_eq!(board.spent(), None);
        assert_eq!(put(4.0, 9.0), None);
        let expect = "recording takes 9.0 % of the CPUs, and the budget is 5 %";
        assert_eq!(put(9.0, 1.0).as_deref(), Some(expect));
    }
}
