//! Facts of an exchange beside its bodies: heads as sent, refusals, connections and certificates.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Certificate, ConnectionEnd, Destination, Direction, Exchange, Failure, GapReason, Headers, LastIds,
    Level, MessageKind, Record, RequestHead, ResponseHead, Scheme, Side, Stage, State, Timestamp, TlsFacts,
    UpstreamConnection, Version,
};
use dashcam_recorder::{Begin, Limits, OpenExchange, Recorder, Writer, recorder};
use tokio::time::timeout;

fn start() -> (Recorder, Writer) {
    recorder(Limits::default(), LastIds::default())
}

fn request(version: Version, authority: Option<&str>, headers: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: "GET".into(),
        target: "/".into(),
        authority: authority.map(str::to_owned),
        version,
        headers: headers.iter().copied().collect(),
    }
}

fn response(version: Version, headers: &[(&str, &str)]) -> ResponseHead {
    let headers: Headers = headers.iter().copied().collect();
    ResponseHead { version, status: 200, reason: String::new(), headers }
}

fn begin(recorder: &Recorder, request: RequestHead) -> OpenExchange {
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, 100),
        destination: Destination::parse(Scheme::Https, "a.example").unwrap(),
        request,
    };
    recorder.begin(begin).unwrap()
}

/// Takes down what comes out of `writer`; the batches that `refuse` picks are lost.
async fn run(writer: Writer, mut refuse: impl FnMut(&[Record]) -> bool + Send) -> Vec<Record> {
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        let refused = refuse(&records);
        if !refused {
            kept.lock().unwrap().extend(records);
        }
        std::future::ready(if refused { Err("full") } else { Ok(()) })
    };
    timeout(
        Duration::from_secs(10),
        writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskFull)),
    )
    .await
    .unwrap();
    std::mem::take(&mut stored.lock().unwrap())
}

async fn stop(recorder: &Recorder, writer: Writer) -> Vec<Exchange> {
    recorder.close();
    let records = run(writer, |_| false).await;
    assert_eq!(recorder.health().queued_bytes, 0, "all memory was given back");
    let finished = |record| match record {
        Record::Finished(exchange) => Some(Exchange::clone(&exchange)),
        _ => None,
    };
    records.into_iter().filter_map(finished).collect()
}

#[tokio::test]
async fn a_request_that_went_as_it_came_is_kept_once() {
    use Version::{Http2, Http11};
    let (recorder, writer) = start();
    let same = [("Host", "a")];
    let cases = [
        (request(Http11, None, &same), request(Http11, Some("a"), &same), None),
        (request(Http11, None, &same), request(Http11, None, &[("host", "a")]), Some(None)),
        (request(Http11, None, &[("Host", "a"), ("TE", "x")]), request(Http11, None, &same), Some(None)),
        (request(Http2, Some("a"), &[]), request(Http2, Some("a"), &[]), None),
        (request(Http2, Some("a"), &[]), request(Http2, Some("b"), &[]), Some(Some("b"))),
        (request(Http2, Some("a"), &same), request(Http11, Some("a"), &same), Some(None)),
    ];
    for (received, sent, _) in &cases {
        begin(&recorder, received.clone()).request_sent(sent);
    }
    let found = stop(&recorder, writer).await;
    for ((received, sent, expect), found) in cases.iter().zip(&found) {
        let expect =
            expect.map(|authority| RequestHead { authority: authority.map(str::to_owned), ..sent.clone() });
        assert_eq!(found.request_sent, expect, "{received:?} sent as {sent:?}");
    }
    assert_eq!(found.len(), cases.len());
}

#[tokio::test]
async fn how_the_connection_ended_is_kept_whatever_came_of_the_body() {
    use ConnectionEnd::{CloseNotify, TcpClose};
    let (recorder, writer) = start();
    let cut = Failure::new(Side::Upstream, Stage::ResponseBody, "cut");
    let cases =
        [(Some(CloseNotify), None), (Some(TcpClose), None), (Some(TcpClose), Some(&cut)), (None, None)];
    for (end, failure) in cases {
        let open = begin(&recorder, request(Version::Http11, None, &[]));
        open.response(response(Version::Http11, &[]));
        let mut tap = open.tap(Direction::Response);
        tap.data(b"hello");
        end.into_iter().for_each(|end| tap.connection_ended(end));
        match failure {
            Some(failure) => tap.fail(failure.clone()),
            None => tap.end(None),
        }
    }
    let found = stop(&recorder, writer).await;
    for ((end, failure), found) in cases.iter().zip(&found) {
        let state = if failure.is_some() { State::Failed } else { State::Complete };
        assert_eq!((found.state, found.response_body.end, found.request_body.end), (state, *end, None));
    }
    assert_eq!(found.len(), cases.len());
}

#[tokio::test]
async fn of_a_request_that_is_sent_twice_the_last_counts() {
    let (recorder, writer) = start();
    let received = request(Version::Http11, None, &[("Host", "a")]);
    let changed = request(Version::Http11, None, &[("Host", "a"), ("x", &"long".repeat(100))]);
    let open = begin(&recorder, received.clone());
    open.request_sent(&changed);
    open.request_sent(&received);
    drop(open);
    let open = begin(&recorder, received.clone());
    open.request_sent(&changed);
    open.request_sent(&changed);
    drop(open);
    let found = stop(&recorder, writer).await;
    assert_eq!((&found[0].request_sent, &found[1].request_sent), (&None, &Some(changed)));
}

#[tokio::test]
async fn a_request_ends_with_its_last_byte() {
    let (recorder, writer) = start();
    let head = request(Version::Http11, None, &[]);
    let pause = || {
        let since = std::time::Instant::now();
        while since.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
    };
    // Without a body it ends when its head is sent, not when it was read.
    let open = begin(&recorder, head.clone());
    open.tap(Direction::Request).end(None);
    pause();
    open.request_sent(&head);
    drop(open);
    // Of a connection that switches protocols, the request is what came before.
    for (method, status) in [("GET", 101), ("CONNECT", 200)] {
        let open = begin(&recorder, RequestHead { method: method.to_owned(), ..head.clone() });
        open.tap(Direction::Request).end(None);
        open.request_sent(&head);
        open.response(ResponseHead { status, ..response(Version::Http11, &[]) });
        pause();
        open.tap(Direction::Request).end(None);
        drop(open);
    }
    let found = stop(&recorder, writer).await;
    let ends: Vec<_> = found.iter().map(|found| found.timings.request_end_us.unwrap()).collect();
    assert!(ends[0] >= 2000, "{ends:?}");
    for index in [1, 2] {
        assert!(ends[index] < found[index].timings.end_us.unwrap() - 1000, "{ends:?}");
    }
}

#[tokio::test]
async fn a_response_is_kept_as_sent_where_that_is_another() {
    let (recorder, writer) = start();
    let received = response(Version::Http11, &[("Connection", "close"), ("x", "1")]);
    let sent = response(Version::Http11, &[("x", "1")]);
    for (response, answer) in [(Some(&received), &received), (Some(&received), &sent), (None, &sent)] {
        let open = begin(&recorder, request(Version::Http11, None, &[]));
        response.into_iter().for_each(|response| open.response(response.clone()));
        open.response_sent(answer);
    }
    let found: Vec<_> = stop(&recorder, writer).await.into_iter().map(|found| found.response_sent).collect();
    assert_eq!(found, [None, Some(sent.clone()), Some(sent)]);
}

#[tokio::test]
async fn what_is_refused_says_so_and_balances() {
    let (recorder, writer) = start();
    let why = Failure::new(Side::Client, Stage::RequestHead, "two Content-Lengths");
    let refused = begin(&recorder, request(Version::Http11, None, &[]));
    refused.refuse(why.clone());
    refused.fail(Failure::new(Side::Client, Stage::RequestBody, "later"));
    refused.response_sent(&response(Version::Http11, &[]));
    drop(refused);
    let failed = begin(&recorder, request(Version::Http11, None, &[]));
    failed.fail(Failure::new(Side::Upstream, Stage::Connect, "first"));
    failed.refuse(why.clone());
    drop(failed);
    let found = stop(&recorder, writer).await;
    let found: Vec<_> =
        found.into_iter().map(|found| (found.state, found.failure.unwrap().message)).collect();
    assert_eq!(found, [(State::Refused, why.message), (State::Failed, "first".to_owned())]);
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.open, ledger.pending), (2, 2, 0, 0));
}

fn upstream(recorder: &Recorder, certificates: &[&[u8]]) -> UpstreamConnection {
    let certificates = certificates.iter().map(|der| Certificate::new(der)).collect();
    UpstreamConnection {
        id: recorder.upstream_connection_id(),
        opened_at: Timestamp(1),
        destination: "a.example:443".to_owned(),
        address: "192.0.2.1:443".to_owned(),
        local_address: None,
        dns_us: None,
        connect_us: Some(1),
        tls_us: Some(2),
        tls: Some(TlsFacts { certificates, ..TlsFacts::default() }),
        client_certificate: Some(Certificate::new(b"ours")),
        parent: None,
        tried: None,
    }
}

fn certificates(records: &[Record]) -> Vec<&[u8]> {
    let mut ders = Vec::new();
    for record in records {
        if let Record::Certificate { certificate, .. } = record {
            ders.push(&*certificate.der);
        }
    }
    ders
}

#[tokio::test]
async fn a_certificate_is_handed_over_once() {
    let (recorder, writer) = start();
    recorder.upstream_connection(None, upstream(&recorder, &[b"leaf", b"root"]));
    recorder.upstream_connection(None, upstream(&recorder, &[b"other leaf", b"root"]));
    recorder.close();
    let records = run(writer, |_| false).await;
    assert_eq!(certificates(&records), [&b"leaf"[..], b"root", b"ours", b"other leaf"]);
    let ids = records.iter().filter_map(|record| match record {
        Record::UpstreamConnection(connection) => Some(connection.id.0),
        _ => None,
    });
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2]);
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn a_certificate_that_was_lost_is_handed_over_again() {
    let (recorder, writer) = start();
    recorder.upstream_connection(None, upstream(&recorder, &[b"leaf"]));
    let again = recorder.clone();
    let mut batches = 0;
    let records = run(writer, move |_| {
        batches += 1;
        if batches == 2 {
            again.upstream_connection(None, upstream(&again, &[b"leaf"]));
            again.close();
        }
        batches == 1
    });
    let records = records.await;
    assert_eq!(certificates(&records), [&b"leaf"[..], b"ours"]);
    let gaps = records.iter().filter(|record| matches!(record, Record::Gap(gap) if gap.exchanges == 0));
    assert!(gaps.count() > 0, "the lost connection leaves a hole");
}

#[tokio::test]
async fn a_message_that_is_in_the_body_as_well_changes_nothing_of_it() {
    let (recorder, writer) = start();
    let open = begin(&recorder, request(Version::Http2, None, &[]));
    let (mut tap, messages) = (open.tap(Direction::Request), open.messages());
    tap.data(b"\0\0\0\0\x05hello");
    let mut kept = messages.buffer();
    kept.push(b"hello", 2);
    messages.message(Direction::Request, MessageKind::Grpc, 5, kept);
    recorder.set_off(true);
    messages.message(Direction::Request, MessageKind::Grpc, 5, messages.buffer());
    recorder.set_off(false);
    tap.data(b"more");
    tap.end(None);
    drop((open, tap, messages));
    let found = stop(&recorder, writer).await;
    let body = &found[0].request_body;
    assert_eq!((body.size, body.stored, body.truncated), (14, 14, false));
}
