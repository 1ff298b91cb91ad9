//! The p99 that a proxy adds, in many short rounds in which all contenders take turns.

use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Measure::Together;
use super::{Case, Layout, Measurement, Origin};
use crate::load::scheduling;
use crate::load::{Client, Connection, Plan, Seen, crew, open_loop, until};
use crate::measured::Measured;
use crate::options::Build;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};
use crate::statistics::{Interval, bootstrap, median, quantile};

/// As many connections as in the other cases.
const CLIENTS: usize = 32;
const PATH: &str = "1k.json";

/// The load whose figures are the goal's: half of what saturates.
pub(crate) const HALF: &str = "50 %";
/// Loads by name, as shares of what saturates. The first is part of each round, the others of every second.
const LOADS: [(&str, f64); 3] = [(HALF, 0.5), ("25 %", 0.25), ("75 %", 0.75)];

/// Rounds of this case for each round of others.
const ROUNDS: usize = 40;
/// Requests at the beginning of a turn don't count: caches, clocks and the writer get going.
const LEAD: Duration = Duration::from_millis(80);
const COUNTED: Duration = Duration::from_millis(250);
/// Between two turns, so that the writer of the one does not run in the next one's.
const REST: Duration = Duration::from_millis(60);
/// A round in which less than this share of a contender's requests is left does not count for any.
const ENOUGH: f64 = 0.5;

pub(super) const ADDED: Case = Case {
    name: "p99",
    title: "Added p99",
    about: "1 KiB over HTTP/1.1, TLS on both sides, 32 keep-alive connections; requests are due at times that chance chose, the same for all \
            contenders, at 25, 50 and 75 % of the rate that dashcam at `full` reaches. All contenders run at the same time, and get the load in turns \
            of 330 ms. Requests in which the client itself was kept from running count for nobody.",
    contenders: &[
        (Peer::Direct, Way::Reverse),
        (Peer::Nginx, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "",
    origin: Origin::Files,
    layout: Layout::Added,
    rounds: usize::MAX,
    measure: Together(measure),
};

/// A contender's turns at one load, and the same turn of each is one round.
type Turns = Vec<Seen>;

/// The contenders that others are compared with. All are with the first, which is none.
#[derive(Default)]
struct Yardsticks {
    nginx: Option<usize>,
    /// For each contender the same dashcam that records nothing, of one that records.
    off: Vec<Option<usize>>,
}

impl Yardsticks {
    fn of(contenders: &[Measured<'_>]) -> Self {
        let find = |slug: &str, build: Option<&Build>| {
            let is_it = |other: &Measured<'_>| {
                other.contender.slug() == slug && other.contender.build.as_ref() == build
            };
            contenders.iter().position(is_it)
        };
        let off = |contender: &Measured<'_>| {
            let contender = contender.contender;
            (contender.slug() == "full").then(|| find("off", contender.build.as_ref())).flatten()
        };
        Self { nginx: find("nginx", None), off: contenders.iter().map(off).collect() }
    }
}

fn measure(contenders: &[Measured<'_>]) -> Result<Vec<Measurement>> {
    let first = contenders.first().context("no contender")?;
    let teams: Vec<Vec<Mutex<Connection>>> = contenders.iter().map(connect).collect::<Result<_>>()?;
    let full = contenders.iter().zip(&teams).find(|(contender, _)| contender.contender.slug() == "full");
    let smoke = first.options.smoke;
    let rate = saturated(full.context("no dashcam")?.1, if smoke { 200 } else { 2000 })?;
    eprintln!("p99: {rate:.0} requests/s saturate");
    // Not with what is still to be written of these.
    for process in contenders.iter().filter_map(|contender| contender.running.process.as_ref()) {
        process.settled()?;
    }
    let rounds = if smoke { 3 } else { first.options.rounds * ROUNDS };
    let mut turns: Vec<Vec<Turns>> = LOADS.map(|_| vec![Turns::new(); teams.len()]).to_vec();
    for round in 0..rounds {
        if round.is_multiple_of(20) {
            eprintln!("p99: round {} of {rounds}", round + 1);
        }
        let others = 1 + round % (LOADS.len() - 1);
        for load in [0, others] {
            let (_, share) = LOADS.get(load).context("no load")?;
            for turn in 0..teams.len() {
                let index = order(round, turn, teams.len());
                let plan = Plan { rate: rate * share, lead: LEAD, counted: COUNTED, seed: round as u64 + 1 };
                let team = teams.get(index).context("no contender")?;
                let seen =
                    open_loop(team, PATH, plan).with_context(|| contenders[index].contender.name.clone())?;
                turns[load][index].push(seen);
                scheduling::rest(REST);
            }
        }
    }
    let yardsticks = Yardsticks::of(contenders);
    let mut measurements = Vec::new();
    for ((name, share), turns) in LOADS.iter().zip(&turns) {
        for (index, figures) in figures(turns, &yardsticks).into_iter().enumerate() {
            let mut figures = figures;
            figures.insert(figure::RATE, rate * share);
            contenders[index].reckon(&mut figures, 0)?;
            measurements.push(Measurement { contender: index, variant: (*name).to_owned(), figures });
        }
    }
    Ok(measurements)
}

/// Whose turn it is: each begins a round as often as the others, and follows each as often.
fn order(round: usize, turn: usize, contenders: usize) -> usize {
    let forwards = (round / 2 + turn) % contenders;
    if round.is_multiple_of(2) { forwards } else { contenders - 1 - forwards }
}

/// Connections that have carried a few requests.
fn connect(contender: &Measured<'_>) -> Result<Vec<Mutex<Connection>>> {
    let client = Client::new(contender.running.route, false)?;
    let connection = |_| {
        let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
        (0..20).try_for_each(|_| connection.get(PATH))?;
        Ok(Mutex::new(connection))
    };
    (0..CLIENTS).map(connection).collect()
}

/// Requests a second, if each connection asks again as soon as it has its response.
fn saturated(team: &[Mutex<Connection>], ms: u64) -> Result<f64> {
    let outcome = crew(team.len(), Duration::from_millis(ms), |index, deadline| {
        scheduling::go_first();
        let connection = team.get(index).context("too few connections")?;
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        until(deadline, || connection.get(PATH))
    })?;
    Ok(outcome.per_second)
}

/// The figures of each contender at one load.
fn figures(turns: &[Turns], yardsticks: &Yardsticks) -> Vec<Figures> {
    let rounds: Vec<usize> = (0..turns.first().map_or(0, Vec::len))
        .filter(|round| turns.iter().all(|turns| turns.get(*round).is_some_and(is_enough)))
        .collect();
    if rounds.is_empty() {
        // The report has words for it.
        return vec![Figures::from([(figure::ROUNDS, 0.0)]); turns.len()];
    }
    // By contender, then by round.
    let p99: Vec<Vec<f64>> = turns
        .iter()
        .map(|turns| rounds.iter().filter_map(|round| micros(&turns.get(*round)?.times, 0.99)).collect())
        .collect();
    let beyond = |contender: usize, other: usize, draw: &[usize]| {
        median(draw.iter().map(|round| p99[contender][*round] - p99[other][*round]))
    };
    let each = turns.iter().enumerate().map(|(index, turns)| {
        let made: usize = turns.iter().map(|seen| seen.times.len() + seen.left_out).sum();
        let left_out: usize = turns.iter().map(|seen| seen.left_out).sum();
        let mut all: Vec<Duration> =
            rounds.iter().flat_map(|round| turns[*round].times.iter().copied()).collect();
        all.sort_unstable();
        let mut figures = Figures::from([
            (figure::P99, median(p99[index].iter().copied())),
            (figure::REQUESTS, all.len() as f64),
            (figure::LEFT_OUT, left_out as f64 / made as f64),
            (figure::ROUNDS, rounds.len() as f64),
        ]);
        let pooled = [(figure::P50, 0.5), (figure::P99_OF_ALL, 0.99), (figure::P999, 0.999)];
        figures.extend(pooled.iter().filter_map(|(name, share)| Some((*name, micros(&all, *share)?))));
        let mut compare = |name, of: &dyn Fn(&[usize]) -> f64| {
            insert(&mut figures, name, bootstrap(rounds.len(), of));
        };
        if index > 0 {
            compare(figure::ADDED, &|draw| beyond(index, 0, draw));
        }
        if let Some(nginx) = yardsticks.nginx.filter(|nginx| index > 0 && *nginx != index) {
            compare(figure::TIMES, &|draw| times(beyond(index, 0, draw), beyond(nginx, 0, draw)));
        }
        if let Some(off) = yardsticks.off.get(index).copied().flatten() {
            compare(figure::BEYOND_OFF, &|draw| beyond(index, off, draw));
        }
        figures
    });
    each.collect()
}

/// How many times the one is as much as the other: without end, if the other is nothing.
fn times(added: f64, other: f64) -> f64 {
    if other > 0.0 { added / other } else { f64::INFINITY }
}

fn is_enough(seen: &Seen) -> bool {
    seen.times.len() as f64 >= ENOUGH * (seen.times.len() + seen.left_out).max(1) as f64
}

fn micros(sorted: &[Duration], share: f64) -> Option<f64> {
    quantile(sorted, share).map(|time| time.as_secs_f64() * 1e6)
}

/// A figure with its interval.
fn insert(figures: &mut Figures, [name, low, high]: [&'static str; 3], interval: Interval) {
    figures.extend([(name, interval.estimate), (low, interval.low), (high, interval.high)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn of 200 requests, of which the slowest two in a hundred took `p99` microseconds.
    fn turn(p99: u64, left_out: usize) -> Seen {
        let times = (0..200).map(|number| Duration::from_micros(if number < 196 { 100 } else { p99 }));
        Seen { times: times.collect(), left_out }
    }

    #[test]
    fn what_is_added_is_told_from_noise_that_all_have() {
        let noise = |round: u64| round * 7919 % 401;
        let of = |p99: u64| (0..200).map(|round| turn(p99 + noise(round), 3)).collect::<Turns>();
        let yardsticks = Yardsticks { nginx: Some(1), off: vec![None, None, None, Some(2)] };
        let figures = figures(&[of(1000), of(1200), of(1100), of(1300)], &yardsticks);
        let figure = |contender: usize, name| figures[contender][name];
        assert!((figure(3, figure::ADDED[0]) - 300.0).abs() < 1e-6);
        assert!((figure(3, figure::TIMES[0]) - 1.5).abs() < 1e-9);
        assert!(figure(3, figure::TIMES[1]) > 1.4 && figure(3, figure::TIMES[2]) < 1.6);
        assert!((figure(3, figure::BEYOND_OFF[0]) - 200.0).abs() < 1e-6);
        assert!(
            !figures[1].contains_key(figure::TIMES[0]) && !figures[2].contains_key(figure::BEYOND_OFF[0])
        );
        assert!((figure(2, figure::LEFT_OUT) - 3.0 / 203.0).abs() < 1e-9);
    }

    #[test]
    fn a_round_that_is_no_measure_of_one_is_none_of_all() {
        let mut spoilt = vec![turn(1000, 0), turn(9000, 900)];
        let other = vec![turn(1000, 0), turn(1000, 0)];
        let kept = figures(&[spoilt.clone(), other.clone()], &Yardsticks::default());
        assert_eq!(kept.iter().map(|figures| figures[figure::ROUNDS]).collect::<Vec<f64>>(), [1.0, 1.0]);
        spoilt.remove(0);
        let none = figures(&[spoilt, other], &Yardsticks::default());
        assert_eq!(none[1], Figures::from([(figure::ROUNDS, 0.0)]));
    }

    #[test]
    fn each_has_each_turn_equally_often() {
        for turn in 0..4 {
            let mut begun = [0; 4];
            (0..8).for_each(|round| begun[order(round, turn, 4)] += 1);
            assert_eq!(begun, [2; 4]);
        }
    }
}
