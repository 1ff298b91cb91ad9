//! Figures about exchanges are those that counting by hand gives, from rows and from segments.

use std::collections::BTreeMap;
use std::time::Duration;

use dashcam_exchange::{
    Destination, Exchange, ExchangeId, Failure, Gap, GapReason, Program, Record, ResponseHead, Side, Stage,
    State, Timestamp, Timings, sample,
};
use dashcam_filter::Filter;
use dashcam_store::{Bucket, By, Figures, Group, Store, Tallied, Tally, bucket_width};

use crate::samples::{connection, filter, finished, store};

const LONG: Duration = Duration::from_secs(60);
const MINUTE: i64 = 60_000_000;
const BEGIN: i64 = 1_790_000_040_000_000;

fn exchange(id: i64) -> Exchange {
    let failed = id % 10 == 0;
    let status = if id % 7 == 0 { 503 } else { 200 };
    let kind = if id % 2 == 0 { "Application/JSON; charset=utf-8" } else { "text/html" };
    let mut made = sample::exchange(id);
    made.connection = Some(dashcam_exchange::ConnectionId(id % 6));
    made.started_at = Timestamp(BEGIN + id * 500_000);
    made.destination = Destination { host: format!("h{}", id % 3), ..made.destination };
    made.request = sample::request("GET", &format!("/v1/orders/{id}?page={id}"), &[]);
    made.response = (!failed).then(|| ResponseHead { status, ..sample::ok(&[("content-type", kind)]) });
    made.response_body = sample::body(b"0123456789");
    made.timings = Timings { end_us: Some(id * 1000), ..Timings::default() };
    if failed {
        (made.state, made.failure) = (State::Failed, Some(Failure::new(Side::Upstream, Stage::Dns, "gone")));
    }
    made
}

async fn filled() -> (crate::samples::Place, Store) {
    let (place, store) = store().await;
    let clients = (0..5).map(|id| {
        let client = format!("10.0.0.{}:{}", id % 2, 1000 + id);
        let program = (id % 2 == 1).then(|| Program { name: format!("p{id}"), ..Program::default() });
        Record::Connection(Box::new(dashcam_exchange::Connection { client, program, ..connection(id) }))
    });
    let gap = |from, until, exchanges| {
        Record::Gap(Gap {
            from: Timestamp(from),
            until: Timestamp(until),
            reason: GapReason::QueueFull,
            exchanges,
        })
    };
    let gaps = [gap(1, 2, 100), gap(BEGIN + MINUTE, BEGIN + 2 * MINUTE, 7)];
    let exchanges = (1..=3000).map(|id| finished(&exchange(id)));
    store.sink().append(clients.chain(gaps).chain(exchanges).collect()).await.unwrap();
    (place, store)
}

fn ids(matches: impl Fn(i64) -> bool) -> Vec<i64> {
    (1..=3000).filter(|id| matches(*id)).collect()
}

async fn index(store: &Store) {
    while store.admin().index().await.unwrap() {}
    assert_eq!(store.reader().indexed().await.unwrap(), 2047);
}

/// The tally after a walk through all that is stored.
async fn walked(store: &Store, filter: &Filter, tally: Tally) -> Tallied {
    store.reader().tally(filter, tally, None, (usize::MAX, LONG)).await.unwrap()
}

async fn figures(store: &Store, filter: &Filter, tally: Tally, most: usize) -> Figures {
    let walked = walked(store, filter, tally).await;
    assert!(walked.next.is_none() && walked.cost.is_complete && walked.unsure.is_empty());
    walked.tally.figures(most, None)
}

fn named(values: &[(&str, u64)]) -> Vec<(Option<String>, u64)> {
    let value = |value: &str| (value != "none").then(|| value.to_owned());
    values.iter().map(|(name, count)| (value(name), *count)).collect()
}

#[tokio::test]
async fn facets_are_the_most_frequent_values() {
    let (_place, store) = filled().await;
    for indexed in [false, true] {
        if indexed {
            index(&store).await;
        }
        let all = By::ALL.map(|(by, _)| by);
        let found = figures(&store, &filter("-host:=h0"), Tally::default().with_facets(&all), 3).await;
        assert_eq!(found.exchanges, 2000);
        let count = |matches: &dyn Fn(i64) -> bool| ids(|id| id % 3 > 0 && matches(id)).len() as u64;
        let values = |by| found.facets.iter().find(|facet| facet.by == by).unwrap().values.clone();
        assert_eq!(values(By::Host), named(&[("h1", 1000), ("h2", 1000)]));
        assert_eq!(values(By::Path), named(&[("/v1/orders/{id}", 2000)]));
        assert_eq!(values(By::Method), named(&[("GET", 2000)]));
        let unavailable = count(&|id| id % 7 == 0 && id % 10 > 0);
        let answered = count(&|id| id % 10 > 0) - unavailable;
        assert_eq!(values(By::Status), named(&[("200", answered), ("503", unavailable), ("none", 200)]));
        let json = count(&|id| id % 2 == 0 && id % 10 > 0);
        assert_eq!(values(By::Type)[1..2], named(&[("application/json", json)]));
        assert_eq!(values(By::State), named(&[("complete", 1800), ("failed", 200)]));
        assert_eq!(values(By::Failure), named(&[("none", 1800), ("upstream/dns", 200)]));
        // Connection 5 is not stored, 0 and 3 have no exchange here.
        let expect = [("10.0.0.0", 1000), ("none", 500), ("10.0.0.1", 500)];
        assert_eq!(values(By::Client), named(&expect));
        assert_eq!(values(By::Program), named(&[("none", 1500), ("p1", 500)]));
        assert!(found.facets.iter().all(|facet| facet.is_exact && facet.others == 0));
        let one = figures(&store, &filter(""), Tally::default().with_facets(&[By::Host]), 1).await;
        assert_eq!((one.facets[0].values.len(), one.facets[0].others), (1, 2000));
    }
    store.close().await;
}

#[tokio::test]
async fn a_histogram_counts_exchanges_and_errors_over_time() {
    let (_place, store) = filled().await;
    index(&store).await;
    let minute = Duration::from_secs(60);
    let tally = || Tally::default().with_histogram(minute);
    let found = figures(&store, &filter("host:=h1"), tally(), 0).await;
    let mut expect: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
    for id in ids(|id| id % 3 == 1) {
        let [exchanges, errors] = expect.entry((BEGIN + id * 500_000).div_euclid(MINUTE)).or_default();
        (*exchanges, *errors) = (*exchanges + 1, *errors + u64::from(id % 10 == 0 || id % 7 == 0));
    }
    let bucket = |(minute, [exchanges, errors]): (i64, [u64; 2])| Bucket {
        from: Timestamp(minute * MINUTE),
        exchanges,
        errors,
    };
    assert_eq!(found.histogram.unwrap().buckets, expect.into_iter().map(bucket).collect::<Vec<_>>());
    assert_eq!(found.errors, ids(|id| id % 3 == 1 && (id % 10 == 0 || id % 7 == 0)).len() as u64);
    // Empty ones are there as well: before the first, between, and behind the last.
    let range = (Timestamp(BEGIN - 10 * MINUTE), Timestamp(BEGIN + 60 * MINUTE));
    let sparse = walked(&store, &filter("id:1,2000"), tally()).await.tally.figures(0, Some(range));
    let sparse = sparse.histogram.unwrap().buckets;
    assert_eq!(sparse.len() as i64, range.1.0.div_euclid(MINUTE) - range.0.0.div_euclid(MINUTE) + 1);
    assert!(sparse.is_sorted_by(|one, other| other.from.0 - one.from.0 == MINUTE));
    assert_eq!(sparse.iter().filter(|bucket| bucket.exchanges == 1).count(), 2);
    let none = figures(&store, &filter("host:=none"), tally(), 0).await;
    assert!(none.histogram.unwrap().buckets.is_empty() && none.span.is_none());
    store.close().await;
}

#[tokio::test]
async fn buckets_are_bounded_and_a_width_is_chosen() {
    let (_place, store) = filled().await;
    let found =
        figures(&store, &filter(""), Tally::default().with_histogram(Duration::from_millis(1)), 0).await;
    let histogram = found.histogram.unwrap();
    assert!((500..=2000).contains(&histogram.buckets.len()), "{}", histogram.buckets.len());
    assert_eq!(histogram.every, Duration::from_secs(1));
    assert_eq!(histogram.buckets.iter().map(|bucket| bucket.exchanges).sum::<u64>(), 3000);
    assert_eq!(bucket_width(found.span.unwrap(), 60), Duration::from_secs(30));
    store.close().await;
}

#[tokio::test]
async fn groups_have_their_figures() {
    let (_place, store) = filled().await;
    index(&store).await;
    let tally = Tally::default().with_groups(&[By::Host, By::State], None);
    let found = figures(&store, &filter(""), tally, 100).await.groups.unwrap();
    assert_eq!((found.groups.len(), found.every, found.is_exact), (6, None, true));
    let key = |group: &Group| group.key.clone().unwrap().into_iter().map(Option::unwrap).collect::<Vec<_>>();
    let first = &found.groups[0];
    assert_eq!((key(first)[1].as_str(), first.from, first.exchanges), ("complete", None, 900));
    for group in &found.groups {
        let key = key(group);
        let is_its = |id: i64| format!("h{}", id % 3) == key[0] && (id % 10 == 0) == (key[1] == "failed");
        let its = ids(is_its);
        let errors = its.iter().filter(|id| *id % 10 == 0 || *id % 7 == 0).count() as u64;
        assert_eq!((group.exchanges, group.errors), (its.len() as u64, errors), "{group:?}");
        assert_eq!((group.request_bytes, group.response_bytes), (0, 10 * its.len() as u64));
        for (found, share) in [(group.p50, 0.5), (group.p95, 0.95), (group.p99, 0.99)] {
            let expect = its[(its.len() as f64 * share).ceil() as usize - 1] as f64 * 1000.0;
            let found = found.unwrap() as f64;
            assert!((expect..=expect * 1.032).contains(&found), "{share}: {found} is not {expect}");
        }
        assert_eq!((group.longest, group.is_exact), (its.last().map(|id| id * 1000), false));
    }
    store.close().await;
}

#[tokio::test]
async fn groups_beyond_the_most_are_one() {
    let (_place, store) = filled().await;
    let by = |by: &[By], every| Tally::default().with_groups(by, every);
    let two = figures(&store, &filter(""), by(&[By::Host, By::State], None), 2).await.groups.unwrap();
    let sum = |groups: &[Group]| groups.iter().map(|group| group.exchanges).sum::<u64>();
    assert_eq!((two.groups.len(), sum(&two.groups), two.groups[2].key.is_none()), (3, 3000, true));
    let minute = Some(Duration::from_secs(60));
    let timed = figures(&store, &filter("id:<2000"), by(&[By::Host], minute), 1).await.groups.unwrap();
    assert_eq!((sum(&timed.groups), timed.every), (1999, minute));
    let order = |group: &Group| (group.from, group.key.is_none());
    assert!(timed.groups.len() > 2 && timed.groups.is_sorted_by_key(order));
    // 3,000 in stretches of a millisecond are too many for one line each, or not.
    let fine = by(&[By::Host], Some(Duration::from_millis(1)));
    let fine = figures(&store, &filter(""), fine, 100).await.groups.unwrap();
    assert_eq!((fine.groups.len(), fine.every), (3000, Some(Duration::from_millis(1))));
    let range = (Timestamp(BEGIN), Timestamp(BEGIN + 24 * 60 * MINUTE));
    let one = walked(&store, &filter("id:7"), by(&[], Some(Duration::from_secs(1)))).await.tally;
    let one = one.figures(100, Some(range)).groups.unwrap();
    assert_eq!(one.every, Some(Duration::from_secs(10)));
    assert_eq!((one.groups.len(), sum(&one.groups)), (8641, 1));
    store.close().await;
}

#[tokio::test]
async fn what_contents_decide_is_handed_over_and_the_walk_goes_on() {
    let (_place, store) = filled().await;
    let filter = filter("host:=h1 (res.body:needle | status:503)");
    let (mut tally, mut before, mut unsure, mut walks) = (Tally::default(), None, Vec::new(), 0);
    loop {
        let part = store.reader().tally(&filter, tally, before, (10, LONG)).await.unwrap();
        assert!(part.cost.took <= LONG && part.unsure.is_sorted_by(|one, other| one > other));
        (tally, walks) = (part.tally, walks + 1);
        unsure.extend(part.unsure);
        before = part.next;
        if before.is_none() {
            break;
        }
        assert!(part.reached.is_some());
    }
    let sure = ids(|id| id % 3 == 1 && id % 7 == 0 && id % 10 > 0);
    let rest: Vec<_> = ids(|id| id % 3 == 1 && (id % 7 > 0 || id % 10 == 0));
    assert_eq!(tally.figures(1, None).exchanges, sure.len() as u64);
    assert_eq!(unsure, rest.into_iter().rev().map(ExchangeId).collect::<Vec<_>>());
    assert!(walks >= 3, "{walks}");
    store.close().await;
}

#[tokio::test]
async fn a_walk_ends_when_its_time_is_over() {
    let (_place, store) = filled().await;
    let nothing =
        store.reader().tally(&filter(""), Tally::default(), None, (1, Duration::ZERO)).await.unwrap();
    assert_eq!((nothing.next, nothing.reached), (Some(ExchangeId(3001)), None));
    assert!(!nothing.cost.is_complete && nothing.tally.figures(1, None).exchanges == 0);
    store.close().await;
}

#[tokio::test]
async fn the_time_that_is_asked_for_is_cut_to_what_is_recorded() {
    let (_place, store) = filled().await;
    let reader = store.reader();
    let (first, last) = (BEGIN + 500_000, BEGIN + 1_500_000_000);
    let now = Timestamp(last + MINUTE);
    for (text, now, expect) in [
        ("", None, Some((first, last))),
        ("", Some(now), Some((first, now.0))),
        ("at:2026-09-21T16:00Z..2026-09-21T16:01Z", None, None),
        ("since:2026-09-21T14:20Z", None, Some((1_790_000_400_000_000, last))),
        ("before:2026-09-21T14:20Z", Some(now), Some((first, 1_790_000_399_999_999))),
        (
            "since:2026-09-21T14:20Z host:a | since:2026-09-21T14:21Z",
            None,
            Some((1_790_000_400_000_000, last)),
        ),
    ] {
        let span = reader.span(&filter(text), now).await.unwrap();
        assert_eq!(span, expect.map(|(from, until)| (Timestamp(from), Timestamp(until))), "{text}");
    }
    let whole = (Timestamp(first), Timestamp(last));
    let missed = reader.missed(whole, 1).await.unwrap();
    assert_eq!((missed.exchanges, missed.gaps.len(), missed.gaps[0].exchanges), (7, 1, 7));
    assert_eq!(reader.missed((Timestamp(0), Timestamp(last)), 1).await.unwrap().exchanges, 107);
    assert_eq!(reader.missed((Timestamp(3), Timestamp(4)), 1).await.unwrap().gaps, []);
    store.close().await;
    let (_place, empty) = crate::samples::store().await;
    assert_eq!(empty.reader().span(&filter(""), Some(now)).await.unwrap(), None);
    empty.close().await;
}
