//! One exchange as a HAR entry.

use dashcam_exchange::{
    Exchange, ExchangeId, Headers, RequestHead, ResponseHead, Timestamp, UpstreamConnection,
};
use dashcam_store::{Store, StoreError};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{content, cookies, messages, timings};
use crate::dto::{Failure, Level, State, Time, latin1};
use crate::export::format::Source;
use crate::export::members::object;
use crate::pen::Pen;

/// An exchange and the connection that served it.
#[derive(Debug)]
struct Stored {
    exchange: Exchange,
    upstream: Option<UpstreamConnection>,
}

/// Writes the entry of an exchange.
pub(super) async fn write(source: &Source, exchange: Exchange, pen: &mut Pen) -> Result<(), StoreError> {
    let stored = with_upstream(&source.store, exchange).await?;
    let exchange = &stored.exchange;
    pen.begin(&facts(&stored));
    pen.raw(",\"request\":");
    pen.begin(&request(exchange));
    if exchange.request_body.size > 0 {
        pen.raw(",\"postData\":");
        content::post_data(source, exchange, pen).await?;
    }
    pen.raw("},\"response\":");
    pen.begin(&response(exchange));
    pen.raw(",\"content\":");
    content::content(source, exchange, pen).await?;
    pen.raw("}");
    messages::web_socket(source, exchange.id, pen).await?;
    pen.raw("}");
    Ok(())
}

async fn with_upstream(store: &Store, exchange: Exchange) -> Result<Stored, StoreError> {
    let upstream = match exchange.upstream.as_ref().and_then(|upstream| upstream.connection) {
        Some(connection) => store.upstream_connection(connection).await?,
        None => None,
    };
    Ok(Stored { exchange, upstream })
}

/// All but the request, the response and the messages.
fn facts(stored: &Stored) -> Map<String, Value> {
    let exchange = &stored.exchange;
    let (ahead, time, timings) = timings::timings(exchange, stored.upstream.as_ref());
    let mut facts = object(json!({
        "startedDateTime": Time::from(Timestamp(exchange.started_at.0.saturating_sub(ahead))),
        "time": time,
        "cache": {},
        "timings": timings,
        "_id": exchange.id.0,
        "_state": State::from(exchange.state),
        "_level": Level::from(exchange.level),
    }));
    let optional = [
        ("serverIPAddress", exchange.upstream.as_ref().map(|upstream| json!(host(&upstream.address)))),
        ("connection", exchange.connection.map(|id| json!(id.to_string()))),
        ("_replay_of", exchange.replay_of.map(|ExchangeId(id)| json!(id))),
        ("_failure", exchange.failure.clone().map(|failure| json!(Failure::from(failure)))),
        ("_request_sent", exchange.request_sent.as_ref().map(request_sent)),
        ("_response_sent", exchange.response_sent.as_ref().map(response_sent)),
    ];
    facts.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    facts
}

/// An address without its port, an IPv6 one without brackets.
fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

fn request(exchange: &Exchange) -> Map<String, Value> {
    let head: &RequestHead = &exchange.request;
    object(json!({
        "method": head.method,
        "url": exchange.url(),
        "httpVersion": head.version.as_str(),
        "cookies": cookies::sent(&head.headers),
        "headers": fields(&head.headers),
        "queryString": query(&head.target),
        "headersSize": -1,
        "bodySize": exchange.request_body.size,
    }))
}

fn response(exchange: &Exchange) -> Map<String, Value> {
    let nothing = Headers::default();
    let head: Option<&ResponseHead> = exchange.response.as_ref();
    let headers = head.map_or(&nothing, |head| &head.headers);
    object(json!({
        // As browsers write a request that got no response.
        "status": head.map_or(0, |head| head.status),
        "statusText": head.map_or("", |head| &head.reason),
        "httpVersion": head.map_or("", |head| head.version.as_str()),
        "cookies": cookies::set(headers),
        "headers": fields(headers),
        "redirectURL": headers.first("location").map(latin1).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": head.map_or(-1, |_| i64::try_from(exchange.response_body.size).unwrap_or(i64::MAX)),
    }))
}

fn request_sent(head: &RequestHead) -> Value {
    json!({"httpVersion": head.version.as_str(), "headers": fields(&head.headers)})
}

fn response_sent(head: &ResponseHead) -> Value {
    json!({
        "status": head.status,
        "statusText": head.reason,
        "httpVersion": head.version.as_str(),
        "headers": fields(&head.headers),
    })
}

fn fields(headers: &Headers) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({"name": latin1(name), "value": latin1(value)})).collect()
}

fn query(target: &str) -> Vec<Value> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs =
        target.split_once('?').map_or("", |(_, query)| query).split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split.map(|(name, value)| json!({"name": decode(name), "value": decode(value)})).collect()
}
