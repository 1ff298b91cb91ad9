//! An exchange as a row of a list.

use std::sync::Arc;

use crate::exchange::{Exchange, State, url};
use crate::{ConnectionId, Destination, ExchangeId, Failure, Headers, Level, Timestamp};

/// An exchange as a row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its number.
    pub id: ExchangeId,
    /// The client connection.
    pub connection: Option<ConnectionId>,
    /// The exchange that this one repeats.
    pub replay_of: Option<ExchangeId>,
    /// When it began.
    pub started_at: Timestamp,
    /// The level of the recording.
    pub level: Level,
    /// The name of the rule that decided about its recording.
    pub rule: Option<Arc<str>>,
    /// How it stands.
    pub state: State,
    /// The request's method.
    pub method: String,
    /// Where it goes.
    pub destination: Destination,
    /// Path and query.
    pub target: String,
    /// The response's status.
    pub status: Option<u16>,
    /// The response's `Content-Type`.
    pub content_type: Option<String>,
    /// The request body's size in bytes.
    pub request_size: u64,
    /// The response body's size in bytes.
    pub response_size: u64,
    /// From start to end, in microseconds.
    pub duration_us: Option<i64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The name of the program that sent it ([`crate::Program`]); known only of what came from the recorder's memory or
    /// was read from the store.
    pub program: Option<String>,
    /// The address of the client that sent it, without its port; known only as the program is.
    pub client: Option<String>,
    /// The status of a gRPC call, where the response's head or trailers say it.
    pub grpc_status: Option<u16>,
    /// Its tags, or the first of them; known only of what was read from the store.
    pub tags: Vec<String>,
    /// True if the bounds of the recording leave it alone; known only of what was read from the store.
    pub pinned: bool,
    /// True if its texts are only the beginnings of what the exchange has, as in lists.
    pub is_cut: bool,
}

impl Summary {
    /// The URL, as [`Exchange::url`].
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.destination, &self.target)
    }

    /// Takes over from its `stored` row what only the store knows.
    pub fn know_stored(&mut self, stored: &Self) {
        self.pinned = stored.pinned;
        self.tags.clone_from(&stored.tags);
        self.program = self.program.take().or_else(|| stored.program.clone());
        self.client = self.client.take().or_else(|| stored.client.clone());
    }
}

impl Exchange {
    /// Its row in a list.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let headers = self.response.as_ref().map(|response| &response.headers);
        Summary {
            id: self.id,
            connection: self.connection,
            replay_of: self.replay_of,
            started_at: self.started_at,
            level: self.level,
            rule: self.rule.clone(),
            state: self.state,
            method: self.request.method.clone(),
            destination: self.destination.clone(),
            target: self.request.target.clone(),
            status: self.response.as_ref().map(|response| response.status),
            content_type: headers.and_then(|headers| headers.text("content-type")).map(str::to_owned),
            request_size: self.request_body.size,
            response_size: self.response_body.size,
            duration_us: self.timings.end_us,
            failure: self.failure.clone(),
            program: None,
            client: None,
            grpc_status: self.grpc_status(),
            tags: Vec::new(),
            pinned: false,
            is_cut: false,
        }
    }

    /// The status of a gRPC call, where its response says it.
    fn grpc_status(&self) -> Option<u16> {
        let headers = &self.response.as_ref()?.headers;
        let content_type = headers.text("content-type")?;
        grpc_status(content_type, Some(headers), self.response_body.trailers.as_ref())
    }
}

/// The status of a gRPC call whose response has this type: in the trailers, or in the head of one without a body.
#[must_use]
pub fn grpc_status(content_type: &str, headers: Option<&Headers>, trailers: Option<&Headers>) -> Option<u16> {
    let is_grpc = content_type
        .as_bytes()
        .get(..16)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"application/grpc"));
    let own = |fields: Option<&Headers>| fields?.text("grpc-status")?.trim().parse().ok();
    own(trailers.filter(|_| is_grpc)).or_else(|| own(headers.filter(|_| is_grpc)))
}
