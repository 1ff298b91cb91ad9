//! A contender under measurement: what a load costs it.

use std::cell::Cell;

use anyhow::{Context as _, Result, ensure};

use super::load::Outcome;
use super::options::Options;
use super::peer::{Contender, Peer, Running};
use super::process::Process;
use super::sample::{Figures, figure};
use super::sink::Sink;
use super::site::Site;

/// A contender at work, and what a case may want to know.
pub(crate) struct Measured<'a> {
    pub(crate) options: &'a Options,
    pub(crate) site: &'a Site,
    pub(crate) sink: &'a Sink,
    pub(crate) contender: &'a Contender,
    pub(crate) running: &'a Running,
    /// The rate that all contenders of a case are to have, once one has found it out.
    pub(crate) rate: &'a Cell<Option<f64>>,
}

impl Measured<'_> {
    /// Puts a load on the contender for as long as the options say, after a warm-up, and tells what that took.
    pub(crate) fn under(&self, load: impl Fn(u32) -> Result<Outcome>) -> Result<Figures> {
        self.warm_and_under(&load, &load)
    }

    /// The same with a warm-up of its own.
    pub(crate) fn warm_and_under(
        &self,
        warm: impl Fn(u32) -> Result<Outcome>,
        load: impl Fn(u32) -> Result<Outcome>,
    ) -> Result<Figures> {
        // Connections, caches and code are warm before anything is counted.
        let before = if self.options.smoke { 0 } else { warm(1)?.requests };
        let mut seen = None;
        let mut figures = self.costs(|| {
            let outcome = load(self.options.seconds)?;
            seen = Some(outcome);
            Ok(outcome.requests as f64)
        })?;
        let seen = seen.context("no outcome")?;
        figures.extend(of_outcome(&seen));
        self.reckon(&mut figures, before + seen.requests)?;
        Ok(figures)
    }

    /// The cost of the work for the contender, for each of the units that it returns.
    pub(crate) fn costs(&self, work: impl FnOnce() -> Result<f64>) -> Result<Figures> {
        let before = self.running.process.as_ref().map(Process::usage).transpose()?;
        let units = work()?;
        let mut figures = Figures::new();
        if let (Some(process), Some(before)) = (&self.running.process, before) {
            if let Some(dashcam) = &self.running.dashcam {
                dashcam.final_ledger()?;
            }
            let after = process.settled()?;
            figures.insert(figure::CPU, after.cpu_us.saturating_sub(before.cpu_us) as f64 / units);
            figures.insert(figure::PEAK, after.peak_rss as f64);
            figures.insert(figure::WRITTEN, after.written.saturating_sub(before.written) as f64 / units);
        }
        Ok(figures)
    }

    /// Adds what a dashcam stored and dropped, once nothing is under way; an error if it has lost sight of
    /// some of the `made` exchanges.
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

    /// The contender's process, where the case is only for contenders that have one.
    pub(crate) fn process(&self) -> Result<&Process> {
        self.running.process.as_ref().context("no process")
    }

    /// Returns whether exchanges are to be found on record.
    fn records(&self) -> bool {
        matches!(self.contender.peer, Peer::Dashcam(level) if level != "off" && level != "metrics")
    }
}

/// The figures of an outcome.
pub(crate) fn of_outcome(outcome: &Outcome) -> Figures {
    Figures::from([
        (figure::REQUESTS, outcome.requests as f64),
        (figure::RATE, outcome.per_second),
        (figure::P50, outcome.latency.p50),
        (figure::P99, outcome.latency.p99),
        (figure::P999, outcome.latency.p999),
    ])
}
