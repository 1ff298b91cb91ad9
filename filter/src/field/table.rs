//! The names of fields: for the parser, for completion and for the documentation.

use crate::field::{Field, Kind, Of, Since};

/// A name of a field.
#[derive(Debug, Clone, Copy)]
pub struct FieldName {
    /// The name; where a dot is at its end, a name of the user's follows.
    pub name: &'static str,
    /// Other names for the same.
    pub aliases: &'static [&'static str],
    /// The meaning, in a few words.
    pub meaning: &'static str,
    pub(crate) is: Is,
}

/// The thing that a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Is {
    /// A field; values may be written otherwise than the field's are.
    Field(fn() -> Field, Option<Kind>),
    /// A field that a name or a path follows.
    Named(fn(Vec<String>) -> Field),
    /// A filter that was kept under a name.
    Preset,
}

type Aliases = &'static [&'static str];

const fn plain(
    name: &'static str,
    aliases: Aliases,
    meaning: &'static str,
    field: fn() -> Field,
) -> FieldName {
    FieldName { name, aliases, meaning, is: Is::Field(field, None) }
}

const fn time(name: &'static str, aliases: Aliases, meaning: &'static str, since: Since) -> FieldName {
    FieldName { name, aliases, meaning, is: Is::Field(|| Field::At, Some(Kind::Time(since))) }
}

const fn named(name: &'static str, meaning: &'static str, make: fn(Vec<String>) -> Field) -> FieldName {
    FieldName { name, aliases: &[], meaning, is: Is::Named(make) }
}

/// All names of fields. The first name of a field is the one that it is printed with.
pub const FIELDS: &[FieldName] = &[
    plain("host", &[], "the destination's host", || Field::Host),
    plain("domain", &[], "the destination's host, or the one that the request names", || Field::Domain),
    plain("port", &[], "the destination's port", || Field::Port),
    plain("dst", &[], "the destination as HOST:PORT", || Field::Destination),
    plain("scheme", &[], "http or https", || Field::Scheme),
    plain("method", &[], "the request's method", || Field::Method),
    plain("url", &[], "the whole URL", || Field::Url),
    plain("path", &[], "the URL's path", || Field::Path),
    plain("query", &[], "the URL's query", || Field::Query),
    named("query.", "a parameter of the query", |path| Field::QueryParameter(path.join("."))),
    plain("version", &[], "the HTTP version that the client spoke", || Field::Version),
    plain("status", &[], "the response's status", || Field::Status),
    plain("type", &["res.type"], "the response's content type", || Field::Type),
    plain("req.type", &[], "the request's content type", || Field::RequestType),
    plain("header", &[], "lines of both heads", || Field::HeaderLines(Of::Either)),
    plain("req.header", &[], "lines of the request's head", || Field::HeaderLines(Of::Request)),
    plain("res.header", &[], "lines of the response's head", || Field::HeaderLines(Of::Response)),
    named("header.", "a header of either message", |path| Field::Header(Of::Either, header(&path))),
    named("req.header.", "a header of the request", |path| Field::Header(Of::Request, header(&path))),
    named("res.header.", "a header of the response", |path| Field::Header(Of::Response, header(&path))),
    named("cookie.", "a cookie of either message", |path| Field::Cookie(Of::Either, path.join("."))),
    named("req.cookie.", "a cookie of the request", |path| Field::Cookie(Of::Request, path.join("."))),
    named("res.cookie.", "a cookie that the response sets", |path| {
        Field::Cookie(Of::Response, path.join("."))
    }),
    plain("body", &[], "text in decoded bodies and messages", || Field::Body(Of::Either)),
    plain("req.body", &[], "text in the request's body, and messages from the client", || {
        Field::Body(Of::Request)
    }),
    plain("res.body", &[], "text in the response's body, and messages to the client", || {
        Field::Body(Of::Response)
    }),
    named("json.", "a value in either JSON body", |path| Field::Json(Of::Either, path)),
    named("req.json.", "a value in the request's JSON body", |path| Field::Json(Of::Request, path)),
    named("res.json.", "a value in the response's JSON body", |path| Field::Json(Of::Response, path)),
    plain("ws", &["websocket"], "text in WebSocket messages", || Field::WebSocket),
    plain("grpc.status", &[], "the status of a gRPC call", || Field::GrpcStatus),
    plain("grpc.service", &[], "the service of a gRPC call", || Field::GrpcService),
    plain("grpc.method", &[], "the method of a gRPC call", || Field::GrpcMethod),
    plain("gql.operation", &["graphql.operation"], "the operation's name in a GraphQL request", || {
        Field::GqlOperation
    }),
    plain("fail", &[], "side and stage of the failure", || Field::Fail),
    plain("fail.message", &[], "the message of the failure", || Field::FailMessage),
    plain("level", &[], "the level at which it was recorded", || Field::Level),
    plain("rule", &[], "the rule that decided about its recording", || Field::Rule),
    plain("redaction", &[], "the redaction set that was in force", || Field::Redaction),
    plain("state", &[], "how it stands", || Field::State),
    plain("dur", &["duration"], "from the request's head to the end", || Field::Duration),
    plain("ttfb", &[], "from the request's head to the response's", || Field::Ttfb),
    plain("size", &["res.size"], "bytes of the response's body", || Field::Size(Of::Response)),
    plain("req.size", &[], "bytes of the request's body", || Field::Size(Of::Request)),
    plain("client", &["src"], "the client's address", || Field::Client),
    plain("listener", &[], "the listener that took the connection", || Field::Listener),
    plain("mode", &[], "the mode of that listener", || Field::Mode),
    plain("program", &[], "the program that made the connection", || Field::Program),
    plain("pid", &[], "the number of that program's process", || Field::Pid),
    plain("sni", &[], "the name that the client asked for in TLS", || Field::Sni),
    plain("tls", &[], "the TLS version with client or upstream", || Field::Tls(Of::Either)),
    plain("client.tls", &[], "the TLS version with the client", || Field::Tls(Of::Request)),
    plain("upstream.tls", &[], "the TLS version with the upstream", || Field::Tls(Of::Response)),
    plain("upstream", &[], "the upstream's address", || Field::Upstream),
    time("at", &[], "the time at which it began", Since::At),
    time("since", &["after"], "began at this time or later", Since::From),
    time("before", &["until"], "began before this time", Since::Before),
    plain("id", &[], "its number", || Field::Id),
    plain("conn", &["connection"], "the number of its client connection", || Field::Connection),
    plain("replay.of", &[], "the number of the exchange that it repeats", || Field::ReplayOf),
    plain("trace", &[], "the trace id of the request's traceparent", || Field::Trace),
    plain("tag", &[], "its tags", || Field::Tag),
    plain("comment", &[], "its comment", || Field::Comment),
    plain("snapshot", &[], "the snapshots that it belongs to", || Field::Snapshot),
    plain("marker", &[], "its marker: pinned or none", || Field::Marker),
    plain("meta", &[], "lines about it: tag: NAME", || Field::Meta),
    plain("is", &[], "its marks", || Field::Is),
    FieldName {
        name: "preset",
        aliases: &[],
        meaning: "a filter that was kept under a name",
        is: Is::Preset,
    },
];

impl FieldName {
    /// The field that it stands for, and how its values are written where that is not the field's way. A preset has none,
    /// and for a field that a name of the user's is part of, it has an empty one.
    pub(crate) fn field(&self) -> Option<(Field, Option<Kind>)> {
        match self.is {
            Is::Field(make, kind) => Some((make(), kind)),
            Is::Named(make) => Some((make(Vec::new()), None)),
            Is::Preset => None,
        }
    }
}

/// A header's name: dots are part of it.
fn header(path: &[String]) -> String {
    path.join(".").to_ascii_lowercase()
}

/// All names, without those of users.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().flat_map(|field| std::iter::once(field.name).chain(field.aliases.iter().copied()))
}

/// The entry for `name`; where a name of the user's is to follow, a dot is at its end.
pub(crate) fn find(name: &str) -> Option<&'static FieldName> {
    FIELDS.iter().find(|field| field.name == name || field.aliases.contains(&name))
}

/// The name of a field that has none of the user's in it.
pub(super) fn name(of: &Field) -> &'static str {
    let is_it = |field: &&FieldName| matches!(field.is, Is::Field(make, _) if make() == *of);
    FIELDS.iter().find(is_it).map_or("", |field| field.name)
}
