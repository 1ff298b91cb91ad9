//! Figures where a part of the recording is damaged, or was not looked at.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dashcam_exchange::{Exchange, Record, sample};
use dashcam_filter::{Context, Filter};
use dashcam_store::Store;

use super::*;
use crate::decode::{Decoders, Decoding};

const BEGIN: i64 = 1_790_000_040_000_000;
const SECOND: i64 = 1_000_000;

/// An exchange a second, each with a body of its own pack.
async fn fill(path: &Path, ids: std::ops::RangeInclusive<i64>) {
    let store = Store::open(path).await.unwrap();
    for id in ids {
        let made = Exchange {
            started_at: Timestamp(BEGIN + id * SECOND),
            response_body: sample::body(format!("a needle {id}").as_bytes()),
            ..sample::exchange(id)
        };
        store.sink().append(vec![Record::Finished(Arc::new(made))]).await.unwrap();
    }
    store.close().await;
}

fn counting(store: &Store, text: &str) -> Counting {
    let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
    let filter = Filter::parse(text, &Context { now: &now, presets: &presets }).unwrap();
    let decoders = Decoders::new(Decoding::default());
    let search = Search { reader: store.reader().clone(), decoders, filter };
    Counting { search, began: Instant::now(), time_limit: Duration::from_secs(60), live: None }
}

#[tokio::test]
async fn a_damaged_body_is_counted_and_the_others_are_in_the_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dashcam.db");
    fill(&path, 1..=5).await;
    let damage = "UPDATE packs SET data = x'00' WHERE id = (SELECT pack FROM exchange_rows WHERE id = 3)";
    assert_eq!(rusqlite::Connection::open(&path).unwrap().execute(damage, []).unwrap(), 1);
    let store = Store::open_read_only(&path).await.unwrap();
    let counted = counting(&store, "body:needle").count().await.unwrap();
    let covered = counted.covered;
    assert_eq!((counted.count, covered.unreadable, covered.undecided), (4, 1, 0));
    assert!(covered.complete && covered.estimate == 4, "{covered:?}");
    store.close().await;
}

#[tokio::test]
async fn the_estimate_is_over_those_that_can_match() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dashcam.db");
    fill(&path, 1..=100).await;
    let store = Store::open_read_only(&path).await.unwrap();
    let at = |id: i64| jiff::Timestamp::from_microsecond(BEGIN + id * SECOND).unwrap();
    let last_half = format!("since:{} body:needle", at(51));
    let first_half = format!("before:{} body:needle", at(51));
    // Found, where the walk would go on, undecided of those above that, and the estimate.
    for (text, found, next, undecided, expect) in [
        ("body:needle", 5, Some(51), 0, 10),
        ("id:51..100 body:needle", 5, Some(76), 0, 10),
        (&last_half, 5, Some(76), 0, 10),
        (&last_half, 5, Some(51), 0, 5),
        (&last_half, 10, Some(51), 25, 20),
        (&first_half, 5, Some(26), 0, 10),
        ("id:1..50 body:needle", 5, Some(90), 0, 55),
    ] {
        let next = next.map(ExchangeId);
        let estimate = counting(&store, text).estimate(found, (next, undecided)).await.unwrap();
        assert_eq!(estimate, expect, "{text} {next:?}");
    }
    let row = sample::exchange(200).summary();
    let in_memory = vec![InMemory { row, matches: Truth::Unknown }; 10];
    let live = Some(Live { now: Timestamp(BEGIN), paused_since: None, in_memory });
    let counting = Counting { live, ..counting(&store, "body:needle") };
    assert_eq!(counting.estimate(50, (None, 10)).await.unwrap(), 55);
    store.close().await;
}
