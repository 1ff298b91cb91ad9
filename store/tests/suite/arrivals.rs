//! The times at which bodies came go where their exchange goes.

use std::sync::Arc;

use dashcam_exchange::{Arrival, Direction, Exchange, ExchangeId, Record, State, Stretch, Timestamp};
use dashcam_store::{Archive, Retention, Rewrite, Store};

use crate::samples::{Place, finished, opened, part, plain, store};

const RESPONSE: Direction = Direction::Response;

/// The bytes `from..end` of a body, which came one by one, each so many milliseconds after the start as bytes were before.
fn stretch(from: u64, end: u64) -> Stretch {
    let arrivals = (from + 1..=end).map(|end| Arrival { end, at_us: end as i64 * 1000 }).collect();
    Stretch { from, merged: 1, arrivals }
}

fn came(id: i64, seq: u32, stretch: &Stretch) -> Record {
    let stretch = Arc::new(stretch.clone());
    Record::Arrivals { exchange: ExchangeId(id), direction: RESPONSE, seq, stretch }
}

async fn stored(store: &Store, id: i64) -> Vec<Stretch> {
    let (mut all, mut next) = (Vec::new(), 0);
    while let Some((more, after)) = store.reader().arrivals(ExchangeId(id), RESPONSE, next).await.unwrap() {
        (all, next) = ([all, more].concat(), after);
    }
    all
}

/// Rows of the table, counted beside dashcam.
async fn rows(place: &Place, store: &Store) -> i64 {
    store.admin().retain().await.unwrap();
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    connection.query_row("SELECT count(*) FROM arrivals", [], |row| row.get(0)).unwrap()
}

/// Exchanges 1 to 3, of which 2 went to the store in parts.
async fn filled() -> (Place, Store) {
    let (place, store) = store().await;
    let open = Exchange { state: State::Open, ..plain(2) };
    let ahead = vec![came(1, 0, &stretch(0, 4)), finished(&plain(1)), opened(&open), part(2, 0, b"abcd")];
    store.sink().append(ahead).await.unwrap();
    store.sink().append(vec![came(2, 0, &stretch(0, 3))]).await.unwrap();
    let end = vec![
        came(2, 1, &stretch(3, 4)),
        finished(&plain(2)),
        came(3, 0, &stretch(0, 1)),
        finished(&plain(3)),
    ];
    store.sink().append(end).await.unwrap();
    (place, store)
}

#[tokio::test]
async fn they_are_read_as_they_came() {
    let (place, store) = filled().await;
    assert_eq!(stored(&store, 1).await, [stretch(0, 4)]);
    assert_eq!(stored(&store, 2).await, [stretch(0, 3), stretch(3, 4)]);
    assert_eq!(store.reader().arrivals(ExchangeId(2), Direction::Request, 0).await.unwrap(), None);
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    let orphans: i64 = connection.query_row("SELECT count(*) FROM orphans", [], |row| row.get(0)).unwrap();
    assert_eq!(orphans, 0);
}

#[tokio::test]
async fn many_stretches_are_read_one_page_after_another() {
    let (_place, store) = store().await;
    let all: Vec<_> = (0..150).map(|at| stretch(at, at + 1)).collect();
    let mut records: Vec<_> = all.iter().zip(0..).map(|(stretch, seq)| came(1, seq, stretch)).collect();
    records.push(finished(&plain(1)));
    store.sink().append(records).await.unwrap();
    assert_eq!(stored(&store, 1).await, all);
}

#[tokio::test]
async fn they_go_with_their_exchange() {
    let (place, store) = filled().await;
    store.admin().delete(ExchangeId(1)).await.unwrap();
    assert_eq!((rows(&place, &store).await, stored(&store, 1).await), (3, vec![]));
    store.admin().set_retention(Retention { exchanges: Some(1), ..Retention::default() }).await.unwrap();
    assert_eq!((rows(&place, &store).await, stored(&store, 2).await), (1, vec![]));
    store.admin().delete_all(true).await.unwrap();
    assert_eq!(rows(&place, &store).await, 0);
}

#[tokio::test]
async fn they_are_taken_back_with_their_bodies() {
    let (place, store) = store().await;
    for bodies_only in [true, false] {
        let open = Exchange { state: State::Open, ..plain(2) };
        let ahead = vec![opened(&open), part(2, 0, b"ab"), came(2, 0, &stretch(0, 2))];
        store.sink().append(ahead).await.unwrap();
        assert_eq!(stored(&store, 2).await.len(), 1);
        let more =
            vec![came(2, 1, &stretch(2, 3)), Record::Discarded { exchange: ExchangeId(2), bodies_only }];
        store.sink().append(more).await.unwrap();
        assert_eq!((rows(&place, &store).await, stored(&store, 2).await), (0, vec![]));
    }
}

#[tokio::test]
async fn those_of_a_body_that_is_rewritten_go() {
    let (_place, store) = filled().await;
    let exchange = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap();
    let (bodies, messages) = ([None, Some(b"less".to_vec())], Vec::new());
    store.admin().rewrite(vec![Rewrite { exchange, bodies, messages, seals: Vec::new() }]).await.unwrap();
    assert_eq!((stored(&store, 2).await, stored(&store, 1).await.len()), (vec![], 1));
}

#[tokio::test]
async fn an_archive_has_them() {
    let (place, store) = filled().await;
    let to = place.folder.path().join("old.db");
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&[ExchangeId(2)]).unwrap();
    archive.finish(Timestamp(0)).unwrap();
    let archived = Store::open_read_only(&to).await.unwrap();
    assert_eq!(stored(&archived, 2).await, [stretch(0, 3), stretch(3, 4)]);
    archived.close().await;
    store.close().await;
}
