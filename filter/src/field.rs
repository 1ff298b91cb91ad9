//! The fields that conditions are about.

mod table;

use std::fmt::{self, Display, Formatter};

pub use self::table::{FIELDS, FieldName};
pub(crate) use self::table::{Is, find, names};
use crate::parts::Parts;
use crate::quote;

/// Which of the two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// Any of them.
    Either,
    /// The request.
    Request,
    /// The response.
    Response,
}

/// A field of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// `METHOD URL STATUS CONTENT-TYPE STATE`, the last only where it is a bad end: the place of bare words.
    Anywhere,
    /// The request's method.
    Method,
    /// `http` or `https`.
    Scheme,
    /// The destination's host.
    Host,
    /// The destination's host, or the one that the request's head names.
    Domain,
    /// The destination's port.
    Port,
    /// The destination as `HOST:PORT`, without brackets.
    Destination,
    /// The URL.
    Url,
    /// The target without its query.
    Path,
    /// The target's query, behind `?`.
    Query,
    /// The values of one parameter of the query, decoded.
    QueryParameter(String),
    /// The HTTP version that the client spoke.
    Version,
    /// The response's status.
    Status,
    /// The response's `Content-Type`.
    Type,
    /// The request's `Content-Type`.
    RequestType,
    /// The lines of a head: `name: value`.
    HeaderLines(Of),
    /// The values of one header.
    Header(Of, String),
    /// The values of one cookie: of `Cookie` in requests, of `Set-Cookie` in responses.
    Cookie(Of, String),
    /// The decoded body, and messages.
    Body(Of),
    /// The values at a path in a JSON body.
    Json(Of, Vec<String>),
    /// The messages of a WebSocket.
    WebSocket,
    /// The status of a gRPC call.
    GrpcStatus,
    /// The service of a gRPC call, with its package.
    GrpcService,
    /// The method of a gRPC call.
    GrpcMethod,
    /// The operation's name in a GraphQL request.
    GqlOperation,
    /// Side and stage of the failure.
    Fail,
    /// The message of the failure.
    FailMessage,
    /// The level at which it was recorded.
    Level,
    /// The name of the rule that decided about its recording.
    Rule,
    /// The redaction set that was in force, as `NAME@HASH`.
    Redaction,
    /// How it stands.
    State,
    /// From start to end, in microseconds.
    Duration,
    /// From start to the response's head, in microseconds.
    Ttfb,
    /// Bytes of a body that passed.
    Size(Of),
    /// The client's `ADDRESS:PORT`.
    Client,
    /// The name of the listener.
    Listener,
    /// The mode of the listener.
    Mode,
    /// The program that made the client's connection.
    Program,
    /// The number of that program's process.
    Pid,
    /// The name that the client asked for in TLS.
    Sni,
    /// The TLS version of a connection: with the client (request), with the upstream (response).
    Tls(Of),
    /// The upstream's `ADDRESS:PORT`.
    Upstream,
    /// When it began, in unix microseconds.
    At,
    /// Its number.
    Id,
    /// The number of its client connection.
    Connection,
    /// The number of the exchange that it repeats.
    ReplayOf,
    /// The trace id of the request's `traceparent`.
    Trace,
    /// Tags.
    Tag,
    /// The comment; empty if there is none.
    Comment,
    /// The marker: `pinned` if it is pinned, else empty.
    Marker,
    /// The names of the snapshots that it belongs to.
    Snapshot,
    /// Lines `tag: TAG`.
    Meta,
    /// Marks ([`crate::Flag`]).
    Is,
}

/// How the values of a field are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that has slashes of its own.
    Path,
    /// Text that may be a number.
    Value,
    /// An address, a network, or text.
    Address,
    /// A whole number without a unit.
    Number,
    /// A status: a number, or a class as `5xx`.
    Status,
    /// A status of gRPC: a number or its name.
    GrpcStatus,
    /// A duration.
    Duration,
    /// A size.
    Size,
    /// A time.
    Time(Since),
    /// One of some names.
    Name,
}

/// The part of time that a time bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// That time itself.
    At,
    /// From it on.
    From,
    /// Before it.
    Before,
}

impl Field {
    /// How its values are written.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Anywhere | Self::Url | Self::Path => Kind::Path,
            Self::QueryParameter(_) | Self::Header(..) | Self::Cookie(..) | Self::Json(..) => Kind::Value,
            Self::Client | Self::Upstream => Kind::Address,
            Self::Port | Self::Pid | Self::Id | Self::Connection | Self::ReplayOf => Kind::Number,
            Self::Status => Kind::Status,
            Self::GrpcStatus => Kind::GrpcStatus,
            Self::Duration | Self::Ttfb => Kind::Duration,
            Self::Size(_) => Kind::Size,
            Self::At => Kind::Time(Since::At),
            Self::Scheme | Self::Version | Self::Fail | Self::Level | Self::State | Self::Is => Kind::Name,
            _ => Kind::Text,
        }
    }

    /// Returns whether its values are whole numbers.
    pub(crate) fn is_number(&self) -> bool {
        use Kind::{Duration, GrpcStatus, Number, Size, Status, Time};
        matches!(self.kind(), Number | Status | GrpcStatus | Duration | Size | Time(_))
    }

    /// The parts that have to be known for it to be there or absent for good.
    #[must_use]
    pub fn needs(&self) -> Parts {
        let sides = |of: Of, request: Parts, response: Parts| match of {
            Of::Either => request | response,
            Of::Request => request,
            Of::Response => response,
        };
        match self {
            Self::Anywhere => Parts::REQUEST | Parts::RESPONSE | Parts::END,
            Self::Program => Parts::PROGRAM,
            Self::Rule => Parts::RULE,
            Self::Method
            | Self::Scheme
            | Self::Host
            | Self::Port
            | Self::Destination
            | Self::Url
            | Self::Path
            | Self::Query
            | Self::QueryParameter(_)
            | Self::Level
            | Self::At
            | Self::Id
            | Self::Connection
            | Self::ReplayOf => Parts::REQUEST,
            Self::Domain => Parts::REQUEST | Parts::REQUEST_HEAD,
            Self::GrpcService | Self::GrpcMethod => Parts::REQUEST | Parts::REQUEST_HEAD,
            Self::Version | Self::RequestType | Self::Trace => Parts::REQUEST_HEAD,
            Self::Status | Self::Type => Parts::RESPONSE,
            Self::HeaderLines(of) | Self::Header(of, _) | Self::Cookie(of, _) => {
                sides(*of, Parts::REQUEST_HEAD, Parts::RESPONSE_HEAD)
            }
            Self::Body(of) => sides(*of, Parts::REQUEST_BODY, Parts::RESPONSE_BODY) | Parts::MESSAGES,
            Self::Json(of, _) => sides(*of, Parts::REQUEST_BODY, Parts::RESPONSE_BODY),
            Self::WebSocket => Parts::MESSAGES,
            Self::GrpcStatus => Parts::REQUEST_HEAD | Parts::RESPONSE_HEAD | Parts::DETAIL,
            Self::GqlOperation => Parts::REQUEST | Parts::REQUEST_BODY,
            Self::Fail | Self::FailMessage | Self::State | Self::Duration | Self::Size(_) => Parts::END,
            Self::Ttfb | Self::Upstream | Self::Redaction => Parts::DETAIL,
            Self::Client | Self::Listener | Self::Mode | Self::Sni => Parts::CONNECTION,
            Self::Pid => Parts::CONNECTION | Parts::PROGRAM,
            Self::Tls(of) => sides(*of, Parts::CONNECTION, Parts::DETAIL),
            Self::Tag | Self::Comment | Self::Snapshot | Self::Meta => Parts::NOTE,
            Self::Marker | Self::Is => Parts::MARKS,
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let side = |of: Of| match of {
            Of::Either => "",
            Of::Request => "req.",
            Of::Response => "res.",
        };
        match self {
            Self::Anywhere => Ok(()),
            Self::QueryParameter(name) => {
                f.write_str("query.")?;
                quote::write_name(f, name)
            }
            Self::HeaderLines(of) => write!(f, "{}header", side(*of)),
            Self::Header(of, name) => {
                write!(f, "{}header.", side(*of))?;
                quote::write_name(f, name)
            }
            Self::Cookie(of, name) => {
                write!(f, "{}cookie.", side(*of))?;
                quote::write_name(f, name)
            }
            Self::Body(of) => write!(f, "{}body", side(*of)),
            Self::Json(of, path) => {
                write!(f, "{}json", side(*of))?;
                path.iter().try_for_each(|key| {
                    f.write_str(".")?;
                    quote::write_name(f, key)
                })
            }
            plain => f.write_str(table::name(plain)),
        }
    }
}
