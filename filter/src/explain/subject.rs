//! The names of fields and marks in sentences.

use crate::field::{Field, Of};
use crate::names::Flag;

/// The name of a field, as the subject of a sentence.
pub(super) fn of(field: &Field) -> String {
    match field {
        Field::QueryParameter(name) => format!("query parameter {name}"),
        Field::HeaderLines(of) => format!("a {}header line", side(*of)),
        Field::Header(of, name) => format!("{}header {name}", side(*of)),
        Field::Cookie(of, name) => format!("{}cookie {name}", side(*of)),
        Field::Body(of) => format!("{}body", side(*of)),
        Field::Json(of, path) => format!("{}JSON value {}", side(*of), path.join(".")),
        Field::Size(Of::Request) => "request size".to_owned(),
        Field::Size(_) => "response size".to_owned(),
        Field::Tls(Of::Request) => "TLS version with the client".to_owned(),
        Field::Tls(Of::Response) => "TLS version with the upstream".to_owned(),
        Field::Tls(Of::Either) => "TLS version".to_owned(),
        plain => message(plain).or_else(|| outcome(plain)).unwrap_or_else(|| around(plain)).to_owned(),
    }
}

fn side(of: Of) -> &'static str {
    match of {
        Of::Either => "",
        Of::Request => "request ",
        Of::Response => "response ",
    }
}

/// Fields of the two messages.
fn message(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Anywhere => "the line",
        Field::Method => "method",
        Field::Scheme => "scheme",
        Field::Host => "host",
        Field::Domain => "host, or the one that the request names,",
        Field::Port => "port",
        Field::Destination => "destination",
        Field::Url => "URL",
        Field::Path => "path",
        Field::Query => "query",
        Field::Version => "HTTP version",
        Field::Status => "status",
        Field::Type => "content type",
        Field::RequestType => "request content type",
        Field::WebSocket => "a WebSocket message",
        Field::GrpcStatus => "gRPC status",
        Field::GrpcService => "gRPC service",
        Field::GrpcMethod => "gRPC method",
        Field::GqlOperation => "GraphQL operation",
        Field::Trace => "trace id",
        _ => return None,
    })
}

/// Fields of how it went and what was recorded.
fn outcome(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Fail => "failure",
        Field::FailMessage => "reason of the failure",
        Field::Level => "level of the recording",
        Field::Rule => "rule that decided",
        Field::Redaction => "redaction set",
        Field::State => "state",
        Field::Duration => "duration",
        Field::Ttfb => "time to the first byte",
        Field::Tag => "a tag",
        Field::Comment => "comment",
        Field::Marker => "marker",
        Field::Snapshot => "a snapshot",
        Field::Meta => "a line of the note",
        _ => return None,
    })
}

/// Fields of connections and numbers.
fn around(field: &Field) -> &'static str {
    match field {
        Field::Client => "client",
        Field::Listener => "listener",
        Field::Mode => "mode of the listener",
        Field::Program => "program",
        Field::Pid => "process number",
        Field::Sni => "TLS server name",
        Field::Upstream => "upstream address",
        Field::At => "its beginning",
        Field::Id => "number",
        Field::Connection => "connection number",
        Field::ReplayOf => "number of the exchange that it repeats",
        _ => "a mark",
    }
}

/// The words for a mark and for its absence, behind “it”.
pub(super) fn mark(flag: Flag) -> (&'static str, &'static str) {
    match flag {
        Flag::Pinned => ("is pinned", "is not pinned"),
        Flag::Replay => ("repeats another exchange", "does not repeat another exchange"),
        Flag::Stub => ("was answered from a recording", "was not answered from a recording"),
        Flag::Truncated => {
            ("has a body that is stored in part only", "has no body that is stored in part only")
        }
        Flag::Redacted => ("is redacted", "is not redacted"),
        Flag::Refused => ("was refused by dashcam", "was not refused by dashcam"),
        Flag::Slow => ("took more than 1 s", "did not take more than 1 s"),
        Flag::Error => ("failed or ended badly", "did not fail or end badly"),
        Flag::Answered => ("has a response", "has no response"),
        Flag::Unanswered => ("has no response", "has a response"),
        Flag::Asset => (
            "is an asset (CSS, JavaScript, an image or a font)",
            "is no asset (CSS, JavaScript, an image or a font)",
        ),
        Flag::Websocket => ("became a WebSocket", "did not become a WebSocket"),
        Flag::Grpc => ("is a gRPC call", "is no gRPC call"),
        Flag::Reused => (
            "went over a connection that had served another one",
            "did not go over a connection that had served another one",
        ),
        Flag::Http => ("is HTTP, as every exchange is", "is not HTTP, which every exchange is"),
        Flag::NotHttp => ("is no HTTP, which no exchange is", "is HTTP, as every exchange is"),
    }
}
