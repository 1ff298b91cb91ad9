//! `docs/FILTERS.md`: each example matches the exchanges that stand beside it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dashcam_exchange::{
    BodyRecord, ConnectionId, Destination, Direction, Exchange, ExchangeId, Failure, Headers, Level,
    Redaction, ResponseHead, Scheme, Side, Stage, State, Timestamp, Timings, TlsFacts, Upstream, Version,
    sample,
};
use dashcam_filter::{Client, Context, FIELDS, Facts, Filter, Marks, MessageContent, Moment};

const DOCUMENT: &str = include_str!("../../../docs/FILTERS.md");
/// 2026-11-28T11:00:00Z.
const ELEVEN: i64 = 1_795_863_600_000_000;
const TRACE: (&str, &str) = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

/// An exchange with what is known beside it.
struct Kept {
    exchange: Exchange,
    client: Option<Client<'static>>,
    bodies: [Option<&'static str>; 2],
    messages: Vec<MessageContent>,
    pinned: bool,
    tags: Vec<String>,
    comment: &'static str,
    snapshots: Vec<String>,
}

/// `METHOD URL`, answered with a status and a content type after so many microseconds.
fn kept(id: i64, (method, url): (&str, &str), answer: Option<(u16, &str)>, us: i64) -> Kept {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let scheme = Scheme::parse(scheme).unwrap();
    let response = answer.map(|(status, kind)| {
        let fields: &[(&str, &str)] = if kind.is_empty() { &[] } else { &[("Content-Type", kind)] };
        ResponseHead { status, ..sample::ok(fields) }
    });
    let exchange = Exchange {
        started_at: Timestamp(ELEVEN + id * 60_000_000),
        destination: Destination::parse(scheme, authority).unwrap(),
        request: sample::request(method, &format!("/{path}"), &[("Host", authority)]),
        timings: Timings { end_us: Some(us), response_start_us: Some(us / 2), ..Timings::default() },
        response,
        ..sample::exchange(id)
    };
    let messages = Vec::new();
    Kept {
        exchange,
        client: None,
        bodies: [Some(""); 2],
        messages,
        pinned: false,
        tags: Vec::new(),
        comment: "",
        snapshots: Vec::new(),
    }
}

fn sized(size: u64) -> BodyRecord {
    BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() }
}

static TLS: LazyLock<TlsFacts> = LazyLock::new(|| TlsFacts {
    version: "TLSv1.3".to_owned(),
    sni: Some("api.example.com".to_owned()),
    ..TlsFacts::default()
});

fn office() -> Option<Client<'static>> {
    Some(Client {
        address: "10.0.0.7:52011",
        mode: "forward",
        listener: Some("office"),
        program: Some("curl"),
        pid: Some(4711),
        tls: Some(&TLS),
        asked_name: None,
    })
}

/// The exchanges that the document lists.
fn all() -> Vec<Kept> {
    let order = "https://api.example.com/v1/orders/42?page=2&q=a%20b";
    let json = "application/json";
    let headers = |kept: &mut Kept, fields: &[(&str, &str)]| {
        kept.exchange.request.headers.append(&fields.iter().copied().collect::<Headers>());
    };
    let mut first = kept(1, ("GET", order), Some((200, json)), 120_000);
    headers(&mut first, &[("Cookie", "sid=s3cret"), TRACE]);
    first.exchange.connection = Some(ConnectionId(12));
    first.client = office();
    first.bodies[1] = Some(r#"{"items": [{"sku": "A-1"}, {"sku": "B-2"}], "total": 142}"#);

    let mut second = kept(2, ("POST", "https://api.example.com/v1/orders"), Some((503, json)), 1_250_000);
    headers(&mut second, &[("Content-Type", json), ("X-Request-Id", "Abc-123")]);
    second.exchange.connection = Some(ConnectionId(12));
    second.client = office();
    second.exchange.timings.response_start_us = Some(1_200_000);
    second.exchange.response.as_mut().unwrap().headers.push("Set-Cookie", "cart=7; Path=/");
    second.exchange.request_body = sized(60);
    second.exchange.response_body = BodyRecord { truncated: true, ..sized(900) };
    second.bodies = [
        Some(r#"{"user": {"id": 42}, "operationName": "GetUser", "user": 1}"#),
        Some(r#"{"error": "Out of stock", "code": "out of stock"}"#),
    ];
    second.exchange.upstream = Some(Upstream {
        address: "192.0.2.7:443".to_owned(),
        reused: true,
        tls_version: Some("TLSv1.2".to_owned()),
        connection: None,
    });
    (second.pinned, second.tags, second.comment) = (true, vec!["shop-42".to_owned()], "look here");
    second.exchange.redaction = Some(Redaction { set: "payments@1a2b3c4d".into(), replaced: 2 });
    (second.exchange.rule, second.snapshots) = (Some("failures".into()), vec!["inc-123".to_owned()]);

    let third = kept(3, ("GET", "http://www.example.com/index.html"), Some((404, "text/html")), 8000);
    let mut fourth =
        kept(4, ("GET", "https://cdn.example.org/app.js"), Some((200, "text/javascript")), 600_000);
    fourth.exchange.response_body = sized(2_000_000);
    fourth.exchange.response.as_mut().unwrap().headers.push("Content-Length", "2000000");

    let mut fifth = kept(5, ("GET", "https://down.example.net/health"), None, 30_000);
    fifth.exchange.state = State::Failed;
    fifth.exchange.timings.response_start_us = None;
    fifth.exchange.failure =
        Some(Failure::new(Side::Upstream, Stage::TlsHandshake, "the certificate has expired"));

    let mut sixth = kept(6, ("GET", "http://chat.example.com/ws"), Some((101, "")), 90_000);
    headers(&mut sixth, &[("Connection", "Upgrade"), ("Upgrade", "websocket")]);
    let said = [(Direction::Request, "ping"), (Direction::Response, "pong")];
    sixth.messages = said
        .map(|(direction, text)| MessageContent { direction, is_web_socket: true, data: text.into() })
        .into();

    let mut seventh = kept(
        7,
        ("POST", "https://grpc.example.com/shop.v1.Orders/Get"),
        Some((200, "application/grpc")),
        5000,
    );
    headers(&mut seventh, &[("content-type", "application/grpc")]);
    seventh.exchange.request.version = Version::Http2;
    seventh.exchange.response_body.trailers = Some([("grpc-status", "14")].into_iter().collect());

    let mut eighth = kept(8, ("PUT", "http://files.local:9000/upload"), None, 0);
    eighth.exchange.state = State::Open;
    eighth.exchange.timings = Timings::default();
    eighth.exchange.request = sample::request("PUT", "/upload", &[("Host", "files.internal")]);
    eighth.exchange.request_body = sized(10);
    eighth.client = Some(Client { address: "10.0.0.8:40000", mode: "forward", ..Client::default() });

    let mut ninth = kept(9, ("GET", order), Some((200, json)), 110_000);
    headers(&mut ninth, &[("Cookie", "sid=s3cret"), TRACE]);
    ninth.exchange.level = Level::Metadata;
    ninth.exchange.replay_of = Some(ExchangeId(1));
    ninth.bodies = [None; 2];
    vec![first, second, third, fourth, fifth, sixth, seventh, eighth, ninth]
}

fn read(text: &str) -> Filter {
    let now = "2026-11-28T12:00:00Z[UTC]".parse().unwrap();
    let presets = BTreeMap::from([("errors".to_owned(), "status:>=500 | is:error".to_owned())]);
    Filter::parse(text, &Context { now: &now, presets: &presets })
        .unwrap_or_else(|error| panic!("{text}\n{}", error.render()))
}

fn matches(filter: &Filter, kept: &Kept) -> bool {
    let [request, response] = kept.bodies.map(|body| body.map(str::as_bytes));
    let facts = Facts::of_exchange(&kept.exchange, Moment::End)
        .with_client(kept.client)
        .with_marks(Marks {
            pinned: kept.pinned,
            tags: &kept.tags,
            comment: kept.comment,
            snapshots: &kept.snapshots,
        })
        .with_body(Direction::Request, request)
        .with_body(Direction::Response, response)
        .with_messages(&kept.messages);
    filter.evaluate(&facts).is_true()
}

/// The examples of the document's tables: each filter with the ids beside it.
pub(crate) fn examples() -> Vec<(String, Vec<i64>)> {
    let mut examples = Vec::new();
    let mut columns = 0;
    for line in DOCUMENT.lines() {
        if !line.starts_with('|') {
            columns = 0;
            continue;
        }
        // A `|` in a table has a backslash before it.
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [filter, ids] = [cells[cells.len() - 3], cells[cells.len() - 2]];
        if ids == "matches" {
            columns = cells.len();
        } else if cells.len() == columns && filter.starts_with('`') {
            let filter = filter.trim_matches('`').replace('\u{0}', "|");
            examples.push((filter, ids.split_whitespace().map(|id| id.parse().unwrap()).collect()));
        }
    }
    examples
}

#[test]
fn each_example_matches_what_the_document_says() {
    let (all, examples) = (all(), examples());
    assert!(examples.len() > 120, "only {} examples were found", examples.len());
    let mut wrong = Vec::new();
    for (text, expect) in &examples {
        let filter = read(text);
        let found: Vec<i64> =
            all.iter().filter(|kept| matches(&filter, kept)).map(|kept| kept.exchange.id.0).collect();
        if found != *expect {
            wrong.push(format!("{text}: {found:?}, the document says {expect:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_field_and_operator_has_an_example() {
    let examples: Vec<String> = examples().into_iter().map(|(text, _)| text).collect();
    let has = |name: &str| examples.iter().any(|example| example.contains(name));
    let fields = FIELDS.iter().map(|field| match field.name.strip_suffix('.') {
        // The same with one side named is the same field.
        Some(named) => format!("{}.", named.trim_start_matches("req.").trim_start_matches("res.")),
        None => format!("{}:", field.name.trim_start_matches("req.header").trim_start_matches("res.header")),
    });
    let missing: Vec<_> =
        fields.filter(|name| !has(name) && name != "res.body:" && name != "upstream.tls:").collect();
    assert!(missing.is_empty(), "docs/FILTERS.md has no example of {missing:?}");
    for operator in
        ["a", "b", "bq", "bs", "c", "comment", "d", "dst", "e", "h", "hq", "hs", "m", "q", "s", "t", "u"]
    {
        assert!(has(&format!("~{operator}")), "~{operator}");
    }
}
