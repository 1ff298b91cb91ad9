//! The columns that have the fields of conditions.

use dashcam_filter::{Field, Flag, Names, Of, Span, Term, Test, Text, failures};

use super::bound::{Bound, Bounds, Value};
use super::{heads, texts};
use crate::rows::connection_row::PROGRAM;
use crate::rows::notes::{COMMENT, HAS_COMMENT, HAS_NOTE};
use crate::rows::pins::PINNED;
use crate::rows::snapshots::HAS_SNAPSHOT;

/// The URL as [`dashcam_exchange::Summary::url`] has it: the target of a CONNECT names the destination again.
const URL: &str = "CASE WHEN substr(target, 1, 1) <> '/' AND lower(target) IN ( \
        CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END || ':' || port, \
        CASE WHEN port = CASE scheme WHEN 'https' THEN 443 ELSE 80 END \
            THEN CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END END) \
    THEN substr(url, 1, length(url) - length(target)) ELSE url END";
/// The target without its query. In bytes: SQL's positions end at a NUL.
const PATH: &str =
    "CAST(substr(CAST(target AS BLOB), 1, instr(CAST(target || '?' AS BLOB), x'3f') - 1) AS TEXT)";
/// The target's query; NULL without one.
const QUERY: &str = "CASE WHEN instr(target, '?') \
    THEN CAST(substr(CAST(target AS BLOB), instr(CAST(target AS BLOB), x'3f') + 1) AS TEXT) END";
/// A message of it is stored.
const MESSAGES: &str = "EXISTS (SELECT 1 FROM messages WHERE messages.exchange = exchanges.id)";

/// The bounds of a condition on one field.
pub(super) fn bounds(term: &Term) -> Bounds {
    let Term { field, test } = term;
    match (field, test) {
        (Field::Is, Test::Names(names)) => marks(*names),
        (Field::Is, _) => Bounds::unknown(),
        (_, Test::Names(names)) => named(field, *names),
        (_, Test::Numbers(spans)) => numbers(field, spans),
        (_, Test::Present) => present(field),
        (_, Test::Text(patterns)) => text(field, patterns, test),
    }
}

/// The place of bare words, as the filter puts it together.
fn anywhere() -> String {
    format!(
        "(method || ' ' || {URL} || ' ' || coalesce(status, '') || ' ' || coalesce(content_type, '') || ' ' || \
         CASE WHEN state IN ('open', 'complete') THEN '' ELSE state END)"
    )
}

/// The expression for a text that rows have.
fn expression(field: &Field) -> Option<String> {
    let plain = match field {
        Field::Anywhere => return Some(anywhere()),
        Field::Method => "method",
        Field::Scheme => "scheme",
        Field::Host => "host",
        Field::Destination => "(host || ':' || port)",
        Field::Url => return Some(format!("({URL})")),
        Field::Path => PATH,
        Field::Query => QUERY,
        Field::Type => "content_type",
        Field::FailMessage => "CASE WHEN failure_side IS NOT NULL THEN coalesce(failure_message, '') END",
        Field::Tls(Of::Response) => "CASE WHEN upstream_address IS NOT NULL THEN upstream_tls END",
        Field::Upstream => "upstream_address",
        Field::Program => PROGRAM,
        Field::Rule => "rule",
        Field::Redaction => "redaction_set",
        Field::Marker => return Some(format!("CASE WHEN {PINNED} THEN 'pinned' ELSE '' END")),
        _ => return None,
    };
    Some(plain.to_owned())
}

/// The column of the client's connection that has a field.
fn of_connection(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Client => "client",
        Field::Mode => "mode",
        Field::Listener => "listener",
        Field::Sni => "CASE WHEN tls_version IS NOT NULL THEN tls_sni END",
        Field::Tls(Of::Request) => "tls_version",
        _ => return None,
    })
}

/// A condition on the client's connection, as one on the exchange.
fn over_connection(bounds: &Bounds) -> Bounds {
    let over = |bound: Bound| match bound {
        Bound::Nothing => Bound::Nothing,
        bound => {
            let (sql, values) = bound.into_sql();
            // Looked up for each: the statement is asked of a thousand exchanges, and there are more connections.
            let asked = format!(
                "EXISTS (SELECT 1 FROM connections WHERE connections.id = exchanges.connection AND ({sql}))"
            );
            Bound::Sql(asked, values)
        }
    };
    let upper = over(bounds.clone().upper());
    if bounds.is_exact() { Bounds::exact(upper) } else { Bounds::at_most(upper) }
}

fn text(field: &Field, patterns: &[Text], test: &Test) -> Bounds {
    if let Some(expression) = expression(field) {
        return texts::any(&expression, patterns);
    }
    if let Some(column) = of_connection(field) {
        return over_connection(&texts::any(column, patterns));
    }
    match field {
        Field::Tls(Of::Either) => {
            Bounds::or([Of::Request, Of::Response].map(|of| text(&Field::Tls(of), patterns, test)).into())
        }
        Field::Tag => Bounds::at_most(Bound::plain(HAS_NOTE)),
        Field::Snapshot => Bounds::at_most(Bound::plain(HAS_SNAPSHOT)),
        Field::Comment if patterns.iter().all(wants_something) => {
            Bounds::and(vec![Bounds::exact(Bound::plain(HAS_COMMENT)), texts::any(COMMENT, patterns)])
        }
        Field::Comment => texts::any(COMMENT, patterns),
        Field::Domain => {
            let heads = ["request_headers", "authority"].map(|column| heads::value(column, test));
            Bounds::or(vec![texts::any("host", patterns), Bounds::at_most(Bound::or(heads.into()))])
        }
        Field::QueryParameter(name) => parameter(name, test),
        Field::RequestType => heads::header(Of::Request, "content-type", test),
        Field::Header(of, name) => heads::header(*of, name, test),
        Field::HeaderLines(of) => heads::lines(*of, test),
        Field::Cookie(of, name) => heads::cookie(*of, name, test),
        Field::Trace => heads::marked("request_headers", "traceparent", test),
        Field::GrpcService | Field::GrpcMethod => grpc(),
        Field::Body(of) if patterns.iter().all(wants_something) => Bounds::at_most(body(*of, true)),
        Field::Json(of, _) => Bounds::at_most(body(*of, false)),
        Field::WebSocket => Bounds::at_most(Bound::plain(MESSAGES)),
        _ => Bounds::unknown(),
    }
}

fn present(field: &Field) -> Bounds {
    if let Some(expression) = expression(field) {
        return texts::present(&expression);
    }
    if let Some(column) = of_connection(field) {
        return over_connection(&texts::present(column));
    }
    if let Some(column) = number_column(field) {
        return Bounds::exact(Bound::plain(format!("{column} IS NOT NULL")));
    }
    match field {
        Field::Tls(Of::Either) => {
            Bounds::or([Of::Request, Of::Response].map(|of| present(&Field::Tls(of))).into())
        }
        Field::Domain => texts::present("host"),
        Field::Level | Field::State | Field::Version => Bounds::exact(Bound::All),
        Field::Comment => Bounds::exact(Bound::plain(HAS_COMMENT)),
        Field::Fail => Bounds::exact(Bound::plain("failure_side IS NOT NULL")),
        Field::Body(of) => Bounds::at_most(body(*of, true)),
        Field::GrpcStatus => grpc(),
        other => text(other, &[], &Test::Present),
    }
}

/// Returns whether no empty text passes.
fn wants_something(text: &Text) -> bool {
    match text {
        Text::Contains(text) | Text::Exact(text) => !text.is_empty(),
        Text::Glob(pieces) => pieces.iter().any(|piece| !piece.is_empty()),
        Text::Number(_) | Text::Network(_) => true,
        Text::Regex(_) => false,
    }
}

/// Bytes of a body are stored, or messages. Of an open exchange more may be stored than its row says.
fn body(of: Of, or_messages: bool) -> Bound {
    let [request, response] =
        ["(request_stored > 0 OR state = 'open')", "(response_stored > 0 OR state = 'open')"]
            .map(Bound::plain);
    let messages = if or_messages { Bound::plain(MESSAGES) } else { Bound::Nothing };
    match of {
        Of::Either => Bound::or(vec![request, response, messages]),
        Of::Request => Bound::or(vec![request, messages]),
        Of::Response => Bound::or(vec![response, messages]),
    }
}

/// A parameter of the query may be there: its name and its value may be encoded.
fn parameter(name: &str, test: &Test) -> Bounds {
    let mut all = vec![Bound::plain("instr(target, '?') > 0")];
    let mut wanted = vec![vec![name]];
    if let Test::Text(texts) = test {
        let words = texts.iter().map(|text| match text {
            Text::Contains(word) | Text::Exact(word) => word.as_str(),
            _ => "",
        });
        wanted.push(words.collect());
    }
    for words in wanted {
        if words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            let found = words.iter().map(|word| Bound::sql("holds(target, ?)", [word.to_ascii_lowercase()]));
            all.push(Bound::or(found.chain([Bound::plain("instr(target, '%') > 0")]).collect()));
        }
    }
    Bounds::at_most(Bound::and(all))
}

fn grpc() -> Bounds {
    Bounds::at_most(Bound::plain("coalesce(instr(request_headers, 'application/grpc'), 0) > 0"))
}

/// The column that has a number.
fn number_column(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Status => "status",
        Field::Port => "port",
        Field::Duration => "duration_us",
        Field::Ttfb => "response_start_us",
        Field::Size(Of::Request) => "request_size",
        Field::Size(_) => "response_size",
        Field::At => "started_at",
        Field::Id => "id",
        Field::Connection => "connection",
        Field::ReplayOf => "replay_of",
        Field::Pid => "(SELECT program_pid FROM connections WHERE connections.id = connection)",
        _ => return None,
    })
}

fn numbers(field: &Field, spans: &[Span]) -> Bounds {
    let Some(column) = number_column(field) else {
        return if *field == Field::GrpcStatus { grpc() } else { Bounds::unknown() };
    };
    let within = |span: &Span| {
        let (least, most) = (span.min != i64::MIN, span.max != i64::MAX);
        let sql = match (least, most) {
            (true, true) => format!("coalesce({column} BETWEEN ? AND ?, 0)"),
            (true, false) => format!("coalesce({column} >= ?, 0)"),
            (false, true) => format!("coalesce({column} <= ?, 0)"),
            (false, false) => format!("{column} IS NOT NULL"),
        };
        let values = [least.then_some(span.min), most.then_some(span.max)];
        Bound::sql(sql, values.into_iter().flatten())
    };
    Bounds::exact(Bound::or(spans.iter().map(within).collect()))
}

fn named(field: &Field, names: Names) -> Bounds {
    use dashcam_exchange::{Level, Scheme, State, Version};
    let levels = [Level::Off, Level::Metrics, Level::Metadata, Level::Full];
    let (column, values): (&str, Vec<String>) = match field {
        Field::Level => ("level", strings(levels.into_iter().filter(|level| names.has_level(*level)))),
        Field::State => ("state", strings(State::ALL.iter().filter(|state| names.has_state(**state)))),
        Field::Scheme => {
            let schemes = [Scheme::Http, Scheme::Https];
            ("scheme", strings(schemes.into_iter().filter(|scheme| names.has_scheme(*scheme))))
        }
        Field::Version => {
            let versions = [Version::Http10, Version::Http11, Version::Http2];
            ("request_version", strings(versions.into_iter().filter(|version| names.has_version(*version))))
        }
        Field::Fail => {
            let wanted = failures().filter(|(side, stage)| names.has_failure(*side, *stage));
            (
                "(failure_side || '/' || failure_stage)",
                wanted.map(|(side, stage)| format!("{side}/{stage}")).collect(),
            )
        }
        _ => return Bounds::unknown(),
    };
    let marks = vec!["?"; values.len()].join(", ");
    Bounds::exact(Bound::sql(
        format!("coalesce({column} IN ({marks}), 0)"),
        values.into_iter().map(Value::Text),
    ))
}

fn strings<T: ToString>(values: impl Iterator<Item = T>) -> Vec<String> {
    values.map(|value| value.to_string()).collect()
}

fn marks(names: Names) -> Bounds {
    Bounds::or(Flag::ALL.into_iter().filter(|flag| names.has_flag(*flag)).map(mark).collect())
}

fn mark(flag: Flag) -> Bounds {
    let exact = |sql: &str| Bounds::exact(Bound::plain(sql));
    match flag {
        Flag::Pinned => exact(PINNED),
        Flag::Replay => exact("replay_of IS NOT NULL"),
        Flag::Truncated => exact("request_truncated OR response_truncated"),
        Flag::Redacted => exact(
            "coalesce(redacted, 0) > 0 OR request_stored_as IS NOT NULL OR response_stored_as IS NOT NULL",
        ),
        Flag::Refused => exact("state = 'refused'"),
        Flag::Slow => Bounds::exact(Bound::sql("coalesce(duration_us > ?, 0)", [dashcam_filter::SLOW_US])),
        Flag::Error => exact("failure_side IS NOT NULL OR state NOT IN ('open', 'complete')"),
        Flag::Answered => exact("status IS NOT NULL"),
        Flag::Unanswered => exact("status IS NULL"),
        Flag::Reused => exact("coalesce(upstream_reused = 1 AND upstream_address IS NOT NULL, 0)"),
        Flag::Http => Bounds::exact(Bound::All),
        Flag::Stub | Flag::NotHttp => Bounds::exact(Bound::Nothing),
        Flag::Grpc => grpc(),
        Flag::Websocket => Bounds::at_most(Bound::plain(
            "coalesce(status = 101 OR status BETWEEN 200 AND 299 AND request_version = 'HTTP/2', 0) \
             AND holds(request_headers, 'websocket')",
        )),
        Flag::Asset => {
            let words = ["javascript", "text/css", "image/", "font"];
            let found = words.map(|word| format!("instr(response_headers, '{word}') > 0")).join(" OR ");
            Bounds::at_most(Bound::plain(format!("coalesce({found}, 0)")))
        }
    }
}
