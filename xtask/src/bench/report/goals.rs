//! What dashcam is to reach, and whether it does.

use serde_json::{Value, json};

use super::markdown::number;
use crate::bench::sample::{Sample, figure, spread};

/// A figure that must be reached, and one that would be better still.
struct Goal {
    title: &'static str,
    must: Bound,
    aim: Option<f64>,
    /// From where the figure comes.
    of: fn(&Figures<'_>) -> Option<f64>,
    /// The case whose share of dropped exchanges is to be told: what was dropped cost less.
    dropped: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// All medians of a run, for one build.
struct Figures<'a> {
    samples: &'a [Sample],
    build: &'a str,
}

const GOALS: [Goal; 13] = [
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

    /// “yes”, “no”, or how much better than it must be.
    fn verdict(&self, measured: f64) -> &'static str {
        let met = match self.must {
            Bound::AtMost(must) => measured <= must,
            Bound::AtLeast(must) => measured >= must,
        };
        match (met, self.aim) {
            (false, _) => "**no**",
            (true, Some(aim)) if measured <= aim => "yes, and the aim",
            (true, _) => "yes",
        }
    }
}

impl Figures<'_> {
    fn of<'a>(&'a self, case: &'a str, contender: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| {
            let own = sample.build.as_ref().is_none_or(|build| build == self.build);
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
    let figures = Figures { samples, build };
    if GOALS.iter().all(|goal| (goal.of)(&figures).is_none()) {
        return None;
    }
    let mut text = format!(
        "### What {build} is to reach\n\n| | must | aim | measured | met |\n|---|---:|---:|---:|---|\n"
    );
    for goal in &GOALS {
        let must = match goal.must {
            Bound::AtMost(must) => format!("≤ {must}"),
            Bound::AtLeast(must) => format!("≥ {must}"),
        };
        let aim = goal.aim.map_or_else(String::new, |aim| aim.to_string());
        let measured = (goal.of)(&figures);
        let shown = measured.map_or_else(|| "–".to_owned(), |measured| number(measured, 3));
        let mut verdict = measured.map_or("", |measured| goal.verdict(measured)).to_owned();
        let dropped = goal.dropped.map_or(0.0, |dropped| figures.dropped(dropped));
        if measured.is_some() && dropped > 0.0 {
            verdict += &format!(", with {:.2} % of the exchanges dropped", dropped * 100.0);
        }
        text += &format!("| {} | {must} | {aim} | {shown} | {verdict} |\n", goal.title);
    }
    Some(text + "\n")
}

/// The same for programs.
pub(super) fn json(samples: &[Sample], build: &str) -> Vec<Value> {
    let figures = Figures { samples, build };
    let of = |goal: &Goal| {
        let (least, most) = match goal.must {
            Bound::AtMost(must) => (None, Some(must)),
            Bound::AtLeast(must) => (Some(must), None),
        };
        json!({
            "build": build,
            "title": goal.title,
            "at_least": least,
            "at_most": most,
            "aim": goal.aim,
            "measured": (goal.of)(&figures),
            "dropped": goal.dropped.map(|dropped| figures.dropped(dropped)),
        })
    };
    GOALS.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(contender: &str, build: Option<&str>, cpu: f64, dropped: f64) -> Sample {
        Sample {
            case: "reverse-1k",
            row: contender.to_owned(),
            variant: String::new(),
            contender: contender.to_owned(),
            build: build.map(str::to_owned),
            round: 1,
            figures: [(figure::CPU, cpu), (figure::STORED, 100.0 - dropped), (figure::DROPPED, dropped)]
                .into(),
        }
    }

    #[test]
    fn a_goal_compares_with_the_peer_of_the_same_run() {
        let samples = [
            sample("nginx", None, 20.0, 0.0),
            sample("full", Some("new"), 21.0, 2.0),
            sample("full", Some("old"), 60.0, 0.0),
        ];
        let table = table(&samples, "new").unwrap();
        let line = "| `full`, 1 KiB: CPU, nginx = 1 | ≤ 1.1 | 0.8 | 1.050 | yes, with 2.00 % of the exchanges dropped |";
        assert!(table.contains(line), "{table}");
        assert!(super::table(&samples, "old").unwrap().contains("| 3.000 | **no** |"));
        assert!(super::table(&samples[..1], "new").is_none());
    }
}
