//! For all filters and exchanges: figures are those that somebody counts who has them all in hand, wherever each exchange
//! is: in a segment, in a row, or elsewhere. The view `v_exchanges` gives the same.

use std::collections::BTreeMap;
use std::time::Duration;

use dashcam_exchange::{
    BodyRecord, Connection, ConnectionId, Destination, Exchange, ExchangeId, Failure, Program, Record,
    ResponseHead, Side, Stage, State, Summary, Timestamp, Timings, sample,
};
use dashcam_filter::{Client, Facts, Filter, Moment};
use dashcam_store::sql::{Shell, Value};
use dashcam_store::{By, Figures, Group, Store, Tally};
use proptest::prelude::*;
use proptest::sample::select;

use crate::samples::{Place, connection, filter, finished, opened, store};

const LONG: Duration = Duration::from_secs(60);
const EVERY: i64 = 30_000_000;
/// Exchanges from this id on are not stored.
const ELSEWHERE: i64 = 1480;
const LAST: i64 = 1500;

/// An exchange without its id.
fn any_exchange() -> impl Strategy<Value = Exchange> {
    let failure = select(vec![
        None,
        None,
        None,
        Some(Failure::new(Side::Upstream, Stage::Dns, "gone")),
        Some(Failure::new(Side::Client, Stage::ResponseBody, "left")),
    ]);
    let status = select(vec![None, Some(200), Some(404), Some(500), Some(503), Some(599), Some(600)]);
    let kind = select(vec!["", "text/html", "Text/HTML; charset=utf-8", "application/json"]);
    let state = select(vec![State::Complete, State::Complete, State::Failed, State::Aborted]);
    let place = (
        select(vec!["a", "b", "c"]),
        select(vec!["/", "/o/17", "/o/18?x=1", "/u/01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
    );
    let numbers =
        (0..400_000_000_i64, prop::option::weighted(0.9, 0..5_000_000_i64), 0..9_u64, 0..100_000_u64);
    (place, (status, kind, state, failure), numbers, prop::option::of(1..4_i64)).prop_map(
        |((host, target), (status, kind, state, failure), (at, took, sent, received), connection)| {
            let mut made = sample::exchange(1);
            let headers: &[(&str, &str)] = &[("content-type", kind)];
            let headers = if kind.is_empty() { &[] } else { headers };
            made.connection = connection.map(ConnectionId);
            made.started_at = Timestamp(1_790_000_000_000_000 + at);
            made.destination = Destination { host: host.to_owned(), ..made.destination };
            made.request = sample::request("GET", target, &[("x-host", host)]);
            made.response = status.map(|status| ResponseHead { status, ..sample::ok(headers) });
            made.request_body = BodyRecord { size: sent, ..BodyRecord::default() };
            made.response_body = BodyRecord { size: received, ..BodyRecord::default() };
            made.timings = Timings { end_us: took, ..Timings::default() };
            (made.state, made.failure) = (state, failure);
            made
        },
    )
}

fn client(id: i64) -> Connection {
    let program = (id == 2).then(|| Program { name: "curl".to_owned(), pid: 17, ..Program::default() });
    Connection { client: format!("10.0.0.{}:{}", id % 2, 4000 + id), program, ..connection(id) }
}

async fn filled(exchanges: &[Exchange]) -> (Place, Store) {
    let (place, store) = store().await;
    let clients = (1..4).map(|id| Record::Connection(Box::new(client(id))));
    let stored = exchanges.iter().filter(|exchange| exchange.id.0 < ELSEWHERE).map(finished);
    store.sink().append(clients.chain(stored).collect()).await.unwrap();
    while store.admin().index().await.unwrap() {}
    // One of those that are counted elsewhere is stored as well, as it was a while ago.
    store.sink().append(vec![opened(&exchanges[ELSEWHERE as usize - 1])]).await.unwrap();
    (place, store)
}

fn matches(filter: &Filter, exchange: &Exchange) -> bool {
    let connection = exchange.connection.map(|id| client(id.0));
    let facts = Facts::of_exchange(exchange, Moment::End).with_client(connection.as_ref().map(Client::from));
    filter.evaluate(&facts).is_true()
}

async fn figures(store: &Store, exchanges: &[Exchange], filter: &Filter, by: &[By]) -> Figures {
    let every = Duration::from_micros(EVERY as u64);
    let tally = Tally::default().with_facets(by).with_histogram(every).with_groups(by, Some(every));
    let mut tally =
        exchanges.iter().filter(|exchange| exchange.id.0 >= ELSEWHERE).fold(tally, |mut tally, exchange| {
            tally.pass_over(exchange.id);
            if matches(filter, exchange) {
                let client = exchange.connection.map(|id| client(id.0));
                tally.add(&Summary {
                    client: client.as_ref().map(|client| client.client.split(':').next().unwrap().to_owned()),
                    program: client.and_then(|client| Some(client.program?.name)),
                    ..exchange.summary()
                });
            }
            tally
        });
    let mut before = None;
    loop {
        let part = store.reader().tally(filter, tally, before, (1, LONG)).await.unwrap();
        assert_eq!(part.unsure, []);
        (tally, before) = (part.tally, part.next);
        if before.is_none() {
            return tally.figures(usize::MAX, None);
        }
    }
}

/// The value of an exchange, by a look at it.
fn value(by: By, exchange: &Exchange) -> Option<String> {
    let failure = exchange.failure.as_ref();
    Some(match by {
        By::Host => exchange.destination.host.clone(),
        By::Path => match exchange.request.target.as_str() {
            "/" => "/".to_owned(),
            target => format!("{}/{{id}}", &target[..2]),
        },
        By::Method => "GET".to_owned(),
        By::Status => exchange.response.as_ref()?.status.to_string(),
        By::Type => exchange.summary().content_type?.split(';').next()?.to_lowercase(),
        By::State => exchange.state.as_str().to_owned(),
        By::Rule => exchange.rule.as_deref()?.to_owned(),
        By::Failure => format!("{}/{}", failure?.side.as_str(), failure?.stage.as_str()),
        By::Client => format!("10.0.0.{}", exchange.connection?.0 % 2),
        By::Program => client(exchange.connection?.0).program?.name,
    })
}

fn is_error(exchange: &Exchange) -> bool {
    matches(&filter("fail:* | status:5xx"), exchange)
}

/// The duration of that rank; the tally may say up to 3.2 % more of many.
fn is_quantile(found: Option<i64>, durations: &[i64], share: f64) -> bool {
    let Some(found) = found else { return durations.is_empty() };
    let expect = durations[((durations.len() as f64 * share).ceil() as usize).max(1) - 1];
    let most = if durations.len() <= 64 { expect as f64 } else { expect as f64 * 1.032 + 1.0 };
    (expect..=expect.max(most as i64)).contains(&found)
}

fn check_group(group: &Group, its: &[&Exchange]) -> Result<(), TestCaseError> {
    let sum = |size: fn(&Exchange) -> u64| its.iter().map(|exchange| size(exchange)).sum::<u64>();
    prop_assert_eq!(group.exchanges, its.len() as u64);
    prop_assert_eq!(group.errors, its.iter().filter(|exchange| is_error(exchange)).count() as u64);
    prop_assert_eq!(group.request_bytes, sum(|exchange| exchange.request_body.size));
    prop_assert_eq!(group.response_bytes, sum(|exchange| exchange.response_body.size));
    let mut durations: Vec<i64> = its.iter().filter_map(|exchange| exchange.timings.end_us).collect();
    durations.sort_unstable();
    for (found, share) in [(group.p50, 0.5), (group.p95, 0.95), (group.p99, 0.99)] {
        prop_assert!(is_quantile(found, &durations, share), "{share}: {found:?} of {durations:?}");
    }
    prop_assert_eq!(group.longest, durations.last().copied());
    prop_assert_eq!(group.is_exact, durations.len() <= 64);
    Ok(())
}

fn check(figures: &Figures, its: &[&Exchange], by: &[By]) -> Result<(), TestCaseError> {
    prop_assert_eq!(figures.exchanges, its.len() as u64);
    prop_assert_eq!(figures.errors, its.iter().filter(|exchange| is_error(exchange)).count() as u64);
    let starts = || its.iter().map(|exchange| exchange.started_at);
    prop_assert_eq!(figures.span, starts().min().zip(starts().max()));
    for facet in &figures.facets {
        let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
        its.iter().for_each(|exchange| *counts.entry(value(facet.by, exchange)).or_default() += 1);
        prop_assert!(facet.values.is_sorted_by(|one, other| one.1 >= other.1));
        prop_assert_eq!(facet.values.iter().cloned().collect::<BTreeMap<_, _>>(), counts);
    }
    let bucket = |exchange: &Exchange| exchange.started_at.0.div_euclid(EVERY) * EVERY;
    for found in &figures.histogram.as_ref().unwrap().buckets {
        let its: Vec<_> = its.iter().filter(|exchange| bucket(exchange) == found.from.0).collect();
        let errors = its.iter().filter(|exchange| is_error(exchange)).count();
        prop_assert_eq!((found.exchanges, found.errors), (its.len() as u64, errors as u64));
    }
    let groups = &figures.groups.as_ref().unwrap().groups;
    prop_assert_eq!(groups.iter().map(|group| group.exchanges).sum::<u64>(), figures.exchanges);
    for group in groups {
        let is_its = |exchange: &&&Exchange| {
            let key: Vec<_> = by.iter().map(|by| value(*by, exchange)).collect();
            group.key.as_ref() == Some(&key) && group.from == Some(Timestamp(bucket(exchange)))
        };
        check_group(group, &its.iter().filter(is_its).copied().collect::<Vec<_>>())?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn figures_are_those_of_counting_by_hand(
        made in prop::collection::vec(any_exchange(), LAST as usize),
        by in prop::sample::subsequence(By::ALL.map(|(by, _)| by).to_vec(), 0..4),
    ) {
        let exchanges: Vec<Exchange> =
            (1..).zip(made).map(|(id, made)| Exchange { id: ExchangeId(id), ..made }).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (place, store) = runtime.block_on(filled(&exchanges));
        for text in [
            "", "host:=a", "status:5xx", "fail:*", "-status:*", "path:/o/* -is:error", "dur:>1s", "header.x-host:b",
            "client:10.0.0.1", "id:100..900 | header.x-host:c status:404", "before:2026-09-21T14:15Z", "host:nowhere",
        ] {
            let filter = filter(text);
            let figures = runtime.block_on(figures(&store, &exchanges, &filter, &by));
            let its: Vec<&Exchange> = exchanges.iter().filter(|exchange| matches(&filter, exchange)).collect();
            check(&figures, &its, &by)?;
        }
        let by = [By::Host, By::Status, By::Type, By::Failure];
        let groups = |by: &[By]| {
            let tally = Tally::default().with_groups(by, None);
            let walked = runtime.block_on(store.reader().tally(&filter(""), tally, None, (1, LONG))).unwrap();
            walked.tally.figures(usize::MAX, None).groups.unwrap().groups
        };
        let (groups, hosts) = (groups(&by), groups(&[By::Host]));
        runtime.block_on(store.close());
        check_view(&place, &groups)?;
        check_percentile(&place, &hosts)?;
    }
}

/// The rows of an answer to SQL.
fn rows(place: &Place, sql: &str) -> Vec<Vec<Value>> {
    let shell = Shell::open(&place.path, |_, _, _| Ok(None)).unwrap();
    let mut question = shell.ask(sql, None).unwrap();
    let (mut answer, mut rows) = (question.run().unwrap(), Vec::new());
    while let Some(row) = answer.next().unwrap() {
        rows.push(row);
    }
    rows
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The view for people gives the same counts, errors and bytes.
fn check_view(place: &Place, groups: &[Group]) -> Result<(), TestCaseError> {
    let sql = "SELECT host, CAST(status AS TEXT), type, failure, count(*), \
        count(*) FILTER (WHERE failure IS NOT NULL OR status BETWEEN 500 AND 599), \
        sum(request_size), sum(response_size) FROM v_exchanges GROUP BY host, status, type, failure";
    let rows = rows(place, sql);
    prop_assert_eq!(rows.len(), groups.len());
    for row in rows {
        let key: Vec<_> = row[..4].iter().map(text).collect();
        let group = groups.iter().find(|group| group.key.as_ref() == Some(&key));
        let group = group.ok_or_else(|| TestCaseError::fail(format!("no group has {key:?}")))?;
        let figures = [group.exchanges, group.errors, group.request_bytes, group.response_bytes];
        prop_assert_eq!(&row[4..], &figures.map(|figure| Value::Integer(figure as i64))[..]);
    }
    Ok(())
}

/// So does the percentile of the cookbook in docs/SCHEMA.md, within the precision of the tally.
fn check_percentile(place: &Place, hosts: &[Group]) -> Result<(), TestCaseError> {
    let schema = include_str!("../../../docs/SCHEMA.md");
    let (_, cookbook) = schema.split_once("The 95th percentile by host").unwrap();
    let sql = cookbook.split("```").nth(1).unwrap().strip_prefix("sql").unwrap();
    for row in rows(place, sql) {
        let group = hosts.iter().find(|group| group.key == Some(vec![text(&row[0])])).unwrap();
        let Value::Real(expect) = row[1] else { return Err(TestCaseError::fail("it is no number")) };
        let found = group.p95.unwrap() as f64 / 1000.0;
        prop_assert!((expect..=expect * 1.032 + 0.001).contains(&found), "{found} is not {expect}");
    }
    Ok(())
}
