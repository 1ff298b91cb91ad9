//! The counts of a run, and the committed counts that they are compared with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use xtask::root;

/// How many per cent a count may change unremarked. Two runs of one binary differ by much less.
pub(super) const TOLERATED: f64 = 5.0;

/// Instructions by case.
pub(super) struct Baseline {
    /// In the order in which they ran.
    counts: Vec<(String, u64)>,
    /// Everything else that decides the counts.
    made_with: BTreeMap<String, String>,
}

/// A case's count beside its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    Same,
    Better,
    Worse,
    /// It has no baseline.
    New,
    /// Only the baseline has it.
    Gone,
}

impl Baseline {
    /// The counts of this run.
    pub(super) fn counted(counts: Vec<(String, u64)>) -> Result<Self> {
        let made_with = BTreeMap::from([
            ("processor".to_owned(), env::consts::ARCH.to_owned()),
            ("compiler".to_owned(), first_line("rustc", "--version")?),
            ("valgrind".to_owned(), first_line("valgrind", "--version")?),
            ("C library".to_owned(), first_line("ldd", "--version")?),
        ]);
        Ok(Self { counts, made_with })
    }

    /// The committed one.
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(path()).with_context(|| path().display().to_string())?;
        Self::parse(&text).with_context(|| format!("{} is damaged", path().display()))
    }

    fn parse(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let counts = json["instructions"].as_object()?.iter();
        let made_with = json["made_with"].as_object()?.iter();
        Some(Self {
            counts: counts
                .map(|(name, count)| Some((name.clone(), count.as_u64()?)))
                .collect::<Option<_>>()?,
            made_with: made_with
                .map(|(what, which)| Some((what.clone(), which.as_str()?.to_owned())))
                .collect::<Option<_>>()?,
        })
    }

    /// Makes this the committed one.
    pub(super) fn write(&self) -> Result<()> {
        Ok(fs::write(path(), self.text() + "\n")?)
    }

    fn text(&self) -> String {
        let counts: Map<String, Value> =
            self.counts.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        format!("{:#}", json!({ "instructions": counts, "made_with": self.made_with }))
    }

    fn of(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
    }

    /// Returns whether the counts say anything beside `other`'s.
    pub(super) fn is_comparable(&self, other: &Self) -> bool {
        self.made_with.get("processor") == other.made_with.get("processor")
    }

    /// The differences between what this and `other` were made with: what, this one's, the other one's.
    pub(super) fn made_otherwise<'b>(
        &'b self,
        other: &'b Self,
    ) -> impl Iterator<Item = (&'b str, &'b str, &'b str)> {
        self.made_with.iter().filter_map(|(what, which)| {
            let others = other.made_with.get(what).map_or("none", String::as_str);
            (others != which).then_some((what.as_str(), which.as_str(), others))
        })
    }

    /// All cases beside those of `baseline`.
    pub(super) fn judge(&self, baseline: &Self) -> Vec<(String, Judged)> {
        let judge = |(name, count): &(String, u64)| (name.clone(), judge(*count, baseline.of(name)));
        let gone = baseline.counts.iter().filter(|(name, _)| self.of(name).is_none());
        self.counts.iter().map(judge).chain(gone.map(|(name, _)| (name.clone(), Judged::Gone))).collect()
    }

    /// A table of all cases, beside those of `baseline`.
    pub(super) fn table(&self, baseline: Option<&Self>) -> String {
        let mut table = String::from("| case | instructions | baseline | difference |\n|---|---:|---:|---:|");
        for (name, count) in &self.counts {
            let (then, difference) = match baseline.and_then(|baseline| baseline.of(name)) {
                Some(then) => (grouped(then), signed(difference(*count, then))),
                None => ("–".to_owned(), "–".to_owned()),
            };
            table += &format!("\n| `{name}` | {} | {then} | {difference} |", grouped(*count));
        }
        table
    }
}

fn judge(count: u64, baseline: Option<u64>) -> Judged {
    match baseline.map(|baseline| difference(count, baseline)) {
        None => Judged::New,
        Some(difference) if difference > TOLERATED => Judged::Worse,
        Some(difference) if difference < -TOLERATED => Judged::Better,
        Some(_) => Judged::Same,
    }
}

/// In per cent of the baseline.
fn difference(count: u64, baseline: u64) -> f64 {
    (count as f64 - baseline as f64) * 100.0 / baseline as f64
}

/// Per cent with one decimal; never less than nothing by nothing.
fn signed(percent: f64) -> String {
    let rounded = (percent * 10.0).round() / 10.0 + 0.0;
    format!("{rounded:+.1} %")
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

fn first_line(program: &str, argument: &str) -> Result<String> {
    let output =
        Command::new(program).arg(argument).output().with_context(|| format!("cannot run {program}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

fn path() -> PathBuf {
    root().join("benches/micro/baseline.json")
}

#[cfg(test)]
mod tests;
