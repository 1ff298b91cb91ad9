//! The goals of dashcam, and whether a run meets them.

use serde_json::{Value, json};

use super::markdown::number;
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

const GOALS: [Goal; 16] = [
    Goal::at_most("nothing recorded (`off`), reverse: CPU, nginx = 1", 0.95, Some(0.6), |figures| {
        figures.ratio("reverse-1k", figure::CPU, "off", "nginx")
    }),
    Goal::at_most("nothing recorded (`metrics`), CONNECT: CPU, nginx = 1", 0.95, Some(0.6), |figures| {
        figures.ratio("forward-1k", figure::CPU, "metrics-connect", "nginx")
    }),
    Goal::at_most("`full`, 1 KiB: CPU, nginx = 1", 1.1, Some(0.8), |figures| {
        figures.ratio("reverse-1k", figure::CPU, "full", "nginx")
    })
    .with_dropped("reverse-1k", "full"),
    Goal::at_most("`full`, 10 KiB: CPU, nginx = 1", 1.4, Some(1.0), |figures| {
        figures.ratio("reverse-10k", figure::CPU, "full", "nginx")
    })
    .with_dropped("reverse-10k", "full"),
    Goal::at_most("flight recorder, 1 KiB: CPU, `metrics` = 1", 1.15, Some(1.05), |figures| {
        figures.ratio("flight", figure::CPU, "flight", "metrics")
    }),
    Goal::at_most("`full`, CONNECT: CPU, mitmdump -w = 1", 0.025, None, |figures| {
        figures.ratio("forward-1k", figure::CPU, "full-connect", "mitmdump")
    })
    .with_dropped("forward-1k", "full-connect"),
    Goal::at_most("tunnel: CPU, HAProxy tcp = 1", 1.1, Some(0.8), |figures| {
        figures.ratio("tunnel", figure::CPU, "off-connect", "haproxy-tcp")
    }),
    Goal::at_least("requests/s, saturated: `full`, nothing recorded = 1", 0.75, |figures| {
        figures.ratio("reverse-1k", figure::RATE, "full", figures.quiet("reverse-1k"))
    })
    .with_dropped("reverse-1k", "full"),
    Goal::at_most("p99 that `full` adds to nothing recorded, at half load, ms", 0.3, None, |figures| {
        let of = |contender| figures.median("latency", figure::P99, contender);
        Some((of("full")? - of(figures.quiet("latency"))?) / 1e3)
    }),
    Goal::at_most(
        "small upload, head and body apart, `full`, CONNECT: p50, direct = 1",
        1.5,
        None,
        |figures| figures.ratio("post-nagle", figure::P50, "full-connect", "direct"),
    )
    .with_dropped("post-nagle", "full-connect"),
    Goal::at_most("new TLS connection, `full`, CONNECT: CPU, hudsucker = 1", 1.0, None, |figures| {
        figures.ratio("connections", figure::CPU, "full-connect", "hudsucker")
    }),
    Goal::at_least("100 MiB download, `full`: speed, direct = 1", 0.6, |figures| {
        figures.ratio("download", figure::SPEED, "full-connect", "direct")
    }),
    Goal::at_least("100 MiB upload, `full`: speed, direct = 1", 0.6, |figures| {
        figures.ratio("upload", figure::SPEED, "full-connect", "direct")
    }),
    Goal::at_most("memory of an idle decrypted connection pair, `full`, KiB", 100.0, None, |figures| {
        Some(figures.median("idle-pairs", figure::PAIR, "full-connect")? / 1024.0)
    }),
    Goal::at_most("memory from 10,000 to 1,000,000 exchanges, `full`, MB", 20.0, None, |figures| {
        Some(figures.median("memory", figure::GROWTH, "full")? / 1e6)
    }),
    Goal::at_most("bytes on disk, 10 KiB of JSON, `full`: mitmdump -w = 1", 1.0, Some(0.5), |figures| {
        figures.ratio("disk", figure::DISK, "full-connect", "mitmdump")
    })
    .with_dropped("disk", "full-connect"),
];

impl Goal {
    const fn at_most(
        title: &'static str,
        must: f64,
        aim: Option<f64>,
        of: fn(&Figures<'_>) -> Option<f64>,
    ) -> Self {
        Self { title, must: Bound::AtMost(must), aim, of, dropped: None }
    }

    const fn at_least(title: &'static str, must: f64, of: fn(&Figures<'_>) -> Option<f64>) -> Self {
        Self { title, must: Bound::AtLeast(must), aim: None, of, dropped: None }
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
        let dropped = self.dropped.map_or(0.0, |case| Figures { samples, build, round: None }.dropped(case));
        Some(Measured { all, least, most, dropped })
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
            ([true, true], Some(aim)) if measured.most <= aim => "yes, and the aim",
            ([true, true], _) => "yes",
            ([false, false], _) => "**no**",
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
            own && sample.case == case && sample.contender == contender && sample.variant.is_empty()
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
                (number(measured.all, 3), spread, goal.verdict(&measured))
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
mod tests {
    use super::*;

    fn sample(contender: &str, build: Option<&str>, round: usize, (cpu, dropped): (f64, f64)) -> Sample {
        Sample {
            case: "reverse-1k",
            row: contender.to_owned(),
            variant: String::new(),
            contender: contender.to_owned(),
            build: build.map(str::to_owned),
            round,
            figures: [(figure::CPU, cpu), (figure::STORED, 1000.0 - dropped), (figure::DROPPED, dropped)]
                .into(),
        }
    }

    /// The line about `full` at 1 KiB.
    fn line(samples: &[Sample], build: &str) -> String {
        let table = table(samples, build).unwrap();
        table.lines().find(|line| line.contains("`full`, 1 KiB")).unwrap().to_owned()
    }

    #[test]
    fn a_goal_compares_with_the_peer_of_the_same_run() {
        let samples = [
            sample("nginx", None, 1, (20.0, 0.0)),
            sample("full", Some("new"), 1, (21.0, 1.0)),
            sample("full", Some("old"), 1, (60.0, 0.0)),
            sample("full", Some("lossy"), 1, (20.0, 20.0)),
        ];
        assert!(line(&samples, "new").ends_with("| ≤ 1.1 | 0.8 | 1.050 | 1.050–1.050 | yes |"));
        assert!(line(&samples, "old").ends_with("| 3.000 | 3.000–3.000 | **no** |"));
        assert!(line(&samples, "lossy").ends_with("| not valid: 2.00 % of the exchanges were dropped |"));
        assert!(table(&samples[..1], "new").is_none());
    }

    #[test]
    fn rounds_that_disagree_are_told() {
        let rounds = |figures: [f64; 3]| {
            let each = (1..).zip(figures);
            let each = each.flat_map(|(round, cpu)| {
                [sample("nginx", None, round, (20.0, 0.0)), sample("full", Some("new"), round, (cpu, 0.0))]
            });
            line(&each.collect::<Vec<_>>(), "new")
        };
        assert!(rounds([21.0, 20.0, 22.0]).ends_with("| 1.050 | 1.000–1.100 | yes |"));
        assert!(rounds([21.0, 20.0, 30.0]).ends_with("| yes, but not in each round |"));
        assert!(rounds([21.0, 29.0, 30.0]).ends_with("| **no**, but in some rounds |"));
        assert!(rounds([10.0, 11.0, 12.0]).ends_with("| yes, and the aim |"));
    }
}
