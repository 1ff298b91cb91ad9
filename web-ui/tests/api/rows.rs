//! The columns of the list that come from elsewhere than an exchange's own row, rows for connections that no exchange
//! stands for, and the tree of hosts and paths.

use dashcam_exchange::{
    Connection, ConnectionId, Destination, Exchange, Failure, Headers, Record, Scheme, Side, Stage, State,
    Timestamp, Verdict, sample,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

/// When the exchanges of these tests began: 2026-11-22T15:04:05.123456Z.
const AT: i64 = 1_795_359_845_123_456;
const SECOND: i64 = 1_000_000;

fn grpc(id: i64, status: &str, in_trailers: bool) -> Exchange {
    let own: Headers = [("grpc-status", status)].into_iter().collect();
    let fields = [("content-type", "application/grpc+proto"), ("grpc-status", status)];
    let fields = if in_trailers { &fields[..1] } else { &fields[..] };
    let mut made = exchange(id, "rpc.example.com", "/shop.v1.Orders/Get", fields, b"");
    made.response_body.trailers = in_trailers.then_some(own);
    made
}

#[tokio::test]
async fn rows_have_the_client_tags_and_the_grpc_status() {
    let instance = Instance::start().await;
    let client = Connection { client: "[2001:db8::7]:4711".to_owned(), ..sample::connection(3) };
    instance.store.sink().append(vec![Record::Connection(Box::new(client))]).await.unwrap();
    let sent =
        Exchange { connection: Some(ConnectionId(3)), ..exchange(4, "a", "/", &[("grpc-status", "9")], b"") };
    instance.record([grpc(1, "14", true), grpc(2, "5", false), grpc(3, "0", true), sent]).await;
    let note = json!({"tags": ["slow", "red"]}).to_string();
    assert_eq!(instance.call(Method::PATCH, "/exchanges/4/note", &note).await.status, 200);
    let page = instance.get("/exchanges").await.json();
    let rows: Vec<Value> = page["exchanges"].as_array().unwrap().clone();
    let of = |name: &str| -> Vec<Value> { rows.iter().map(|row| row[name].clone()).collect() };
    assert_eq!(
        of("grpc_status"),
        [json!(null), json!(0), json!(5), json!(14)],
        "no gRPC, whatever its fields"
    );
    assert_eq!(of("client"), [json!("2001:db8::7"), json!(null), json!(null), json!(null)]);
    assert_eq!(of("tags"), [json!(["slow", "red"]), json!([]), json!([]), json!([])]);
    let sorted = instance.get("/exchanges?sort=id&order=asc").await.json();
    assert_eq!((&sorted["exchanges"][3], &sorted["exchanges"][0]["grpc_status"]), (&rows[0], &json!(14)));
    let one = instance.get("/exchanges/4").await.json();
    assert_eq!((&one["client"], &one["tags"]), (&json!("2001:db8::7"), &json!(["slow", "red"])));
    instance.stop().await;
}

#[tokio::test]
async fn graphql_calls_say_their_operation_and_their_errors() {
    let instance = Instance::start().await;
    let call = |id, sent: &[u8], answer: &[u8]| Exchange {
        request_body: sample::body(sent),
        ..exchange(id, "a", "/graphql", &[("content-type", "application/json")], answer)
    };
    let named = br#"{"query": "query Me { me { id } }"}"#;
    instance
        .record([
            call(1, named, br#"{"data": null, "errors": [{"message": "no"}]}"#),
            call(2, br#"{"operationName": "Cart", "query": "{ cart }"}"#, br#"{"data": {}}"#),
            call(3, b"", b"<html>"),
        ])
        .await;
    let calls = instance.get("/exchanges/graphql?ids=1,2,3,99").await.json();
    assert_eq!(
        calls["calls"],
        json!([
            {"id": 1, "operation": "Me", "errors": 1},
            {"id": 2, "operation": "Cart", "errors": 0},
            {"id": 3, "operation": null, "errors": null},
        ])
    );
    assert_eq!(instance.get("/exchanges/graphql?ids=x").await.error(), (400, "bad_request".to_owned()));
    let (_, token) = instance.token("viewer-without-bodies").await;
    let refused = instance.call_with(&token, Method::GET, "/exchanges/graphql?ids=1", "").await;
    assert_eq!(refused.error(), (403, "role_needed".to_owned()));
    instance.stop().await;
}

/// Connections a second apart: each third one failed, and each third one was tunnelled.
fn connections() -> Vec<Record> {
    let made = (1..=30).map(|id| {
        let rejected = Failure::new(Side::Client, Stage::TlsHandshake, "it rejected our certificate");
        Record::Connection(Box::new(Connection {
            opened_at: Timestamp(AT + id * SECOND),
            destination: Some(format!("h{}.example.com:443", id % 2)),
            verdict: Some(if id % 3 == 1 { Verdict::Tunnel } else { Verdict::Decrypt }),
            failure: (id % 3 == 0).then_some(rejected),
            ..sample::connection(id)
        }))
    });
    made.collect()
}

async fn unread(instance: &Instance, parameters: &str) -> (Vec<i64>, Value) {
    let page = instance.get(&format!("/connections?unread=true{parameters}")).await.json();
    let connections = page["connections"].as_array().unwrap();
    (connections.iter().map(|row| row["id"].as_i64().unwrap()).collect(), page["next_before"].clone())
}

#[tokio::test]
async fn connections_that_no_exchange_stands_for_are_found_by_time_and_filter() {
    let instance = Instance::start().await;
    assert_eq!(unread(&instance, "").await, (vec![], json!(null)));
    instance.store.sink().append(connections()).await.unwrap();
    assert_eq!(unread(&instance, "&limit=3").await, (vec![30, 28, 27], json!(27)));
    assert_eq!(unread(&instance, "&limit=3&before=7").await, (vec![6, 4, 3], json!(3)));
    assert_eq!(unread(&instance, "&before=3").await, (vec![1], json!(null)));
    let window = "&since=2026-11-22T15:04:10Z&until=2026-11-22T15:04:14.123456Z";
    assert_eq!(unread(&instance, window).await, (vec![7, 6], json!(null)), "9 was opened at its end");
    for (filter, expect) in [
        ("fail:client/tls_handshake", vec![9, 6, 3]),
        ("host:=h1.example.com", vec![9, 7, 3, 1]),
        ("h0.example -fail:*", vec![4]),
        ("status:*", vec![]),
        ("method:CONNECT id:*", vec![]),
        ("since:2026-11-22T15:04:13Z", vec![9]),
        ("-client:127.0.0.1", vec![]),
    ] {
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let found = unread(&instance, &format!("&before=10&filter={filter}")).await;
        assert_eq!(found, (expect, json!(null)), "{filter}");
    }
    let alone = instance.get("/connections?since=2026-11-22T15:04:05Z").await;
    assert_eq!(alone.error(), (400, "bad_request".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn the_tree_has_the_branches_that_are_open() {
    let instance = Instance::start().await;
    let targets = [
        "/v1/orders/1",
        "/v1/orders/2?x",
        "/v1/orders/2/lines",
        "/v1/orders",
        "/v1/users/7",
        "/",
        "/v1/",
        "*",
    ];
    let made = (1..).zip(targets).map(|(id, target)| {
        let mut made = exchange(id, "api", target, &[], b"");
        made.timings.end_us = Some(id * 1000);
        made
    });
    let other = Exchange {
        state: State::Failed,
        response: None,
        failure: Some(Failure::new(Side::Upstream, Stage::Dns, "gone")),
        destination: Destination { scheme: Scheme::Http, host: "b".to_owned(), port: 80 },
        ..exchange(20, "b", "/x", &[], b"")
    };
    instance.record(made.chain([other])).await;
    let tree = instance.get("/exchanges/tree?open=api%20api/v1%20api/v1/orders%20gone").await.json();
    let branch = |at: usize| -> Vec<Value> {
        let nodes = tree["branches"][at]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| {
                json!([node["name"], node["has_nodes"], node["count"], node["errors"], node["p95_us"]])
            })
            .collect()
    };
    assert_eq!(branch(0), [json!(["api", true, 8, 0, 8000]), json!(["b", true, 1, 1, 5000])]);
    assert_eq!(
        branch(1),
        [json!(["v1", true, 6, 0, 7000]), json!(["", false, 1, 0, 6000]), json!(["*", false, 1, 0, 8000])]
    );
    assert_eq!(
        branch(2),
        [
            json!(["orders", true, 4, 0, 4000]),
            json!(["", false, 1, 0, 7000]),
            json!(["users", true, 1, 0, 5000])
        ]
    );
    assert_eq!(branch(3), [json!(["{id}", true, 3, 0, 3000])]);
    assert_eq!((branch(4), &tree["branches"][4]["place"]), (vec![], &json!("gone")));
    assert_eq!(tree["covered"]["complete"], true);
    let few = instance.get("/exchanges/tree?filter=host:api&open=api/v1%20api&limit=1").await.json();
    let first = &few["branches"][2];
    assert_eq!(
        (&first["nodes"][0]["name"], &first["more"], &first["others"]),
        (&json!("v1"), &json!(2), &json!(2))
    );
    assert_eq!(few["branches"][0]["nodes"].as_array().unwrap().len(), 1, "the filter holds");
    instance.stop().await;
}
