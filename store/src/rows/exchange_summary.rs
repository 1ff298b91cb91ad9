//! The columns of an exchange that lists show.

use std::sync::Arc;

use dashcam_exchange::{ConnectionId, Destination, ExchangeId, Scheme, State, Summary, Timestamp};

use crate::rows::exchange_detail::Row;
use crate::rows::recorded::recorded;

recorded! {
    /// The columns that make a [`Summary`].
    SUMMARY;
    bind_summary(row: Row, values);
    read_summary(columns) -> Summary {
        Summary {
            id,
            connection,
            replay_of,
            started_at,
            level,
            rule,
            state,
            method,
            destination: Destination { scheme, host, port },
            target,
            status,
            content_type,
            request_size,
            response_size,
            duration_us,
            failure,
            program: None,
            client: None,
            grpc_status: None,
            tags: Vec::new(),
            pinned: false,
            is_cut: false,
        }
    }

    since 1 {
        id "INTEGER, key" "ascending in the order in which requests began; never used twice, also after deletes";
    }
    bind values.push(row.exchange.id.0);
    read id = ExchangeId(columns.take()?);

    since 1 { connection "INTEGER" "the client connection (`connections.id`); NULL for a replay"; }
    bind values.push(row.exchange.connection.map(|id| id.0));
    read connection = columns.take::<Option<i64>>()?.map(ConnectionId);

    since 1 { replay_of "INTEGER" "the exchange that this one repeats"; }
    bind values.push(row.exchange.replay_of.map(|id| id.0));
    read replay_of = columns.take::<Option<i64>>()?.map(ExchangeId);

    since 1 { started_at "INTEGER" "time at which the request's head was there"; }
    bind values.push(row.exchange.started_at.0);
    read started_at = Timestamp(columns.take()?);

    since 1 {
        level "TEXT" "the level at which it was recorded: `metadata` (no bodies) or `full`; at `off` and `metrics` \
            there are no rows";
    }
    bind values.push(row.exchange.level.as_str());
    read level = columns.name(|name| name.parse().ok())?;

    since 1 {
        state "TEXT" "`open`: under way; `complete`: the whole response passed; `failed`: see `failure_…`; `aborted`: \
            the client went away before the end (`failure_…` may say how); `interrupted`: dashcam ended before the \
            exchange did, or had no room for the rest of it; `refused`: dashcam itself refused it (malformed, \
            ambiguous, a loop, its own page; see `failure_…`) and no upstream received it";
    }
    bind values.push(row.exchange.state.as_str());
    read state = columns.name(State::parse)?;

    since 1 {
        method "TEXT" "as sent; of a refused request, this and the following columns hold as much as could be read";
    }
    bind values.push(row.exchange.request.method.as_str());
    read method = columns.take()?;

    since 1 { scheme "TEXT" "`http` or `https`"; }
    bind values.push(row.exchange.destination.scheme.as_str());
    read scheme = columns.name(Scheme::parse)?;

    since 1 {
        host "TEXT" "lower case; an IPv6 address without brackets. Where a CONNECT names an address, the name that \
            the client asks for there (SNI, else `Host`), if there is one; `connections.destination` has the address. \
            A refused request that names no destination has the host and port at which it reached dashcam";
    }
    bind values.push(row.exchange.destination.host.as_str());
    read host = columns.take()?;

    since 1 { port "INTEGER" ""; }
    bind values.push(row.exchange.destination.port);
    read port = columns.number()?;

    since 1 { target "TEXT" "path and query as sent, or `*`"; }
    bind values.push(row.exchange.request.target.as_str());
    read target = columns.take()?;

    since 1 { url "TEXT, computed" "scheme, host, port (if it is not the scheme's own) and target"; }

    since 1 { status "INTEGER" "of the response; NULL if none came"; }
    bind values.push(row.exchange.response.as_ref().map(|head| head.status));
    read status = columns.take()?;

    since 1 { content_type "TEXT" "the response's `Content-Type`"; }
    bind values.push(row.exchange.response.as_ref().and_then(|head| head.headers.text("content-type")));
    read content_type = columns.take()?;

    since 1 {
        request_size "INTEGER" "bytes of the body that passed, framing removed";
        response_size "INTEGER";
    }
    bind values.push_each_size([row.exchange.request_body.size, row.exchange.response_body.size]);
    read [request_size, response_size] = columns.numbers()?;

    since 1 { duration_us "INTEGER" "from start to end; NULL while open and when interrupted"; }
    bind values.push(row.exchange.timings.end_us);
    read duration_us = columns.take()?;

    since 1 {
        failure_side "TEXT" "the side that failed: `client`, `upstream`, `proxy`; NULL if nothing failed";
        failure_stage "TEXT" "the stage at which it failed: `detect`, `dns`, `connect`, `tls_handshake`, \
            `request_head`, `request_body`, `response_head`, `response_body`, `tunnel`";
        failure_message "TEXT" "the cause and the remedy, for a person";
    }
    bind values.push_failure(row.exchange.failure.as_ref());
    read failure = columns.failure()?;

    since 17 {
        rule "TEXT, interned" "the name of the rule that decided about it, `default` if none matched, or of the lease; \
            NULL if an older dashcam recorded it. In `exchange_rows` it is the id in `rule_names`";
    }
    bind values.push(row.rule);
    read rule = columns.take::<Option<&str>>()?.map(Arc::from);

    since 17 {
        snapshot "TEXT, computed" "the name of the newest snapshot that it belongs to (`snapshots.name`); NULL if none";
    }
}
