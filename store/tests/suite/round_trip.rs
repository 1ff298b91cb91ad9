//! Records come out as they went in.

use dashcam_exchange::{
    Connection, ConnectionId, Direction, Exchange, ExchangeId, Gap, GapReason, Program, Record, State,
    Timestamp,
};
use dashcam_filter::Filter;
use dashcam_store::{ChangeKind, SettingsChange};
use serde_json::json;

use crate::samples::{
    connection, failed_connection, filter, finished, message, opened, part, plain, rich, store,
};

/// As it is read: bodies are read apart, and `parts` counts all pieces.
fn as_read(mut exchange: Exchange) -> Exchange {
    for body in [&mut exchange.request_body, &mut exchange.response_body] {
        body.parts += u32::from(!body.rest.is_empty());
        body.rest.clear();
    }
    exchange
}

#[tokio::test]
async fn exchanges() {
    let (_place, store) = store().await;
    let records = vec![finished(&plain(1)), part(2, 0, b"resp"), finished(&rich(2))];
    store.sink().append(records).await.unwrap();
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap(), Some(plain(1)));
    assert_eq!(store.reader().exchange(ExchangeId(2)).await.unwrap(), Some(as_read(rich(2))));
    assert_eq!(store.reader().exchange(ExchangeId(3)).await.unwrap(), None);
    let list = store.reader().list(&Filter::default(), None, 10).await.unwrap();
    assert_eq!(list, [rich(2).summary(), plain(1).summary()]);
}

#[tokio::test]
async fn rows_that_follow_unlike_and_like_ones_keep_their_own_values() {
    let (_place, store) = store().await;
    let exchanges = [plain(9), rich(2), rich(3), plain(4), plain(5), rich(6), plain(1)];
    store.sink().append(exchanges.iter().map(finished).collect()).await.unwrap();
    for exchange in exchanges {
        assert_eq!(store.reader().exchange(exchange.id).await.unwrap(), Some(as_read(exchange)));
    }
}

#[tokio::test]
async fn bodies_in_pieces() {
    let (_place, store) = store().await;
    let id = ExchangeId(2);
    store.sink().append(vec![opened(&rich(2)), part(2, 0, b"resp")]).await.unwrap();
    assert_eq!(store.reader().body(id, Direction::Response, None).await.unwrap(), b"resp");
    store.sink().append(vec![finished(&rich(2)), finished(&plain(3))]).await.unwrap();
    assert_eq!(store.reader().body(id, Direction::Response, None).await.unwrap(), b"response");
    assert_eq!(store.reader().body(id, Direction::Response, Some(5)).await.unwrap(), b"respo");
    assert_eq!(store.reader().body(id, Direction::Request, None).await.unwrap(), b"request");
    assert_eq!(store.reader().body(ExchangeId(3), Direction::Request, None).await.unwrap(), b"");
    let mut pieces = Vec::new();
    while let Some(piece) =
        store.reader().body_part(id, Direction::Response, pieces.len() as u32).await.unwrap()
    {
        pieces.push(piece);
    }
    assert_eq!(pieces, [b"resp", b"onse"]);
}

#[tokio::test]
async fn a_large_body_of_many_pieces() {
    let (_place, store) = store().await;
    let parts = (0..40).map(|seq| part(1, seq, &vec![seq as u8; 256 << 10]));
    store.sink().append(parts.chain([finished(&plain(1))]).collect()).await.unwrap();
    let body = store.reader().body(ExchangeId(1), Direction::Response, None).await.unwrap();
    assert_eq!(body.len(), 40 * (256 << 10));
    assert!(
        body.chunks(256 << 10).enumerate().all(|(seq, piece)| piece.iter().all(|byte| *byte == seq as u8))
    );
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap().response_body.parts, 40);
}

#[tokio::test]
async fn opened_then_finished_is_one_row() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&plain(1))]).await.unwrap();
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap().state, State::Open);
    store.sink().append(vec![finished(&plain(1)), opened(&plain(2)), finished(&plain(2))]).await.unwrap();
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap(), Some(plain(1)));
    assert_eq!(store.reader().exchange(ExchangeId(2)).await.unwrap(), Some(plain(2)));
    assert_eq!(store.reader().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_batch_of_a_thousand_in_pages() {
    let (_place, store) = store().await;
    store.sink().append((1..=1000).map(|id| finished(&plain(id))).collect()).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), 1000);
    let all = Filter::default();
    let (mut before, mut newest_first) = (None, Vec::new());
    loop {
        let page = store.reader().list(&all, before, 300).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        newest_first.extend(page.iter().map(|summary| summary.id.0));
    }
    assert_eq!(newest_first, (1..=1000).rev().collect::<Vec<_>>());
    let oldest = store.reader().list_after(&all, ExchangeId(997), 2).await.unwrap();
    assert_eq!(oldest.iter().map(|summary| summary.id.0).collect::<Vec<_>>(), [998, 999]);
    assert!(store.reader().list(&all, None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn messages() {
    let (_place, store) = store().await;
    let records = (0..100).map(|seq| Record::Message(Box::new(message(4, seq))));
    store.sink().append([opened(&plain(4))].into_iter().chain(records).collect()).await.unwrap();
    let id = ExchangeId(4);
    assert_eq!(store.reader().message_count(id).await.unwrap(), 100);
    assert_eq!(store.reader().messages(id, None, 2).await.unwrap(), [message(4, 0), message(4, 1)]);
    assert_eq!(store.reader().messages(id, Some(98), 10).await.unwrap(), [message(4, 99)]);
    assert_eq!(store.reader().message_count(ExchangeId(5)).await.unwrap(), 0);
}

#[tokio::test]
async fn connections_are_replaced_by_what_is_known_later() {
    let (_place, store) = store().await;
    let record = |connection| Record::Connection(Box::new(connection));
    store.sink().append((1..=3).map(|id| record(connection(id))).collect()).await.unwrap();
    store.sink().append(vec![record(failed_connection(2))]).await.unwrap();
    assert_eq!(store.reader().connection(ConnectionId(2)).await.unwrap(), Some(failed_connection(2)));
    assert_eq!(store.reader().connection(ConnectionId(4)).await.unwrap(), None);
    let all = store.reader().connections(false, Some(ConnectionId(3)), 10).await.unwrap();
    assert_eq!(all, [failed_connection(2), connection(1)]);
    assert_eq!(store.reader().connections(true, None, 10).await.unwrap(), [failed_connection(2)]);
    assert_eq!(store.reader().last_ids().await.unwrap().connection, ConnectionId(3));
}

#[tokio::test]
async fn programs_are_added_to_connections() {
    let (_place, store) = store().await;
    let program = |pid| Program {
        name: format!("Program{pid}"),
        pid,
        path: Some("/usr/bin/a".to_owned()),
        command: Some("a --b=…".to_owned()),
        cgroup: Some("/system.slice/a.service".to_owned()),
    };
    let connection = |id, pid: Option<u32>| Connection { program: pid.map(program), ..connection(id) };
    let record = |connection| Record::Connection(Box::new(connection));
    let found = |id, pid| Record::Program { connection: ConnectionId(id), program: Box::new(program(pid)) };
    let exchange = |id, by| Exchange { connection: Some(ConnectionId(by)), ..plain(id) };
    let records = vec![
        record(connection(1, Some(1))),
        record(connection(2, None)),
        record(connection(3, None)),
        found(2, 2),
        found(4, 4),
        finished(&exchange(7, 1)),
        finished(&exchange(8, 2)),
        finished(&exchange(9, 3)),
    ];
    store.sink().append(records).await.unwrap();
    store.sink().append(vec![found(3, 3)]).await.unwrap();
    let all = store.reader().connections(false, None, 10).await.unwrap();
    assert_eq!(all, [connection(3, Some(3)), connection(2, Some(2)), connection(1, Some(1))]);
    let list = async |words: &str| {
        let rows = store.reader().list(&filter(words), None, 10).await.unwrap();
        rows.into_iter().map(|row| (row.id.0, row.program)).collect::<Vec<_>>()
    };
    let named = |id, pid| (id, Some(format!("Program{pid}")));
    assert_eq!(list("").await, [named(9, 3), named(8, 2), named(7, 1)]);
    assert_eq!(list("program:program2").await, [named(8, 2)]);
}

#[tokio::test]
async fn gaps_and_settings() {
    let (_place, store) = store().await;
    let gap =
        |exchanges| Gap { from: Timestamp(1), until: Timestamp(2), reason: GapReason::DiskFull, exchanges };
    store.sink().append(vec![Record::Gap(gap(1)), Record::Gap(gap(2))]).await.unwrap();
    assert_eq!(store.reader().gaps(10).await.unwrap(), [gap(2), gap(1)]);

    assert_eq!(store.reader().settings().await.unwrap(), None);
    let change = |at, from, to| SettingsChange {
        at: Timestamp(at),
        who: "cli".to_owned(),
        why: (at > 1).then(|| "an incident".to_owned()),
        from,
        to,
        kind: ChangeKind::Rules,
        address: Some("127.0.0.1".to_owned()),
        session: Some("s1".to_owned()),
        detail: Some(json!({"rule": "pay"})),
    };
    let first = change(1, None, json!({"level": "full"}));
    let second = change(2, Some(first.to.clone()), json!({"level": "off"}));
    store.admin().append_settings(&first).await.unwrap();
    store.admin().append_settings(&second).await.unwrap();
    assert_eq!(store.reader().settings().await.unwrap(), Some(second.to.clone()));
    assert_eq!(store.reader().settings_history(10).await.unwrap(), [second, first]);
}
