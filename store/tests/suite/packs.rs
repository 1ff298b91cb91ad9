//! Small bodies share rows, and nobody who reads them sees it.

use dashcam_exchange::{Direction, ExchangeId, Message, MessageCoding, Record};
use dashcam_store::{Packing, Store};
use sqlx::{ConnectOptions, Connection};

use crate::samples;
use crate::samples::{Place, finished, opened, part, plain, store};

/// Answers of one API: much alike, each with something of its own.
fn answer(id: i64, items: usize) -> Vec<u8> {
    let item =
        |item: usize| format!(r#"{{"id":{},"name":"item {item} of {id}","tags":["a","b"]}},"#, id * 7919);
    (0..items).map(item).collect::<String>().into_bytes()
}

fn exchange(id: i64, request: &[u8], response: &[u8]) -> Record {
    let mut exchange = plain(id);
    for (body, bytes) in [(&mut exchange.request_body, request), (&mut exchange.response_body, response)] {
        body.rest = bytes.to_vec();
        (body.size, body.stored, body.complete) = (bytes.len() as u64, bytes.len() as u64, true);
    }
    finished(&exchange)
}

async fn bodies(store: &Store, id: i64) -> [Vec<u8>; 2] {
    let id = ExchangeId(id);
    [
        store.reader().body(id, Direction::Request, None).await.unwrap(),
        store.reader().body(id, Direction::Response, None).await.unwrap(),
    ]
}

async fn number(place: &Place, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).read_only(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn bodies_come_out_as_they_went_in() {
    let (place, store) = store().await;
    for batch in 0..5 {
        let records =
            (1..=100).map(|id| batch * 100 + id).map(|id| exchange(id, &answer(id, 3), &answer(-id, 150)));
        store.sink().append(records.collect()).await.unwrap();
    }
    for id in 1..=500 {
        assert_eq!(bodies(&store, id).await, [answer(id, 3), answer(-id, 150)], "{id}");
    }
    let read = store.reader().exchange(ExchangeId(7)).await.unwrap().unwrap();
    assert_eq!((read.request_body.parts, read.response_body.parts), (1, 1));
    let response = |seq| store.reader().body_part(ExchangeId(7), Direction::Response, seq);
    assert_eq!(response(0).await.unwrap(), Some(answer(-7, 150)));
    assert_eq!(response(1).await.unwrap(), None);
    assert_eq!(
        store.reader().body(ExchangeId(7), Direction::Request, Some(9)).await.unwrap(),
        answer(7, 3)[..9]
    );
    assert_eq!(number(&place, "SELECT count(*) FROM bodies").await, 0);
    let (size, data) = ("SELECT sum(size) FROM packs", "SELECT sum(length(data)) FROM packs");
    let (size, data) = (number(&place, size).await, number(&place, data).await);
    assert!(data * 4 < size, "{size} bytes take {data}");
}

#[tokio::test]
async fn plain_ones_have_rows_of_their_own() {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    store.sink().append(vec![exchange(1, b"request", b"response")]).await.unwrap();
    assert_eq!(bodies(&store, 1).await, [b"request".to_vec(), b"response".to_vec()]);
    assert_eq!(number(&place, "SELECT count(*) FROM bodies").await, 2);
    assert_eq!(number(&place, "SELECT count(*) FROM packs").await, 0);
}

#[tokio::test]
async fn a_body_that_came_in_pieces_keeps_them_beside_one_that_is_packed() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&plain(1)), part(1, 0, b"resp")]).await.unwrap();
    let mut end = plain(1);
    end.request_body.rest = b"request".to_vec();
    end.request_body.stored = 7;
    (end.response_body.parts, end.response_body.stored) = (1, 8);
    end.response_body.rest = b"onse".to_vec();
    store.sink().append(vec![finished(&end), exchange(2, b"", b"two")]).await.unwrap();
    assert_eq!(bodies(&store, 1).await, [b"request".to_vec(), b"response".to_vec()]);
    assert_eq!(bodies(&store, 2).await, [Vec::new(), b"two".to_vec()]);
    let read = store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!((read.request_body.parts, read.response_body.parts), (1, 2));
}

#[tokio::test]
async fn what_is_deleted_is_not_left_in_a_pack() {
    let (place, store) = store().await;
    store.sink().append((1..=4).map(|id| exchange(id, b"", &answer(id, 20))).collect()).await.unwrap();
    assert!(store.admin().delete(ExchangeId(4)).await.unwrap());
    assert!(store.admin().delete(ExchangeId(2)).await.unwrap());
    assert_eq!(bodies(&store, 1).await[1], answer(1, 20));
    assert_eq!(bodies(&store, 2).await[1], b"");
    assert_eq!(bodies(&store, 3).await[1], answer(3, 20));
    let left = (answer(1, 20).len() + answer(3, 20).len() + 2 * 12) as i64;
    assert_eq!(number(&place, "SELECT sum(size) FROM packs").await, left);
    assert_eq!(number(&place, "SELECT max(last_exchange) FROM packs").await, 3);
    store.admin().delete_all(false).await.unwrap();
    assert_eq!(number(&place, "SELECT count(*) FROM packs").await, 0);
}

#[tokio::test]
async fn packs_go_on_where_an_earlier_run_ended() {
    let (place, store) = store().await;
    store.sink().append(vec![exchange(1, b"", b"one")]).await.unwrap();
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    store.sink().append(vec![exchange(2, b"", b"two")]).await.unwrap();
    assert_eq!(bodies(&store, 1).await[1], b"one");
    assert_eq!(bodies(&store, 2).await[1], b"two");
    assert_eq!(number(&place, "SELECT count(*) FROM packs").await, 2);
}

#[tokio::test]
async fn a_damaged_pack_keeps_nothing_from_being_deleted_or_pinned() {
    let (place, store) = store().await;
    store.sink().append((1..=3).map(|id| exchange(id, b"", &answer(id, 20))).collect()).await.unwrap();
    store.sink().append(vec![exchange(4, b"", b"four")]).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("UPDATE packs SET data = x'00' WHERE id = 1").execute(&mut other).await.unwrap();
    other.close().await.unwrap();

    store.reader().body(ExchangeId(1), Direction::Response, None).await.unwrap_err();
    assert!(store.admin().pin(ExchangeId(3), dashcam_exchange::Timestamp(1)).await.unwrap());
    assert!(store.admin().delete(ExchangeId(1)).await.unwrap());
    assert_eq!(store.admin().delete_all(true).await.unwrap(), 3);
    assert_eq!(number(&place, "SELECT count(*) FROM packs").await, 0);
}

#[tokio::test]
async fn a_body_can_be_read_while_it_is_taken_out_of_its_pack() {
    let (_place, store) = store().await;
    store.sink().append((1..=200).map(|id| exchange(id, b"", &answer(id, 20))).collect()).await.unwrap();
    for id in 1..=200 {
        let pin = store.admin().pin(ExchangeId(id), dashcam_exchange::Timestamp(1));
        let (pinned, body) =
            tokio::join!(pin, store.reader().body(ExchangeId(id), Direction::Response, None));
        assert!(pinned.unwrap());
        assert_eq!(body.unwrap(), answer(id, 20), "{id}");
    }
}

#[tokio::test]
async fn messages_are_compressed_and_come_out_as_they_went_in() {
    for (packing, share) in [(Packing::Packed, 3), (Packing::Plain, 1)] {
        let (place, store) = store().await;
        store.admin().set_packing(packing).await.unwrap();
        let data = |seq: u32| match seq % 4 {
            0 => b"short".to_vec(),
            1 => samples::noise::noise(i64::from(seq), 1000),
            2 => vec![0; 1 << 20],
            _ => answer(i64::from(seq), 100),
        };
        let coding = |seq: u32| (seq == 1).then_some(MessageCoding::Deflate);
        let messages: Vec<_> = (0..40)
            .map(|seq| {
                let (data, coding) = (data(seq), coding(seq));
                Message { data, coding, size: 2 << 20, ..samples::message(1, seq) }
            })
            .collect();
        let records = messages.iter().cloned().map(|message| Record::Message(Box::new(message)));
        store.sink().append(std::iter::once(opened(&plain(1))).chain(records).collect()).await.unwrap();
        store.sink().append(vec![finished(&plain(1))]).await.unwrap();
        assert_eq!(store.reader().messages(ExchangeId(1), None, 100).await.unwrap(), messages, "{packing:?}");
        assert_eq!(store.reader().messages(ExchangeId(1), Some(37), 100).await.unwrap(), messages[38..]);
        let all: usize = messages.iter().map(|message| message.data.len()).sum();
        let stored = number(&place, "SELECT sum(length(data)) FROM messages").await as usize;
        assert!(stored <= all / share, "{packing:?}: {stored} of {all} bytes");
        let plain = "SELECT count(*) FROM messages WHERE compression = 'none'";
        let expect = if packing == Packing::Plain { 40 } else { 20 };
        assert_eq!(number(&place, plain).await, expect, "what gains nothing is stored as it is");
    }
}
