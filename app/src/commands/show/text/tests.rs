//! Exchanges as they are shown.

use dashcam_exchange::{Destination, ExchangeId, Message, Scheme, Timestamp, Timings, Version, sample};

use super::*;

fn exchange(response_body: &[u8]) -> Exchange {
    Exchange {
        replay_of: Some(ExchangeId(5)),
        started_at: Timestamp(1_795_359_845_123_456),
        destination: Destination::parse(Scheme::Https, "a").unwrap(),
        request: sample::request("GET", "/x", &[("Host", "a"), ("X-Evil", "\x1b[2J")]),
        response: Some(sample::ok(&[("Content-Type", "text/plain")])),
        response_body: sample::body(response_body),
        timings: Timings { end_us: Some(5_000), ..Timings::default() },
        ..sample::exchange(7)
    }
}

fn shown(body: &[u8]) -> String {
    show(&exchange(body), body)
}

fn show(exchange: &Exchange, body: &[u8]) -> String {
    page(exchange, body).text(&[Direction::Request, Direction::Response], false)
}

fn readable(text: Option<String>) -> Readable {
    Readable {
        size: text.as_ref().map_or(0, |text| text.len() as u64),
        text,
        charset: "utf-8".to_owned(),
        encoding: None,
        truncated: false,
        note: None,
    }
}

fn page<'a>(exchange: &'a Exchange, body: &[u8]) -> Page<'a> {
    let text = std::str::from_utf8(body).ok().filter(|text| !text.contains('\0')).map(str::to_owned);
    let bodies = [readable(Some(String::new())), readable(text)];
    Page {
        exchange,
        client: None,
        upstream: None,
        bodies,
        messages: &[],
        message_count: 0,
        note: dto::Note::default(),
        snapshots: Vec::new(),
    }
}

#[test]
fn what_is_cut_is_marked() {
    let exchange = exchange(b"abc");
    let mut page = page(&exchange, b"abc");
    (page.bodies[1].truncated, page.bodies[1].size) = (true, LARGEST_BODY);
    let message = |seq, data: &[u8], stored| MessagePreview {
        message: Message {
            exchange: ExchangeId(7),
            seq,
            at: Timestamp(0),
            direction: Direction::Request,
            kind: MessageKind::Text,
            size: stored,
            coding: None,
            redacted: false,
            data: data.to_vec(),
        },
        stored,
    };
    let messages = [message(0, b"whole", 5), message(1, b"cut\xc3", 2048)];
    (page.messages, page.message_count) = (&messages, 2);
    let shown = page.text(&[Direction::Request, Direction::Response], false);
    for expect in [
        "abc\n[This is not the whole body: --body prints it.]\n",
        "→ text   whole\n",
        "→ text   cut [4 B of 2.0 KiB: --message 1 prints it]\n",
    ] {
        assert!(shown.contains(expect), "{expect} in\n{shown}");
    }
}

#[test]
fn a_body_that_goes_on_or_broke_off() {
    let check = |state, complete, expect: &str| {
        let mut exchange = exchange(b"abc");
        (exchange.state, exchange.response_body.complete) = (state, complete);
        let shown = show(&exchange, b"abc");
        assert!(shown.ends_with(expect), "{state} {complete}: {shown}");
    };
    check(State::Complete, true, "\nabc\n");
    check(State::Open, false, "\nabc\n[It goes on.]\n");
    check(State::Failed, false, "\nabc\n[It broke off here.]\n");
}

#[test]
fn a_web_socket_has_no_body() {
    let mut exchange = exchange(b"");
    exchange.response_body.size = 3;
    assert!(show(&exchange, b"").ends_with("[The body is not stored.]\n"));
    exchange.request.headers.push("Upgrade", "websocket");
    exchange.response.as_mut().unwrap().status = 101;
    assert!(show(&exchange, b"").ends_with("Content-Type: text/plain\n"));
}

#[test]
fn both_sides_are_shown_safely() {
    let shown = shown(b"hello\x1b]0;x");
    for expect in [
        "exchange    7 complete (full)\n",
        "replay of   5\n",
        "timings     ended 5 ms\n",
        "\nGET /x HTTP/1.1\nHost: a\nX-Evil: \\u{1b}[2J\n",
        "\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello\\u{1b}]0;x\n",
    ] {
        assert!(shown.contains(expect), "{expect} in\n{shown}");
    }
}

#[test]
fn what_was_changed_is_said() {
    let mut exchange = exchange(b"");
    let mut sent = exchange.request.clone();
    sent.version = Version::Http2;
    sent.headers = [("Host", "a"), ("te", "trailers")].into_iter().collect();
    exchange.request_sent = Some(sent);
    let shown_request = show(&exchange, b"");
    let expect = "X-Evil: \\u{1b}[2J\n[passed on as HTTP/2, with\n- X-Evil: \\u{1b}[2J\n+ te: trailers]\n";
    assert!(shown_request.contains(expect), "{shown_request}");
    exchange.response_sent = exchange.response.take();
    let refused = show(&exchange, b"");
    assert!(refused.contains("No response came.\ndashcam answered HTTP/1.1 200 OK\n"), "{refused}");
}

#[test]
fn messages_that_are_compressed_are_said_to_be() {
    let message = |coding, data: &[u8]| MessagePreview {
        message: Message {
            exchange: ExchangeId(7),
            seq: 0,
            at: Timestamp(0),
            direction: Direction::Request,
            kind: MessageKind::Text,
            size: data.len() as u64,
            coding,
            redacted: false,
            data: data.to_vec(),
        },
        stored: data.len() as u64,
    };
    let messages = [message(None, b"plain"), message(Some(MessageCoding::Deflate), b"not plain")];
    let exchange = exchange(b"");
    let mut page = page(&exchange, b"");
    (page.messages, page.message_count) = (&messages, 2);
    let shown = page.text(&[Direction::Request, Direction::Response], false);
    assert!(shown.contains(" plain\n") && shown.contains("9 B of deflate, as it passed"), "{shown}");
    assert!(!shown.contains("not plain"), "{shown}");
}

#[test]
fn what_is_no_text_is_not_printed() {
    assert!(shown(&[0, 1, 2, 0xff, 0xfe, 0]).contains("6 B of what is no text"));
}

#[test]
fn a_body_that_ends_with_its_connection_is_said_to() {
    let cases = [
        (Scheme::Https, Some(ConnectionEnd::CloseNotify), " here, with close_notify.]\n"),
        (
            Scheme::Https,
            Some(ConnectionEnd::TcpClose),
            " here without close_notify: more may have been sent.]\n",
        ),
        (Scheme::Http, Some(ConnectionEnd::TcpClose), "[The server ended the connection here.]\n"),
        (Scheme::Https, None, "\nabc\n"),
    ];
    for (scheme, end, note) in cases {
        let mut exchange = exchange(b"abc");
        exchange.destination.scheme = scheme;
        exchange.response_body.end = end;
        let shown = show(&exchange, b"abc");
        assert!(shown.ends_with(note), "{note} in\n{shown}");
    }
}

#[test]
fn a_web_socket_says_what_is_missing_of_its_messages() {
    let mut exchange = exchange(b"");
    exchange.request.headers.push("Upgrade", "websocket");
    exchange.response = Some(ResponseHead { status: 101, ..sample::ok(&[]) });
    (exchange.request_body.size, exchange.response_body.size) = (8, 8);
    let said = show(&exchange, b"");
    assert!(!said.contains("stored") && !said.contains("Not all"), "{said}");
    exchange.response_body.truncated = true;
    let said = show(&exchange, b"");
    assert!(
        said.contains("[Not all that the server sent is here: ") && !said.contains("the client"),
        "{said}"
    );
}
