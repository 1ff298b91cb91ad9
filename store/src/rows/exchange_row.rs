//! A row of `exchange_rows`, read through the view `exchanges`.

use std::sync::{Arc, LazyLock};

use dashcam_exchange::{
    BodyRecord, ConnectionId, Destination, Exchange, ExchangeId, Headers, RequestHead, ResponseHead, Scheme,
    State, Summary, Timestamp, Timings, Upstream, UpstreamConnectionId, Version,
};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::headers_json;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// The columns that make a [`Summary`], in the order in which it is read.
pub(crate) const SUMMARY: &str = "id, connection, replay_of, started_at, level, state, method, scheme, host, port, \
    target, status, content_type, request_size, response_size, duration_us, failure_side, failure_stage, \
    failure_message";

/// The columns that an [`Exchange`] has beyond its summary.
pub(crate) const DETAIL: &str = "authority, request_version, response_version, reason, \
    request_stored, request_truncated, request_complete, response_stored, response_truncated, response_complete, \
    resolved_us, connected_us, tls_us, request_end_us, response_start_us, \
    upstream_address, upstream_reused, upstream_tls, \
    request_headers, response_headers, interim, request_trailers, response_trailers, \
    request_sent_version, request_sent_authority, request_sent_headers, \
    response_sent_version, response_sent_status, response_sent_reason, response_sent_headers, \
    upstream_connection";

/// The column of an exchange that says where its bodies are.
const PACK: &str = "pack";

/// For an exchange that has no row yet.
pub(crate) static NEW: LazyLock<Table> = LazyLock::new(|| table("INSERT"));

/// For one that may have the row of when it was open. Not for all, as SQLite prepares to undo each such insert by
/// itself: it copies the page aside.
pub(crate) static AGAIN: LazyLock<Table> = LazyLock::new(|| table("INSERT OR REPLACE"));

fn table(verb: &str) -> Table {
    Table::new(verb, "exchange_rows", &format!("{SUMMARY}, {DETAIL}, {PACK}"))
}

/// An exchange on its way into the database.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) exchange: Arc<Exchange>,
    /// Which of the batch's packs has its bodies.
    pub(crate) place: Option<usize>,
    /// The number of that pack, once it has one.
    pub(crate) pack: Option<i64>,
}

/// An interim response as JSON.
#[derive(Serialize, Deserialize)]
struct Interim {
    version: Version,
    status: u16,
    reason: String,
    headers: Headers,
}

pub(crate) fn bind<'r>(row: &'r Row, values: &mut Values<'_, '_, 'r>) {
    let exchange = &row.exchange;
    values.push(exchange.id.0);
    values.push(exchange.connection.map(|id| id.0));
    values.push(exchange.replay_of.map(|id| id.0));
    values.push(exchange.started_at.0);
    values.push(exchange.level.as_str());
    values.push(exchange.state.as_str());
    values.push(exchange.request.method.as_str());
    values.push(exchange.destination.scheme.as_str());
    values.push(exchange.destination.host.as_str());
    values.push(exchange.destination.port);
    values.push(exchange.request.target.as_str());
    let response = exchange.response.as_ref();
    values.push(response.map(|head| head.status));
    values.push(response.and_then(|head| head.headers.text("content-type")));
    values.push_size(exchange.request_body.size);
    values.push_size(exchange.response_body.size);
    values.push(exchange.timings.end_us);
    values.push_failure(exchange.failure.as_ref());

    values.push(exchange.request.authority.as_deref());
    values.push(exchange.request.version.as_str());
    values.push(response.map(|head| head.version.as_str()));
    values.push(response.map(|head| head.reason.as_str()));
    bind_body(&exchange.request_body, values);
    bind_body(&exchange.response_body, values);
    bind_timings(exchange.timings, values);
    values.push(exchange.upstream.as_ref().map(|upstream| upstream.address.as_str()));
    values.push(exchange.upstream.as_ref().map(|upstream| upstream.reused));
    values.push(exchange.upstream.as_ref().and_then(|upstream| upstream.tls_version.as_deref()));
    values.push(&exchange.request.headers);
    values.push(response.map(|head| &head.headers));
    values.push(interim_json(&exchange.interim));
    values.push(exchange.request_body.trailers.as_ref());
    values.push(exchange.response_body.trailers.as_ref());
    bind_sent(exchange, values);
    values.push(exchange.upstream.as_ref().and_then(|upstream| upstream.connection).map(|id| id.0));
    values.push(row.pack);
}

fn bind_sent<'r>(exchange: &'r Exchange, values: &mut Values<'_, '_, 'r>) {
    let (request, response) = (exchange.request_sent.as_ref(), exchange.response_sent.as_ref());
    values.push(request.map(|head| head.version.as_str()));
    values.push(request.and_then(|head| head.authority.as_deref()));
    values.push(request.map(|head| &head.headers));
    values.push(response.map(|head| head.version.as_str()));
    values.push(response.map(|head| head.status));
    values.push(response.map(|head| head.reason.as_str()));
    values.push(response.map(|head| &head.headers));
}

fn bind_body(body: &BodyRecord, values: &mut Values<'_, '_, '_>) {
    values.push_size(body.stored);
    values.push(body.truncated);
    values.push(body.complete);
}

fn bind_timings(timings: Timings, values: &mut Values<'_, '_, '_>) {
    values.push(timings.resolved_us);
    values.push(timings.connected_us);
    values.push(timings.tls_us);
    values.push(timings.request_end_us);
    values.push(timings.response_start_us);
}

fn interim_json(heads: &[ResponseHead]) -> Option<String> {
    let item = |head: &ResponseHead| {
        let reason = serde_json::Value::from(head.reason.as_str());
        let headers = headers_json::encode(&head.headers);
        let (version, status) = (head.version, head.status);
        format!(r#"{{"version":"{version}","status":{status},"reason":{reason},"headers":{headers}}}"#)
    };
    (!heads.is_empty()).then(|| format!("[{}]", heads.iter().map(item).collect::<Vec<_>>().join(",")))
}

/// Reads [`SUMMARY`] and whether it is pinned.
pub(crate) fn summary(row: &SqliteRow) -> Result<Summary, StoreError> {
    let mut columns = Columns::of(row);
    let summary = read_summary(&mut columns)?;
    Ok(Summary { pinned: columns.take()?, ..summary })
}

fn read_summary(columns: &mut Columns<'_>) -> Result<Summary, StoreError> {
    Ok(Summary {
        id: ExchangeId(columns.take()?),
        connection: columns.take::<Option<i64>>()?.map(ConnectionId),
        replay_of: columns.take::<Option<i64>>()?.map(ExchangeId),
        started_at: Timestamp(columns.take()?),
        level: columns.name(|name| name.parse().ok())?,
        state: columns.name(State::parse)?,
        method: columns.take()?,
        destination: Destination {
            scheme: columns.name(Scheme::parse)?,
            host: columns.take()?,
            port: columns.number()?,
        },
        target: columns.take()?,
        status: columns.take()?,
        content_type: columns.take()?,
        request_size: columns.number()?,
        response_size: columns.number()?,
        duration_us: columns.take()?,
        failure: columns.failure()?,
        pinned: false,
        is_cut: false,
    })
}

/// Reads [`SUMMARY`], [`DETAIL`] and the numbers of pieces that the two bodies have.
pub(crate) fn exchange(row: &SqliteRow) -> Result<Exchange, StoreError> {
    let mut columns = Columns::of(row);
    let summary = read_summary(&mut columns)?;
    let authority = columns.take()?;
    let version = columns.name(Version::parse)?;
    let response_version = columns.optional_name(Version::parse)?;
    let reason: Option<String> = columns.take()?;
    let request_body = read_body(&mut columns, summary.request_size)?;
    let response_body = read_body(&mut columns, summary.response_size)?;
    let timings = read_timings(&mut columns, summary.duration_us)?;
    let mut upstream = read_upstream(&mut columns)?;
    let headers: Headers = columns.json()?.unwrap_or_default();
    let response_headers: Option<Headers> = columns.json()?;
    let interim: Vec<Interim> = columns.json()?.unwrap_or_default();
    let trailers = [columns.json()?, columns.json()?];
    let request = RequestHead { method: summary.method, target: summary.target, authority, version, headers };
    let request_sent = read_request_sent(&mut columns, &request)?;
    let response_sent = read_response_sent(&mut columns)?;
    let upstream_connection = columns.take::<Option<i64>>()?.map(UpstreamConnectionId);
    upstream.iter_mut().for_each(|upstream| upstream.connection = upstream_connection);
    let parts: [u32; 2] = [columns.number()?, columns.number()?];
    let response = summary.status.zip(response_version).map(|(status, version)| ResponseHead {
        version,
        status,
        reason: reason.unwrap_or_default(),
        headers: response_headers.unwrap_or_default(),
    });
    let [request_trailers, response_trailers] = trailers;
    Ok(Exchange {
        id: summary.id,
        connection: summary.connection,
        replay_of: summary.replay_of,
        started_at: summary.started_at,
        level: summary.level,
        state: summary.state,
        destination: summary.destination,
        request,
        request_sent,
        request_body: BodyRecord { trailers: request_trailers, parts: parts[0], ..request_body },
        interim: interim.into_iter().map(Interim::into_head).collect(),
        response,
        response_sent,
        response_body: BodyRecord { trailers: response_trailers, parts: parts[1], ..response_body },
        timings,
        upstream,
        failure: summary.failure,
    })
}

impl Interim {
    fn into_head(self) -> ResponseHead {
        ResponseHead {
            version: self.version,
            status: self.status,
            reason: self.reason,
            headers: self.headers,
        }
    }
}

fn read_body(columns: &mut Columns<'_>, size: u64) -> Result<BodyRecord, StoreError> {
    let (stored, truncated, complete) = (columns.number()?, columns.take()?, columns.take()?);
    Ok(BodyRecord { size, stored, truncated, complete, ..BodyRecord::default() })
}

fn read_timings(columns: &mut Columns<'_>, end_us: Option<i64>) -> Result<Timings, StoreError> {
    Ok(Timings {
        resolved_us: columns.take()?,
        connected_us: columns.take()?,
        tls_us: columns.take()?,
        request_end_us: columns.take()?,
        response_start_us: columns.take()?,
        end_us,
    })
}

fn read_upstream(columns: &mut Columns<'_>) -> Result<Option<Upstream>, StoreError> {
    let address: Option<String> = columns.take()?;
    let reused: Option<bool> = columns.take()?;
    let tls_version = columns.take()?;
    let reused = reused.unwrap_or_default();
    Ok(address.map(|address| Upstream { address, reused, tls_version, connection: None }))
}

/// The request as sent: method and target are those received.
fn read_request_sent(
    columns: &mut Columns<'_>,
    received: &RequestHead,
) -> Result<Option<RequestHead>, StoreError> {
    let version = columns.optional_name(Version::parse)?;
    let authority = columns.take()?;
    let headers: Option<Headers> = columns.json()?;
    Ok(version.map(|version| RequestHead {
        method: received.method.clone(),
        target: received.target.clone(),
        authority,
        version,
        headers: headers.unwrap_or_default(),
    }))
}

fn read_response_sent(columns: &mut Columns<'_>) -> Result<Option<ResponseHead>, StoreError> {
    let version = columns.optional_name(Version::parse)?;
    let status: Option<u16> = columns.take()?;
    let reason: Option<String> = columns.take()?;
    let headers: Option<Headers> = columns.json()?;
    Ok(version.zip(status).map(|(version, status)| ResponseHead {
        version,
        status,
        reason: reason.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
    }))
}
