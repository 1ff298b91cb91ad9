//! Nobody pushes what others did out of the recording.

use std::collections::BTreeSet;
use std::time::Duration;

use dashcam_exchange::{ConnectionId, Direction, ExchangeId, MessageKind, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::{Retention, Store};
use sqlx::ConnectOptions;

use crate::samples::noise::noise;
use crate::samples::{Place, connection, finished, message, opened, part, plain, store};

const LIMIT: u64 = 8 << 20;
/// So much that what goes at once is a small part of it.
const LARGE: u64 = 4 * LIMIT;
/// Bytes of each body.
const BODY: usize = 10 << 10;

/// Makes exchanges of clients that have a connection each, or a new one for each exchange.
struct Traffic {
    store: Store,
    next: i64,
    records: Vec<Record>,
}

impl Traffic {
    fn new(store: &Store) -> Self {
        Self { store: store.clone(), next: 1, records: Vec::new() }
    }

    /// An exchange of `client`, over a connection of its own.
    fn exchange(&mut self, client: &str, host: &str) -> i64 {
        let id = self.next;
        self.next += 1;
        let mut served = connection(id);
        served.client = format!("{client}:{}", 1024 + id % 60_000);
        (served.opened_at, served.closed_at) = (Timestamp(id * 10), Some(Timestamp(id * 10 + 5)));
        self.records.push(Record::Connection(Box::new(served)));
        let mut exchange = plain(id);
        (exchange.started_at, exchange.connection) = (Timestamp(id * 10 + 1), Some(ConnectionId(id)));
        host.clone_into(&mut exchange.destination.host);
        exchange.response_body.rest = noise(id, BODY);
        exchange.response_body.stored = BODY as u64;
        self.records.push(finished(&exchange));
        id
    }

    async fn append(&mut self) {
        self.store.sink().append(std::mem::take(&mut self.records)).await.unwrap();
    }

    /// Exchanges of one client, of many hosts; says which they are.
    async fn flood(&mut self, client: &str, exchanges: i64) -> Vec<i64> {
        let mut ids = Vec::new();
        for number in 0..exchanges {
            ids.push(self.exchange(client, &format!("host-{number}")));
            if number % 100 == 99 {
                self.append().await;
            }
        }
        self.append().await;
        ids
    }
}

async fn bounded(size: u64) -> (Place, Store) {
    let (place, store) = store().await;
    store.admin().set_retention(Retention { size: Some(size), ..Retention::default() }).await.unwrap();
    (place, store)
}

async fn ids(store: &Store) -> BTreeSet<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

async fn number(place: &Place, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).read_only(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

/// Those of `expect` are stored, with their bodies.
async fn assert_there(store: &Store, expect: &[i64]) {
    let there = ids(store).await;
    let missing: Vec<_> = expect.iter().filter(|id| !there.contains(id)).collect();
    assert!(missing.is_empty(), "{} of {} are gone: {missing:?}", missing.len(), expect.len());
    for id in expect.iter().step_by(7) {
        let body = store.reader().body(ExchangeId(*id), Direction::Response, None).await.unwrap();
        assert!(body == noise(*id, BODY), "the body of {id}");
    }
}

#[tokio::test]
async fn a_flood_takes_the_room_of_whoever_makes_it() {
    let (place, store) = bounded(LIMIT).await;
    let mut traffic = Traffic::new(&store);
    let mut others = Vec::new();
    for number in 0..100 {
        others.push(traffic.exchange(&format!("10.0.0.{}", 1 + number % 2), "api.example.com"));
    }
    traffic.append().await;
    for round in 0..10 {
        let flood = traffic.flood("10.0.0.66", 500).await;
        others.push(traffic.exchange("10.0.0.1", "api.example.com"));
        traffic.append().await;
        let there = ids(&store).await;
        let newest: Vec<_> = flood[flood.len() - 50..].to_vec();
        assert!(newest.iter().all(|id| there.contains(id)), "round {round}: its newest stay");
    }
    assert_there(&store, &others).await;
    let there = ids(&store).await;
    assert!((200..800).contains(&there.len()), "{} exchanges", there.len());
    let connections = number(&place, "SELECT count(*) FROM connections").await;
    assert!(connections < 2000, "{connections} connections are left of {}", traffic.next);
    store.close().await;
    let size = std::fs::metadata(&place.path).unwrap().len();
    assert!(size <= LIMIT * 105 / 100, "{size}");
}

#[tokio::test]
async fn the_rule_outlives_a_restart() {
    let (place, store) = bounded(LIMIT).await;
    let mut traffic = Traffic::new(&store);
    let others: Vec<_> = (0..50).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    traffic.flood("10.0.0.66", 1000).await;
    let next = traffic.next;
    drop(traffic);
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    store.admin().set_retention(Retention { size: Some(LIMIT), ..Retention::default() }).await.unwrap();
    let mut traffic = Traffic { next, ..Traffic::new(&store) };
    traffic.flood("10.0.0.66", 1000).await;
    assert_there(&store, &others).await;
}

#[tokio::test]
async fn of_one_client_a_host_does_not_push_out_the_others() {
    let (_place, store) = bounded(LIMIT).await;
    let mut traffic = Traffic::new(&store);
    let others: Vec<_> = (0..50).map(|_| traffic.exchange("127.0.0.1", "api.example.com")).collect();
    for _ in 0..20 {
        for _ in 0..100 {
            traffic.exchange("127.0.0.1", "telemetry.example.com");
        }
        traffic.append().await;
    }
    assert_there(&store, &others).await;
}

#[tokio::test]
async fn where_all_hold_about_the_same_the_oldest_go() {
    let (_place, store) = bounded(LIMIT).await;
    let mut traffic = Traffic::new(&store);
    for round in 0..1500 {
        traffic.exchange(&format!("10.0.0.{}", 1 + round % 3), "api.example.com");
        if round % 90 == 89 {
            traffic.append().await;
        }
    }
    traffic.append().await;
    let there = ids(&store).await;
    let (first, last) = (*there.first().unwrap(), *there.last().unwrap());
    assert!(first > 500 && last == 1500, "{first} to {last}");
    assert_eq!(there.len() as i64, last - first + 1, "the newest, without a hole");
}

#[tokio::test]
async fn by_number_too_and_not_by_age() {
    let (_place, store) = store().await;
    let mut traffic = Traffic::new(&store);
    let others: Vec<_> = (0..50).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    traffic.flood("10.0.0.66", 950).await;
    store.admin().set_retention(Retention { exchanges: Some(200), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 800);
    assert_there(&store, &others).await;
    assert_eq!(store.reader().count().await.unwrap(), 200);
    // All of them began long ago.
    let age = Some(Duration::from_secs(3600));
    store.admin().set_retention(Retention { age, ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 1000);
    assert_eq!(ids(&store).await, BTreeSet::new());
}

#[tokio::test]
async fn what_is_pinned_stays_whoever_made_it() {
    let (_place, store) = bounded(LIMIT).await;
    let mut traffic = Traffic::new(&store);
    let mut kept: Vec<_> = (0..20).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    let flood = traffic.flood("10.0.0.66", 100).await;
    for id in flood.iter().step_by(10) {
        assert!(store.admin().pin(ExchangeId(*id), Timestamp(1)).await.unwrap());
        kept.push(*id);
    }
    traffic.flood("10.0.0.66", 2000).await;
    assert_there(&store, &kept).await;
    assert!(!ids(&store).await.contains(&flood[1]));
}

#[tokio::test]
async fn what_is_deleted_otherwise_is_taken_out_of_the_accounts() {
    let (place, store) = store().await;
    let mut traffic = Traffic::new(&store);
    let first = traffic.flood("10.0.0.66", 500).await;
    let others: Vec<_> = (0..100).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    traffic.append().await;
    let counted = async || {
        let counted = "SELECT coalesce(cast(round(sum(json_extract(holders, '$.all[1]'))) AS INTEGER), 0) \
            FROM holdings";
        (number(&place, counted).await, store.reader().count().await.unwrap())
    };
    assert_eq!(counted().await, (600, 600));
    assert!(store.admin().delete(ExchangeId(first[0])).await.unwrap());
    assert_eq!(counted().await, (599, 599));
    let some: Vec<_> = first[1..301].iter().map(|id| ExchangeId(*id)).collect();
    assert_eq!(store.admin().delete_these(some, true).await.unwrap(), 300);
    assert_eq!(counted().await, (299, 299));
    store.admin().set_retention(Retention { exchanges: Some(200), ..Retention::default() }).await.unwrap();
    store.admin().retain().await.unwrap();
    assert_eq!(counted().await, (200, 200));
    assert_there(&store, &others).await;
    store.admin().delete_all(true).await.unwrap();
    assert_eq!(counted().await, (0, 0));
}

/// An exchange that stays open cannot go; its oldest messages can.
#[tokio::test]
async fn messages_of_an_exchange_under_way_push_nothing_out() {
    let (place, store) = bounded(LARGE).await;
    let mut traffic = Traffic::new(&store);
    let socket = traffic.next;
    traffic.next += 1;
    let mut talking = plain(socket);
    talking.connection = Some(ConnectionId(socket));
    let mut served = connection(socket);
    served.client = "10.0.0.66:5000".to_owned();
    traffic.records.push(Record::Connection(Box::new(served)));
    traffic.records.push(opened(&talking));
    let others: Vec<_> = (0..100).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    traffic.append().await;
    for batch in 0..40_u32 {
        let said = (batch * 100..batch * 100 + 100).map(|seq| {
            let mut said = message(socket, seq);
            (said.kind, said.data, said.size) =
                (MessageKind::Binary, noise(i64::from(seq), BODY), BODY as u64);
            Record::Message(Box::new(said))
        });
        traffic.records.extend(said);
        traffic.append().await;
    }
    assert_there(&store, &others).await;
    traffic.records.push(part(socket, 0, b"not stored any more"));
    traffic.records.push(finished(&talking));
    traffic.append().await;
    let there = store.reader().exchange(ExchangeId(socket)).await.unwrap().unwrap();
    assert!(there.response_body.truncated && there.request_body.truncated, "it is marked");
    let seqs: Vec<_> = store.reader().messages(ExchangeId(socket), None, 5000).await.unwrap();
    let seqs: Vec<_> = seqs.iter().map(|message| message.seq).collect();
    assert!(seqs.len() > 100 && *seqs.last().unwrap() == 3999 && seqs.is_sorted(), "{} are left", seqs.len());
    assert_eq!(seqs.len() as u32, 4000 - seqs[0], "the newest, without a hole");
    store.close().await;
    let size = std::fs::metadata(&place.path).unwrap().len();
    assert!(size <= LARGE * 105 / 100, "{size}");
}

/// Of a recording of an older dashcam it is not known who holds what: that goes first, by its age.
#[tokio::test]
async fn what_is_not_accounted_for_goes_by_its_age() {
    let (place, store) = store().await;
    let mut traffic = Traffic::new(&store);
    // More than a block.
    let old = traffic.flood("10.0.0.1", 4200).await;
    store.close().await;
    rusqlite::Connection::open(&place.path).unwrap().execute("DELETE FROM holdings", []).unwrap();
    let store = Store::open(&place.path).await.unwrap();
    store.admin().set_retention(Retention { exchanges: Some(3000), ..Retention::default() }).await.unwrap();
    let mut traffic = Traffic { next: 10_000, ..Traffic::new(&store) };
    let others: Vec<_> = (0..50).map(|_| traffic.exchange("10.0.0.1", "api.example.com")).collect();
    let flood = traffic.flood("10.0.0.66", 2000).await;
    store.admin().retain().await.unwrap();
    let there = ids(&store).await;
    assert!(flood.iter().all(|id| there.contains(id)), "old ones go before them");
    assert!(!there.contains(&old[3000]) && there.contains(old.last().unwrap()));
    traffic.flood("10.0.0.66", 3000).await;
    store.admin().retain().await.unwrap();
    assert_there(&store, &others).await;
}
