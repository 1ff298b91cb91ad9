//! Where a request's way to its upstream begins.

use std::sync::Arc;
use std::time::Instant;

use crate::net::admission::Account;
use crate::net::alpn::Alpn;
use crate::upstream::call::{Answer, Call};
use crate::upstream::key::{Key, Protocol};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;
use crate::upstream::{h1, h2};

/// Sends `call` and waits for the response's head.
pub(crate) async fn send(upstreams: &Arc<Upstreams>, mut call: Call<'_>) -> Result<Answer, NoAnswer> {
    // The choice of the destination is known to the client's connection: nothing that all share is asked.
    if call.place.key.protocol != Protocol::Http1
        && let Some(place) = call.place.over_h1(Instant::now())
    {
        call.place = place;
    }
    match call.place.key.protocol {
        Protocol::Http1 => h1::exchange::send(upstreams, h2::over_h1::over_h1(upstreams, call)).await,
        Protocol::Http2OrHttp1 | Protocol::Http2 | Protocol::Http2PriorKnowledge => {
            // Large, and a small part of the cost there: requests over HTTP/1 need not carry its room.
            Box::pin(h2::exchange::send(upstreams, call)).await
        }
    }
}

/// Connects to a destination that a client opens TLS to, to see which protocol it chooses of those that the client
/// offers; the connection is kept for the client's first request, and recorded at once if `records`. Returns the choice.
pub(crate) async fn prepare(
    upstreams: &Arc<Upstreams>,
    key: &Key,
    account: Option<&Arc<Account>>,
    records: bool,
) -> Result<Alpn, NoAnswer> {
    h2::connections::prepare(upstreams, key, account, records).await
}
