//! Facts about an exchange, as far as they are known at some moment: borrowed, and cheap to make.

use dashcam_exchange::{
    Connection, ConnectionId, Destination, Direction, Exchange, ExchangeId, Failure, Headers, Level,
    Redaction, RequestHead, ResponseHead, State, StoredAs, Summary, Timestamp, TlsFacts, Upstream, Version,
};

use crate::parts::Parts;

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The request's head is there.
    Request,
    /// The response's head is there.
    Response,
    /// It has ended, or is looked at as it stands.
    End,
}

/// A client connection, as far as filters ask for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Client<'a> {
    /// The client's `ADDRESS:PORT`.
    pub address: &'a str,
    /// The mode of the listener that took it.
    pub mode: &'a str,
    /// The name of that listener.
    pub listener: Option<&'a str>,
    /// The program that made it.
    pub program: Option<&'a str>,
    /// The number of its process.
    pub pid: Option<u32>,
    /// TLS with the client.
    pub tls: Option<&'a TlsFacts>,
    /// The name that it asks for in TLS, while its handshake is still under way.
    pub asked_name: Option<&'a str>,
}

/// Amounts that have been reached and that can only grow: an exchange under way that has taken a second takes at least
/// that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SoFar {
    /// Microseconds since it began.
    pub duration_us: i64,
    /// Bytes of the request's body that have passed.
    pub request_size: u64,
    /// Bytes of the response's body that have passed.
    pub response_size: u64,
}

impl SoFar {
    /// Those of `exchange`, which has lasted for `duration_us`.
    #[must_use]
    pub fn of(exchange: &Exchange, duration_us: i64) -> Self {
        let [request, response] = [&exchange.request_body, &exchange.response_body];
        Self { duration_us, request_size: request.size, response_size: response.size }
    }
}

impl<'a> From<&'a Connection> for Client<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self {
            address: &connection.client,
            mode: &connection.mode,
            listener: connection.listener.as_deref(),
            program: connection.program.as_ref().map(|program| program.name.as_str()),
            pid: connection.program.as_ref().map(|program| program.pid),
            tls: connection.tls.as_ref(),
            asked_name: None,
        }
    }
}

/// Marks that a user made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks<'a> {
    /// True if the bounds of the recording leave it alone.
    pub pinned: bool,
    /// Tags.
    pub tags: &'a [String],
    /// A comment; empty if there is none.
    pub comment: &'a str,
    /// The snapshots that it belongs to, by their names.
    pub snapshots: &'a [String],
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageContent {
    /// Request: from the client.
    pub direction: Direction,
    /// True for the messages of a WebSocket.
    pub is_web_socket: bool,
    /// Its payload, inflated.
    pub data: Vec<u8>,
}

/// The facts that are known. One that is there is certain. One that is not is absent for good if its part is among `known`, and may
/// come if not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The parts that are known.
    pub known: Parts,
    /// The client's connection.
    pub client: Option<Client<'a>>,
    /// The name of the program that sent it.
    pub program: Option<&'a str>,
    /// The number of the exchange.
    pub id: Option<ExchangeId>,
    /// The number of its client connection.
    pub connection: Option<ConnectionId>,
    /// The exchange that it repeats.
    pub replay_of: Option<ExchangeId>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// The level of the recording.
    pub level: Option<Level>,
    /// The name of the rule that decided about its recording.
    pub rule: Option<&'a str>,
    /// Where it goes.
    pub destination: Option<&'a Destination>,
    /// True if its scheme may still turn out to be the other one.
    pub is_scheme_open: bool,
    /// Amounts that an exchange under way has reached.
    pub so_far: Option<SoFar>,
    /// The request's method.
    pub method: Option<&'a str>,
    /// Path and query.
    pub target: Option<&'a str>,
    /// The request's head.
    pub request: Option<&'a RequestHead>,
    /// The response's status.
    pub status: Option<u16>,
    /// The response's `Content-Type`, where its head is not known.
    pub content_type: Option<&'a str>,
    /// The response's head.
    pub response: Option<&'a ResponseHead>,
    /// How it stands.
    pub state: Option<State>,
    /// Bytes of the request's body that passed.
    pub request_size: Option<u64>,
    /// Bytes of the response's body that passed.
    pub response_size: Option<u64>,
    /// From start to end, in microseconds.
    pub duration_us: Option<i64>,
    /// Why it failed.
    pub failure: Option<&'a Failure>,
    /// From start to the response's head, in microseconds.
    pub response_start_us: Option<i64>,
    /// True if one of its bodies is stored in part only.
    pub truncated: Option<bool>,
    /// The redaction of its secrets, which follows its end.
    pub redaction: Option<&'a Redaction>,
    /// True if secrets in it are replaced, or one of its bodies is withheld.
    pub redacted: Option<bool>,
    /// The upstream that served it.
    pub upstream: Option<&'a Upstream>,
    /// The response's trailers.
    pub trailers: Option<&'a Headers>,
    /// The request's body, decoded.
    pub request_body: Option<&'a [u8]>,
    /// The response's body, decoded.
    pub response_body: Option<&'a [u8]>,
    /// Messages.
    pub messages: Option<&'a [MessageContent]>,
    /// Marks that a user made; of a row only the pin.
    pub marks: Option<Marks<'a>>,
}

impl<'a> Facts<'a> {
    /// Only the client's connection is known.
    #[must_use]
    pub fn of_connection(client: Client<'a>) -> Self {
        Self::default().with_client(Some(client))
    }

    /// A connection that no exchange stands for, which goes to `destination`: what exchanges alone have is absent for good.
    #[must_use]
    pub fn of_unread(connection: &'a Connection, destination: Option<&'a Destination>) -> Self {
        let everything = [Parts::ROW, Parts::RECORD, Parts::CONTENTS, Parts::NOTE];
        Self {
            known: everything.into_iter().fold(Parts::NONE, |known, part| known | part),
            connection: Some(connection.id),
            started_at: Some(connection.opened_at),
            destination,
            method: Some("CONNECT"),
            target: Some(""),
            state: connection.failure.as_ref().map(|_| State::Failed),
            failure: connection.failure.as_ref(),
            ..Self::default()
        }
        .with_client(Some(connection.into()))
    }

    /// An exchange of which only the request's head is known, and of that only what is given.
    #[must_use]
    pub fn of_request(destination: &'a Destination, request: &'a RequestHead) -> Self {
        Self {
            destination: Some(destination),
            method: Some(&request.method),
            target: Some(&request.target),
            request: Some(request),
            ..Self::default()
        }
    }

    /// An exchange at `moment`, of which its connection, the contents of its bodies and its marks are not known.
    #[must_use]
    pub fn of_exchange(exchange: &'a Exchange, moment: Moment) -> Self {
        let mut facts = Self::of_request(&exchange.destination, &exchange.request);
        facts.known = Parts::REQUEST | Parts::REQUEST_HEAD;
        facts.id = Some(exchange.id);
        facts.connection = exchange.connection;
        facts.replay_of = exchange.replay_of;
        facts.started_at = Some(exchange.started_at);
        facts.level = Some(exchange.level);
        facts.rule = exchange.rule.as_deref();
        if moment >= Moment::Response {
            facts.known |= Parts::RESPONSE | Parts::RESPONSE_HEAD;
            facts.response = exchange.response.as_ref();
            facts.status = facts.response.map(|head| head.status);
            facts.response_start_us = exchange.timings.response_start_us;
            facts.upstream = exchange.upstream.as_ref();
        }
        if moment == Moment::End {
            facts.end(exchange);
        }
        facts
    }

    fn end(&mut self, exchange: &'a Exchange) {
        let [request, response] = [&exchange.request_body, &exchange.response_body];
        self.known |= Parts::END | Parts::DETAIL | Parts::RULE;
        self.state = Some(exchange.state);
        self.request_size = Some(request.size);
        self.response_size = Some(response.size);
        self.duration_us = exchange.timings.end_us;
        self.failure = exchange.failure.as_ref();
        self.response_start_us = exchange.timings.response_start_us;
        self.truncated = Some(request.truncated || response.truncated);
        self.redaction = exchange.redaction.as_ref();
        let is_changed = [request, response].iter().any(|body| body.stored_as != StoredAs::Sent);
        self.redacted = Some(is_changed || self.redaction.is_some_and(|redaction| redaction.replaced > 0));
        self.upstream = exchange.upstream.as_ref();
        self.trailers = response.trailers.as_ref();
    }

    /// The response's `Content-Type`: from its row, else from its head.
    #[inline]
    pub(crate) fn content_type(&self) -> Option<&'a str> {
        self.content_type.or_else(|| self.response?.headers.text("content-type"))
    }

    /// The row of a list, as it stands. Heads and the rest of the record are not known.
    #[must_use]
    pub fn of_summary(summary: &'a Summary) -> Self {
        Self {
            known: Parts::ROW,
            id: Some(summary.id),
            connection: summary.connection,
            replay_of: summary.replay_of,
            started_at: Some(summary.started_at),
            level: Some(summary.level),
            rule: summary.rule.as_deref(),
            destination: Some(&summary.destination),
            method: Some(&summary.method),
            target: Some(&summary.target),
            status: summary.status,
            content_type: summary.content_type.as_deref(),
            state: Some(summary.state),
            request_size: Some(summary.request_size),
            response_size: Some(summary.response_size),
            duration_us: summary.duration_us,
            failure: summary.failure.as_ref(),
            program: summary.program.as_deref(),
            marks: Some(Marks { pinned: summary.pinned, ..Marks::default() }),
            ..Self::default()
        }
    }

    /// The same, where also its client connection is known; `None` if it has none.
    #[must_use]
    pub fn with_client(self, client: Option<Client<'a>>) -> Self {
        let program = client.and_then(|client| client.program).or(self.program);
        Self { known: self.known | Parts::CONNECTION | Parts::PROGRAM, client, program, ..self }
    }

    /// The same, of an exchange under way that has lasted for `elapsed_us`.
    #[must_use]
    pub fn so_far(self, exchange: &Exchange, elapsed_us: i64) -> Self {
        Self { so_far: Some(SoFar::of(exchange, elapsed_us)), ..self }
    }

    /// The same, where the program that sent it is this one.
    #[must_use]
    pub fn with_program(self, program: &'a str) -> Self {
        Self { known: self.known | Parts::PROGRAM, program: Some(program), ..self }
    }

    /// The same, where also all of its marks are known.
    #[must_use]
    pub fn with_marks(self, marks: Marks<'a>) -> Self {
        Self { known: self.known | Parts::MARKS | Parts::NOTE, marks: Some(marks), ..self }
    }

    /// The same, where also the decoded bytes of one of its bodies are known; `None` if it is not kept.
    #[must_use]
    pub fn with_body(self, of: Direction, body: Option<&'a [u8]>) -> Self {
        match of {
            Direction::Request => {
                Self { known: self.known | Parts::REQUEST_BODY, request_body: body, ..self }
            }
            Direction::Response => {
                Self { known: self.known | Parts::RESPONSE_BODY, response_body: body, ..self }
            }
        }
    }

    /// The same, where also its messages are known.
    #[must_use]
    pub fn with_messages(self, messages: &'a [MessageContent]) -> Self {
        Self { known: self.known | Parts::MESSAGES, messages: Some(messages), ..self }
    }

    /// The version that the client spoke.
    pub(crate) fn version(&self) -> Option<Version> {
        self.request.map(|head| head.version)
    }
}
