//! Sealed secrets: stored with the records that name them, and gone from the files once their time is over.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dashcam_exchange::{ExchangeId, Record, Seal, SealId, Timestamp};
use dashcam_store::{Archive, ChosenSeals, Store};

use crate::samples::noise::noise;
use crate::samples::{finished, opened, place, plain, store};

const DAY: i64 = 86_400_000_000;

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64
}

fn id(number: i64) -> SealId {
    SealId(noise(number + 1_000_000, 12).try_into().unwrap())
}

/// A seal as large as one of a token.
fn seal(number: i64, expires_at: i64) -> Seal {
    Seal {
        id: id(number),
        sealed: noise(number, 60 + number as usize % 200),
        expires_at: Timestamp(expires_at),
    }
}

fn record(number: i64, expires_at: i64) -> Record {
    Record::Seal(Box::new(seal(number, expires_at)))
}

/// Those of `numbers` of whose ciphertext something stands in the database or a file beside it.
fn found(database: &Path, numbers: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let chunks = |number: i64| {
        let sealed = seal(number, 0).sealed;
        sealed.chunks_exact(8).map(|chunk| (<[u8; 8]>::try_from(chunk).unwrap(), number)).collect::<Vec<_>>()
    };
    let wanted: HashMap<[u8; 8], i64> = numbers.into_iter().flat_map(chunks).collect();
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(database.parent().unwrap()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        let windows = content.windows(8).filter(|window| **window != [0; 8]);
        found.extend(windows.filter_map(|window| wanted.get(window)));
    }
    found.into_iter().collect()
}

/// Has retention work until a condition holds.
async fn retain_until(store: &Store, holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        store.admin().retain().await.unwrap();
        if holds().await {
            return;
        }
        assert!(Instant::now() < deadline, "it never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn they_are_read_as_long_as_the_longest_life_of_each() {
    let (_place, store) = store().await;
    let (short, long) = (now() + DAY, now() + 2 * DAY);
    store.sink().append(vec![record(1, short), record(2, short), finished(&plain(1))]).await.unwrap();
    let again = vec![record(1, long), record(2, short - 5), record(1, short), finished(&plain(2))];
    store.sink().append(again).await.unwrap();
    assert_eq!(store.reader().seal(&id(1)).await.unwrap(), Some(seal(1, long)));
    assert_eq!(store.reader().seal(&id(2)).await.unwrap(), Some(seal(2, short)));
    assert_eq!(store.reader().seal(&id(3)).await.unwrap(), None);
    let sample = store.reader().sample_seals().await.unwrap();
    assert_eq!(sample.len(), 4, "each of them as one of the oldest, and of the newest");
    assert!(sample.contains(&seal(1, long)) && sample.contains(&seal(2, short)));
    let info = store.reader().seals_info().await.unwrap();
    assert_eq!((info.count, info.bytes), (2, 61 + 62));
    assert_eq!((info.next_expiry, info.last_expiry), (Some(Timestamp(short)), Some(Timestamp(long))));
}

#[tokio::test]
async fn those_whose_time_is_over_are_overwritten() {
    let (place, store) = store().await;
    let later = now() + DAY;
    // They come mixed, so that pages lose some of theirs.
    for first in (0..4000).step_by(100) {
        let records =
            (first..first + 100).map(|number| record(number, if number % 7 == 0 { later } else { 1 }));
        store.sink().append(records.chain([opened(&plain(1))]).collect()).await.unwrap();
    }
    let (stays, goes): (Vec<i64>, Vec<i64>) = (0..4000).partition(|number| number % 7 == 0);
    assert_eq!(store.reader().seal(&id(1)).await.unwrap(), None);
    retain_until(&store, async || found(&place.path, goes.iter().copied()).is_empty()).await;
    assert_eq!(found(&place.path, stays.iter().copied()), stays);
    for number in stays {
        assert_eq!(store.reader().seal(&id(number)).await.unwrap(), Some(seal(number, later)));
    }
}

#[tokio::test]
async fn those_that_expired_while_no_dashcam_ran_go_at_the_next_start() {
    let (place, store) = store().await;
    let soon = now() + 300_000;
    store.sink().append((0..50).map(|number| record(number, soon)).collect()).await.unwrap();
    store.close().await;
    assert!(!found(&place.path, 0..50).is_empty());
    while now() <= soon {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let store = Store::open(&place.path).await.unwrap();
    retain_until(&store, async || found(&place.path, 0..50).is_empty()).await;
    assert_eq!(store.reader().seals_info().await.unwrap(), dashcam_store::SealsInfo::default());
}

#[tokio::test]
async fn a_user_can_have_them_forgotten_at_once() {
    let (place, store) = store().await;
    let later = now() + DAY;
    store.sink().append((0..2500).map(|number| record(number, later)).collect()).await.unwrap();
    let admin = store.admin();
    let these = ChosenSeals::These(vec![id(3), id(7), id(9999)]);
    assert_eq!(admin.forget_seals(these).await.unwrap(), 2);
    assert_eq!(found(&place.path, [3, 7, 8]), [8]);
    assert_eq!(admin.forget_seals(ChosenSeals::SealedBefore(Timestamp(now() - DAY))).await.unwrap(), 0);
    assert_eq!(admin.forget_seals(ChosenSeals::All).await.unwrap(), 2498);
    assert_eq!(found(&place.path, 0..2500), [0; 0]);
}

#[tokio::test]
async fn an_archive_has_none() {
    let (place, store) = store().await;
    store.sink().append(vec![record(1, now() + DAY), finished(&plain(1))]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("old.db");
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&[ExchangeId(1)]).unwrap();
    archive.finish(Timestamp(i64::MAX)).unwrap();
    assert_eq!(found(&to, [1]), [0; 0]);
    assert_eq!(found(&place.path, [1]), [1]);
}

#[tokio::test]
async fn they_are_stored_with_what_names_them_or_not_at_all() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    // A number that is taken: all of the batch is refused.
    let twice = vec![record(5, now() + DAY), finished(&plain(2)), finished(&plain(1))];
    let stored = store.sink().append(twice).await.is_ok();
    assert_eq!(store.reader().seal(&id(5)).await.unwrap().is_some(), stored);
    assert_eq!(store.reader().exchange(ExchangeId(2)).await.unwrap().is_some(), stored);
}
