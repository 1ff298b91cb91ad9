//! Decisions that fall late: what is stored, what is let go, and what of it anybody sees.

use std::sync::{Arc, Mutex};

use dashcam_exchange::{
    Direction, Exchange, Failure, Level, Live, MessageKind, Record, Side, Stage, State, UpstreamConnection,
    UpstreamConnectionId, sample,
};
use dashcam_recorder::{Aside, HandOver, OpenExchange, Serving};

use crate::ruled::{PART, Ruled, answer, head};
use crate::samples::eventually;

const ERRORS: (&str, &str, Level) = ("errors", "status:5xx | fail:*", Level::Full);

fn finished(records: &[Record]) -> Vec<&Exchange> {
    fn exchange(record: &Record) -> Option<&Exchange> {
        match record {
            Record::Finished(exchange) => Some(exchange),
            _ => None,
        }
    }
    records.iter().filter_map(exchange).collect()
}

/// The kinds of records, in order.
fn kinds(records: &[Record]) -> Vec<&'static str> {
    let kind = |record: &Record| match record {
        Record::Connection(_) => "connection",
        Record::UpstreamConnection(_) => "upstream",
        Record::Opened(_) => "opened",
        Record::BodyPart { .. } => "part",
        Record::Message(_) => "message",
        Record::Finished(_) => "finished",
        Record::Interrupted(_) => "interrupted",
        Record::Discarded { bodies_only: true, .. } => "bodies discarded",
        Record::Discarded { bodies_only: false, .. } => "discarded",
        _ => "other",
    };
    let mut kinds: Vec<_> = records.iter().map(kind).collect();
    kinds.dedup();
    kinds
}

fn fail(open: &OpenExchange) {
    open.fail(Failure::new(Side::Upstream, Stage::ResponseBody, "it broke"));
}

#[tokio::test]
async fn the_verdict_is_what_is_stored() {
    let ruled = Ruled::start(&[ERRORS], Level::Metadata);
    answer(ruled.begin(None), 503, b"oh no");
    answer(ruled.begin(None), 200, b"fine");
    let broken = ruled.begin(None);
    broken.response(head(200));
    broken.tap(Direction::Response).data(b"half");
    fail(&broken);
    drop(broken);
    let recorder = ruled.recorder.clone();
    let records = ruled.stop().await;
    let found: Vec<_> = finished(&records)
        .into_iter()
        .map(|exchange| {
            let body = &exchange.response_body;
            (exchange.level, exchange.rule.as_deref(), body.rest.as_slice(), body.stored, body.size)
        })
        .collect();
    let expect = [
        (Level::Full, Some("errors"), b"oh no".as_slice(), 5, 5),
        (Level::Metadata, Some("default"), b"", 0, 4),
        (Level::Full, Some("errors"), b"half", 4, 4),
    ];
    assert_eq!(found, expect);
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.metadata_only, ledger.truncated), (3, 3, 1, 0));
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn one_that_is_not_kept_leaves_nothing() {
    let ruled = Ruled::start(&[("errors", "status:5xx", Level::Full)], Level::Metrics);
    let (client, mut live) = (ruled.recorder.client(Some([127, 0, 0, 1].into())), ruled.recorder.watch());
    ruled.recorder.connection(&client, sample::connection(1), HandOver::WithExchange);
    let held = ruled.recorder.health().queued_bytes;
    let open = ruled.begin(Some(&client));
    let mut upload = open.tap(Direction::Request);
    upload.data(&[1; 3000]);
    let id = open.id();
    assert_eq!(ruled.recorder.find(id).map(|exchange| exchange.state), Some(State::Open));
    let captured = ruled.recorder.health().queued_bytes;
    open.response(head(200));
    let left = ruled.recorder.health().queued_bytes;
    assert!(left + 3000 <= captured, "{left} of {captured} bytes are held");
    upload.data(&[1; 3000]);
    open.tap(Direction::Response).data(&[1; 3000]);
    assert_eq!(ruled.recorder.health().queued_bytes, left, "nothing more is copied");
    assert_eq!((ruled.recorder.find(id), ruled.recorder.list(None, 9, |_| true)), (None, Vec::new()));
    let ledger = ruled.recorder.ledger();
    assert_eq!((ledger.seen, ledger.open, ledger.not_kept), (1, 0, 1), "as soon as it is certain");
    drop((open, upload));
    assert_eq!(ruled.recorder.health().queued_bytes, held);
    let mut told = Vec::new();
    while let Ok(event) = live.try_recv() {
        told.push(match &**event {
            Live::Started(row) => ("started", row.id),
            Live::Discarded(id) => ("discarded", *id),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(told, [("started", id), ("discarded", id)]);
    assert_eq!(kinds(&ruled.stop().await), [""; 0]);
}

#[tokio::test]
async fn pieces_that_went_ahead_are_taken_back() {
    for (default, expect) in [
        (Level::Metrics, vec!["opened", "part", "discarded"]),
        (Level::Metadata, vec!["opened", "part", "bodies discarded", "finished"]),
    ] {
        let ruled = Ruled::start(&[("failed", "fail:*", Level::Full)], default);
        answer(ruled.begin(None), 200, &[7; 5 * PART]);
        let recorder = ruled.recorder.clone();
        let records = ruled.stop().await;
        assert_eq!(kinds(&records), expect);
        for exchange in finished(&records) {
            let body = &exchange.response_body;
            assert_eq!((body.stored, body.parts, body.rest.len()), (0, 0, 0));
        }
        assert_eq!(recorder.health().queued_bytes, 0);
    }
}

#[tokio::test]
async fn messages_of_one_that_is_not_kept_are_taken_back() {
    let ruled = Ruled::start(&[("failed", "fail:*", Level::Full)], Level::Metrics);
    let open = ruled.begin(None);
    open.response(head(101));
    let messages = open.messages();
    assert!(messages.wanted());
    let mut kept = messages.buffer();
    kept.push(b"hi", messages.limit());
    messages.message(Direction::Request, MessageKind::Text, 2, kept);
    drop((open, messages));
    assert_eq!(kinds(&ruled.stop().await), ["opened", "message", "discarded"]);
}

#[tokio::test]
async fn a_body_is_cut_to_the_limit_of_its_rule() {
    let ruled = Ruled::start(&[("failed", "fail:*", Level::Full)], Level::Full);
    let mut settings = (*ruled.control.settings()).clone();
    settings.body_limit = 100;
    settings.rules[0].body_limit = Some(3000);
    assert!(ruled.control.replace(ruled.control.policy().epoch(), settings));
    answer(ruled.begin(None), 200, &[7; 2000]);
    let broken = ruled.begin(None);
    broken.response(head(200));
    broken.tap(Direction::Response).data(&[7; 2000]);
    fail(&broken);
    drop(broken);
    let records = ruled.stop().await;
    let bodies = finished(&records).into_iter().map(|exchange| &exchange.response_body);
    let found: Vec<_> = bodies.map(|body| (body.stored, body.rest.len(), body.truncated)).collect();
    assert_eq!(found, [(100, 100, true), (2000, 2000, false)]);
}

#[tokio::test]
async fn a_long_one_is_decided_while_it_goes_on() {
    let ruled = Ruled::start(&[("slow", "dur:>200ms", Level::Metadata)], Level::Metrics);
    let open = ruled.begin(None);
    let id = open.id();
    eventually("the writer looks at it", || {
        ruled.recorder.find(id).and_then(|exchange| exchange.rule).is_some()
    })
    .await;
    eventually("it is stored while it is open", || !ruled.stored.lock().unwrap().is_empty()).await;
    let other = ruled.begin(None);
    answer(other, 200, b"");
    drop(open);
    let recorder = ruled.recorder.clone();
    let records = ruled.stop().await;
    assert_eq!(kinds(&records), ["opened", "finished"]);
    assert_eq!(finished(&records)[0].id, id);
    assert_eq!((recorder.ledger().stored, recorder.ledger().not_kept), (1, 1));
}

#[tokio::test]
async fn connections_come_with_the_first_exchange_that_is_kept() {
    let ruled = Ruled::start(&[ERRORS], Level::Metrics);
    let client = ruled.recorder.client(Some([127, 0, 0, 1].into()));
    ruled.recorder.connection(&client, sample::connection(1), HandOver::WithExchange);
    let serving = Serving::new(upstream(ruled.recorder.upstream_connection_id()));
    let serve = |status| {
        let open = ruled.begin(Some(&client));
        open.served_by(&serving);
        answer(open, status, b"");
    };
    serve(200);
    serve(503);
    serve(502);
    ruled.recorder.connection(&client, sample::connection(1), HandOver::WithExchange);
    let records = ruled.stop().await;
    assert_eq!(kinds(&records), ["connection", "upstream", "finished", "connection"]);
    assert_eq!(finished(&records).len(), 2);
}

pub(crate) fn upstream(id: UpstreamConnectionId) -> UpstreamConnection {
    UpstreamConnection {
        id,
        opened_at: dashcam_recorder::now(),
        destination: "a.example:443".to_owned(),
        address: "192.0.2.1:443".to_owned(),
        local_address: None,
        dns_us: None,
        connect_us: None,
        tls_us: None,
        tls: None,
        client_certificate: None,
        parent: None,
        tried: None,
    }
}

#[tokio::test]
async fn at_the_shutdown_they_are_decided_as_they_stand() {
    let ruled = Ruled::start(&[("aborted", "state:aborted", Level::Full)], Level::Metrics);
    let open = ruled.begin(None);
    open.response(head(200));
    open.tap(Direction::Response).data(b"half");
    let recorder = ruled.recorder.clone();
    recorder.close();
    drop(open);
    let records = ruled.stop().await;
    let found: Vec<_> = finished(&records)
        .into_iter()
        .map(|exchange| (exchange.state, exchange.rule.as_deref(), exchange.response_body.stored))
        .collect();
    assert_eq!(found, [(State::Aborted, Some("aborted"), 4)]);
}

#[tokio::test]
async fn what_is_not_kept_goes_aside_whole() {
    let aside = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&aside);
    let sink = move |news: Aside<'_>| {
        let told = match news {
            Aside::Record(Record::Finished(exchange)) => {
                ("finished", exchange.response_body.rest.len() + exchange.response_body.parts as usize * PART)
            }
            Aside::Record(Record::Opened(_)) => ("opened", 0),
            Aside::Record(Record::BodyPart { data, .. }) => ("part", data.len()),
            Aside::Record(record) => panic!("{record:?}"),
            Aside::Stored(exchange) => ("stored", exchange.response_body.rest.len()),
            Aside::BatchEnd => return,
        };
        seen.lock().unwrap().push(told);
    };
    let ruled = Ruled::with_aside(&[ERRORS], Level::Metrics, sink);
    let mut live = ruled.recorder.watch();
    answer(ruled.begin(None), 200, b"fine");
    answer(ruled.begin(None), 503, b"oh no");
    let large = ruled.begin(None);
    large.response(head(200));
    let mut tap = large.tap(Direction::Response);
    (0..9).for_each(|_| tap.data(&[7; PART / 4]));
    tap.end(None);
    drop((large, tap));
    let recorder = ruled.recorder.clone();
    let records = ruled.stop().await;
    assert_eq!(finished(&records).len(), 1, "the one that is kept");
    let told = std::mem::take(&mut *aside.lock().unwrap());
    let ends: Vec<_> = told.iter().filter(|(kind, _)| ["finished", "stored"].contains(kind)).collect();
    assert_eq!(ends[..2], [&("finished", 4), &("stored", 5)]);
    assert!(ends.len() == 3 && told.contains(&("opened", 0)) && told.contains(&("part", PART)), "{told:?}");
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.not_kept, ledger.pending), (3, 1, 2, 0));
    let mut discarded = 0;
    while let Ok(event) = live.try_recv() {
        discarded += usize::from(matches!(&**event, Live::Discarded(_)));
    }
    assert_eq!((discarded, recorder.health().queued_bytes), (2, 0));
}
