//! One run of the benchmark: its cases, contender by contender, round by round.

use std::cell::Cell;
use std::fs;

use anyhow::{Context as _, Error, Result};

use super::case::{Case, Measure, Measurement, Origin, Rows};
use super::install;
use super::measured::Measured;
use super::options::Options;
use super::peer::{Contender, Peer, Running};
use super::process::Process;
use super::report::Report;
use super::sample::Sample;
use super::sink::Sink;
use super::site::Site;

/// The means of a run, and its results so far.
pub(crate) struct Run {
    pub(crate) options: Options,
    pub(crate) site: Site,
    pub(crate) sink: Sink,
    pub(crate) report: Report,
    /// Contenders that cannot be started.
    pub(crate) absent: Vec<String>,
    /// Failures of dashcam: the run goes on, and ends with an error.
    pub(crate) failures: Vec<String>,
}

impl Run {
    /// All rounds of a case.
    pub(crate) fn measure(&mut self, case: &'static Case) {
        if !install::there_is(case.client) {
            return self.note(format!("{}: there is no {}", case.name, case.client));
        }
        self.report.cases.push(case);
        let contenders: Vec<Contender> = case
            .contenders
            .iter()
            .filter(|(peer, _)| self.takes_part(peer))
            .flat_map(|(peer, way)| Contender::of(peer, *way, &self.options.builds))
            .collect();
        if let Measure::Together(measure) = case.measure {
            return self.together(case, &contenders, measure);
        }
        let rate = Cell::new(None);
        let rounds = self.options.rounds.min(case.rounds);
        for round in 1..=rounds {
            for contender in &contenders {
                if !self.absent.contains(&contender.name) {
                    eprintln!("{}, round {round} of {rounds}: {}", case.name, contender.name);
                    self.one(case, contender, round, &rate);
                }
            }
        }
    }

    /// All contenders of a case at the same time.
    fn together(
        &mut self,
        case: &'static Case,
        contenders: &[Contender],
        measure: fn(&[Measured<'_>]) -> Result<Vec<Measurement>>,
    ) {
        let mut running = Vec::new();
        for (index, contender) in contenders.iter().enumerate() {
            let folder = format!("{}-{index}", case.name);
            match contender.start(&self.site, self.origin(case), &folder) {
                Ok(started) => running.push((contender, started)),
                Err(error) => return self.cannot_start(contender, &error),
            }
        }
        let rate = Cell::new(None);
        let measured: Vec<Measured<'_>> =
            running.iter().map(|(contender, running)| self.measured(contender, running, &rate)).collect();
        match measure(&measured) {
            Ok(measurements) => {
                let sample = |measurement: Measurement| {
                    let contender = contenders.get(measurement.contender)?;
                    Some(Sample::of(case, contender, 1, (measurement.variant, measurement.figures)))
                };
                self.report.samples.extend(measurements.into_iter().filter_map(sample));
            }
            Err(error) => {
                let text = format!("{}: {error:#}", case.name);
                self.failures.push(text.clone());
                self.note(text);
            }
        }
    }

    /// dashcam always does, and so does the direct way. Peers that are slow to start are not for a smoke test.
    fn takes_part(&self, peer: &Peer) -> bool {
        match peer {
            Peer::Dashcam(_) | Peer::Direct => true,
            Peer::NewerNginx | Peer::Envoy if !self.options.newer => false,
            Peer::Squid | Peer::Mitmdump if self.options.smoke && self.options.peers.is_empty() => false,
            _ => install::there_is(peer.slug()) && self.options.wants_peer(peer.slug()),
        }
    }

    /// One contender in one round. What goes wrong is noted.
    fn one(&mut self, case: &'static Case, contender: &Contender, round: usize, rate: &Cell<Option<f64>>) {
        let folder = format!("{}-{round}-{}", case.name, self.report.samples.len());
        let measured = match self.start_and_measure(case, contender, &folder, rate) {
            Ok(rows) => rows,
            Err(Trouble::Start(error)) => return self.cannot_start(contender, &error),
            Err(Trouble::Measure(error)) => {
                return self.failed(contender, format!("{}, {}: {error:#}", case.name, contender.name));
            }
        };
        self.report.samples.extend(measured.into_iter().map(|row| Sample::of(case, contender, round, row)));
        // Recordings are large; logs of what went wrong stay.
        let _kept = fs::remove_dir_all(self.site.folder.join(&folder));
    }

    fn start_and_measure(
        &self,
        case: &'static Case,
        contender: &Contender,
        folder: &str,
        rate: &Cell<Option<f64>>,
    ) -> Result<Rows, Trouble> {
        let running = contender.start(&self.site, self.origin(case), folder).map_err(Trouble::Start)?;
        let Measure::Each(measure) = case.measure else { return Ok(Rows::new()) };
        let rows = measure(&self.measured(contender, &running, rate));
        rows.with_context(|| running.process.as_ref().map_or_else(String::new, Process::last_words))
            .map_err(Trouble::Measure)
    }

    /// The port of the origin that a case needs.
    fn origin(&self, case: &Case) -> u16 {
        match case.origin {
            Origin::Files => self.site.origin,
            Origin::Sink => self.site.sink,
        }
    }

    fn measured<'a>(
        &'a self,
        contender: &'a Contender,
        running: &'a Running,
        rate: &'a Cell<Option<f64>>,
    ) -> Measured<'a> {
        let (options, site, sink) = (&self.options, &self.site, &self.sink);
        Measured { options, site, sink, contender, running, rate }
    }

    /// A peer that can't be had is left out of the whole run.
    fn cannot_start(&mut self, contender: &Contender, error: &Error) {
        self.absent.push(contender.name.clone());
        // An older dashcam does not know all levels.
        let unknown = contender.peer == Peer::Dashcam("metrics") && format!("{error:#}").contains("no level");
        if unknown {
            self.note(format!("{}: this dashcam knows no such level", contender.name));
        } else {
            self.failed(contender, format!("{}: {error:#}", contender.name));
        }
    }

    fn failed(&mut self, contender: &Contender, text: String) {
        if matches!(contender.peer, Peer::Dashcam(_)) {
            self.failures.push(text.clone());
        }
        self.note(text);
    }

    fn note(&mut self, text: String) {
        eprintln!("{text}");
        self.report.notes.push(text);
    }
}

/// Where it went wrong.
enum Trouble {
    Start(Error),
    Measure(Error),
}
