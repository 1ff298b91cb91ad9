//! The columns of an exchange that lists do not show.

use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, ConnectionEnd, Exchange, Headers, Redaction, RequestHead, ResponseHead, StoredAs, Summary,
    Timestamp, Timings, Version,
};

use crate::rows::exchange_parts::{
    RequestSent, bind_request_sent, bind_response_sent, bind_timings, bind_upstream, interim_json,
    name_connection, read_interim, read_response_sent, read_timings, read_upstream,
};
use crate::rows::heads::Heads;
use crate::rows::recorded::recorded;
use crate::rows::values::Head;

/// An exchange on its way into the database.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) exchange: Arc<Exchange>,
    /// Which of the batch's packs has its bodies.
    pub(crate) place: Option<usize>,
    /// The number of that pack, once it has one.
    pub(crate) pack: Option<i64>,
    /// The number of the rule that decided, once it has one.
    pub(crate) rule: Option<i64>,
    /// The number of its redaction set, once it has one.
    pub(crate) redaction_set: Option<i64>,
    /// Its heads, folded.
    pub(crate) heads: Heads,
}

impl Row {
    /// The request's and the response's.
    fn bodies(&self) -> [&BodyRecord; 2] {
        [&self.exchange.request_body, &self.exchange.response_body]
    }
}

/// The relation of stored bytes to those that passed, where they are not the same.
fn changed(stored_as: StoredAs) -> Option<&'static str> {
    (stored_as != StoredAs::Sent).then(|| stored_as.as_str())
}

recorded! {
    /// The columns that an [`Exchange`] has beyond its summary.
    DETAIL;
    bind_detail(row: Row, values);
    read_detail(columns, summary: Summary) -> Exchange {
        let Summary { status, method, target, .. } = summary;
        let received = status.zip(response_version).map(|(status, version)| ResponseHead {
            version,
            status,
            reason: reason.unwrap_or_default(),
            headers: response_headers.unwrap_or_default(),
        });
        let bodies = [(summary.request_size, 0), (summary.response_size, 1)].map(|(size, side)| BodyRecord {
            size,
            stored: stored[side],
            truncated: truncated[side],
            complete: complete[side],
            stored_as: stored_as[side],
            ..BodyRecord::default()
        });
        let [request_body, response_body] = bodies;
        let request = RequestHead {
            method,
            target,
            authority,
            version: request_version,
            headers: request_headers.unwrap_or_default(),
        };
        Exchange {
            id: summary.id,
            connection: summary.connection,
            replay_of: summary.replay_of,
            started_at: summary.started_at,
            level: summary.level,
            rule: summary.rule,
            keep_until,
            redaction,
            state: summary.state,
            destination: summary.destination,
            request_sent: request_sent.into_head(&request),
            request,
            request_body: BodyRecord { trailers: request_trailers, ..request_body },
            interim,
            response: received,
            response_sent,
            response_body: BodyRecord { trailers: response_trailers, end: response_end, ..response_body },
            timings: Timings { end_us: summary.duration_us, ..timings },
            upstream,
            failure: summary.failure,
        }
    }

    since 1 {
        authority "TEXT" "`:authority` of HTTP/2 or the authority of an absolute-form target; NULL if only `Host` \
            names it";
    }
    bind values.push(row.exchange.request.authority.as_deref());
    read authority = columns.take()?;

    since 1 {
        request_version "TEXT" "`HTTP/1.0`, `HTTP/1.1`, `HTTP/2`";
        response_version "TEXT";
    }
    bind {
        values.push(row.exchange.request.version.as_str());
        values.push(row.exchange.response.as_ref().map(|head| head.version.as_str()));
    };
    read (request_version, response_version) =
        (columns.name(Version::parse)?, columns.optional_name(Version::parse)?);

    since 1 { reason "TEXT" "the response's reason phrase; empty in HTTP/2"; }
    bind values.push(row.exchange.response.as_ref().map(|head| head.reason.as_str()));
    read reason = columns.take::<Option<String>>()?;

    since 1 {
        request_stored "INTEGER" "bytes of the body that are stored, from its first on; of an open exchange, at some \
            moment before";
        response_stored "INTEGER";
    }
    bind values.push_each_size(row.bodies().map(|body| body.stored));
    read stored = columns.numbers::<u64>()?;

    since 1 {
        request_truncated "INTEGER" "1: storing stopped before the body ended (a limit, or memory or the disk was \
            short)";
        response_truncated "INTEGER";
    }
    bind values.push_each(row.bodies().map(|body| body.truncated));
    read truncated = [columns.take::<bool>()?, columns.take()?];

    since 1 {
        request_complete "INTEGER" "1: the body passed to its end";
        response_complete "INTEGER";
    }
    bind values.push_each(row.bodies().map(|body| body.complete));
    read complete = [columns.take::<bool>()?, columns.take()?];

    since 1 {
        resolved_us "INTEGER" "offsets at which the upstream's name was resolved, the connection was there, its TLS \
            handshake was done; NULL if the connection was not opened within the exchange: it was kept, or opened \
            ahead (then `upstream_reused` is 0, and `upstream_connections` has the durations)";
        connected_us "INTEGER";
        tls_us "INTEGER";
        request_end_us "INTEGER" "offset at which the request's last byte was passed on";
        response_start_us "INTEGER" "offset at which the response's head was there";
    }
    bind bind_timings(row.exchange.timings, values);
    read timings = read_timings(columns)?;

    since 1 {
        upstream_address "TEXT" "`ADDRESS:PORT` of the server; NULL if none was reached";
        upstream_reused "INTEGER" "1: that connection had served an exchange before";
        upstream_tls "TEXT" "`TLSv1.3`, `TLSv1.2`; NULL without TLS";
    }
    bind bind_upstream(row.exchange.upstream.as_ref(), values);
    read mut upstream = read_upstream(columns)?;

    since 2 {
        upstream_connection "INTEGER" "`upstream_connections.id`; NULL if none was reached. That row is missing if \
            there was no room to record it";
    }
    bind values.push(row.exchange.upstream.as_ref().and_then(|upstream| upstream.connection).map(|id| id.0));
    read () = name_connection(&mut upstream, columns.take()?);

    since 1 {
        request_headers "TEXT" "headers; the response's are NULL if none came";
        response_headers "TEXT";
    }
    bind {
        let response = row.exchange.response.as_ref().map(|head| &head.headers);
        values.push(Head::of(&row.heads.request, Some(&row.exchange.request.headers)));
        values.push(Head::of(&row.heads.response, response));
    };
    read [request_headers, response_headers] = [columns.json::<Headers>()?, columns.json()?];

    since 2 {
        request_sent_headers "TEXT" "headers as they were sent to the upstream; NULL if they were sent as received, or \
            if nothing was sent. The same holds for all `…_sent_…` columns";
        request_sent_version "TEXT" "the version spoken to the upstream";
        request_sent_authority "TEXT" "`:authority` as sent; NULL except in HTTP/2. Method and target are sent as \
            received";
    }
    bind bind_request_sent(row.exchange.request_sent.as_ref(), &row.heads.request_sent, values);
    read request_sent = RequestSent::read(columns)?;

    since 2 {
        response_sent_headers "TEXT" "headers as they were sent to the client; NULL if they were sent as received. \
            Where no response was received: those of dashcam's own answer";
        response_sent_version "TEXT" "the version spoken to the client, and the status line";
        response_sent_status "INTEGER";
        response_sent_reason "TEXT";
    }
    bind bind_response_sent(row.exchange.response_sent.as_ref(), &row.heads.response_sent, values);
    read response_sent = read_response_sent(columns)?;

    since 1 {
        interim "TEXT" "interim responses (1xx) in order, a JSON array of `{\"version\", \"status\", \"reason\", \
            \"headers\"}`; NULL if none";
    }
    bind values.push(interim_json(&row.exchange.interim));
    read interim = read_interim(columns)?;

    since 1 {
        request_trailers "TEXT" "trailers after the body; NULL if none";
        response_trailers "TEXT";
    }
    bind values.push_each(row.bodies().map(|body| body.trailers.as_ref()));
    read [request_trailers, response_trailers] = [columns.json()?, columns.json()?];

    since 5 {
        pack "INTEGER" "`packs.id` of the row that holds its bodies; NULL if none of them is in a pack, but in `bodies`";
    }
    bind values.push(row.pack);
    read () = columns.pass();

    since 7 {
        response_end "TEXT" "how the upstream ended the connection that carried the body, where that was the body's \
            end or cut it short: `close_notify` (TLS's end was announced), `tcp_close` (it was not, or there is no \
            TLS); else NULL";
    }
    bind values.push(row.exchange.response_body.end.map(ConnectionEnd::as_str));
    read response_end = columns.optional_name(ConnectionEnd::parse)?;

    since 17 {
        keep_until "INTEGER" "time until which the rule keeps it, beyond or before the age that retention knows; NULL if \
            the rule does not say";
    }
    bind values.push(row.exchange.keep_until.map(|until| until.0));
    read keep_until = columns.take::<Option<i64>>()?.map(Timestamp);

    since 18 {
        redaction_set "TEXT, interned" "the redaction set that was in force, as `NAME@HASH`; NULL if redaction was off, \
            or an older dashcam recorded it. In `exchange_rows` it is the id in `redaction_sets`";
    }
    bind values.push(row.redaction_set);
    read set = columns.take::<Option<&str>>()?.map(Arc::from);

    since 18 {
        redacted "INTEGER" "the number of values that it replaced in heads, bodies and messages; NULL without a set";
    }
    bind values.push(row.exchange.redaction.as_ref().map(|redaction| redaction.replaced));
    read redaction = columns.take::<Option<u32>>()?.zip(set).map(|(replaced, set)| Redaction { set, replaced });

    since 18 {
        request_stored_as "TEXT" "NULL: what is stored of the body is what passed; `redacted`: its content codings are \
            undone and secrets in it are replaced, so that `…_stored` is not a part of `…_size`; `withheld`: nothing is \
            stored, as it could not be read";
        response_stored_as "TEXT";
    }
    bind values.push_each(row.bodies().map(|body| body.stored_as).map(changed));
    read stored_as = [columns.optional_name(StoredAs::parse)?, columns.optional_name(StoredAs::parse)?]
        .map(Option::unwrap_or_default);
}
