//! Goals over made-up figures.

use super::*;

fn sample(contender: &str, build: Option<&str>, round: usize, (cpu, dropped): (f64, f64)) -> Sample {
    Sample {
        case: "reverse-1k",
        row: contender.to_owned(),
        variant: String::new(),
        contender: contender.to_owned(),
        build: build.map(str::to_owned),
        round,
        figures: [(figure::CPU, cpu), (figure::STORED, 1000.0 - dropped), (figure::DROPPED, dropped)].into(),
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
        sample("full", Some("new"), 1, (17.0, 1.0)),
        sample("full", Some("old"), 1, (60.0, 0.0)),
        sample("full", Some("lossy"), 1, (20.0, 20.0)),
    ];
    assert!(line(&samples, "new").ends_with("| ≤ 0.9 | 0.75 | 0.850 | 0.850–0.850 | yes |"));
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
    assert!(rounds([17.0, 16.0, 18.0]).ends_with("| 0.850 | 0.800–0.900 | yes |"));
    assert!(rounds([17.0, 16.0, 30.0]).ends_with("| yes, but not in each round |"));
    assert!(rounds([17.0, 29.0, 30.0]).ends_with("| **no**, but in some rounds |"));
    assert!(rounds([10.0, 11.0, 12.0]).ends_with("| yes, and the aim |"));
}

#[test]
fn an_interval_with_both_answers_is_no_answer() {
    let told = |interval: [f64; 3]| {
        let mut sample = sample("full", Some("new"), 1, (1.0, 0.0));
        (sample.case, sample.variant) = ("p99", HALF.to_owned());
        sample.figures.extend(figure::TIMES.into_iter().zip(interval));
        let table = table(&[sample], "new").unwrap();
        table.lines().find(|line| line.contains("nginx's addition")).unwrap().to_owned()
    };
    assert!(told([1.2, 1.1, 1.4]).ends_with("| 1.200 | 1.100–1.400 | yes |"));
    assert!(told([1.2, 0.9, 1.6]).contains("| 1.200 | 0.900–1.600 | can't be told"));
    assert!(told([1.2, 0.4, 1.6]).contains("| not told | 0.400–1.600 | can't be told"));
    assert!(told([2.0, 1.6, f64::INFINITY]).ends_with("| not told | 1.600–inf | **no** |"));
}

#[test]
fn an_aim_of_speed_is_reached_from_below() {
    let samples =
        [("nginx", None, 100.0), ("full-connect", Some("new"), 140.0)].map(|(name, build, speed)| {
            let mut sample = sample(name, build, 1, (1.0, 0.0));
            sample.case = "download";
            sample.figures.insert(figure::SPEED, speed);
            sample
        });
    let table = table(&samples, "new").unwrap();
    let line = table.lines().find(|line| line.contains("download, `full`: speed, nginx = 1")).unwrap();
    assert!(line.ends_with("| ≥ 1.1 | 1.3 | 1.400 | 1.400–1.400 | yes, and the aim |"), "{line}");
}
