//! Builds of dashcam side by side: each figure as a ratio to the first build's, and which of them got worse.

use super::Report;
use super::markdown::{distinct, number};
use crate::case::{Case, Column, Layout};
use crate::options::Options;
use crate::sample::{Sample, figure, spread};

/// How much worse a figure may be unremarked.
const TOLERATED: f64 = 0.03;

/// A figure of two builds.
struct Pair {
    name: String,
    before: f64,
    now: f64,
    /// The ratio of the medians, and the least and the most of each round's.
    ratio: f64,
    least: f64,
    most: f64,
    /// More is better.
    is_speed: bool,
}

impl Pair {
    fn is_worse(&self) -> bool {
        if self.is_speed { self.ratio < 1.0 - TOLERATED } else { self.ratio > 1.0 + TOLERATED }
    }

    /// Returns whether each round says so.
    fn is_worse_throughout(&self) -> bool {
        self.is_worse() && if self.is_speed { self.most < 1.0 } else { self.least > 1.0 }
    }
}

/// A section for each build but the first; empty if there is only one.
pub(super) fn table(report: &Report, options: &Options) -> String {
    let Some((first, others)) = options.builds.split_first() else { return String::new() };
    others.iter().map(|build| section(report, &first.name, &build.name)).collect()
}

fn section(report: &Report, before: &str, now: &str) -> String {
    let pairs: Vec<Pair> =
        report.cases.iter().flat_map(|case| pairs(case, &report.samples, before, now)).collect();
    if pairs.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "## {now} beside {before}\n\n| | {before} | {now} | {before} = 1 | each round |\n|---|---:|---:|---:|---:|\n"
    );
    for pair in &pairs {
        let mark = if pair.is_worse() { "**" } else { "" };
        text += &format!(
            "| {} | {} | {} | {mark}{}{mark} | {}–{} |\n",
            pair.name,
            number(pair.before, 2),
            number(pair.now, 2),
            number(pair.ratio, 3),
            number(pair.least, 3),
            number(pair.most, 3)
        );
    }
    text + &worse(&pairs)
}

/// The list of figures that got worse.
fn worse(pairs: &[Pair]) -> String {
    let worse: Vec<&Pair> = pairs.iter().filter(|pair| pair.is_worse()).collect();
    if worse.is_empty() {
        return format!("\nNone is worse by more than {} %.\n\n", TOLERATED * 100.0);
    }
    let mut text = format!("\nWorse by more than {} %:\n\n", TOLERATED * 100.0);
    for pair in worse {
        let certain = if pair.is_worse_throughout() { "in each round" } else { "but not in each round" };
        text += &format!("- {}: {} ({certain})\n", pair.name, number(pair.ratio, 3));
    }
    text + "\n"
}

/// The figures that a case compares, of each contender and variant that both builds have.
fn pairs(case: &Case, samples: &[Sample], before: &str, now: &str) -> Vec<Pair> {
    let of = |build: &str| {
        samples
            .iter()
            .filter(|sample| sample.case == case.name && sample.build.as_deref() == Some(build))
            .collect::<Vec<&Sample>>()
    };
    let (before, now) = (of(before), of(now));
    let mut pairs = Vec::new();
    for contender in distinct(&now, |sample| &sample.contender) {
        for variant in distinct(&now, |sample| &sample.variant) {
            let own = |samples: &[&Sample]| {
                let own = samples.iter().filter(|one| one.contender == contender && one.variant == variant);
                own.map(|sample| (*sample).clone()).collect::<Vec<Sample>>()
            };
            let (before, now) = (own(&before), own(&now));
            let name = |title: &str| {
                let variant = if variant.is_empty() { String::new() } else { format!(", {variant}") };
                format!("`{}`, {contender}{variant}: {title}", case.name)
            };
            pairs.extend(
                columns(case.layout)
                    .into_iter()
                    .filter_map(|(title, figure, unit)| pair(name(title), &before, &now, (figure, unit))),
            );
        }
    }
    pairs
}

/// The columns whose figures are compared: title, figure and unit.
fn columns(layout: Layout) -> Vec<(&'static str, &'static str, f64)> {
    let column = |column: &Column| (column.title, column.figure, column.unit);
    match layout {
        Layout::Columns(columns) => {
            let has_main = columns.iter().any(|column| column.compared);
            let is_main = |index: usize, column: &Column| if has_main { column.compared } else { index < 3 };
            let main = columns.iter().enumerate().filter(|(index, column)| is_main(*index, column));
            main.map(|(_, main)| column(main)).collect()
        }
        Layout::Variants(main) => vec![column(&main)],
        Layout::Added => vec![("p99 ms", figure::P99, 1e3)],
    }
}

fn pair(name: String, before: &[Sample], now: &[Sample], (figure, unit): (&str, f64)) -> Option<Pair> {
    let median = |samples: &[Sample], round: Option<usize>| {
        let of = samples.iter().filter(|sample| round.is_none_or(|round| sample.round == round));
        spread(of, figure).map(|spread| spread.median)
    };
    let ratio = |round| Some(median(now, round)? / median(before, round)?);
    let all = ratio(None)?;
    let rounds: Vec<f64> = now.iter().filter_map(|sample| ratio(Some(sample.round))).collect();
    Some(Pair {
        name,
        before: median(before, None)? / unit,
        now: median(now, None)? / unit,
        ratio: all,
        least: rounds.iter().copied().fold(all, f64::min),
        most: rounds.iter().copied().fold(all, f64::max),
        is_speed: figure == figure::SPEED || figure == figure::RATE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case;

    fn sample(case: &'static str, build: &str, round: usize, figure: (&'static str, f64)) -> Sample {
        Sample {
            case,
            row: build.to_owned(),
            variant: String::new(),
            contender: "full".to_owned(),
            build: Some(build.to_owned()),
            round,
            figures: [figure].into(),
        }
    }

    /// The section about figures of two builds in two rounds.
    fn check(case: &'static str, figure: &'static str, [before, now]: [[f64; 2]; 2]) -> String {
        let of = |build: &'static str, figures: [f64; 2]| {
            (1..).zip(figures).map(move |(round, value)| sample(case, build, round, (figure, value)))
        };
        let samples = of("before", before).chain(of("now", now)).collect();
        let case = case::ALL.into_iter().find(|one| one.name == case).unwrap();
        section(&Report { cases: vec![case], samples, notes: Vec::new() }, "before", "now")
    }

    #[test]
    fn a_figure_that_got_worse_is_named() {
        let text = check("reverse-1k", figure::CPU, [[20.0, 20.0], [22.0, 24.0]]);
        assert!(
            text.contains("| `reverse-1k`, full: CPU µs/request | 20.00 | 23.00 | **1.150** | 1.100–1.200 |"),
            "{text}"
        );
        assert!(text.ends_with("- `reverse-1k`, full: CPU µs/request: 1.150 (in each round)\n\n"), "{text}");
        let text = check("reverse-1k", figure::CPU, [[20.0, 20.0], [18.0, 24.0]]);
        assert!(text.contains("1.050 (but not in each round)"), "{text}");
        let text = check("reverse-1k", figure::CPU, [[20.0, 20.0], [20.4, 20.4]]);
        assert!(text.ends_with("None is worse by more than 3 %.\n\n"), "{text}");
    }

    #[test]
    fn of_a_speed_less_is_worse() {
        let text = check("download", figure::SPEED, [[2e8, 2e8], [1e8, 1e8]]);
        assert!(text.contains("| 200.00 | 100.00 | **0.500** |"), "{text}");
        let text = check("download", figure::SPEED, [[1e8, 1e8], [2e8, 2e8]]);
        assert!(text.ends_with("None is worse by more than 3 %.\n\n"), "{text}");
    }
}
