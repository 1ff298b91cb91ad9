//! The options of the benchmark's command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use super::case::{self, Case, Layout};
use super::report::GOAL_CASES;

/// Settings of one run.
#[derive(Debug)]
pub(crate) struct Options {
    /// A moment for each case and every invariant checked, in two minutes: for CI.
    pub(crate) smoke: bool,
    /// Also put the results into `docs/bench`.
    pub(crate) publish: bool,
    /// Cases to run, by name; empty means all.
    pub(crate) only: Vec<String>,
    /// Peers to run beside dashcam, by name; empty means all.
    pub(crate) peers: Vec<String>,
    /// Also measure nginx and Envoy in newer versions than the system's.
    pub(crate) newer: bool,
    /// Rounds of each contender, interleaved, so that a busy moment does not fall on one alone.
    pub(crate) rounds: usize,
    /// How long each load lasts.
    pub(crate) seconds: u32,
    /// The dashcams to measure; empty means the one that is built for it.
    pub(crate) builds: Vec<Build>,
}

/// A dashcam binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Build {
    /// Its name in tables.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

/// Cases that a smoke test leaves out, because another one takes the same path.
const ALIKE: [&str; 8] =
    ["reverse-10k", "varied-1k", "flight", "flight-10k", "latency", "resumed", "idle", "hosts"];

/// Stands for all cases that a goal needs, behind `--only`.
const GOALS: &str = "goals";

impl Options {
    /// Reads the words behind `cargo xtask bench`.
    pub(crate) fn read(words: &[&str]) -> Result<Self> {
        let smoke = words.contains(&"--smoke");
        let mut options = Self {
            smoke,
            publish: false,
            only: Vec::new(),
            peers: Vec::new(),
            newer: false,
            rounds: if smoke { 1 } else { 5 },
            seconds: if smoke { 1 } else { 5 },
            builds: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().copied().with_context(|| format!("{word} needs a value"));
            match *word {
                "--smoke" => {}
                "--newer" => options.newer = true,
                "--publish" => options.publish = true,
                "--only" => options.only.extend(list(value()?)),
                "--peers" => options.peers.extend(list(value()?)),
                "--rounds" => options.rounds = value()?.parse().context("--rounds")?,
                "--seconds" => options.seconds = value()?.parse().context("--seconds")?,
                "--dashcam" => options.builds.push(build(value()?)),
                other => bail!("the benchmark knows no {other}"),
            }
        }
        ensure!(options.rounds > 0 && options.seconds > 0, "nothing can be measured in no time");
        Ok(options)
    }

    /// Returns whether a case is wanted. How cost grows is not for a smoke test, nor what others do likewise, unless it is
    /// asked for.
    pub(crate) fn wants_case(&self, case: &Case) -> bool {
        if self.only.is_empty() {
            let is_shown_by_others = ALIKE.contains(&case.name) || matches!(case.layout, Layout::Variants(_));
            return !(self.smoke && is_shown_by_others);
        }
        let is_for_goals = GOAL_CASES.contains(&case.name);
        self.only.iter().any(|wanted| wanted == case.name || (wanted == GOALS && is_for_goals))
    }

    /// The first word behind `--only` that means nothing.
    pub(crate) fn unknown_case(&self) -> Option<&String> {
        let is_known = |name: &String| name == GOALS || case::ALL.iter().any(|case| case.name == name);
        self.only.iter().find(|name| !is_known(name))
    }

    /// Returns whether the peer of that name is wanted. The loads and dashcam itself always are.
    pub(crate) fn wants_peer(&self, name: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|wanted| wanted == name)
    }
}

fn list(text: &str) -> impl Iterator<Item = String> {
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned)
}

/// `PATH` or `NAME=PATH`.
fn build(text: &str) -> Build {
    let (name, program) = text.split_once('=').unwrap_or(("dashcam", text));
    Build { name: name.to_owned(), program: program.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_settings() {
        let options =
            Options::read(&["--only", "idle,h2", "--dashcam", "new=/tmp/new", "--rounds", "5"]).unwrap();
        assert_eq!(options.only, ["idle", "h2"]);
        assert_eq!(options.builds, [Build { name: "new".to_owned(), program: "/tmp/new".into() }]);
        assert_eq!((options.rounds, options.seconds, options.smoke), (5, 5, false));
        let wanted: Vec<&str> =
            case::ALL.iter().filter(|case| options.wants_case(case)).map(|case| case.name).collect();
        assert_eq!(wanted, ["h2", "idle"]);
        assert!(options.wants_peer("nginx"));
    }

    #[test]
    fn a_smoke_test_is_short() {
        let options = Options::read(&["--smoke", "--seconds", "2"]).unwrap();
        assert_eq!((options.rounds, options.seconds, options.smoke), (1, 2, true));
        let has = |name| case::ALL.iter().any(|case| case.name == name && options.wants_case(case));
        assert!(has("p99") && has("disk-api") && !has("resumed") && !has("scaling-body"));
        ALIKE.iter().for_each(|name| assert!(case::ALL.iter().any(|case| case.name == *name), "{name}"));
    }

    #[test]
    fn the_cases_of_goals_have_a_word() {
        let options = Options::read(&["--only", "goals,websocket"]).unwrap();
        let has = |name| case::ALL.iter().any(|case| case.name == name && options.wants_case(case));
        assert!(has("p99") && has("reverse-1k") && has("websocket") && !has("bombs"));
        assert_eq!(options.unknown_case(), None);
        GOAL_CASES.iter().for_each(|name| assert!(case::ALL.iter().any(|case| case.name == *name), "{name}"));
        let unknown = Options::read(&["--only", "goals,speed"]).unwrap();
        assert_eq!(unknown.unknown_case().map(String::as_str), Some("speed"));
    }

    #[test]
    fn unknown_words_are_refused() {
        Options::read(&["--fast"]).unwrap_err();
        Options::read(&["--rounds"]).unwrap_err();
        Options::read(&["--rounds", "0"]).unwrap_err();
    }
}
