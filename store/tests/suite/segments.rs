//! Exchanges are found the same with segments as without, whatever became of the exchanges since.

use std::time::Duration;

use dashcam_exchange::{
    Connection, Destination, Exchange, ExchangeId, Failure, Headers, Level, Record, RequestHead,
    ResponseHead, Scheme, Side, Stage, State, Timestamp, Timings, TlsFacts, Upstream, Version, sample,
};
use dashcam_filter::{Client, Context, Facts, Filter, Marks, Moment, Parts};
use dashcam_store::{Cost, Match, Retention, Start, Store, Tally, maintenance};

use crate::samples::{connection, finished, opened, place, store};

const LONG: Duration = Duration::from_secs(60);
const BEGIN: i64 = 1_790_000_000_000_000;

/// Filters of every kind that takes no contents of bodies.
const FILTERS: [&str; 42] = [
    "",
    "orders",
    "host:shop",
    "host:=shop-1.example",
    "-host:shop",
    "status:404",
    "status:5xx",
    "-status:*",
    "status:400..499 host:pay",
    "method:POST,PUT",
    "-method:GET | status:404",
    "path:/v1/orders/*",
    "url:/orders\\/[0-9]*7\\?/",
    "query.page:2",
    "dur:>2s",
    "ttfb:>1s",
    "-ttfb:*",
    "size:>1KB",
    "fail:upstream/tls_handshake",
    "fail:*",
    "state:aborted",
    "level:metadata",
    "type:json",
    "is:replay",
    "is:truncated",
    "is:pinned",
    "client:10.0.0.7",
    "tls:1.2",
    "upstream:192.0.2.7",
    "header.x-request-id:req-77",
    "header.x-request-id:=req-77",
    "header.X-Request-Id:/REQ-7+7$/",
    "req.header:/x-request-id: req-12[0-9]*/",
    "path:/ORDERS\\/12[0-9]+$/",
    "/(?:orders|nothing)\\/1[0-9]*9\\b/",
    "text/html -shop",
    "aborted | url:pay.example/v1",
    "url:/example\\/v1\\/orders\\/77/",
    "id:100..200",
    "id:>2900 | id:<10",
    "conn:12",
    "host:shop -(status:200 | method:POST)",
];

/// A few of them.
const FEW: [&str; 6] =
    ["", "status:404", "url:/orders\\/[0-9]*7\\?/", "is:pinned", "upstream:192.0.2.7", "id:>2900 | id:<10"];

fn exchange(id: i64) -> Exchange {
    let host = ["shop-1.example", "shop-2.example", "pay.example", "::1"][id as usize % 4];
    let status = [200, 404, 500, 204, 302, 200, 200][id as usize % 7];
    let failed = id % 11 == 0;
    let kind = if id % 5 == 0 { "text/HTML" } else { "application/json" };
    let took = (id * 7919) % 5_000_000;
    let mut made = sample::exchange(id);
    made.connection = (id % 13 > 0).then_some(dashcam_exchange::ConnectionId(id % 20));
    made.replay_of = (id % 17 == 0).then_some(ExchangeId(id / 2));
    made.started_at = Timestamp(BEGIN + id * 1_000_000);
    made.level = if id % 19 == 0 { Level::Metadata } else { Level::Full };
    made.state = if failed {
        [State::Failed, State::Aborted, State::Refused][id as usize % 3]
    } else {
        State::Complete
    };
    made.destination = Destination { scheme: Scheme::Https, host: host.to_owned(), port: 443 };
    made.request = RequestHead {
        version: Version::Http2,
        headers: Headers::from_iter([("X-Request-Id", format!("req-{id}")), ("Accept", "*/*".to_owned())]),
        ..sample::request(
            ["GET", "POST", "PUT"][id as usize % 3],
            &format!("/v{}/orders/{id}?page={}", id % 3, id % 4),
            &[],
        )
    };
    made.response = (!failed).then(|| ResponseHead { status, ..sample::ok(&[("Content-Type", kind)]) });
    made.response_body.size = id.unsigned_abs() * 3;
    made.response_body.truncated = id % 23 == 0;
    made.timings = Timings {
        response_start_us: (!failed).then_some(took / 2),
        end_us: Some(took),
        ..Timings::default()
    };
    made.upstream = (id % 2 == 0).then(|| Upstream {
        address: "192.0.2.7:443".to_owned(),
        reused: id % 4 == 0,
        tls_version: Some("TLSv1.3".to_owned()),
        connection: None,
    });
    made.failure = failed.then(|| Failure::new(Side::Upstream, Stage::TlsHandshake, format!("no {id}")));
    made
}

fn client(id: i64) -> Connection {
    let tls = TlsFacts {
        version: if id % 3 == 0 { "TLSv1.2" } else { "TLSv1.3" }.to_owned(),
        ..TlsFacts::default()
    };
    Connection { client: format!("10.0.0.{id}:{}", 4000 + id), tls: Some(tls), ..connection(id) }
}

/// The stored exchanges, in memory.
struct Model {
    exchanges: Vec<Exchange>,
    pinned: Vec<i64>,
}

impl Model {
    fn find(&self, filter: &Filter) -> Vec<i64> {
        let matches = |exchange: &&Exchange| {
            let client = exchange.connection.map(|id| client(id.0));
            let facts =
                Facts::of_exchange(exchange, Moment::End).with_client(client.as_ref().map(Client::from));
            let pinned = self.pinned.contains(&exchange.id.0);
            let truth = filter.evaluate(&facts.with_marks(Marks { pinned, ..Marks::default() }));
            assert!(truth.is_certain(), "{filter}");
            truth.is_true()
        };
        self.exchanges.iter().filter(matches).map(|exchange| exchange.id.0).collect()
    }

    /// Asks the store the same, in pages both ways and as a count.
    async fn agrees_with(&self, store: &Store, when: &str) {
        self.agrees_about(&FEW, store, when).await;
    }

    async fn agrees_about(&self, filters: &[&str], store: &Store, when: &str) {
        for text in filters {
            let filter = filter(text);
            let mut expect = self.find(&filter);
            let ((count, cost), reader) = (counted(store, &filter, LONG).await, store.reader());
            assert_eq!((count, cost.is_complete), (expect.len() as u64, true), "{when}: {text}");
            let first = expect.first().map_or(0, |first| first - 1);
            assert_eq!(
                pages(store, &filter, Start::After(ExchangeId(first))).await,
                expect,
                "{when}: {text}"
            );
            expect.reverse();
            assert_eq!(pages(store, &filter, Start::NEWEST).await, expect, "{when}: {text}");
            let page = reader.page(&filter, Start::Before(ExchangeId(1500)), (5, None)).await.unwrap();
            let below = expect.iter().copied().filter(|id| *id < 1500).take(5).collect::<Vec<_>>();
            assert_eq!(ids(&page.rows), below, "{when}: {text}");
        }
    }
}

/// How many match by their records alone, and the cost.
async fn counted(store: &Store, filter: &Filter, within: Duration) -> (u64, Cost) {
    let walked = store.reader().tally(filter, Tally::default(), None, (usize::MAX, within)).await.unwrap();
    assert_eq!(walked.unsure, []);
    (walked.tally.figures(0, None).exchanges, walked.cost)
}

fn filter(text: &str) -> Filter {
    let (now, presets) = (jiff::Zoned::now(), std::collections::BTreeMap::new());
    let context = Context { now: &now, presets: &presets };
    let filter = Filter::parse(text, &context).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(!filter.needs().intersects(Parts::CONTENTS), "{text}");
    filter
}

fn ids(rows: &[Match]) -> Vec<i64> {
    rows.iter().map(|row| row.summary.id.0).collect()
}

/// All pages of 997 rows.
async fn pages(store: &Store, filter: &Filter, mut start: Start) -> Vec<i64> {
    let mut all = Vec::new();
    loop {
        let page = store.reader().page(filter, start, (997, None)).await.unwrap();
        all.extend(ids(&page.rows));
        let Some(next) = page.next else { return all };
        start = next;
    }
}

async fn fill(store: &Store, last: i64) -> Model {
    let exchanges: Vec<Exchange> = (1..=last).filter(|id| id % 10 != 9).map(exchange).collect();
    let clients = (0..20).map(|id| Record::Connection(Box::new(client(id))));
    store.sink().append(clients.chain(exchanges.iter().map(finished)).collect()).await.unwrap();
    Model { exchanges, pinned: Vec::new() }
}

/// Makes all segments that can be made; says how many.
async fn index(store: &Store) -> usize {
    let mut made = 0;
    while store.admin().index().await.unwrap() {
        made += 1;
        assert!(made < 100, "it goes on and on");
    }
    made
}

#[tokio::test]
async fn segments_find_what_rows_do() {
    let (_place, store) = store().await;
    let model = fill(&store, 4000).await;
    model.agrees_about(&FILTERS, &store, "without segments").await;
    let rows = counted(&store, &filter("status:404"), LONG).await.1;
    assert_eq!(rows.rows_read, 3600);
    assert_eq!(index(&store).await, 3, "blocks 0, 1 and 2: the last is too new");
    model.agrees_about(&FILTERS, &store, "with segments").await;
    let packed = counted(&store, &filter("status:404"), LONG).await.1;
    assert_eq!(packed.looked_at, 3600);
    assert!(packed.rows_read < 1000, "{packed:?}");
    store.close().await;
}

#[tokio::test]
async fn whatever_changes_an_exchange_forgets_its_segment() {
    let (_place, store) = store().await;
    let mut model = fill(&store, 4000).await;
    index(&store).await;
    for id in [5, 1200, 2222] {
        assert!(store.admin().pin(ExchangeId(id), Timestamp(1)).await.unwrap());
        model.pinned.push(id);
    }
    model.agrees_with(&store, "pinned").await;
    assert!(store.admin().delete(ExchangeId(100)).await.unwrap());
    assert_eq!(store.admin().delete_these(vec![ExchangeId(1100), ExchangeId(2050)], false).await.unwrap(), 2);
    model.exchanges.retain(|exchange| ![100, 1100, 2050].contains(&exchange.id.0));
    model.agrees_with(&store, "deleted").await;
    assert_eq!(index(&store).await, 3);
    model.agrees_with(&store, "made again").await;
    // It ended after those that began with it.
    store.sink().append(vec![finished(&exchange(1009))]).await.unwrap();
    model.exchanges.push(exchange(1009));
    model.exchanges.sort_by_key(|exchange| exchange.id);
    model.agrees_with(&store, "a late one").await;
    assert_eq!(index(&store).await, 1);
    let bounds = Retention { exchanges: Some(3000), ..Retention::default() };
    store.admin().set_retention(bounds).await.unwrap();
    let deleted = store.admin().retain().await.unwrap();
    let gone: Vec<i64> = model.exchanges.iter().map(|exchange| exchange.id.0).collect();
    let gone: Vec<i64> =
        gone.into_iter().filter(|id| !model.pinned.contains(id)).take(deleted as usize).collect();
    model.exchanges.retain(|exchange| !gone.contains(&exchange.id.0));
    model.agrees_with(&store, "retained").await;
    index(&store).await;
    model.agrees_with(&store, "retained, and made again").await;
    store.admin().delete_all(true).await.unwrap();
    Model { exchanges: Vec::new(), pinned: Vec::new() }.agrees_with(&store, "all deleted").await;
    store.close().await;
}

#[tokio::test]
async fn an_exchange_under_way_is_in_no_segment() {
    let (place, store) = store().await;
    let late = Exchange { state: State::Open, ..exchange(500) };
    store.sink().append(vec![opened(&late)]).await.unwrap();
    let exchanges: Vec<Exchange> = (1..=4000).filter(|id| *id != 500).map(exchange).collect();
    store.sink().append(exchanges.iter().map(finished).collect()).await.unwrap();
    assert_eq!(index(&store).await, 2, "not the first block");
    store.sink().append(vec![finished(&exchange(500))]).await.unwrap();
    assert_eq!(index(&store).await, 1);
    assert_eq!(counted(&store, &filter("id:500 state:open"), LONG).await.0, 0);
    store.close().await;
    let store = Store::open_read_only(&place.path).await.unwrap();
    let page = store.reader().page(&filter("id:500"), Start::NEWEST, (10, None)).await.unwrap();
    assert_eq!(page.rows[0].summary.target, exchange(500).request.target);
    assert_eq!((page.rows.len(), page.next), (1, None));
    store.close().await;
}

#[tokio::test]
async fn damaged_segments_are_found_and_mended() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    let model = fill(&store, 4000).await;
    index(&store).await;
    store.close().await;
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
    let change = |sql: &str| {
        rusqlite::Connection::open(&place.path).unwrap().execute_batch(sql).unwrap();
    };
    change(
        "UPDATE segment_columns SET numbers = x'00' WHERE block = 0; UPDATE segments SET names = x'28' WHERE block = 1; \
         UPDATE segments SET exchanges = 3 WHERE block = 2",
    );
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems.len(), 1);
    let store = Store::open_read_only(&place.path).await.unwrap();
    model.agrees_with(&store, "damaged").await;
    store.close().await;
    let repaired = maintenance::repair(&place.path).await.unwrap();
    assert!(repaired.done[0].starts_with("3 segments"), "{repaired:?}");
    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(index(&store).await, 3);
    model.agrees_with(&store, "mended").await;
    store.close().await;
}

#[tokio::test]
async fn a_search_ends_when_its_time_is_over() {
    let (_place, store) = store().await;
    let _model = fill(&store, 3000).await;
    let (count, cost) = counted(&store, &filter("status:404"), Duration::ZERO).await;
    assert!(!cost.is_complete && count == 0);
    let until = Some(std::time::Instant::now());
    let all = store.reader().page(&filter("status:404"), Start::NEWEST, (3000, None)).await.unwrap().rows;
    // Where nothing matches it ends as well, and each page comes closer to the end.
    for (text, expect) in [("status:404", &all[..]), ("status:404 path:=/nowhere", &[])] {
        for index in [false, true] {
            if index {
                self::index(&store).await;
            }
            let (mut next, mut rows, mut pages) = (Some(Start::NEWEST), Vec::new(), 0);
            while let Some(start) = next {
                let page = store.reader().page(&filter(text), start, (3000, until)).await.unwrap();
                assert_eq!(page.next.is_none(), page.cost.is_complete, "{text}: {page:?}");
                rows.extend(page.rows);
                (next, pages) = (page.next, pages + 1);
                assert!(pages < 20, "{text}");
            }
            assert!(rows == expect && pages > 1, "{text}: {pages} pages");
        }
    }
    store.close().await;
}
