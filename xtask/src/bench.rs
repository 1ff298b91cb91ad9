//! What a request costs, beside what others cost in the same run.
//!
//! Load generator, origin and proxy share the machine, so requests per second say little. The stable figure is
//! CPU time per request of the proxy's own processes, as a ratio to a peer in the same run and under the same load
//! generator.

mod case;
mod load;
mod options;
mod peer;
mod process;
mod report;
mod sample;
mod site;
mod usage;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::step::{run, step};
use crate::{root, tools};
use case::{Case, Measured, Origin};
use options::{Build, Options};
use peer::{Contender, Peer};
use report::Report;
use sample::Sample;
use site::Site;

const PROGRAMS: [(&str, &str); 3] = [("nginx", "nginx"), ("wrk", "wrk"), ("openssl", "openssl")];

/// One run of the benchmark.
struct Bench {
    options: Options,
    site: Site,
    report: Report,
    /// Contenders that cannot be started.
    absent: Vec<String>,
    /// What went wrong with dashcam: the run goes on, and ends with an error.
    failures: Vec<String>,
}

/// Measures what `words` ask for, prints the tables, and keeps them in `target/bench`.
pub(crate) fn compare(words: &[&str]) -> Result<()> {
    let mut options = Options::read(words)?;
    step("tools for the benchmark", || tools::programs(&PROGRAMS))?;
    if options.builds.is_empty() {
        options.builds.push(built(options.smoke)?);
    }
    let folder = tools::folder().with_file_name("bench");
    let site = Site::build(&folder)?;
    let _origin = peer::origin(&site)?;
    let report = Report { cases: Vec::new(), samples: Vec::new(), notes: Vec::new() };
    let mut bench = Bench { options, site, report, absent: Vec::new(), failures: Vec::new() };
    for case in case::ALL {
        if bench.options.wants_case(case.name) {
            bench.measure(case)?;
        }
    }
    let text = report::markdown(&bench.report);
    fs::write(folder.join("results.md"), &text)?;
    println!("{text}");
    if !bench.failures.is_empty() {
        bail!("{}", bench.failures.join("\n"));
    }
    Ok(())
}

/// The dashcam of this tree: optimised, or as the tests build it.
fn built(smoke: bool) -> Result<Build> {
    let (profile, line) = if smoke {
        ("debug", "cargo build --locked --package dashcam")
    } else {
        ("release", "cargo build --release --locked --package dashcam")
    };
    step("build", || run(root(), line))?;
    let program: PathBuf = tools::folder().with_file_name(profile).join("dashcam");
    Ok(Build { name: "dashcam".to_owned(), program })
}

impl Bench {
    /// All rounds of a case.
    fn measure(&mut self, case: &'static Case) -> Result<()> {
        self.report.cases.push(case);
        let contenders: Vec<Contender> = case
            .contenders
            .iter()
            .filter(|(peer, _)| matches!(peer, Peer::Dashcam(_)) || self.options.wants_peer(peer.slug()))
            .flat_map(|(peer, way)| Contender::of(peer, *way, &self.options.builds))
            .collect();
        for round in 1..=self.options.rounds {
            for contender in &contenders {
                if self.absent.contains(&contender.name) {
                    continue;
                }
                eprintln!("{}, round {round} of {}: {}", case.name, self.options.rounds, contender.name);
                self.one(case, contender, round);
            }
        }
        Ok(())
    }

    /// One contender in one round. What goes wrong is noted.
    fn one(&mut self, case: &'static Case, contender: &Contender, round: usize) {
        let origin = match case.origin {
            Origin::Files => self.site.origin,
            Origin::Sink => self.site.sink,
        };
        let folder = format!("{}-{round}-{}", case.name, self.report.samples.len());
        let running = match contender.start(&self.site, origin, &folder) {
            Ok(running) => running,
            Err(error) => return self.cannot_start(contender, &error),
        };
        let measured = Measured { options: &self.options, contender, running: &running };
        match (case.measure)(&measured).with_context(|| format!("{}: {}", case.name, contender.name)) {
            Ok(rows) => {
                for (variant, figures) in rows {
                    self.report.samples.push(Sample {
                        case: case.name,
                        row: if variant.is_empty() {
                            contender.name.clone()
                        } else {
                            format!("{}, {variant}", contender.name)
                        },
                        peer: contender.peer.slug().to_owned(),
                        build: contender.build.as_ref().map(|build| build.name.clone()),
                        round,
                        figures,
                    });
                }
            }
            Err(error) => self.failed(contender, format!("{error:#}")),
        }
    }

    /// A peer that can't be had is left out of the whole run.
    fn cannot_start(&mut self, contender: &Contender, error: &anyhow::Error) {
        self.absent.push(contender.name.clone());
        // An older dashcam does not know all levels.
        let expected = contender.peer == Peer::Dashcam("metrics") && format!("{error:#}").contains("metrics");
        let text = format!("{} is left out: {error:#}", contender.name);
        if expected { self.note(text) } else { self.failed(contender, text) }
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
