//! Exchanges that a user deletes are gone from the files, not only from what is asked of them.

use std::path::Path;

use dashcam_exchange::{Direction, ExchangeId, Headers, Level, MessageKind, Record, Timestamp};
use dashcam_store::{Packing, Retention, Store};

use crate::samples;
use crate::samples::noise::noise;
use crate::samples::{finished, message, opened, part, plain, store};

/// Bytes that can't be compressed, `length` of them.
fn marker(seed: i64, length: usize) -> Vec<u8> {
    noise(seed, length)
}

/// Returns whether `needle` stands anywhere in the database or the files beside it.
fn holds(database: &Path, needle: &[u8]) -> bool {
    let folder = std::fs::read_dir(database.parent().unwrap()).unwrap();
    let mut files = folder.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.any(|content| content.windows(needle.len()).any(|window| window == needle))
}

/// An exchange that bears its number in URL and heads, with these bodies.
fn exchange(id: i64, request: &[u8], response: &[u8]) -> Record {
    let mut exchange = plain(id);
    exchange.level = Level::Full;
    exchange.request.target = format!("/secret-target-{id}-end");
    exchange.request.headers =
        [("Authorization", format!("secret-field-{id}-end").as_str())].into_iter().collect::<Headers>();
    for (body, bytes) in [(&mut exchange.request_body, request), (&mut exchange.response_body, response)] {
        body.rest = bytes.to_vec();
        (body.size, body.stored, body.complete) = (bytes.len() as u64, bytes.len() as u64, true);
    }
    finished(&exchange)
}

/// Small bodies of exchanges 1 to 5, in packs or not.
async fn filled(packing: Packing) -> (samples::Place, Store) {
    let (place, store) = store().await;
    store.admin().set_packing(packing).await.unwrap();
    let bodies = |id: i64| (marker(id, 200), marker(id + 100, 3000));
    let records = (1..=5).map(|id| exchange(id, &bodies(id).0, &bodies(id).1)).collect();
    store.sink().append(records).await.unwrap();
    (place, store)
}

fn traces(id: i64) -> Vec<Vec<u8>> {
    vec![
        format!("secret-target-{id}-end").into_bytes(),
        format!("secret-field-{id}-end").into_bytes(),
        marker(id, 200)[20..120].to_vec(),
        marker(id + 100, 3000)[100..300].to_vec(),
    ]
}

fn assert_held(path: &Path, id: i64, expect: bool) {
    for (at, trace) in traces(id).iter().enumerate() {
        assert_eq!(holds(path, trace), expect, "trace {at} of {id}");
    }
}

#[tokio::test]
async fn one_exchange() {
    for packing in [Packing::Plain, Packing::Packed] {
        let (place, store) = filled(packing).await;
        assert_held(&place.path, 3, true);
        assert!(store.admin().delete(ExchangeId(3)).await.unwrap());
        assert_held(&place.path, 3, false);
        // What shared a pack with it is still there.
        assert_held(&place.path, 2, true);
        let kept = store.reader().body(ExchangeId(2), Direction::Response, None).await.unwrap();
        assert_eq!(kept, marker(102, 3000));
        store.close().await;
        assert_held(&place.path, 3, false);
    }
}

#[tokio::test]
async fn one_that_was_pinned_and_so_moved_out_of_its_pack() {
    let (place, store) = filled(Packing::Packed).await;
    assert!(store.admin().pin(ExchangeId(3), Timestamp(1)).await.unwrap());
    assert!(store.admin().delete(ExchangeId(3)).await.unwrap());
    assert_held(&place.path, 3, false);
}

#[tokio::test]
async fn all_of_them() {
    let (place, store) = filled(Packing::Packed).await;
    assert_eq!(store.admin().delete_all(true).await.unwrap(), 5);
    (1..=5).for_each(|id| assert_held(&place.path, id, false));
}

#[tokio::test]
async fn those_that_are_named_and_then_the_log_soon() {
    let (place, store) = filled(Packing::Packed).await;
    assert_eq!(store.admin().delete_these(vec![ExchangeId(2), ExchangeId(4)], true).await.unwrap(), 2);
    store.admin().retain().await.unwrap();
    assert_held(&place.path, 2, false);
    assert_held(&place.path, 4, false);
    assert_held(&place.path, 3, true);
}

#[tokio::test]
async fn large_bodies_and_messages_and_heads_that_were_stored_while_it_was_open() {
    let (place, store) = store().await;
    let mut exchange = plain(1);
    exchange.request.target = "/secret-while-open".to_owned();
    let pieces: Vec<Vec<u8>> = (0..3).map(|seq| marker(seq, 200 << 10)).collect();
    let mut records = vec![opened(&exchange)];
    records.extend((0..3).map(|seq| part(1, seq, &pieces[seq as usize])));
    let mut said = message(1, 0);
    (said.kind, said.data) = (MessageKind::Text, marker(7, 500));
    records.push(Record::Message(Box::new(said)));
    store.sink().append(records).await.unwrap();
    exchange.request.target = "/secret-when-it-ended".to_owned();
    exchange.response_body.parts = 3;
    (exchange.response_body.size, exchange.response_body.stored) = (600 << 10, 600 << 10);
    store.sink().append(vec![finished(&exchange)]).await.unwrap();
    assert!(store.admin().delete(ExchangeId(1)).await.unwrap());
    for piece in &pieces {
        assert!(!holds(&place.path, &piece[1000..1100]));
    }
    for trace in [&marker(7, 500)[..100], b"/secret-while-open", b"/secret-when-it-ended"] {
        assert!(!holds(&place.path, trace));
    }
}

/// Somebody who reads holds the log: it is emptied as soon as they are done.
#[tokio::test]
async fn a_reader_delays_it_only() {
    use sqlx::{ConnectOptions as _, Connection as _};
    let (place, store) = filled(Packing::Plain).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).read_only(true);
    let mut reader = options.connect().await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    let count = "SELECT count(*) FROM exchange_rows";
    sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *reading).await.unwrap();
    assert!(store.admin().delete(ExchangeId(3)).await.unwrap());
    assert_held(&place.path, 3, true);
    reading.rollback().await.unwrap();
    store.admin().retain().await.unwrap();
    assert_held(&place.path, 3, false);
}

/// The bounds delete as much as comes: what they delete is not written once more, and lies in free pages for a while.
#[tokio::test]
async fn what_the_bounds_delete_costs_no_writing() {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    let body = marker(1, 200 << 10);
    store.sink().append(vec![exchange(1, b"", &body), exchange(2, b"", b"")]).await.unwrap();
    store.admin().set_retention(Retention { exchanges: Some(1), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 1);
    assert!(holds(&place.path, &body[100 << 10..(100 << 10) + 100]));
}
