//! Bodies of messages keep the times at which they came, whatever redaction makes of them.

use dashcam_exchange::{Arrival, Direction, Record, StoredAs};

use super::{PART, SECRET, begin, body, finished, head, start, stop};

const RESPONSE: Direction = Direction::Response;

/// Events, the fifth and the last with a secret.
fn events() -> Vec<Vec<u8>> {
    let event = |number: u32| {
        let filling: String =
            (0..20).map(|at| format!("{:08x}", (number * 20 + at).wrapping_mul(0x9e37_79b1))).collect();
        let secret = if [4, 39].contains(&number) { SECRET } else { "" };
        format!("data: {{\"n\":{number},\"password\":\"{secret}\",\"t\":\"{filling}\"}}\n\n").into_bytes()
    };
    (0..40).map(event).collect()
}

/// The same as pieces of gzip, of which each can be decoded once it is there.
fn coded(events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut piece = |event: &Vec<u8>| {
        encoder.write_all(event).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.get_mut())
    };
    let mut pieces: Vec<_> = events.iter().map(&mut piece).collect();
    pieces.last_mut().unwrap().extend(encoder.finish().unwrap());
    pieces
}

/// The arrivals of the response that were stored.
fn arrivals(records: &[Record]) -> Vec<Arrival> {
    let mut arrivals = Vec::<Arrival>::new();
    for record in records {
        if let Record::Arrivals { direction: RESPONSE, stretch, .. } = record {
            assert_eq!(stretch.from, arrivals.last().map_or(0, |last| last.end));
            arrivals.extend(&stretch.arrivals);
        }
    }
    arrivals
}

#[tokio::test]
async fn each_event_has_the_time_of_its_last_byte() {
    for coding in ["identity", "gzip"] {
        let (recorder, writer) = start();
        let open = recorder.begin(begin()).unwrap();
        let id = open.id();
        open.response(head(&[("Content-Type", "text/event-stream"), ("Content-Encoding", coding)]));
        let mut tap = open.tap(RESPONSE);
        drop(open);
        let pieces = if coding == "gzip" { coded(&events()) } else { events() };
        assert!(pieces.iter().map(Vec::len).sum::<usize>() > 3 * PART);
        let mut came = Vec::new();
        for piece in &pieces {
            tap.data(piece);
            let recent = recorder.recent_arrivals(id, (RESPONSE, StoredAs::Sent));
            came.push(recent.last().unwrap().arrivals.last().unwrap().at_us);
        }
        tap.end(None);
        drop(tap);
        let records = stop(recorder, writer).await;
        assert_eq!(finished(&records).response_body.stored_as, StoredAs::Redacted, "{coding}");
        let arrivals = arrivals(&records);
        let text = String::from_utf8(body(&records, RESPONSE)).unwrap();
        let ends: Vec<_> = text.match_indices("\n\n").map(|(at, _)| at as u64 + 2).collect();
        let at = |end: &u64| arrivals.iter().find(|arrival| arrival.end >= *end).map(|arrival| arrival.at_us);
        let found: Vec<_> = ends.iter().map(at).collect();
        assert_eq!(found, came.into_iter().map(Some).collect::<Vec<_>>(), "{coding}: {text}");
    }
}

/// All of a body left in parts, but for its last word, which might have gone on.
#[tokio::test]
async fn the_end_has_a_time_where_nothing_came_behind_the_last_part() {
    let (recorder, writer) = start();
    let open = recorder.begin(begin()).unwrap();
    let id = open.id();
    open.response(head(&[("Content-Type", "text/event-stream")]));
    let mut tap = open.tap(RESPONSE);
    drop(open);
    tap.data(format!("data: {}\n\ndata: word", "lorem ipsum ".repeat(PART / 8)).as_bytes());
    let recent = recorder.recent_arrivals(id, (RESPONSE, StoredAs::Sent));
    let came = recent.last().unwrap().arrivals.last().unwrap().at_us;
    tap.end(None);
    drop(tap);
    let records = stop(recorder, writer).await;
    let ended = &finished(&records).response_body;
    assert!(ended.parts > 0 && !ended.rest.is_empty(), "{ended:?}");
    let end = body(&records, RESPONSE).len() as u64;
    assert_eq!(arrivals(&records).last(), Some(&Arrival { end, at_us: came }));
}
