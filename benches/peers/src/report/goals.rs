//! The goals of dashcam, and whether a run meets them.

mod all;

use serde_json::{Value, json};

pub(crate) use self::all::CASES;
use self::all::GOALS;
use super::added;
use super::markdown::number;
use crate::case::HALF;
use crate::sample::{Sample, figure, spread};

/// Beyond this share of exchanges that were dropped a figure says nothing.
const MOST_DROPPED: f64 = 0.001;

/// A run's figures for a goal.
struct Measured {
    all: f64,
    least: f64,
    most: f64,
    dropped: f64,
}

/// A figure that must be reached, and one that would be better still.
struct Goal {
    title: &'static str,
    must: Bound,
    aim: Option<f64>,
    /// From where the figure comes.
    of: fn(&Figures<'_>) -> Option<f64>,
    /// The case whose exchanges count as dropped.
    dropped: Option<(&'static str, &'static str)>,
    /// The names of a figure and of the ends of its interval, of `full` in the case `p99`.
    interval: Option<[&'static str; 3]>,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// All medians of a run, for one build: of all rounds, or of one.
struct Figures<'a> {
    samples: &'a [Sample],
    build: &'a str,
    round: Option<usize>,
}

impl Goal {
    const fn at_most(
        title: &'static str,
        must: f64,
        aim: Option<f64>,
        of: fn(&Figures<'_>) -> Option<f64>,
    ) -> Self {
        Self { title, must: Bound::AtMost(must), aim, of, dropped: None, interval: None }
    }

    const fn at_least(
        title: &'static str,
        must: f64,
        aim: Option<f64>,
        of: fn(&Figures<'_>) -> Option<f64>,
    ) -> Self {
        Self { title, must: Bound::AtLeast(must), aim, of, dropped: None, interval: None }
    }

    /// The figure has an interval of its own, which counts where others have the least and the most of each round.
    const fn within(mut self, interval: [&'static str; 3]) -> Self {
        self.interval = Some(interval);
        self
    }

    const fn with_dropped(mut self, case: &'static str, contender: &'static str) -> Self {
        self.dropped = Some((case, contender));
        self
    }

    /// The figure of all rounds, and the least and the most of each round by itself: contenders of one round were
    /// measured one after another, so their ratio is worth more than either.
    fn measure(&self, samples: &[Sample], build: &str) -> Option<Measured> {
        let figure = |round| (self.of)(&Figures { samples, build, round });
        let mut rounds: Vec<usize> = samples.iter().map(|sample| sample.round).collect();
        rounds.sort_unstable();
        rounds.dedup();
        let all = figure(None)?;
        let each = rounds.into_iter().filter_map(|round| figure(Some(round)));
        let (least, most) = each.fold((all, all), |(least, most), one| (least.min(one), most.max(one)));
        let run = Figures { samples, build, round: None };
        let dropped = self.dropped.map_or(0.0, |case| run.dropped(case));
        if let Some([name, low, high]) = self.interval {
            // In the unit of the figure.
            let end = |end| Some(run.median("p99", end, "full")? * all / run.median("p99", name, "full")?);
            return Some(Measured { all, least: end(low)?, most: end(high)?, dropped });
        }
        Some(Measured { all, least, most, dropped })
    }

    /// The figure, or words where its interval is too wide for one.
    fn shown(&self, measured: &Measured) -> String {
        let is_told = self.interval.is_none() || added::is_told(measured.least, measured.most);
        if is_told { number(measured.all, 3) } else { "not told".to_owned() }
    }

    fn reaches_aim(&self, measured: &Measured, aim: f64) -> bool {
        match self.must {
            Bound::AtMost(_) => measured.most <= aim,
            Bound::AtLeast(_) => measured.least >= aim,
        }
    }

    fn is_met(&self, figure: f64) -> bool {
        match self.must {
            Bound::AtMost(must) => figure <= must,
            Bound::AtLeast(must) => figure >= must,
        }
    }

    /// “yes” or “no” where all rounds say so, and how much better than it must be.
    fn verdict(&self, measured: &Measured) -> String {
        if measured.dropped > MOST_DROPPED {
            // What was dropped cost less.
            return format!("not valid: {:.2} % of the exchanges were dropped", measured.dropped * 100.0);
        }
        match ([measured.least, measured.most].map(|figure| self.is_met(figure)), self.aim) {
            ([true, true], Some(aim)) if self.reaches_aim(measured, aim) => "yes, and the aim",
            ([true, true], _) => "yes",
            ([false, false], _) => "**no**",
            _ if self.interval.is_some() => "can't be told: the 95 % interval has both",
            _ if self.is_met(measured.all) => "yes, but not in each round",
            _ => "**no**, but in some rounds",
        }
        .to_owned()
    }
}

impl Figures<'_> {
    fn of<'a>(&'a self, case: &'a str, contender: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| {
            let own = sample.build.as_ref().is_none_or(|build| build == self.build);
            let own = own && self.round.is_none_or(|round| round == sample.round);
            let main = sample.variant.is_empty() || sample.variant == HALF;
            own && main && sample.case == case && sample.contender == contender
        })
    }

    fn median(&self, case: &str, figure: &str, contender: &str) -> Option<f64> {
        spread(self.of(case, contender), figure).map(|spread| spread.median)
    }

    fn ratio(&self, case: &str, figure: &str, own: &str, other: &str) -> Option<f64> {
        Some(self.median(case, figure, own)? / self.median(case, figure, other)?)
    }

    /// The level that decrypts and records nothing: `metrics`, of dashcams that know it.
    fn quiet(&self, case: &str) -> &'static str {
        if self.of(case, "metrics").next().is_some() { "metrics" } else { "off" }
    }

    /// The share of exchanges that were dropped.
    fn dropped(&self, (case, contender): (&str, &str)) -> f64 {
        let sum =
            |figure| self.of(case, contender).filter_map(|sample| sample.figures.get(figure)).sum::<f64>();
        let (stored, dropped) = (sum(figure::STORED), sum(figure::DROPPED));
        if dropped > 0.0 { dropped / (stored + dropped) } else { 0.0 }
    }
}

/// A table of all goals, for one build; none if nothing of it was measured.
pub(super) fn table(samples: &[Sample], build: &str) -> Option<String> {
    let measured: Vec<_> = GOALS.iter().map(|goal| (goal, goal.measure(samples, build))).collect();
    if measured.iter().all(|(_, measured)| measured.is_none()) {
        return None;
    }
    let mut text =
        "| | must | aim | measured | each round | met |\n|---|---:|---:|---:|---:|---|\n".to_owned();
    for (goal, measured) in measured {
        let must = match goal.must {
            Bound::AtMost(must) => format!("≤ {must}"),
            Bound::AtLeast(must) => format!("≥ {must}"),
        };
        let aim = goal.aim.map_or_else(String::new, |aim| aim.to_string());
        let (shown, spread, verdict) = measured.map_or_else(
            || ("–".to_owned(), String::new(), String::new()),
            |measured| {
                let spread = format!("{}–{}", number(measured.least, 3), number(measured.most, 3));
                (goal.shown(&measured), spread, goal.verdict(&measured))
            },
        );
        text += &format!("| {} | {must} | {aim} | {shown} | {spread} | {verdict} |\n", goal.title);
    }
    Some(text)
}

/// The same for programs.
pub(super) fn json(samples: &[Sample], build: &str) -> Vec<Value> {
    let of = |goal: &Goal| {
        let (least, most) = match goal.must {
            Bound::AtMost(must) => (None, Some(must)),
            Bound::AtLeast(must) => (Some(must), None),
        };
        let measured = goal.measure(samples, build);
        let figure = |of: fn(&Measured) -> f64| measured.as_ref().map(of);
        json!({
            "build": build,
            "title": goal.title,
            "at_least": least,
            "at_most": most,
            "aim": goal.aim,
            "measured": figure(|measured| measured.all),
            "least": figure(|measured| measured.least),
            "most": figure(|measured| measured.most),
            "dropped": figure(|measured| measured.dropped),
        })
    };
    GOALS.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
