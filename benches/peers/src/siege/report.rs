//! The results of a siege, as text.

use std::fmt::Write as _;
use std::time::Duration;

use super::healthy::{Seen, Times};
use super::hostile::Done;
use super::options::Options;

/// The most memory that it may take.
const MEMORY: u64 = 512 << 20;
/// How much slower healthy clients may become, and should at most.
const SLOWER: (f64, f64) = (3.0, 1.5);

/// One besieged program.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) healthy: Seen,
    pub(super) attacks: Vec<Done>,
    /// Peak RSS, bytes.
    pub(super) peak: u64,
    /// How long after the siege healthy clients were as fast as before.
    pub(super) recovered: Option<Duration>,
    /// Healthy exchanges that are not on record; none where nothing is recorded.
    pub(super) dropped: Option<u64>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) outcomes: Vec<Outcome>,
    /// dashcam's own counts of what it refused and dropped.
    pub(super) said: Vec<String>,
}

impl Outcome {
    /// By how much the siege made healthy clients slower.
    fn ratio(&self) -> f64 {
        self.healthy.besieged.p99.as_secs_f64() / self.healthy.quiet.p99.as_secs_f64().max(1e-6)
    }

    fn row(&self) -> String {
        let ms = |times: Times| format!("{} | {}", millis(times.p50), millis(times.p99));
        let recovered = self
            .recovered
            .map_or_else(|| "not within 20 s".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        let dropped = self.dropped.map_or_else(|| "–".to_owned(), |dropped| dropped.to_string());
        format!(
            "| {} | {} | {} | {} | {:.2} | {} | {dropped} | {} | {recovered} |\n",
            self.name,
            self.healthy.quiet.count + self.healthy.besieged.count,
            ms(self.healthy.quiet),
            ms(self.healthy.besieged),
            self.ratio(),
            self.healthy.failed,
            self.peak >> 20,
        )
    }
}

impl Report {
    /// Tables in Markdown.
    pub(super) fn text(&self, options: &Options) -> String {
        let mut text = "| | healthy answers | quiet p50 ms | p99 | besieged p50 ms | p99 | p99 ratio | failed | dropped | peak \
                        RSS MiB | recovery |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
        self.outcomes.iter().for_each(|outcome| text += &outcome.row());
        text += "\n| hostile clients | what they do |";
        self.outcomes
            .iter()
            .for_each(|outcome| text += &format!(" {}: connections (cut off) |", outcome.name));
        text += "\n|---|---|";
        self.outcomes.iter().for_each(|_| text += "---|");
        for attack in self.outcomes.first().iter().flat_map(|outcome| &outcome.attacks) {
            let _ = write!(text, "\n| {} | {} |", attack.name, attack.about);
            for outcome in &self.outcomes {
                let same = outcome.attacks.iter().find(|other| other.name == attack.name);
                text += &same
                    .map_or_else(|| " – |".to_owned(), |d| format!(" {} ({}) |", d.connections, d.cut_off));
            }
        }
        let _ = write!(text, "\n\ndashcam's own counts: {}\n", self.said.join(", "));
        let (quiet, siege) = (options.quiet.as_secs(), options.siege.as_secs());
        let _ = writeln!(
            text,
            "Quiet for {quiet} s, besieged for {siege} s; clients, proxy and origin share the machine."
        );
        for outcome in &self.outcomes {
            outcome
                .healthy
                .failures
                .iter()
                .for_each(|why| text += &format!("{} failed: {why}\n", outcome.name));
        }
        text
    }

    /// The goals that dashcam missed. A short siege on a debug build has no goals for times.
    pub(super) fn missed(&self, options: &Options) -> Vec<String> {
        let Some(dashcam) = self.outcomes.first() else { return vec!["nothing was besieged".to_owned()] };
        let mut missed = Vec::new();
        if dashcam.healthy.besieged.count == 0 {
            missed.push("no healthy client was answered during the siege".to_owned());
        }
        if dashcam.healthy.failed > 0 {
            missed.push(format!("{} requests of healthy clients failed (must: 0)", dashcam.healthy.failed));
        }
        if let Some(dropped) = dashcam.dropped.filter(|dropped| *dropped > 0) {
            missed.push(format!("{dropped} exchanges of healthy clients are not on record (must: 0)"));
        }
        if dashcam.peak > MEMORY {
            missed.push(format!("dashcam took {} MiB (must: at most {})", dashcam.peak >> 20, MEMORY >> 20));
        }
        if !options.smoke && dashcam.ratio() > SLOWER.0 {
            let (must, aim) = SLOWER;
            missed.push(format!(
                "p99 was {:.2} times as long (must: at most {must}, aim {aim})",
                dashcam.ratio()
            ));
        }
        missed
    }
}

fn millis(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(failed: u64, dropped: u64, peak: u64, besieged: u64) -> Report {
        let times = |p99| Times { count: 10, p50: Duration::from_millis(1), p99: Duration::from_millis(p99) };
        let healthy = Seen { quiet: times(10), besieged: times(besieged), failed, ..Seen::default() };
        let outcome = Outcome {
            name: "dashcam",
            healthy,
            attacks: Vec::new(),
            peak,
            recovered: None,
            dropped: Some(dropped),
        };
        Report { outcomes: vec![outcome], said: Vec::new() }
    }

    #[test]
    fn every_loss_is_a_miss_and_times_count_in_a_long_siege_only() {
        let (long, smoke) = (Options::read(&[]).unwrap(), Options::read(&["--smoke"]).unwrap());
        for (report, misses, in_smoke) in [
            (outcome(0, 0, MEMORY, 30), 0, 0),
            (outcome(0, 0, MEMORY, 31), 1, 0),
            (outcome(1, 1, MEMORY + (1 << 20), 10), 3, 3),
        ] {
            assert_eq!(report.missed(&long).len(), misses, "{report:?}");
            assert_eq!(report.missed(&smoke).len(), in_smoke, "{report:?}");
        }
    }
}
