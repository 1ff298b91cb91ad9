//! Figures about exchanges are those that counting by hand gives, from rows and from segments.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dashcam_exchange::{
    Destination, Exchange, Failure, Gap, GapReason, Record, ResponseHead, Side, Stage, State, Timestamp,
    Timings, sample,
};
use dashcam_filter::{Context, Filter};
use dashcam_store::{Bucket, By, Store};

use crate::samples::{connection, finished, store};

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
        Record::Connection(Box::new(dashcam_exchange::Connection { client, ..connection(id) }))
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

fn filter(text: &str) -> Filter {
    let (now, presets) = (jiff::Zoned::now(), BTreeMap::new());
    Filter::parse(text, &Context { now: &now, presets: &presets }).unwrap()
}

fn ids(matches: impl Fn(i64) -> bool) -> Vec<i64> {
    (1..=3000).filter(|id| matches(*id)).collect()
}

async fn index(store: &Store) {
    while store.admin().index().await.unwrap() {}
    assert_eq!(store.reader().indexed().await.unwrap(), 2047);
}

#[tokio::test]
async fn facets_are_the_most_frequent_values() {
    let (_place, store) = filled().await;
    for indexed in [false, true] {
        if indexed {
            index(&store).await;
        }
        let all: Vec<By> = By::ALL.map(|(by, _)| by).to_vec();
        let facets = store.reader().facets(&filter("-host:=h0"), &all, 3, LONG).await.unwrap();
        assert_eq!((facets.covered.exchanges, facets.covered.lost, facets.covered.unsure), (2000, 7, 0));
        assert!(facets.covered.cost.is_complete && facets.covered.cost.looked_at == 3000);
        let count = |matches: &dyn Fn(i64) -> bool| ids(|id| id % 3 > 0 && matches(id)).len() as u64;
        let found = |by| facets.facets.iter().find(|facet| facet.by == by).unwrap().clone();
        let named = |by| found(by).values;
        assert_eq!(named(By::Host), [("h1".to_owned(), 1000), ("h2".to_owned(), 1000)]);
        assert_eq!(named(By::Path), [("/v1/orders/{id}".to_owned(), 2000)]);
        assert_eq!(named(By::Method), [("GET".to_owned(), 2000)]);
        let unavailable = count(&|id| id % 7 == 0 && id % 10 > 0);
        let answered = count(&|id| id % 10 > 0) - unavailable;
        let statuses =
            [("200".to_owned(), answered), ("503".to_owned(), unavailable), ("none".to_owned(), 200)];
        assert_eq!(named(By::Status), statuses);
        let json = count(&|id| id % 2 == 0 && id % 10 > 0);
        assert_eq!(named(By::Type)[1], ("application/json".to_owned(), json));
        assert_eq!(named(By::State), [("complete".to_owned(), 1800), ("failed".to_owned(), 200)]);
        assert_eq!(named(By::Failure)[1], ("upstream/dns".to_owned(), 200));
        // Connection 5 is not stored, 0 and 3 have no exchange here.
        let clients = BTreeSet::from_iter(named(By::Client));
        let expect = [("10.0.0.0", 1000), ("10.0.0.1", 500), ("none", 500)];
        assert_eq!(clients, expect.map(|(client, count)| (client.to_owned(), count)).into());
        assert!(facets.facets.iter().all(|facet| facet.is_exact && facet.others == 0));
        let one = store.reader().facets(&filter(""), &[By::Host], 1, LONG).await.unwrap();
        assert_eq!((one.facets[0].values.len(), one.facets[0].others), (1, 2000));
    }
    store.close().await;
}

#[tokio::test]
async fn a_histogram_counts_exchanges_and_errors_over_time() {
    let (_place, store) = filled().await;
    index(&store).await;
    let minute = Some(Duration::from_secs(60));
    let histogram = store.reader().histogram(&filter("host:=h1"), minute, LONG).await.unwrap();
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
    assert_eq!(histogram.buckets, expect.into_iter().map(bucket).collect::<Vec<_>>());
    let wide = store.reader().histogram(&filter(""), None, LONG).await.unwrap();
    assert!((20..=120).contains(&wide.buckets.len()), "{}", wide.buckets.len());
    assert_eq!(wide.buckets.iter().map(|bucket| bucket.exchanges).sum::<u64>(), 3000);
    let width = wide.every.as_micros() as i64;
    assert!(wide.buckets.iter().all(|bucket| bucket.from.0 % width == 0));
    let none = store.reader().histogram(&filter("host:=none"), None, LONG).await.unwrap();
    assert!(none.buckets.is_empty() && none.covered.span.is_none());
    store.close().await;
}

#[tokio::test]
async fn stats_are_those_of_each_group() {
    let (_place, store) = filled().await;
    index(&store).await;
    let stats = store.reader().stats(&filter(""), &[By::Host, By::State], None, LONG).await.unwrap();
    assert_eq!(stats.groups.len(), 6);
    let first = &stats.groups[0];
    assert_eq!((first.key[1].as_str(), first.from, first.exchanges), ("complete", None, 900));
    for group in &stats.groups {
        let is_its =
            |id: i64| format!("h{}", id % 3) == group.key[0] && (id % 10 == 0) == (group.key[1] == "failed");
        let its = ids(is_its);
        let errors = its.iter().filter(|id| *id % 10 == 0 || *id % 7 == 0).count() as u64;
        assert_eq!((group.exchanges, group.errors), (its.len() as u64, errors), "{group:?}");
        assert_eq!((group.request_bytes, group.response_bytes), (0, 10 * its.len() as u64));
        for (found, share) in [(group.p50, 0.5), (group.p95, 0.95), (group.p99, 0.99)] {
            let expect = its[(its.len() as f64 * share).ceil() as usize - 1] as f64 * 1000.0;
            let found = found.unwrap() as f64;
            assert!((expect..=expect * 1.033).contains(&found), "{share}: {found} is not {expect}");
        }
    }
    let hours = Some(Duration::from_secs(600));
    let timed = store.reader().stats(&filter("id:<2000"), &[], hours, LONG).await.unwrap();
    assert_eq!(timed.groups.iter().map(|group| group.exchanges).sum::<u64>(), 1999);
    assert!(timed.groups.len() > 1 && timed.groups.is_sorted_by_key(|group| group.from));
    assert_eq!((timed.others, timed.groups[0].key.len()), (0, 0));
    let many =
        store.reader().stats(&filter(""), &[By::Path], Some(Duration::from_micros(1)), LONG).await.unwrap();
    assert_eq!(many.groups.len(), 3000);
    store.close().await;
}

#[tokio::test]
async fn what_contents_decide_is_counted_apart() {
    let (_place, store) = filled().await;
    let filter = filter("host:=h1 res.body:needle");
    let facets = store.reader().facets(&filter, &[By::Host], 3, LONG).await.unwrap();
    assert_eq!((facets.covered.exchanges, facets.covered.unsure), (0, 1000));
    let counted = store.reader().count_found(&filter, LONG).await.unwrap();
    assert_eq!((counted.count, counted.unsure), (0, 1000));
    let page = store.reader().page(&filter, dashcam_store::Start::NEWEST, (5, None)).await.unwrap();
    assert!(page.rows.len() == 5 && page.rows.iter().all(|row| !row.truth.is_certain()));
    store.close().await;
}
