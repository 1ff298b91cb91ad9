//! Tables of looks: the values at each second, and the steps that come of them.

use super::*;

const PACE: Pace = Pace { down_after: 3, up_after: Duration::from_secs(10) };

fn cpu(percent: f64) -> Reading {
    Reading { measure: Measure::Cpu, value: percent, bound: Some(5.0) }
}

fn p99(us: f64) -> Reading {
    Reading { measure: Measure::P99, value: us, bound: Some(1000.0) }
}

fn container(percent: f64) -> Reading {
    let limit = (1 << 30) as f64;
    Reading { measure: Measure::Container, value: limit * percent / 100.0, bound: Some(limit) }
}

/// Looks once a second, with the same readings for so many seconds each; the steps with their seconds.
fn steps(governor: &mut Governor, from: u64, looks: &[(u64, &[Reading])]) -> Vec<(u64, Step)> {
    let mut second = from;
    let mut taken = Vec::new();
    for (seconds, readings) in looks {
        for _ in 0..*seconds {
            let stepped = governor.look(readings, Duration::from_secs(second));
            taken.extend(stepped.map(|stepped| (second, stepped.to)));
            second += 1;
        }
    }
    taken
}

fn check(looks: &[(u64, &[Reading])], expect: &[(u64, Step)]) {
    assert_eq!(steps(&mut Governor::new(PACE), 0, looks), expect, "{looks:?}");
}

#[test]
fn a_moment_is_borne_and_what_lasts_steps_down_one_by_one() {
    check(&[(2, &[cpu(9.0)]), (1, &[cpu(4.9)]), (2, &[cpu(9.0)]), (9, &[cpu(1.0)])], &[]);
    check(&[(3, &[cpu(5.1)])], &[(2, Step::Heads)]);
    check(&[(20, &[cpu(99.0)])], &[(2, Step::Heads), (5, Step::Sample), (8, Step::Metrics)]);
}

#[test]
fn up_takes_values_well_within_their_bounds_for_long_enough() {
    let down: (u64, &[Reading]) = (3, &[cpu(9.0)]);
    check(&[down, (100, &[cpu(4.5)])], &[(2, Step::Heads)]);
    check(&[down, (10, &[cpu(1.0)]), (1, &[cpu(4.5)]), (10, &[cpu(1.0)])], &[(2, Step::Heads)]);
    check(&[down, (11, &[cpu(1.0)])], &[(2, Step::Heads), (13, Step::Full)]);
    let twice: (u64, &[Reading]) = (6, &[cpu(9.0)]);
    let expect = [(2, Step::Heads), (5, Step::Sample), (16, Step::Heads), (26, Step::Full)];
    check(&[twice, (50, &[cpu(1.0)])], &expect);
}

#[test]
fn every_measure_counts_for_itself() {
    // Neither is beyond its bound three times in a row.
    check(&[(1, &[cpu(9.0), p99(0.0)]), (1, &[cpu(0.0), p99(9e3)]), (1, &[cpu(9.0), p99(0.0)])], &[]);
    let mut governor = Governor::new(PACE);
    for second in 0..2 {
        assert_eq!(governor.look(&[cpu(1.0), p99(2e3)], Duration::from_secs(second)), None);
    }
    let stepped = governor.look(&[cpu(9.0), p99(2e3)], Duration::from_secs(2)).unwrap();
    assert_eq!(stepped.because, Because::Beyond(p99(2e3)), "not the one that is beyond only now");
    // One that is not well within its bound keeps recording down.
    assert_eq!(steps(&mut governor, 3, &[(50, &[cpu(0.0), p99(990.0)])]), []);
    assert_eq!(steps(&mut governor, 53, &[(11, &[cpu(0.0), p99(0.0)])]), [(63, Step::Full)]);
}

#[test]
fn a_container_that_is_nearly_full_is_not_waited_for() {
    check(&[(3, &[container(91.0)])], &[(0, Step::Heads), (1, Step::Sample), (2, Step::Metrics)]);
    check(&[(4, &[container(81.0)])], &[(2, Step::Heads)]);
    check(&[(3, &[container(81.0)]), (50, &[container(71.0)])], &[(2, Step::Heads)]);
    check(&[(3, &[container(81.0)]), (11, &[container(70.0)])], &[(2, Step::Heads), (13, Step::Full)]);
}

/// A load that fits into `heads` but not into `full`.
#[test]
fn a_load_between_two_steps_waits_longer_each_time() {
    let mut governor = Governor::new(PACE);
    let mut ups = Vec::new();
    for second in 0..1700 {
        let load = if governor.step() == Step::Full { 9.0 } else { 1.0 };
        if let Some(stepped) = governor.look(&[cpu(load)], Duration::from_secs(second))
            && stepped.to == Step::Full
        {
            ups.push(second);
        }
    }
    let waits: Vec<_> = ups.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(ups[0], 13);
    assert_eq!(waits, [24, 44, 84, 164, 324, 324, 324, 324], "10 s, doubled up to 320 s, and 4 s to notice");
}

#[test]
fn a_load_that_comes_back_late_begins_again() {
    let mut governor = Governor::new(PACE);
    let flap: [(u64, &[Reading]); 4] =
        [(3, &[cpu(9.0)]), (11, &[cpu(1.0)]), (3, &[cpu(9.0)]), (21, &[cpu(1.0)])];
    let taken = steps(&mut governor, 0, &flap);
    assert_eq!(taken, [(2, Step::Heads), (13, Step::Full), (16, Step::Heads), (37, Step::Full)]);
    assert_eq!(governor.wait(), Duration::from_secs(20));
    steps(&mut governor, 38, &[(100, &[cpu(1.0)]), (3, &[cpu(9.0)])]);
    assert_eq!((governor.step(), governor.wait()), (Step::Heads, PACE.up_after));
}

#[test]
fn the_reason_can_be_read() {
    let mut governor = Governor::new(Pace { down_after: 1, ..PACE });
    let down = governor.look(&[cpu(9.0)], Duration::ZERO).unwrap();
    assert_eq!((down.from, down.to), (Step::Full, Step::Heads));
    assert_eq!(down.because.to_string(), "recording takes 9.0 % of the CPUs, and the budget is 5 %");
    governor.look(&[cpu(0.0)], Duration::from_secs(1));
    let up = governor.look(&[cpu(0.0)], Duration::from_secs(11)).unwrap();
    assert_eq!(up.because.to_string(), "everything has been well within its bounds for 10s");
}
