//! What a run found, for people and for programs.

mod chart;
mod goals;
mod json;
mod machine;
mod markdown;

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::case::Case;
use super::options::Options;
use super::sample::Sample;

/// Everything that is known at the end of a run.
pub(crate) struct Report {
    /// The cases that ran.
    pub(crate) cases: Vec<&'static Case>,
    pub(crate) samples: Vec<Sample>,
    /// What was left out or went wrong, and why.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// Writes `results.md`, `results.json` and, if there is enough for it, `chart.svg` to `folder`; returns the
    /// first.
    pub(crate) fn write(&self, options: &Options, folder: &Path) -> Result<String> {
        let machine = machine::look(options);
        let text = markdown::markdown(self, options, &machine);
        fs::write(folder.join("results.md"), &text)?;
        fs::write(folder.join("results.json"), json::json(self, options, &machine)?)?;
        if let Some(chart) = options.builds.first().and_then(|build| chart::svg(&self.samples, &build.name)) {
            fs::write(folder.join("chart.svg"), chart)?;
        }
        Ok(text)
    }
}
