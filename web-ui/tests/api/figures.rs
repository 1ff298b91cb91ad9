//! Figures: over what is stored and what is not yet, with bodies; what they cover, and their errors.

use std::sync::Arc;

use dashcam_exchange::{
    Connection, ConnectionId, Direction, Exchange, Failure, Gap, GapReason, Headers, Program, Record,
    ResponseHead, Side, Stage, State, Timestamp, Version, sample,
};
use dashcam_store::SettingsChange;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};
use crate::live::begin;

/// When the exchanges of these tests began.
const AT: i64 = 1_795_359_845_123_456;
const SECOND: i64 = 1_000_000;

async fn get(instance: &Instance, call: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters = parameters.iter().map(|(name, value)| {
        let value: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("{name}={value}")
    });
    let path = format!("/exchanges/{call}?{}", parameters.collect::<Vec<_>>().join("&"));
    instance.get(&path).await.json()
}

/// Ten exchanges, one a second: two hosts, one 503, one failure, and a word in two bodies.
fn ten() -> Vec<Exchange> {
    let made = (1..=10).map(|id| {
        let host = if id <= 6 { "api" } else { "b" };
        let body: &[u8] = if id == 3 || id == 8 { b"a needle" } else { b"hay" };
        let mut made = exchange(id, host, &format!("/o/{id}?x"), &[("content-type", "text/html")], body);
        made.started_at = Timestamp(AT + id * SECOND);
        made.timings.end_us = Some(id * 1000);
        if id == 5 {
            made.response.as_mut().unwrap().status = 503;
        }
        if id == 9 {
            made.response = None;
            (made.state, made.failure) =
                (State::Failed, Some(Failure::new(Side::Upstream, Stage::Connect, "refused")));
        }
        made
    });
    made.collect()
}

#[tokio::test]
async fn figures_are_those_of_what_is_stored() {
    let instance = Instance::start().await;
    instance.record(ten()).await;
    let count = get(&instance, "count", &[("filter", "host:api")]).await;
    assert_eq!((&count["count"], &count["errors"]), (&json!(6), &json!(1)));
    let covered = &count["covered"];
    let expect = [
        ("complete", json!(true)),
        ("exchanges", json!(6)),
        ("estimate", json!(6)),
        ("looked_at", json!(10)),
    ];
    expect.iter().for_each(|(name, value)| assert_eq!(&covered[*name], value, "{covered}"));
    assert_eq!(covered["from"], "2026-11-22T15:04:06.123456Z", "the first exchange of the recording");

    let facets = get(&instance, "facets", &[("by", "host,path,status,failure"), ("limit", "1")]).await;
    let expect = json!([
        {"by": "host", "values": [{"value": "api", "count": 6}], "others": 4, "exact": true},
        {"by": "path", "values": [{"value": "/o/{id}", "count": 10}], "others": 0, "exact": true},
        {"by": "status", "values": [{"value": "200", "count": 8}], "others": 2, "exact": true},
        {"by": "failure", "values": [{"value": null, "count": 9}], "others": 1, "exact": true},
    ]);
    assert_eq!(facets["facets"], expect);
    let facets = get(&instance, "facets", &[]).await["facets"].clone();
    let by: Vec<_> = facets.as_array().unwrap().iter().map(|facet| facet["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["host", "path", "status", "type", "client"]);

    let filter = "before:2026-11-22T15:04:15Z";
    let histogram = get(&instance, "histogram", &[("filter", filter), ("every", "5s")]).await;
    let bucket = |from: &str, count, errors| json!({"from": from, "count": count, "errors": errors});
    let expect =
        json!([bucket("2026-11-22T15:04:05.000000Z", 4, 0), bucket("2026-11-22T15:04:10.000000Z", 5, 2),]);
    assert_eq!((&histogram["buckets"], &histogram["every_us"]), (&expect, &json!(5_000_000)));

    let by = [("filter", filter), ("by", "host,status"), ("limit", "2"), ("stat", "count,p50,rate,bytes")];
    let stats = get(&instance, "stats", &by).await;
    let groups = stats["groups"].as_array().unwrap();
    assert_eq!((&stats["by"], &stats["every_us"]), (&json!(["host", "status"]), &json!(null)));
    let keys: Vec<_> = groups.iter().map(|group| (group["key"].clone(), group["count"].clone())).collect();
    let expect =
        [(json!(["api", "200"]), json!(5)), (json!(["b", "200"]), json!(2)), (json!(null), json!(2))];
    assert_eq!(keys, expect);
    let first = &groups[0];
    assert_eq!(
        (&first["p50_us"], &first["bytes"], &first["p95_us"]),
        (&json!(3000), &json!(20), &json!(null))
    );
    assert_eq!((&first["errors"], &first["exact"]), (&json!(null), &json!(true)));
    // From the first exchange until the end of the time that the filter names.
    let rate = first["rate"].as_f64().unwrap();
    assert!((rate - 5.0 / 8.876_543).abs() < 1e-6, "{rate}");
    instance.stop().await;
}

#[tokio::test]
async fn exchanges_under_way_count_once() {
    let instance = Instance::start().await;
    instance.record(ten()).await;
    let works = instance.disk.write().await;
    let open = begin(&instance, "own");
    let headers: Headers = [("x-id", "abc")].into_iter().collect();
    open.response(ResponseHead { version: Version::Http11, status: 500, reason: String::new(), headers });
    open.tap(Direction::Response).data(b"a needle");
    for (filter, expect) in [
        ("", 11),
        ("host:own", 1),
        ("state:open", 1),
        ("header.x-id:abc", 1),
        ("body:needle", 3),
        ("body:needle | status:503", 4),
        ("is:pinned", 0),
    ] {
        let count = get(&instance, "count", &[("filter", filter)]).await;
        assert_eq!(count["count"], json!(expect), "{filter}: {count}");
    }
    let stats = get(&instance, "stats", &[("by", "host"), ("filter", "host:own")]).await;
    let group = &stats["groups"][0];
    assert_eq!((&group["count"], &group["errors"]), (&json!(1), &json!(1)), "{stats}");
    assert_eq!((&group["p50_us"], &group["max_us"]), (&json!(null), &json!(null)), "it has not ended");
    let id = open.id();
    drop((open, works));
    // It is stored meanwhile, as one that is under way and then as it ended.
    instance.recorder.settle().await;
    assert!(instance.store.reader().exchange(id).await.unwrap().is_some());
    assert_eq!(get(&instance, "count", &[]).await["count"], json!(11));
    instance.stop().await;
}

#[tokio::test]
async fn programs_are_those_of_the_connections() {
    let instance = Instance::start().await;
    let program = |name: &str| Some(Program { name: name.to_owned(), pid: 17, ..Program::default() });
    let connections = [(1, program("curl")), (2, program("pip")), (3, None)]
        .map(|(id, program)| Record::Connection(Box::new(Connection { program, ..sample::connection(id) })));
    let exchanges = ten().into_iter().map(|made| {
        let connection = Some(ConnectionId(1 + made.id.0 % 4));
        Record::Finished(Arc::new(Exchange { connection, ..made }))
    });
    instance.store.sink().append(connections.into_iter().chain(exchanges).collect()).await.unwrap();
    // Connection 4 is not stored; of the bodies with the word, 3 came over it and 8 over the first one.
    let value = |value: Option<&str>, count| json!({"value": value, "count": count});
    let all = json!([value(None, 5), value(Some("pip"), 3), value(Some("curl"), 2)]);
    let needles = json!([value(None, 1), value(Some("curl"), 1)]);
    for (filter, expect) in
        [("", all), ("body:needle", needles), ("program:=pip", json!([value(Some("pip"), 3)]))]
    {
        let facets = get(&instance, "facets", &[("by", "program"), ("filter", filter)]).await;
        assert_eq!(facets["facets"][0]["values"], expect, "{filter}");
    }
    let stats = get(&instance, "stats", &[("by", "program"), ("stat", "count"), ("limit", "1")]).await;
    assert_eq!((&stats["by"], &stats["groups"][0]["key"]), (&json!(["program"]), &json!([null])));
    instance.stop().await;
}

#[tokio::test]
async fn an_answer_that_takes_too_long_says_what_it_covers() {
    let instance = Instance::start().await;
    instance.record(ten()).await;
    let nothing = get(&instance, "count", &[("time_limit", "0s")]).await;
    let covered = &nothing["covered"];
    assert_eq!(
        (&nothing["count"], &covered["complete"], &covered["looked_at"]),
        (&json!(0), &json!(false), &json!(0))
    );
    assert_eq!(covered["from"], covered["until"]);
    for call in ["facets", "histogram", "stats"] {
        let answer = get(&instance, call, &[("filter", "body:needle"), ("time_limit", "0s")]).await;
        assert_eq!(answer["covered"]["complete"], json!(false), "{call}");
    }
    let all = get(&instance, "count", &[("filter", "body:needle"), ("time_limit", "1m")]).await;
    assert_eq!((&all["count"], &all["covered"]["complete"]), (&json!(2), &json!(true)));
    instance.stop().await;
}

#[tokio::test]
async fn an_answer_names_what_the_recording_misses() {
    let instance = Instance::start().await;
    instance.record(ten()).await;
    let gap = |second: i64, exchanges| {
        let at = Timestamp(AT + second * SECOND);
        Record::Gap(Gap { from: at, until: at, reason: GapReason::DiskFull, exchanges })
    };
    instance.store.sink().append(vec![gap(-100, 50), gap(3, 7)]).await.unwrap();
    for (second, from, to) in [(2, "full", "off"), (4, "off", "full")] {
        let settings = |level: &str| json!({"level": level, "body_limit": 1});
        let (from, to) = (Some(settings(from)), settings(to));
        let at = Timestamp(AT + second * SECOND);
        let change = SettingsChange { at, who: "cli".into(), from, to, ..SettingsChange::default() };
        instance.store.admin().append_settings(&change).await.unwrap();
    }
    let covered =
        get(&instance, "count", &[("filter", "before:2026-11-22T15:04:10Z")]).await["covered"].clone();
    assert_eq!(covered["dropped"], json!(7));
    assert_eq!(covered["gaps"].as_array().unwrap().len(), 1);
    let expect = json!([{"from": "2026-11-22T15:04:07.123456Z", "until": "2026-11-22T15:04:09.123456Z", "level": "off"}]);
    assert_eq!(covered["unrecorded"], expect);
    let covered =
        get(&instance, "count", &[("filter", "since:2026-11-22T15:04:11Z")]).await["covered"].clone();
    assert_eq!((&covered["dropped"], &covered["unrecorded"]), (&json!(0), &json!([])));
    instance.stop().await;
}

#[tokio::test]
async fn wrong_parameters_get_the_nearest_name() {
    let instance = Instance::start().await;
    for (call, name, value, expect) in [
        ("stats", "by", "hots", "did you mean \u{201c}host\u{201d}?"),
        ("facets", "by", "host,statsu", "did you mean \u{201c}status\u{201d}?"),
        ("facets", "by", "", "by: expected one or some of host, path"),
        ("stats", "stat", "p96", "did you mean \u{201c}p95\u{201d}?"),
        ("stats", "by", "host,host", "twice"),
        ("stats", "every", "1x", "every: \u{201c}1x\u{201d} is no stretch of time; expected one such as 10s"),
        ("histogram", "every", "0s", "at least 1ms"),
        ("count", "time_limit", "1h", "at most 10m"),
        ("stats", "limit", "0", "limit is 0; it must be from 1 to 1000"),
        ("facets", "limit", "1001", "limit is 1001"),
    ] {
        let answer = get(&instance, call, &[(name, value)]).await;
        assert_eq!(answer["error"]["code"], "bad_request", "{call} {name}={value}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(expect), "{call} {name}={value}: {message}");
    }
    for call in ["count", "facets", "histogram", "stats"] {
        let error = get(&instance, call, &[("filter", "host:a staus:500")]).await["error"].clone();
        assert_eq!((&error["code"], &error["filter"]["column"]), (&json!("bad_filter"), &json!(8)), "{call}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn an_empty_recording_has_no_time() {
    let instance = Instance::start().await;
    let count = get(&instance, "count", &[]).await;
    assert_eq!((&count["count"], &count["covered"]["from"]), (&json!(0), &json!(null)));
    assert_eq!(count["covered"]["complete"], json!(true));
    assert_eq!(get(&instance, "histogram", &[]).await["buckets"], json!([]));
    assert_eq!(get(&instance, "stats", &[("by", "host")]).await["groups"], json!([]));
    instance.stop().await;
}
