//! Sorted lists are those that sorting by hand gives, page by page, from rows and from segments.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Connection, ConnectionId, Exchange, ExchangeId, Program, Record, Timestamp, sample};
use dashcam_store::{NoteChange, Order, Place, SortBy, Store};

use crate::samples::{connection, filter, finished, store};

const LAST: i64 = 1200;
const LONG: Duration = Duration::from_secs(60);

fn client(id: i64) -> Connection {
    let program = (id % 3 > 0).then(|| Program { name: format!("program {}", id % 3), ..Program::default() });
    Connection { client: format!("10.0.0.{}:{}", id % 4, 1000 + id), program, ..connection(id) }
}

fn tags(id: i64) -> Vec<String> {
    let tags = ["slow", "red", "blue"].iter().zip(1..);
    if id % 50 > 0 {
        return Vec::new();
    }
    tags.filter(|(_, number)| id / 50 % 4 >= *number).map(|(tag, _)| (*tag).to_owned()).collect()
}

/// Each third one is a gRPC call with its status in its trailers, or in its head.
fn status(id: i64) -> Option<i64> {
    (id % 3 == 0).then_some(id % 17)
}

fn exchange(id: i64) -> Exchange {
    let own = (id % 17).to_string();
    let in_trailers = id % 2 == 0;
    let kind = if status(id).is_some() { "application/grpc+proto" } else { "text/html" };
    let fields = [("content-type", kind), ("grpc-status", &own)];
    let mut made = sample::exchange(id);
    made.started_at = Timestamp(id);
    made.connection = (id % 11 > 0).then_some(ConnectionId(id % 10));
    made.rule = (id % 4 > 0).then(|| Arc::from(format!("rule {}", id % 4)));
    made.response = Some(sample::ok(if in_trailers { &fields[..1] } else { &fields }));
    made.response_body.trailers = in_trailers.then(|| fields[1..].iter().copied().collect());
    made
}

/// The value of an exchange, by a look at it.
fn value(by: SortBy, id: i64) -> Option<String> {
    let exchange = exchange(id);
    // Connection 9 is not stored.
    let client = exchange.connection.filter(|id| id.0 < 9).map(|id| client(id.0));
    let text = match by {
        SortBy::Client => client?.client.split(':').next()?.to_owned(),
        SortBy::Program => client?.program?.name,
        SortBy::Rule => exchange.rule?.to_string(),
        SortBy::Tags => tags(id).join(" "),
        SortBy::GrpcStatus => format!("{:03}", status(id)?),
        other => panic!("{other:?}"),
    };
    Some(text).filter(|text| !text.is_empty())
}

async fn filled() -> (crate::samples::Place, Store) {
    let (place, store) = store().await;
    let clients = (0..9).map(|id| Record::Connection(Box::new(client(id))));
    let exchanges = (1..=LAST).map(|id| finished(&exchange(id)));
    store.sink().append(clients.chain(exchanges).collect()).await.unwrap();
    for id in (1..=LAST).filter(|id| !tags(*id).is_empty()) {
        let change = NoteChange { tags: tags(id), ..NoteChange::default() };
        store.admin().note(ExchangeId(id), change, Timestamp(1)).await.unwrap();
    }
    // A note without a tag is no value.
    let comment = NoteChange { comment: Some("look".to_owned()), ..NoteChange::default() };
    store.admin().note(ExchangeId(51), comment, Timestamp(1)).await.unwrap();
    (place, store)
}

/// All pages of an order.
async fn pages(store: &Store, order: Order) -> Vec<i64> {
    let (mut all, mut behind): (Vec<i64>, Option<Place>) = (Vec::new(), None);
    loop {
        let page = store.reader().sorted(&filter("-id:7"), (order, behind), (500, LONG)).await.unwrap();
        assert!(page.cost.is_complete);
        all.extend(page.rows.iter().map(|row| row.id.0));
        behind = page.rows.last().map(|row| order.place(row));
        if behind.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn values_beside_the_exchange_are_sorted_by() {
    let (_place, store) = filled().await;
    for indexed in [false, true] {
        while indexed && store.admin().index().await.unwrap() {}
        for by in [SortBy::Client, SortBy::Program, SortBy::Rule, SortBy::Tags, SortBy::GrpcStatus] {
            for descending in [false, true] {
                let mut expect: Vec<i64> = (1..=LAST).filter(|id| *id != 7).collect();
                expect.sort_by_cached_key(|id| {
                    let value = value(by, *id);
                    let [up, down] = if descending { [None, value.clone()] } else { [value.clone(), None] };
                    (value.is_none(), up, Reverse(down), Reverse(*id))
                });
                let found = pages(&store, Order { by, descending }).await;
                assert!(found == expect, "{by:?} {descending} {indexed}: {:?}", &found[..20]);
            }
        }
    }
    store.close().await;
}
