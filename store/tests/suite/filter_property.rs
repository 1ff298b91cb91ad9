//! For all filters and exchanges: the store finds those that the filter itself matches.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dashcam_exchange::{
    BodyRecord, Connection, ConnectionId, Destination, Direction, Exchange, ExchangeId, Failure, Headers,
    Level, Message, MessageKind, Record, Redaction, ResponseHead, Scheme, Side, Stage, State, StoredAs,
    Timestamp, Timings, TlsFacts, Upstream, Version, sample,
};
use dashcam_filter::{Client, Facts, Filter, Marks, MessageContent, Moment, Truth};
use dashcam_store::{Start, Store, Tally};
use proptest::prelude::*;
use proptest::sample::select;

use crate::samples::{connection, filter, finished, message, opened, store};

/// Words that occur in the exchanges below, and some that do not.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => select(vec![
            "a", "api", "get", "503", "20", "html", "json", "k", "i", "b c", "x=", "ab", "%61", "failed", "http", "::1",
            "/a/", "\u{fc}", "\u{212a}", "\u{130}", "curl", "10.0.0.7", "pong", "TLS", ":443", "a\\\"b",
        ]).prop_map(str::to_owned),
        1 => "[a-c/]{1,2}",
    ]
}

fn value() -> impl Strategy<Value = String> {
    let quoted = word().prop_map(|word| format!("\"{word}\"")).boxed();
    let plain = select(vec!["a", "api", "json", "503", "x-a", "b"]).prop_map(str::to_owned);
    let one = prop_oneof![
        3 => quoted.clone(),
        2 => plain.clone(),
        2 => plain.clone().prop_map(|word| format!("{word}*")),
        2 => plain.clone().prop_map(|word| format!("*{word}")),
        1 => (plain.clone(), plain).prop_map(|(one, other)| format!("{one}*{other}")),
        1 => select(vec!["*a*", "*a*b*", "/a.*b/", "/^[a-z]+$/", "\u{fc}*", "*\u{fc}"]).prop_map(str::to_owned),
        2 => select(vec![
            "/kiosk|\\/api/", "/KI.SK/", "/[a-z]+503/", "/x-a: ?ab/", "/API\\.a/", "/json$/", "/x=b\\+c/", "*kiosk*", "/%61pi/",
        ]).prop_map(str::to_owned),
        1 => quoted.prop_map(|word| format!("={word}")),
        1 => select(vec!["*", "\"\"", "10.0.0.0/8", "10.0.0.7", ">1", "1..5"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(one, 1..3).prop_map(|values| values.join(","))
}

fn condition() -> impl Strategy<Value = String> {
    let texts = select(vec![
        "host",
        "domain",
        "dst",
        "method",
        "url",
        "path",
        "query",
        "query.x",
        "query.a",
        "type",
        "req.type",
        "header",
        "req.header",
        "header.x-a",
        "res.header.x-a",
        "header.\"a b\"",
        "cookie.a",
        "req.cookie.a",
        "res.cookie.a",
        "body",
        "req.body",
        "res.body",
        "json.a",
        "req.json.a",
        "ws",
        "fail.message",
        "rule",
        "redaction",
        "client",
        "mode",
        "sni",
        "tls",
        "client.tls",
        "upstream.tls",
        "upstream",
        "trace",
        "comment",
        "marker",
        "grpc.service",
        "tag",
        "meta",
        "gql.operation",
        "program",
    ]);
    let numbers = select(vec![
        "status",
        "port",
        "dur",
        "ttfb",
        "size",
        "req.size",
        "id",
        "conn",
        "replay.of",
        "grpc.status",
    ]);
    let spans =
        select(vec![("5", "us"), (">3", "us"), ("<7", "us"), ("2..20", "us"), ("200..503", "us"), ("*", "")]);
    let numbers = (numbers, spans).prop_map(|(field, (span, unit))| match field {
        "dur" | "ttfb" => format!("{field}:{}{unit}", span.replace("..", &format!("{unit}.."))),
        _ => format!("{field}:{span}"),
    });
    let named = select(vec![
        "state:complete",
        "state:open,failed",
        "level:full",
        "level:*",
        "version:h1",
        "version:2",
        "scheme:https",
        "fail:*",
        "fail:upstream",
        "fail:tls",
        "at:*",
        "since:2023-11-14",
        "before:1h",
        "is:pinned",
        "is:replay",
        "is:truncated,refused",
        "is:redacted",
        "is:slow",
        "is:error",
        "~q",
        "~s",
        "~a",
        "~e",
        "~websocket",
        "is:grpc",
        "is:reused",
        "~http",
        "~tcp",
        "~all",
        "is:*",
        "~t json",
        "~c 503",
        "~d a",
        "~u \"x=\"",
        "~m get",
        "~h x-a",
        "~b pong",
    ])
    .prop_map(str::to_owned);
    let bare = word().prop_map(|word| format!("\"{word}\""));
    let texts = (texts, value()).prop_map(|(field, value)| format!("{field}:{value}"));
    prop_oneof![8 => texts, 3 => numbers, 3 => named, 3 => bare]
}

fn any_filter() -> impl Strategy<Value = String> {
    condition().prop_recursive(3, 8, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..3);
        prop_oneof![
            several.clone().prop_map(|all| format!("({})", all.join(" "))),
            several.prop_map(|all| format!("({})", all.join(" | "))),
            inner.prop_map(|one| format!("-{one}")),
        ]
    })
}

fn headers() -> impl Strategy<Value = Headers> {
    let field = select(vec![
        ("X-A", "ab \"c\""),
        ("x-a", "5"),
        ("Cookie", "a=1; b=api"),
        ("Set-Cookie", "a=api; Path=/"),
        ("a b", "x"),
        ("Content-Type", "application/json"),
        ("content-type", "image/png"),
        ("Host", "api.a:443"),
        ("traceparent", "00-ab5-1"),
        ("Upgrade", "websocket"),
        ("content-type", "application/grpc"),
        ("grpc-status", "5"),
        ("x-a", "\u{fc}"),
        ("X-A", ""),
    ]);
    prop::collection::vec(field, 0..4).prop_map(|fields| fields.into_iter().collect())
}

fn body() -> impl Strategy<Value = BodyRecord> {
    let bytes = select(vec!["", "{\"a\": \"api\"}", "{\"a\": 5}", "pong a b", "<html>"]);
    let stored_as = prop_oneof![3 => Just(StoredAs::Sent), 1 => Just(StoredAs::Redacted)];
    (bytes, any::<bool>(), stored_as).prop_map(|(bytes, truncated, stored_as)| BodyRecord {
        truncated,
        stored_as,
        ..sample::body(bytes.as_bytes())
    })
}

/// An exchange, the messages of it, and whether it is pinned.
type Case = (Exchange, Vec<String>, bool);

fn case() -> impl Strategy<Value = Case> {
    let place = (
        select(vec!["a", "api.a", "::1", "kiosk"]),
        select(vec![Scheme::Http, Scheme::Https]),
        select(vec![443_u16, 80, 8443]),
        select(vec![
            "/",
            "/a/b?x=5&a=api",
            "/A%61?x=%61pi",
            "/\u{fc}?\u{212a}",
            "*",
            "a:443",
            "[::1]",
            "/nul\0/a?b\0c",
            "/a?",
            "",
            "/api/\u{130}",
            "/503?x=b+c",
            "kiosk:80",
        ]),
    );
    let message = select(vec!["ping", "pong", "a\u{fc}"]).prop_map(str::to_owned);
    let outcome = (
        select(State::ALL.to_vec()),
        prop::option::of(select(vec![Side::Upstream, Side::Client])),
        prop::option::of(0..9_i64),
        prop::option::of(select(vec![101_u16, 200, 404, 503])),
        prop::option::of(select(vec![Some("TLSv1.2"), None])),
    );
    let rest = (
        prop::option::of(1..5_i64),
        prop::option::of(1..9_i64),
        select(vec![Level::Full, Level::Metadata]),
        select(vec![Version::Http10, Version::Http11, Version::Http2]),
        any::<bool>(),
        prop::collection::vec(message, 0..3),
        prop::option::of((select(vec!["api@0badcafe", "default@1a2b3c4d"]), 0..2_u32)),
    );
    let method = select(vec!["GET", "post", "CONNECT", "PA\u{df}", "g\0t"]);
    (place, method, (headers(), headers()), (body(), body()), outcome, rest).prop_map(
        |((host, scheme, port, target), method, heads, bodies, outcome, rest)| {
            let (state, side, us, status, upstream) = outcome;
            let (connection, replay_of, level, version, pinned, messages, redaction) = rest;
            let mut exchange = sample::exchange(0);
            exchange.connection = connection.map(ConnectionId);
            exchange.redaction = redaction.map(|(set, replaced)| Redaction { set: set.into(), replaced });
            exchange.replay_of = replay_of.map(ExchangeId);
            (exchange.level, exchange.state) = (level, state);
            exchange.destination = Destination { scheme, host: host.to_owned(), port };
            exchange.request = dashcam_exchange::RequestHead {
                version,
                headers: heads.0,
                ..sample::request(method, target, &[])
            };
            exchange.response =
                status.map(|status| ResponseHead { status, headers: heads.1, ..sample::ok(&[]) });
            exchange.failure = side.map(|side| Failure::new(side, Stage::TlsHandshake, "a\u{fc} b"));
            exchange.timings =
                Timings { end_us: us.map(|us| us * 500_000), response_start_us: us, ..Timings::default() };
            exchange.upstream = upstream.map(|tls| Upstream {
                address: "10.0.0.7:443".to_owned(),
                reused: pinned,
                tls_version: tls.map(str::to_owned),
                connection: None,
            });
            (exchange.request_body, exchange.response_body) = bodies;
            if status.is_some() {
                exchange.response_body.trailers = Some([("grpc-status", "5")].into_iter().collect());
            }
            if level == Level::Metadata {
                for body in [&mut exchange.request_body, &mut exchange.response_body] {
                    body.stored = 0;
                    body.rest.clear();
                }
            }
            (exchange, messages, pinned)
        },
    )
}

/// The connections 1 to 3; a fourth is named and not stored.
fn connections() -> Vec<Connection> {
    let tls = |version: &str, sni: Option<&str>| TlsFacts {
        version: version.to_owned(),
        sni: sni.map(str::to_owned),
        ..TlsFacts::default()
    };
    vec![
        Connection {
            client: "10.0.0.7:443".to_owned(),
            tls: Some(tls("TLSv1.3", Some("api.a"))),
            ..connection(1)
        },
        Connection { client: "[::1]:5".to_owned(), tls: Some(tls("TLSv1.2", None)), ..connection(2) },
        Connection {
            client: "[::ffff:10.0.0.7]:1".to_owned(),
            mode: "reverse:http://a".to_owned(),
            ..connection(3)
        },
    ]
}

fn messages_of(id: i64, texts: &[String]) -> Vec<Message> {
    let each = texts.iter().enumerate().map(|(seq, text)| Message {
        kind: MessageKind::Text,
        size: text.len() as u64,
        data: text.clone().into_bytes(),
        ..message(id, u32::try_from(seq).unwrap())
    });
    each.collect()
}

async fn filled(store: &Store, cases: &[Case]) {
    let connections = connections().into_iter().map(|connection| Record::Connection(Box::new(connection)));
    let mut records: Vec<Record> = connections.collect();
    for (exchange, texts, _) in cases {
        let messages = messages_of(exchange.id.0, texts);
        if !messages.is_empty() {
            records.push(opened(exchange));
            records.extend(messages.into_iter().map(|message| Record::Message(Box::new(message))));
        }
        records.push(finished(exchange));
    }
    store.sink().append(records).await.unwrap();
    for (exchange, _, pinned) in cases {
        if *pinned {
            store.admin().pin(exchange.id, Timestamp(1)).await.unwrap();
        }
    }
}

/// The answer of the filter itself, over all that is known.
fn answer(filter: &Filter, (exchange, texts, pinned): &Case) -> bool {
    let connections: BTreeMap<_, _> = connections().into_iter().map(|one| (one.id, one)).collect();
    let client = exchange.connection.and_then(|id| connections.get(&id)).map(Client::from);
    let contents: Vec<MessageContent> = messages_of(exchange.id.0, texts)
        .into_iter()
        .map(|message| MessageContent {
            direction: message.direction,
            is_web_socket: true,
            data: message.data,
        })
        .collect();
    let body = |direction| (exchange.level == Level::Full).then(|| exchange.body(direction).rest.as_slice());
    let facts = Facts::of_exchange(exchange, Moment::End)
        .with_client(client)
        .with_marks(Marks { pinned: *pinned, ..Marks::default() })
        .with_body(Direction::Request, body(Direction::Request))
        .with_body(Direction::Response, body(Direction::Response))
        .with_messages(&contents);
    filter.evaluate(&facts) == Truth::True
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_finds_what_the_filter_matches(
        mut cases in prop::collection::vec(case(), 1..30),
        filters in prop::collection::vec(any_filter(), 80),
        packed in any::<bool>(),
    ) {
        for (id, (exchange, ..)) in (1..).zip(&mut cases) {
            // Numbers far from each other, so that windows end between them; or many in a segment.
            exchange.id = ExchangeId(if packed { id * 70 } else { id * 3000 });
        }
        if packed && let Some((exchange, ..)) = cases.last_mut() {
            // Segments are made of what is far behind the newest.
            exchange.id = ExchangeId(9000);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (_place, store) = runtime.block_on(store());
        runtime.block_on(filled(&store, &cases));
        while packed && runtime.block_on(store.admin().index()).unwrap() {}
        let ended = cases.iter().rev().skip(1).all(|(exchange, ..)| exchange.state != State::Open);
        let indexed = runtime.block_on(store.reader().indexed()).unwrap();
        prop_assert!(!packed || !ended || indexed == cases.len() as u64 - 1, "{indexed} of {}", cases.len());
        for text in filters {
            let filter = filter(&text);
            let expect: BTreeSet<i64> =
                cases.iter().filter(|case| answer(&filter, case)).map(|(exchange, ..)| exchange.id.0).collect();
            for start in [Start::NEWEST, Start::OLDEST] {
                let page = runtime.block_on(store.reader().page(&filter, start, (1000, None))).unwrap();
                prop_assert_eq!(page.next, None);
                let ids: Vec<i64> = page.rows.iter().map(|row| row.summary.id.0).collect();
                let is_sorted = match start {
                    Start::Before(_) => ids.is_sorted_by(|one, other| one > other),
                    Start::After(_) => ids.is_sorted(),
                };
                prop_assert!(is_sorted, "{text}");
                let sure = page.rows.iter().filter(|row| row.truth == Truth::True).map(|row| row.summary.id.0);
                let open = page.rows.iter().filter(|row| row.truth == Truth::Unknown).map(|row| row.summary.id.0);
                let sure: BTreeSet<i64> = sure.collect();
                // Contents decide about the others.
                let decided = open.filter(|id| expect.contains(id));
                let found: BTreeSet<i64> = sure.iter().copied().chain(decided).collect();
                prop_assert_eq!(&found, &expect, "{}", text);
                let count = store.reader().tally(&filter, Tally::default(), None, (usize::MAX, Duration::MAX));
                let counted = runtime.block_on(count).unwrap().tally.figures(0, None);
                prop_assert_eq!(counted.exchanges, sure.len() as u64, "{}", text);
            }
            // Page by page it is the same.
            let (mut next, mut paged) = (Some(Start::NEWEST), 0);
            while let Some(start) = next {
                let page = runtime.block_on(store.reader().page(&filter, start, (2, None))).unwrap();
                (next, paged) = (page.next, paged + page.rows.len());
            }
            let all = runtime.block_on(store.reader().page(&filter, Start::NEWEST, (1000, None))).unwrap();
            prop_assert_eq!(paged, all.rows.len(), "{}", text);
        }
    }
}
