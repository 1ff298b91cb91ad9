//! Filters over an exchange: which of them match it.

use dashcam_exchange::{
    ConnectionId, Destination, Direction, Exchange, ExchangeId, Failure, Level, Scheme, Side, Stage, State,
    Timestamp, Timings, TlsFacts, Upstream, Version, sample,
};
use dashcam_filter::{Client, Facts, Marks, MessageContent, Moment, Truth};

use crate::world::read;

/// `POST https://api.example.com:8443/v1/orders/42?page=2&q=a%20b`, answered with 503.
pub(crate) fn order() -> Exchange {
    let destination = Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 8443 };
    let mut request = sample::request(
        "POST",
        "/v1/orders/42?page=2&q=a%20b&empty",
        &[
            ("Host", "shop.example.com:8443"),
            ("Content-Type", "application/json"),
            ("X-Request-Id", "Abc-123"),
            ("Cookie", "sid=s3cret; theme=dark"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ],
    );
    request.version = Version::Http2;
    let mut response = sample::ok(&[
        ("Content-Type", "application/json; charset=utf-8"),
        ("Set-Cookie", "cart=7; Path=/"),
        ("Content-Length", "1500"),
    ]);
    response.status = 503;
    Exchange {
        connection: Some(ConnectionId(12)),
        // 2026-11-28T10:30:00Z, half an hour before the tests' now.
        started_at: Timestamp(1_795_861_800_000_000),
        destination,
        request,
        request_body: sample::body(b"{}"),
        response: Some(response),
        response_body: dashcam_exchange::BodyRecord { size: 1500, truncated: true, ..Default::default() },
        timings: Timings {
            response_start_us: Some(1_200_000),
            end_us: Some(1_250_000),
            ..Timings::default()
        },
        upstream: Some(Upstream {
            address: "192.0.2.7:8443".to_owned(),
            reused: true,
            tls_version: Some("TLSv1.2".to_owned()),
            connection: None,
        }),
        ..sample::exchange(142)
    }
}

/// A request to an address that failed and has no connection.
fn failed() -> Exchange {
    Exchange {
        destination: Destination { scheme: Scheme::Http, host: "::1".to_owned(), port: 80 },
        level: Level::Metadata,
        state: State::Failed,
        replay_of: Some(ExchangeId(99)),
        failure: Some(Failure::new(Side::Upstream, Stage::TlsHandshake, "The certificate has expired")),
        ..sample::exchange(7)
    }
}

fn answers(facts: &Facts<'_>, cases: &[(&str, bool)]) {
    for (text, expect) in cases {
        let filter = read(text).unwrap_or_else(|error| panic!("{text}\n{}", error.render()));
        assert_eq!(filter.evaluate(facts), Truth::from(*expect), "{text}");
        // Excluded it is the opposite.
        let not = read(&format!("-({text})")).unwrap();
        assert_eq!(not.evaluate(facts), Truth::from(!*expect), "-({text})");
    }
}

#[test]
fn a_whole_exchange() {
    let exchange = order();
    let tls = TlsFacts {
        version: "TLSv1.3".to_owned(),
        sni: Some("api.example.com".to_owned()),
        ..TlsFacts::default()
    };
    let client = Client {
        address: "10.0.0.7:52011",
        mode: "forward",
        listener: Some("office"),
        program: Some("curl"),
        pid: Some(4711),
        tls: Some(&tls),
        asked_name: None,
    };
    let tags = ["slow-query".to_owned()];
    let messages = [
        MessageContent { direction: Direction::Request, is_web_socket: true, data: b"Ping!".to_vec() },
        MessageContent { direction: Direction::Response, is_web_socket: false, data: b"grpc".to_vec() },
    ];
    let facts = Facts::of_exchange(&exchange, Moment::End)
        .with_client(Some(client))
        .with_marks(Marks { pinned: true, tags: &tags, comment: "look here", ..Marks::default() })
        .with_body(
            Direction::Request,
            Some(br#"{"user": {"id": 42, "name": "Ann"}, "operationName": "GetUser"}"#),
        )
        .with_body(
            Direction::Response,
            Some(br#"{"items": [{"sku": "A-1"}, {"sku": "B-2"}], "total": 142, "why": "Out of Stock"}"#),
        )
        .with_messages(&messages);
    answers(
        &facts,
        &[
            ("~all", true),
            ("orders", true),
            ("ORDERS post", true),
            ("503", true),
            ("json", true),
            ("complete", false),
            ("absent", false),
            ("/orders\\/\\d+/", true),
            ("host:api.*", true),
            ("host:API", true),
            ("host:=api.example.com", true),
            ("host:=api", false),
            ("host:other,example", true),
            ("host:shop", false),
            ("domain:shop", true),
            ("domain:api", true),
            ("port:8443", true),
            ("dst:example.com:8443", true),
            ("scheme:https", true),
            ("method:GET,POST", true),
            ("method:=post", false),
            ("url:https://api.example.com:8443/v1/*", true),
            ("url:/orders\\/4\\d/", true),
            ("path:/v1/orders/*", true),
            ("path:=/v1/orders/42", true),
            ("path:page", false),
            ("query:page", true),
            ("query.page:2", true),
            ("query.page:>=2", true),
            ("query.page:>2", false),
            ("query.q:\"a b\"", true),
            ("query.empty:*", true),
            ("query.none:*", false),
            ("version:h2", true),
            ("version:h1", false),
            ("status:5xx", true),
            ("status:400..499", false),
            ("status:*", true),
            ("type:json", true),
            ("req.type:=application/json", true),
            ("header.x-request-id:abc", true),
            ("header.x-request-id:=abc-123", false),
            ("header.content-length:1k..2k", false),
            ("header.content-length:1000..2000", true),
            ("req.header.content-length:*", false),
            ("header:\"x-request-id: abc\"", true),
            ("res.header:x-request", false),
            ("cookie.sid:*", true),
            ("cookie.sid:=s3cret", true),
            ("cookie.cart:7", true),
            ("req.cookie.cart:*", false),
            ("res.cookie.cart:*", true),
            ("res.cookie.path:*", false),
            ("body:\"out of stock\"", true),
            ("req.body:\"out of stock\"", false),
            ("body:PING", true),
            ("body:grpc", true),
            ("res.body:ping", false),
            ("ws:ping", true),
            ("ws:grpc", false),
            ("req.json.user.id:42", true),
            ("req.json.user.id:4", false),
            ("req.json.user.name:an", true),
            ("json.total:42", false),
            ("json.total:>100", true),
            ("json.user:*", true),
            ("json.nothing:*", false),
            ("res.json.items.0.sku:A-1", true),
            ("res.json.items.1.sku:A-1", false),
            ("res.json.items.*.sku:b-2", true),
            ("gql.operation:GetUser", true),
            ("grpc.status:*", false),
            ("fail:*", false),
            ("level:full", true),
            ("state:complete", true),
            ("dur:>500ms", true),
            ("dur:1.25s", true),
            ("dur:<1s", false),
            ("ttfb:>1s", true),
            ("size:>1KB", true),
            ("size:1500", true),
            ("req.size:2", true),
            ("client:10.0.0.7", true),
            ("client:10.0.0.0/24", true),
            ("client:10.0.1.0/24", false),
            ("client:10.0.*", true),
            ("client:52011", true),
            ("listener:office", true),
            ("mode:forward", true),
            ("program:curl", true),
            ("pid:4711", true),
            ("sni:api", true),
            ("tls:1.2", true),
            ("tls:1.3", true),
            ("client.tls:1.2", false),
            ("upstream.tls:1.2", true),
            ("upstream:192.0.2.0/24", true),
            ("since:1h", true),
            ("since:10m", false),
            ("before:10m", true),
            ("at:2026-11-28T11:00..12:00", true),
            ("at:2026-11-28", true),
            ("id:100..200", true),
            ("conn:12", true),
            ("replay.of:*", false),
            ("trace:4bf9", true),
            ("tag:slow*", true),
            ("comment:look", true),
            ("marker:*", true),
            ("is:pinned", true),
            ("is:replay", false),
            ("is:truncated", true),
            ("is:slow", true),
            ("is:refused", false),
            ("is:reused", true),
            ("is:replay,slow", true),
            ("~e", false),
            ("~q", false),
            ("~s", true),
            ("~a", false),
            ("~http", true),
            ("~tcp", false),
            ("~meta slow", true),
            ("host:api status:200 | status:503", true),
            ("-host:api", false),
        ],
    );
}

#[test]
fn what_is_missing_is_false() {
    let exchange = failed();
    let facts = Facts::of_exchange(&exchange, Moment::End)
        .with_client(None)
        .with_marks(Marks::default())
        .with_body(Direction::Request, None)
        .with_body(Direction::Response, None)
        .with_messages(&[]);
    answers(
        &facts,
        &[
            ("[::1]/", true),
            ("failed", true),
            ("host:::1", true),
            ("dst:::1:80", true),
            ("status:*", false),
            ("status:0", false),
            ("type:*", false),
            ("type:\"\"", false),
            ("dur:*", false),
            ("dur:<1s", false),
            ("client:*", false),
            ("client:\"\"", false),
            ("conn:*", false),
            ("header.x:*", false),
            ("body:*", false),
            ("body:\"\"", false),
            ("ws:*", false),
            ("json.a:*", false),
            ("upstream:*", false),
            ("tls:*", false),
            ("comment:*", false),
            ("comment:\"\"", true),
            ("~comment .*", true),
            ("query:*", false),
            ("replay.of:99", true),
            ("is:replay", true),
            ("~replay", true),
            ("~replays", false),
            ("is:error", true),
            ("~e", true),
            ("~q", true),
            ("~s", false),
            ("fail:upstream/tls", true),
            ("fail:tls", true),
            ("fail:client", false),
            ("fail.message:expired", true),
            ("state:failed", true),
            ("level:metadata", true),
            ("is:pinned", false),
            ("size:0", true),
        ],
    );
}

#[test]
fn web_sockets_and_grpc() {
    let mut socket = failed();
    socket.request.headers.push("Upgrade", "websocket");
    socket.response = Some(dashcam_exchange::ResponseHead { status: 101, ..sample::ok(&[]) });
    answers(
        &Facts::of_exchange(&socket, Moment::End),
        &[("is:websocket", true), ("~websocket", true), ("is:grpc", false)],
    );

    let mut call = order();
    call.request =
        sample::request("POST", "/shop.v1.Orders/Get", &[("content-type", "application/grpc+proto")]);
    call.response_body.trailers = Some([("grpc-status", "14")].into_iter().collect());
    answers(
        &Facts::of_exchange(&call, Moment::End),
        &[
            ("is:grpc", true),
            ("grpc.status:14", true),
            ("grpc.status:unavailable,internal", true),
            ("grpc.status:0", false),
            ("grpc.service:=shop.v1.Orders", true),
            ("grpc.method:get", true),
            ("is:websocket", false),
        ],
    );
}

#[test]
fn the_operation_of_a_graphql_request() {
    let exchange = sample::exchange(1);
    for (body, operation) in [
        (r#"{"operationName": "GetUser", "query": "query Other { a }"}"#, "GetUser"),
        (r#"{"query": "query GetUser($id: ID!) { user(id: $id) { name } }"}"#, "GetUser"),
        (r##"{"query": "# query No\nfragment F on A { query }\nmutation AddItem { add }"}"##, "AddItem"),
        (r#"[{"operationName": "Batched"}]"#, "Batched"),
    ] {
        let facts =
            Facts::of_exchange(&exchange, Moment::End).with_body(Direction::Request, Some(body.as_bytes()));
        answers(&facts, &[(&format!("gql.operation:={operation}"), true), ("gql.operation:=absent", false)]);
    }
    let mut get = sample::exchange(1);
    get.request.target = "/graphql?operationName=Get%20It".to_owned();
    let facts = Facts::of_exchange(&get, Moment::End).with_body(Direction::Request, None);
    answers(&facts, &[("gql.operation:\"Get It\"", true)]);
}

#[test]
fn an_answer_is_given_as_soon_as_it_is_certain() {
    use Truth::{False, True, Unknown};
    let exchange = order();
    let at = |moment| Facts::of_exchange(&exchange, moment);
    for (text, expect) in [
        ("host:api", [True, True, True]),
        ("host:other", [False, False, False]),
        ("status:503", [Unknown, True, True]),
        ("host:other status:503", [False, False, False]),
        ("host:api | status:200", [True, True, True]),
        ("host:api status:503", [Unknown, True, True]),
        ("orders", [True, True, True]),
        ("503", [Unknown, True, True]),
        ("absent", [Unknown, Unknown, False]),
        ("~q", [Unknown, False, False]),
        ("~s", [Unknown, True, True]),
        ("state:complete", [Unknown, Unknown, True]),
        ("dur:>1s", [Unknown, Unknown, True]),
        ("header.x-request-id:abc", [True, True, True]),
        ("header.content-length:*", [Unknown, True, True]),
        ("-header.absent:*", [Unknown, True, True]),
        ("req.header.absent:*", [False, False, False]),
        ("is:websocket", [False, False, False]),
        ("body:x", [Unknown, Unknown, Unknown]),
        ("body:x host:other", [False, False, False]),
        ("client:10.0.0.7", [Unknown, Unknown, Unknown]),
    ] {
        let filter = read(text).unwrap();
        let moments = [Moment::Request, Moment::Response, Moment::End];
        assert_eq!(moments.map(|moment| filter.evaluate(&at(moment))), expect, "{text}");
    }
    let client = Client { address: "10.0.0.7:1", ..Client::default() };
    for (text, expect) in
        [("client:10.0.0.7", True), ("client:10.0.0.8", False), ("host:a", Unknown), ("tls:*", Unknown)]
    {
        assert_eq!(read(text).unwrap().evaluate(&Facts::of_connection(client)), expect, "{text}");
    }
}
