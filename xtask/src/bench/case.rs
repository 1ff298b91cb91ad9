//! What is measured: each case is a value, with the contenders that it is for and the way it measures one.

mod reverse;

use anyhow::{Context as _, Result, ensure};

use super::load::Outcome;
use super::options::Options;
use super::peer::{Contender, Peer, Running, Way};
use super::sample::{Figures, figure};

/// Something to be measured.
pub(crate) struct Case {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// The heading over its table.
    pub(crate) title: &'static str,
    /// How it is measured, and with what load.
    pub(crate) about: &'static str,
    /// Who takes part, in the order of a round. The first is what others are compared with.
    pub(crate) contenders: &'static [(Peer, Way)],
    /// The origin that it needs.
    pub(crate) origin: Origin,
    /// The table's columns.
    pub(crate) columns: &'static [Column],
    /// Measures one contender: a row, or several with what distinguishes them.
    pub(crate) measure: fn(&Measured<'_>) -> Result<Vec<(String, Figures)>>,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// nginx, with files.
    Files,
    /// Our own, which takes uploads, holds responses and echoes.
    Sink,
}

/// A column of a case's table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) figure: &'static str,
    /// What the figure is divided by, to be shown.
    pub(crate) unit: f64,
    /// Digits behind the point.
    pub(crate) digits: usize,
    /// Show the least and the most too, and the ratio to the first contender.
    pub(crate) compared: bool,
}

/// A contender at work, and what a case may want to know.
pub(crate) struct Measured<'a> {
    pub(crate) options: &'a Options,
    pub(crate) contender: &'a Contender,
    pub(crate) running: &'a Running,
}

/// All cases, in the order in which they run.
pub(crate) const ALL: [&Case; 2] = [&reverse::SMALL, &reverse::LARGER];

/// The columns of most cases.
pub(crate) const PER_REQUEST: &[Column] = &[
    Column::compared("CPU µs/request", figure::CPU, 1.0, 1),
    Column::plain("requests/s", figure::RATE, 1.0, 0),
    Column::plain("p50 ms", figure::P50, 1e3, 2),
    Column::plain("p99 ms", figure::P99, 1e3, 2),
    Column::plain("p99.9 ms", figure::P999, 1e3, 2),
    Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
    Column::plain("disk B/request", figure::WRITTEN, 1.0, 0),
    Column::plain("stored", figure::STORED, 1.0, 0),
    Column::plain("dropped", figure::DROPPED, 1.0, 0),
];

impl Column {
    const fn plain(title: &'static str, figure: &'static str, unit: f64, digits: usize) -> Self {
        Self { title, figure, unit, digits, compared: false }
    }

    const fn compared(title: &'static str, figure: &'static str, unit: f64, digits: usize) -> Self {
        Self { title, figure, unit, digits, compared: true }
    }
}

impl Measured<'_> {
    /// Puts a load on the contender for as long as the options say, after a warm-up, and tells what that took.
    pub(crate) fn under(&self, load: impl Fn(u32) -> Result<Outcome>) -> Result<Figures> {
        // Connections, caches and code are warm before anything is counted.
        let warm = if self.options.smoke { 0 } else { load(1)?.requests };
        let before = self.running.process.as_ref().map(|process| process.usage()).transpose()?;
        let outcome = load(self.options.seconds)?;
        let mut figures = of_outcome(&outcome);
        if let (Some(process), Some(before)) = (&self.running.process, before) {
            let after = process.settled()?;
            let requests = outcome.requests as f64;
            figures.insert(figure::CPU, (after.cpu_us - before.cpu_us) as f64 / requests);
            figures.insert(figure::PEAK, after.peak_rss as f64);
            figures.insert(figure::WRITTEN, (after.written - before.written) as f64 / requests);
        }
        self.reckon(&mut figures, warm + outcome.requests)?;
        Ok(figures)
    }

    /// Adds what a dashcam stored and dropped, once nothing is under way; an error if it has lost sight of
    /// some of the `made` requests.
    pub(crate) fn reckon(&self, figures: &mut Figures, made: u64) -> Result<()> {
        let Some(dashcam) = &self.running.dashcam else { return Ok(()) };
        let ledger = dashcam.final_ledger().with_context(|| self.contender.name.clone())?;
        if self.records() {
            ensure!(ledger.seen >= made, "{made} requests were made, and the ledger says {ledger:?}");
        }
        figures.insert(figure::STORED, ledger.stored as f64);
        figures.insert(figure::DROPPED, ledger.dropped as f64);
        Ok(())
    }

    /// Whether exchanges are to be found on record.
    fn records(&self) -> bool {
        matches!(self.contender.peer, Peer::Dashcam("metadata" | "full"))
    }
}

fn of_outcome(outcome: &Outcome) -> Figures {
    Figures::from([
        (figure::REQUESTS, outcome.requests as f64),
        (figure::RATE, outcome.per_second),
        (figure::P50, outcome.latency.p50),
        (figure::P99, outcome.latency.p99),
        (figure::P999, outcome.latency.p999),
    ])
}
