//! When the bytes of bodies came that consist of messages.

use std::sync::{Arc, Mutex};

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Direction, ExchangeId, GapReason, LastIds, Level, Record, ResponseHead, StoredAs, Stretch, Version,
};
use dashcam_recorder::{Begin, BodyTap, Limits, Recorder, Refusal, recorder};
use tokio::task::JoinHandle;

use crate::samples::{self, eventually};

const RESPONSE: Direction = Direction::Response;

struct Running {
    recorder: Recorder,
    stored: Arc<Mutex<Vec<Record>>>,
    writer: JoinHandle<()>,
}

#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
fn start() -> Running {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let writer = tokio::spawn(writer.run(append, |_| Refusal::lost(GapReason::DiskError)));
    Running { recorder, stored, writer }
}

/// The arrivals that were stored by now, with their numbers.
fn arrivals(stored: &Mutex<Vec<Record>>) -> Vec<(u32, Stretch)> {
    let arrivals = |record: &Record| match record {
        Record::Arrivals { direction: RESPONSE, seq, stretch, .. } => Some((*seq, (**stretch).clone())),
        _ => None,
    };
    stored.lock().unwrap().iter().filter_map(arrivals).collect()
}

impl Running {
    /// A response of this media type begins.
    fn respond(&self, content_type: &str, level: Level) -> (ExchangeId, BodyTap) {
        let decision = CaptureDecision::certain(level, 1 << 20);
        let open = self.recorder.begin(Begin { decision, ..samples::begin() }).unwrap();
        let headers = [("content-type", content_type)].into_iter().collect();
        open.response(ResponseHead { version: Version::Http11, status: 200, reason: "OK".into(), headers });
        (open.id(), open.tap(RESPONSE))
    }

    async fn stop(self) -> Vec<(u32, Stretch)> {
        self.recorder.close();
        let Self { stored, writer, .. } = self;
        writer.await.unwrap();
        arrivals(&stored)
    }
}

fn ends(stretch: &Stretch) -> Vec<u64> {
    stretch.arrivals.iter().map(|arrival| arrival.end).collect()
}

#[tokio::test]
async fn they_are_noted_of_bodies_of_messages_and_of_no_others() {
    for (content_type, level, expect) in [
        ("text/event-stream", Level::Full, Some(vec![3, 4, 9])),
        ("application/x-ndjson; charset=utf-8", Level::Full, Some(vec![3, 4, 9])),
        ("text/event-stream", Level::Metadata, None),
        ("application/json", Level::Full, None),
        ("multipart/form-data; boundary=x", Level::Full, None),
    ] {
        let running = start();
        let (id, mut tap) = running.respond(content_type, level);
        for piece in ["abc", "d", "efghi"] {
            tap.data(piece.as_bytes());
        }
        let recent = running.recorder.recent_arrivals(id, (RESPONSE, StoredAs::Sent));
        assert_eq!(recent.first().map(ends), expect, "{content_type}");
        tap.end(None);
        drop(tap);
        let found = running.stop().await;
        assert_eq!(found.iter().map(|(_, stretch)| ends(stretch)).next(), expect, "{content_type}");
        let times = found.iter().flat_map(|(_, stretch)| &stretch.arrivals).map(|arrival| arrival.at_us);
        assert!(times.is_sorted(), "{found:?}");
        assert!(found.iter().all(|(seq, stretch)| (*seq, stretch.from, stretch.merged) == (0, 0, 1)));
    }
}

#[tokio::test]
async fn of_very_many_neighbours_are_merged() {
    let running = start();
    let (_, mut tap) = running.respond("text/event-stream", Level::Full);
    (0..10_000).for_each(|_| tap.data(b"x"));
    tap.end(None);
    drop(tap);
    let found = running.stop().await;
    let stretch = &found[0].1;
    assert_eq!((found.len(), stretch.merged), (1, 4));
    let ends = ends(stretch);
    assert!((2048..=4096).contains(&ends.len()), "{}", ends.len());
    assert!(ends.is_sorted_by(|one, next| one < next && next - one <= 4) && ends.last() == Some(&10_000));
}

#[tokio::test]
async fn they_go_ahead_while_the_body_goes_on_and_are_seen_all_the_while() {
    let running = start();
    let (id, mut tap) = running.respond("text/event-stream", Level::Full);
    (0..2000).for_each(|_| tap.data(b"x"));
    eventually("some of it was handed over", || !arrivals(&running.stored).is_empty()).await;
    let seen = running.recorder.recent_arrivals(id, (RESPONSE, StoredAs::Sent));
    assert_eq!(seen.iter().flat_map(ends).collect::<Vec<_>>(), (1..=2000).collect::<Vec<_>>());
    tap.data(b"yz");
    let seen = running.recorder.recent_arrivals(id, (RESPONSE, StoredAs::Sent));
    assert_eq!((seen.len(), seen[1].from, ends(&seen[1])), (2, 2000, vec![2002]));
    tap.end(None);
    drop(tap);
    let found = running.stop().await;
    let numbers: Vec<_> = found.iter().map(|(seq, stretch)| (*seq, stretch.from)).collect();
    assert_eq!(numbers, [(0, 0), (1, 2000)]);
}
