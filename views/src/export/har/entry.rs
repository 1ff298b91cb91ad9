//! One exchange as a HAR entry.

use dashcam_exchange::{
    Exchange, ExchangeId, Headers, RequestHead, ResponseHead, Timestamp, UpstreamConnection, Version,
};
use dashcam_store::{Note, ReadError, Reader};
use serde_json::{Map, Value, json};

use super::params::Fields;
use super::{content, cookies, events, messages, params, resource, timings};
use crate::dto::{Failure, Level, Redaction, State, Time, latin1};
use crate::export::format::Source;
use crate::export::members::object;
use crate::pen::Pen;
use crate::web_socket;

/// An exchange and the connections that it came and went over.
#[derive(Debug)]
struct Stored {
    exchange: Exchange,
    /// The client's `ADDRESS:PORT`.
    client: Option<String>,
    upstream: Option<UpstreamConnection>,
    note: Note,
    snapshots: Vec<String>,
}

/// Writes the entry of an exchange.
pub(super) async fn write(source: &Source, exchange: Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    let stored = with_connections(&source.reader, exchange).await?;
    let exchange = &stored.exchange;
    pen.begin(&facts(&stored));
    pen.raw(",\"request\":");
    pen.begin(&request(exchange));
    if exchange.request_body.size > 0 && !web_socket::is_open(exchange) {
        pen.raw(",\"postData\":");
        content::post_data(source, exchange, pen).await?;
    }
    pen.raw("},\"response\":");
    pen.begin(&response(exchange));
    pen.raw(",\"content\":");
    content::content(source, exchange, pen).await?;
    pen.raw("}");
    messages::web_socket(source, exchange, pen).await?;
    events::write(source, exchange, pen).await?;
    pen.raw("}");
    Ok(())
}

async fn with_connections(reader: &Reader, exchange: Exchange) -> Result<Stored, ReadError> {
    let upstream = match exchange.upstream.as_ref().and_then(|upstream| upstream.connection) {
        Some(connection) => reader.upstream_connection(connection).await?,
        None => None,
    };
    let client = match exchange.connection {
        Some(connection) => reader.connection(connection).await?.map(|connection| connection.client),
        None => None,
    };
    let note = reader.note(exchange.id).await?;
    let snapshots = reader.snapshots_of(exchange.id).await?;
    Ok(Stored { exchange, client, upstream, note, snapshots })
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
        "_resourceType": resource::kind(exchange),
    }));
    let optional = [
        ("serverIPAddress", exchange.upstream.as_ref().map(|upstream| json!(host(&upstream.address)))),
        ("connection", stored.client.as_deref().and_then(port).map(|port| json!(port))),
        ("_connection", exchange.connection.map(|id| json!(id.0))),
        ("_replay_of", exchange.replay_of.map(|ExchangeId(id)| json!(id))),
        (
            "comment",
            Some(&stored.note.comment).filter(|comment| !comment.is_empty()).map(|comment| json!(comment)),
        ),
        ("_tags", Some(&stored.note.tags).filter(|tags| !tags.is_empty()).map(|tags| json!(tags))),
        ("_rule", exchange.rule.as_deref().map(|rule| json!(rule))),
        ("_keep_until", exchange.keep_until.map(|until| json!(Time::from(until)))),
        ("_snapshots", Some(&stored.snapshots).filter(|names| !names.is_empty()).map(|names| json!(names))),
        ("_redaction", exchange.redaction.clone().map(|redaction| json!(Redaction::from(redaction)))),
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

/// The port of `ADDRESS:PORT`; `None` for a client that has none (a Unix socket's).
fn port(address: &str) -> Option<&str> {
    let (_, port) = address.rsplit_once(':')?;
    port.parse::<u16>().is_ok().then_some(port)
}

/// The version as Chrome writes it.
fn version(version: Version) -> &'static str {
    match version {
        Version::Http2 => "http/2.0",
        other => other.as_str(),
    }
}

/// The URL, of a WebSocket with the scheme that a page opens it by.
fn url(exchange: &Exchange) -> String {
    let url = exchange.url();
    match url.strip_prefix("http") {
        Some(rest) if web_socket::is_asked_for(exchange) => format!("ws{rest}"),
        _ => url,
    }
}

fn request(exchange: &Exchange) -> Map<String, Value> {
    let head: &RequestHead = &exchange.request;
    let query = query(&head.target);
    let mut request = object(json!({
        "method": head.method,
        "url": url(exchange),
        "httpVersion": version(head.version),
        "cookies": cookies::sent(&head.headers),
        "headers": fields(&head.headers),
        "queryString": query.list,
        "headersSize": -1,
        "bodySize": exchange.request_body.size,
    }));
    if let Some(comment) = query.comment("queryString", "url") {
        request.insert("comment".to_owned(), json!(comment));
    }
    request
}

fn response(exchange: &Exchange) -> Map<String, Value> {
    let nothing = Headers::default();
    let head: Option<&ResponseHead> = exchange.response.as_ref();
    let headers = head.map_or(&nothing, |head| &head.headers);
    object(json!({
        // As browsers write a request that got no response.
        "status": head.map_or(0, |head| head.status),
        "statusText": head.map_or("", |head| &head.reason),
        "httpVersion": head.map_or("", |head| version(head.version)),
        "cookies": cookies::set(headers, answered_at(exchange)),
        "headers": fields(headers),
        "redirectURL": headers.first("location").map(latin1).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": head.map_or(-1, |_| i64::try_from(exchange.response_body.size).unwrap_or(i64::MAX)),
    }))
}

fn request_sent(head: &RequestHead) -> Value {
    json!({"httpVersion": version(head.version), "headers": fields(&head.headers)})
}

fn response_sent(head: &ResponseHead) -> Value {
    json!({
        "status": head.status,
        "statusText": head.reason,
        "httpVersion": version(head.version),
        "headers": fields(&head.headers),
    })
}

fn fields(headers: &Headers) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({"name": latin1(name), "value": latin1(value)})).collect()
}

fn query(target: &str) -> Fields {
    target.split_once('?').map_or_else(Fields::default, |(_, query)| params::pairs(query.as_bytes()))
}

/// When the response's head came.
fn answered_at(exchange: &Exchange) -> Timestamp {
    Timestamp(exchange.started_at.0.saturating_add(exchange.timings.response_start_us.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn urls_and_ports() {
        let mut exchange = sample::exchange();
        assert_eq!(url(&exchange), "https://api.example.com/a?b");
        exchange.request.headers.push("Upgrade", "websocket");
        assert_eq!(url(&exchange), "wss://api.example.com/a?b");
        let check = |address, expect| assert_eq!(port(address), expect, "{address}");
        check("192.0.2.1:8080", Some("8080"));
        check("[2001:db8::1]:80", Some("80"));
        check("unix", None);
    }
    #[test]
    fn a_long_query_says_that_it_is_cut() {
        let mut exchange = sample::exchange();
        assert_eq!(request(&exchange).get("comment"), None);
        exchange.request.target = format!("/?{}", "a&".repeat(1001));
        let request = request(&exchange);
        let comment = "Only the first 1000 fields are in `queryString`; `url` has the others.";
        assert_eq!(request["comment"], comment);
        assert_eq!(request["queryString"].as_array().map(Vec::len), Some(1000));
    }
}
