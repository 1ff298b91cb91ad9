//! The settings, leases and steps of the budget that were in force at a time.

use dashcam_exchange::{Level, Timestamp};
use dashcam_store::{ChangeKind, Lease, SettingsChange};
use serde_json::Value;

use super::history::History;

/// The one that changes settings at a start.
const START: &str = "start";

/// The facts at a time: the level, rules, leases, a step of the budget, and whether anything was recorded by them.
type Facts = (Option<Level>, Vec<String>, Vec<String>, Option<String>, bool);

/// Everything that was in force, by time.
pub(super) struct InForce {
    /// The settings since a time, the oldest first.
    settings: Vec<(i64, Settings)>,
    /// The steps since a time, the oldest first; `None`: the budget takes nothing back.
    steps: Vec<(i64, Option<String>)>,
    /// Leases, from a time to another, the newest first.
    leases: Vec<(i64, i64, Rule)>,
}

/// As much of the settings as is wanted here.
struct Settings {
    level: Option<Level>,
    rules: Vec<Rule>,
}

/// As much of a rule as is wanted here.
#[derive(Clone)]
struct Rule {
    name: String,
    /// True if it records anything.
    records: bool,
    /// True if it decides about all exchanges that come to it: those behind it decide about none.
    is_always: bool,
}

impl InForce {
    pub(super) fn of(history: &History) -> Self {
        let mut settings = Vec::new();
        // The first ever are those with which dashcam began.
        let before = history.changes.first().map(|change| change.from.as_ref().unwrap_or(&change.to));
        settings.extend(before.map(|from| (i64::MIN, Settings::of(from))));
        settings
            .extend(history.changes.iter().map(|change| (since(change, history), Settings::of(&change.to))));
        let steps = history.changes.iter().filter(|change| change.kind == ChangeKind::Step).map(|change| {
            let step = change.detail.as_ref().and_then(|detail| detail["step"].as_str());
            (change.at.0, step.filter(|step| *step != "full").map(str::to_owned))
        });
        let mut leases: Vec<&Lease> = history.leases.iter().collect();
        leases.sort_by_key(|lease| std::cmp::Reverse(lease.id));
        let leases = leases.into_iter().map(|lease| (lease.from.0, end(lease), Rule::of(&lease.rule)));
        Self { settings, steps: steps.collect(), leases: leases.collect() }
    }

    /// Where something changes.
    pub(super) fn cuts(&self) -> impl Iterator<Item = i64> {
        let settings = self.settings.iter().map(|(at, _)| *at);
        let steps = self.steps.iter().map(|(at, _)| *at);
        settings.chain(steps).chain(self.leases.iter().flat_map(|(from, until, _)| [*from, *until]))
    }

    /// The facts at a time, in a run of dashcam that began at another: it begins without a step.
    pub(super) fn at(&self, at: i64, began: i64) -> Facts {
        let leases: Vec<&Rule> = self
            .leases
            .iter()
            .filter(|(from, until, _)| (*from..*until).contains(&at))
            .map(|(.., rule)| rule)
            .collect();
        let settings = newest(&self.settings, at).map(|(_, settings)| settings);
        let level = settings.and_then(|settings| settings.level);
        let rules = settings.map_or(&[][..], |settings| &settings.rules);
        let step = newest(&self.steps, at).filter(|(since, _)| *since >= began);
        // The newest lease is asked first, and the level last.
        let asked = leases.iter().copied().chain(rules).map(|rule| (rule.records, rule.is_always));
        let records = records(asked.chain([(level.is_none_or(Level::records), true)]));
        (
            level,
            rules.iter().map(|rule| rule.name.clone()).collect(),
            leases.into_iter().map(|rule| rule.name.clone()).collect(),
            step.and_then(|(_, step)| step.clone()),
            records,
        )
    }
}

/// When a change came into force. One that a start makes is stored a moment after the run began.
fn since(change: &SettingsChange, history: &History) -> i64 {
    let began = history.runs.partition_point(|run| run.started_at <= change.at).checked_sub(1);
    let began = began.and_then(|at| history.runs.get(at)).filter(|_| change.who == START);
    began.map_or(change.at.0, |run| run.started_at.0)
}

impl Settings {
    /// Settings as they are stored.
    fn of(json: &Value) -> Self {
        let rules = json["rules"].as_array().map_or(&[][..], Vec::as_slice);
        Self { level: level(json), rules: rules.iter().map(Rule::of).collect() }
    }
}

impl Rule {
    fn of(json: &Value) -> Self {
        let name = json["name"].as_str().unwrap_or_default().to_owned();
        let has = |key: &str| json[key].as_str().is_some_and(|text| !text.trim().is_empty());
        Self { name, records: level(json).is_none_or(Level::records), is_always: !has("match") }
    }
}

/// Returns whether anything is recorded by rules of which each records or not, and decides about all that is left or not.
fn records(rules: impl IntoIterator<Item = (bool, bool)>) -> bool {
    for (records, is_always) in rules {
        if records || is_always {
            return records;
        }
    }
    false
}

fn level(json: &Value) -> Option<Level> {
    json["level"].as_str()?.parse().ok()
}

/// When a lease ended, or will.
fn end(lease: &Lease) -> i64 {
    let until = lease.until.map_or(i64::MAX, |until| until.0);
    lease.ended.as_ref().map_or(until, |end| end.at.0)
}

/// The newest that was there at a time.
fn newest<T>(all: &[(i64, T)], at: i64) -> Option<&(i64, T)> {
    all.get(all.partition_point(|(since, _)| *since <= at).checked_sub(1)?)
}

/// When something changed first.
pub(super) fn first_change(history: &History) -> Option<Timestamp> {
    history.changes.first().map(|change| change.at)
}
