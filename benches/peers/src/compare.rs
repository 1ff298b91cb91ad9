//! The cost of a request, beside that of other proxies in the same run.
//!
//! Load generator, origin and proxy share the machine, so requests per second say little. The stable figure is
//! CPU time per request of the proxy's own processes, as a ratio to a peer in the same run and under the same load
//! generator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xtask::{root, tools};

use super::load::scheduling::Precedence;
use super::options::Options;
use super::program::{built, raise_limit};
use super::report::{Report, Texts};
use super::run::Run;
use super::sink::Sink;
use super::site::Site;
use super::{case, install, peer};

/// The line of `docs/performance/README.md` below which `--publish` writes.
const RESULTS: &str = "<!-- From here on: cargo xtask bench --publish -->";

/// Measures what `words` ask for, prints the tables, and keeps them in `target/bench`.
pub(crate) fn compare(words: &[&str]) -> Result<()> {
    let mut options = Options::read(words)?;
    if let Some(unknown) = options.unknown_case() {
        let names: Vec<&str> = case::ALL.iter().map(|case| case.name).collect();
        bail!(
            "there is no case {unknown}; there are {}, and `goals` for those of the goals",
            names.join(", ")
        );
    }
    if options.publish {
        // Rather than after an hour of measuring.
        before_results()?;
    }
    let mut notes = install::install(&options)?;
    let precedence = (!options.smoke).then(Precedence::take).transpose();
    if let Err(error) = &precedence {
        notes.push(format!("other sessions of the machine were not kept back: {error:#}"));
    }
    if options.builds.is_empty() {
        options.builds.push(built(options.smoke)?);
    }
    raise_limit();
    let folder = tools::folder().with_file_name("bench");
    let site = Site::build(&folder)?;
    let _origin = peer::origin(&site)?;
    let sink = Sink::start(site.sink, &site.folder)?;
    let report = Report { cases: Vec::new(), samples: Vec::new(), notes };
    let mut run = Run { options, site, sink, report, absent: Vec::new(), failures: Vec::new() };
    for case in case::ALL {
        if run.options.wants_case(case) {
            run.measure(case);
        }
    }
    let texts = run.report.write(&run.options, &folder)?;
    println!("{}", texts.tables);
    if !run.failures.is_empty() {
        bail!("{}", run.failures.join("\n"));
    }
    if run.options.publish {
        publish(&folder, &texts)?;
    }
    Ok(())
}

/// Puts the results where the documentation shows them: the goals into its first page, all tables into a page of
/// their day, JSON and chart into `docs/bench`.
fn publish(folder: &Path, texts: &Texts) -> Result<()> {
    let place = root().join("docs/bench");
    fs::create_dir_all(&place)?;
    for name in ["results.json", "chart.svg"] {
        if folder.join(name).is_file() {
            fs::copy(folder.join(name), place.join(name))?;
        }
    }
    let results = performance().join("results");
    fs::create_dir_all(&results)?;
    fs::write(results.join(format!("{}.md", texts.day)), &texts.tables)?;
    Ok(fs::write(page(), format!("{}{RESULTS}\n\n{}", before_results()?, texts.goals))?)
}

/// The part of the page that people wrote, above the generated goals; an error if the page has no place for them.
fn before_results() -> Result<String> {
    let text = fs::read_to_string(page())?;
    let (start, _) =
        text.split_once(RESULTS).context("no place for results in docs/performance/README.md")?;
    Ok(start.to_owned())
}

fn page() -> PathBuf {
    performance().join("README.md")
}

fn performance() -> PathBuf {
    root().join("docs/performance")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_results() {
        before_results().unwrap();
    }

    #[test]
    fn the_page_links_to_the_results_of_its_day() {
        let text = fs::read_to_string(page()).unwrap();
        let (_, generated) = text.split_once(RESULTS).unwrap();
        let (_, link) = generated.split_once("](results/").unwrap();
        let (file, _) = link.split_once(')').unwrap();
        let tables = fs::read_to_string(performance().join("results").join(file)).unwrap();
        let goals = generated.lines().filter(|line| line.starts_with("| "));
        assert!(goals.clone().count() > 10);
        goals.for_each(|line| assert!(tables.contains(line), "{line}"));
    }
}
