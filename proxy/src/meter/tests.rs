//! Tests of the counts of a request, by what happens to it.

use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};

use crate::meter::{Count, Latency, Meter, Outcomes, Traffic};

fn failure(side: Side, stage: Stage) -> Failure {
    Failure::new(side, stage, "why")
}

/// The counts of one request to which `happens` happens.
fn count(happens: impl FnOnce(&mut Count)) -> Traffic {
    let meter = Meter::new(2);
    let mut count = meter.begin();
    happens(&mut count);
    assert_eq!((meter.read().in_progress(), meter.read().outcomes.ended()), (1, 0));
    drop(count);
    let traffic = meter.read();
    assert_eq!((traffic.in_progress(), traffic.outcomes.ended()), (0, 1));
    let failures: u64 = traffic.failures.iter().map(|(.., count)| count).sum();
    assert_eq!(failures, traffic.outcomes.failed + traffic.outcomes.refused, "every failure has its reason");
    traffic
}

fn failures(traffic: &Traffic) -> Vec<(Side, Stage, u64)> {
    traffic.failures.iter().copied().filter(|(.., count)| *count > 0).collect()
}

#[test]
fn whole_responses_count_by_class() {
    for (status, class) in [(101, 0), (200, 1), (204, 1), (304, 2), (404, 3), (599, 4), (600, 5), (999, 5)] {
        let traffic = count(|count| {
            count.answered(status, status == 101);
            count.passed(7);
            count.complete();
        });
        let mut complete = [0; 6];
        complete[class] = 1;
        assert_eq!(traffic.outcomes, Outcomes { complete, ..Outcomes::default() }, "{status}");
        assert_eq!((traffic.to_head.count(), traffic.response_bytes), (1, 7));
        assert_eq!(traffic.to_end.count(), u64::from(status != 101), "an upgraded connection is no response");
    }
}

#[test]
fn what_does_not_end_well_counts_as_what_it_is() {
    let aborted = count(|count| count.answered(200, false));
    assert_eq!((aborted.outcomes.aborted, aborted.to_head.count(), aborted.to_end.count()), (1, 1, 0));
    let failed = count(|count| {
        count.fail(&failure(Side::Upstream, Stage::Connect));
        count.fail(&failure(Side::Client, Stage::Tunnel));
    });
    assert_eq!(failures(&failed), [(Side::Upstream, Stage::Connect, 1)]);
    assert_eq!((failed.outcomes.failed, failed.to_head.count()), (1, 0));
    let refused = count(|count| count.refuse(&failure(Side::Client, Stage::RequestHead)));
    assert_eq!(failures(&refused), [(Side::Client, Stage::RequestHead, 1)]);
    assert_eq!(refused.outcomes.refused, 1);
    let broken = count(|count| {
        count.answered(200, false);
        count.fail(&failure(Side::Upstream, Stage::ResponseBody));
        count.complete();
    });
    assert_eq!(failures(&broken), [(Side::Upstream, Stage::ResponseBody, 1)]);
}

#[test]
fn a_requests_body_has_a_say() {
    let cut = failure(Side::Client, Stage::RequestBody);
    let aborted = count(|count| {
        let upload = count.upload();
        upload.passed(5);
        upload.abort();
        count.fail(&cut);
    });
    assert_eq!((aborted.outcomes.aborted, aborted.request_bytes), (1, 5));
    let failed = count(|count| {
        let upload = count.upload();
        count.answered(200, false);
        count.complete();
        upload.fail(&cut);
    });
    assert_eq!(failures(&failed), [(Side::Client, Stage::RequestBody, 1)]);
    let whole = count(|count| {
        count.upload().passed(9);
        count.answered(200, false);
        count.complete();
    });
    assert_eq!((whole.outcomes.complete[1], whole.request_bytes), (1, 9));
}

/// Every combination has its own place.
#[test]
fn every_reason_is_told_apart() {
    let meter = Meter::new(0);
    for side in Side::ALL {
        for stage in Stage::ALL {
            let mut count = meter.begin();
            count.upload().fail(&failure(*side, *stage));
            meter.connection_failed(&failure(*side, *stage));
        }
    }
    let traffic = meter.read();
    for counts in [&traffic.failures, &traffic.connection_failures] {
        assert_eq!(counts.len(), Side::ALL.len() * Stage::ALL.len());
        assert!(counts.iter().all(|(.., count)| *count == 1), "{counts:?}");
    }
}

#[test]
fn quantiles_are_near() {
    let histogram = crate::meter::histogram::Histogram::default();
    for milliseconds in 1..=1000 {
        histogram.record(Duration::from_millis(milliseconds));
    }
    let mut latency = Latency::default();
    histogram.add_to(&mut latency.buckets, &mut latency.sum);
    assert_eq!((latency.count(), latency.sum), (1000, Duration::from_millis(500_500)));
    for (share, expect) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (0.999, 999.0)] {
        let found = latency.quantile(share).unwrap().as_secs_f64() * 1000.0;
        assert!((found / expect - 1.0).abs() < 0.06, "{share}: {found} ms");
    }
    assert_eq!((latency.up_to(9), latency.up_to(13), latency.up_to(36)), (0, 8, 1000));
    assert_eq!(Latency::default().quantile(0.5), None);
}

/// As many threads as there are workers count at the same time, and nothing is lost.
#[test]
fn all_workers_add_up() {
    let meter = Meter::new(2);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    let mut count = meter.begin();
                    count.answered(200, false);
                    count.complete();
                }
            });
        }
    });
    let traffic = meter.read();
    assert_eq!((traffic.outcomes.complete[1], traffic.to_end.count()), (4000, 4000));
}
