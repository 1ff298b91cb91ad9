//! Exchanges that are rewritten: what they had is gone from the files, and all else stays.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use dashcam_exchange::{
    Direction, Exchange, ExchangeId, Headers, Message, MessageKind, Record, Redaction, Seal, SealId,
    StoredAs, Timestamp,
};
use dashcam_store::maintenance::check;
use dashcam_store::{Packing, Retention, Rewrite, Store};

use crate::samples::noise::noise;
use crate::samples::{Place, filter, finished, message, opened, plain, store};

/// Returns whether `needle` stands anywhere in the database or the files beside it.
fn holds(database: &Path, needle: &[u8]) -> bool {
    let folder = std::fs::read_dir(database.parent().unwrap()).unwrap();
    let mut files = folder.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.any(|content| content.windows(needle.len()).any(|window| window == needle))
}

fn secret(id: i64, place: &str) -> String {
    format!("s3cret-{place}-{id:04}-end")
}

/// Bytes with a secret in the middle. No one can compress them.
fn body(id: i64, place: &str, length: usize) -> Vec<u8> {
    let noise = noise(id * 7 + place.len() as i64, length);
    let (before, behind) = noise.split_at(length / 2);
    [before, secret(id, place).as_bytes(), behind].concat()
}

/// An exchange with a secret in each place; of the response's body `length` bytes.
fn exchange(id: i64, length: usize) -> Exchange {
    let mut exchange = plain(id);
    exchange.request.target = format!("/orders?token={}", secret(id, "target"));
    exchange.request.headers =
        [("Authorization", secret(id, "field").as_str())].into_iter().collect::<Headers>();
    exchange.request_body = dashcam_exchange::sample::body(&body(id, "request", 500));
    exchange.response_body = dashcam_exchange::sample::body(&body(id, "response", length));
    exchange
}

fn said(id: i64, seq: u32) -> Message {
    let data = secret(id, "message").repeat(20).into_bytes();
    Message { kind: MessageKind::Text, size: data.len() as u64, data, redacted: false, ..message(id, seq) }
}

fn placeholder(place: &str) -> String {
    format!("~masked.{place}.lt32~")
}

/// The same without its secrets.
fn redacted(mut exchange: Exchange) -> Rewrite {
    exchange.request.target = format!("/orders?token={}", placeholder("target"));
    exchange.request.headers =
        [("Authorization", placeholder("field").as_str())].into_iter().collect::<Headers>();
    exchange.redaction = Some(Redaction { set: Arc::from("default@0badcafe"), replaced: 5 });
    exchange.request_body.stored_as = StoredAs::Redacted;
    exchange.response_body.stored_as = StoredAs::Redacted;
    let bodies = ["request", "response"].map(|place| Some(placeholder(place).into_bytes()));
    Rewrite { exchange, bodies, messages: Vec::new(), seals: Vec::new() }
}

fn assert_held(path: &Path, id: i64, expect: bool) {
    for place in ["target", "field", "request", "response", "message"] {
        let secret = secret(id, place);
        // Packs and messages may be compressed: noise is not.
        if place != "message" || !expect {
            assert_eq!(holds(path, secret.as_bytes()), expect, "{secret}");
        }
    }
}

/// Exchanges 1 to 20, of which 5 has messages, 7 a large body, and 9 is pinned.
async fn filled(packing: Packing) -> (Place, Store) {
    let (place, store) = store().await;
    store.admin().set_packing(packing).await.unwrap();
    let mut records = Vec::new();
    for id in 1..=20 {
        let exchange = exchange(id, if id == 7 { 700 << 10 } else { 3000 });
        if id == 5 {
            records.push(opened(&exchange));
            records.extend((0..3).map(|seq| Record::Message(Box::new(said(id, seq)))));
        }
        records.push(finished(&exchange));
    }
    store.sink().append(records).await.unwrap();
    store.admin().pin(ExchangeId(9), Timestamp(1)).await.unwrap();
    (place, store)
}

async fn stored(store: &Store, id: i64) -> Exchange {
    store.reader().exchange(ExchangeId(id)).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_they_had_is_gone_and_all_else_stays() {
    for packing in [Packing::Plain, Packing::Packed] {
        let (place, store) = filled(packing).await;
        assert_held(&place.path, 3, true);
        let mut all = Vec::new();
        for id in [3, 5, 7, 9] {
            all.push(redacted(stored(&store, id).await));
        }
        let hidden = |seq| Message { data: b"~masked.x.lt8~".to_vec(), redacted: true, ..said(5, seq) };
        all[1].messages = (0..3).map(hidden).collect();
        assert_eq!(store.admin().rewrite(all).await.unwrap(), 4);
        store.admin().retain().await.unwrap();
        for id in [3, 5, 7, 9] {
            assert_held(&place.path, id, false);
            let exchange = stored(&store, id).await;
            assert_eq!(exchange.redaction.unwrap().replaced, 5);
            assert_eq!(exchange.request.target, "/orders?token=~masked.target.lt32~");
            assert_eq!(exchange.response_body.stored_as, StoredAs::Redacted);
            let body = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
            assert_eq!(body, placeholder("response").as_bytes());
            assert_eq!(exchange.response_body.stored, body.len() as u64);
        }
        let messages = store.reader().messages(ExchangeId(5), None, 10).await.unwrap();
        assert_eq!(messages, (0..3).map(hidden).collect::<Vec<_>>());
        for id in [2, 4, 6, 20] {
            assert_held(&place.path, id, true);
            let body_of = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
            assert_eq!(body_of, body(id, "response", 3000));
        }
        assert!(store.reader().is_pinned(ExchangeId(9)).await.unwrap());
        assert_eq!(store.reader().list(&filter("is:redacted"), None, 50).await.unwrap().len(), 4);
        assert_eq!(store.reader().count().await.unwrap(), 20);
        store.close().await;
        assert_eq!(check(&place.path, true).unwrap().problems, []);
    }
}

#[tokio::test]
async fn a_body_may_stay_and_another_be_withheld() {
    let (place, store) = filled(Packing::Packed).await;
    let mut rewrite = redacted(stored(&store, 4).await);
    rewrite.bodies = [None, Some(Vec::new())];
    rewrite.exchange.request_body.stored_as = StoredAs::Sent;
    rewrite.exchange.response_body.stored_as = StoredAs::Withheld;
    let day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64 + 86_400_000_000;
    let seal = Seal { id: SealId([7; 12]), sealed: vec![5; 40], expires_at: Timestamp(day) };
    rewrite.seals = vec![seal.clone()];
    assert_eq!(store.admin().rewrite(vec![rewrite]).await.unwrap(), 1);
    let of = |direction| store.reader().body(ExchangeId(4), direction, None);
    assert_eq!(of(Direction::Request).await.unwrap(), body(4, "request", 500));
    assert_eq!(of(Direction::Response).await.unwrap(), b"");
    let exchange = stored(&store, 4).await;
    assert_eq!((exchange.response_body.stored, exchange.response_body.size), (0, 3000 + 24));
    assert_eq!(exchange.response_body.stored_as, StoredAs::Withheld);
    assert_eq!(store.reader().seal(&SealId([7; 12])).await.unwrap(), Some(seal));
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn those_that_are_under_way_or_gone_are_left_alone() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&exchange(1, 100)), finished(&exchange(2, 100))]).await.unwrap();
    let all = [1, 2, 3].map(|id| redacted(exchange(id, 100))).to_vec();
    assert_eq!(store.admin().rewrite(all).await.unwrap(), 1);
    assert_eq!(stored(&store, 1).await.redaction, None);
    assert!(stored(&store, 2).await.redaction.is_some());
    assert!(store.reader().exchange(ExchangeId(3)).await.unwrap().is_none());
}

/// Copies lie in unused parts of pages where rows were moved, or deleted by the bounds.
#[tokio::test]
async fn scrubbing_leaves_nothing_but_what_is_stored() {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    for first in (1..=600).step_by(20) {
        store
            .sink()
            .append((first..first + 20).map(|id| opened(&exchange(id, 900))).collect())
            .await
            .unwrap();
        let ended = (first..first + 20).map(|id| finished(&exchange(id, 900)));
        store.sink().append(ended.collect()).await.unwrap();
    }
    store.admin().set_retention(Retention { exchanges: Some(400), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 200);
    for id in 201..=600 {
        let rewrite = redacted(stored(&store, id).await);
        assert_eq!(store.admin().rewrite(vec![rewrite]).await.unwrap(), 1);
    }
    assert!(store.admin().scrub().await.unwrap());
    assert!(!holds(&place.path, b"s3cret-"));
    assert_eq!(store.reader().count().await.unwrap(), 400);
    store.sink().append(vec![finished(&plain(601))]).await.unwrap();
    store.close().await;
    assert!(!holds(&place.path, b"s3cret-"));
    assert_eq!(check(&place.path, true).unwrap().problems, []);
}

/// The packed facts of a block are made again from the new rows.
#[tokio::test]
async fn segments_follow() {
    let (_place, store) = store().await;
    let exchanges = (1..=2000).map(|id| finished(&exchange(id, 10)));
    store.sink().append(exchanges.collect()).await.unwrap();
    while store.admin().index().await.unwrap() {}
    let secret = secret(700, "target");
    let found = || async { store.reader().list(&filter(&secret), None, 5).await.unwrap().len() };
    assert_eq!(found().await, 1);
    store.admin().rewrite(vec![redacted(stored(&store, 700).await)]).await.unwrap();
    assert_eq!(found().await, 0);
    while store.admin().index().await.unwrap() {}
    assert_eq!(found().await, 0);
}
