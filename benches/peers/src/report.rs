//! The results of a run, for people and for programs.

mod added;
mod builds;
mod chart;
mod goals;
mod json;
mod machine;
mod markdown;

use std::fs;
use std::path::Path;

use anyhow::Result;

pub(crate) use goals::CASES as GOAL_CASES;

use super::case::Case;
use super::options::Options;
use super::sample::Sample;

/// Everything that is known at the end of a run.
pub(crate) struct Report {
    /// The cases that ran.
    pub(crate) cases: Vec<&'static Case>,
    pub(crate) samples: Vec<Sample>,
    /// Everything that was left out or went wrong, and why.
    pub(crate) notes: Vec<String>,
}

/// The pages that a run can be published as, in Markdown.
pub(crate) struct Texts {
    /// The day of the run, such as 2026-11-28.
    pub(crate) day: String,
    /// The goals, with a link to the page of all tables.
    pub(crate) goals: String,
    /// All tables.
    pub(crate) tables: String,
}

impl Report {
    /// Writes `results.md`, `results.json` and, if there is enough for it, `chart.svg` to `folder`; returns the pages.
    pub(crate) fn write(&self, options: &Options, folder: &Path) -> Result<Texts> {
        let machine = machine::look(options);
        let texts = markdown::texts(self, options, &machine);
        fs::write(folder.join("results.md"), &texts.tables)?;
        fs::write(folder.join("results.json"), json::json(self, options, &machine)?)?;
        if let Some(chart) = options.builds.first().and_then(|build| chart::svg(&self.samples, &build.name)) {
            fs::write(folder.join("chart.svg"), chart)?;
        }
        Ok(texts)
    }
}
