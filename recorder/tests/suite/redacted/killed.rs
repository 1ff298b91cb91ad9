//! Rows of exchanges that go on: if dashcam is killed then, they stay.

use dashcam_exchange::{Direction, Record, StoredAs};

use super::{JSON, PART, SECRET, begin, gzip, head, json, start, stop};

/// Checks at each record that the row tells of bytes that are not those that passed.
async fn passes(sent: &[u8], fields: &[(&str, &str)]) {
    let (recorder, writer) = start();
    let open = recorder.begin(begin()).unwrap();
    open.response(head(fields));
    let mut tap = open.tap(Direction::Response);
    sent.chunks(333).for_each(|piece| tap.data(piece));
    tap.end(None);
    drop((open, tap));
    let (mut row, mut stored, mut told) = (None, Vec::new(), 0);
    for record in stop(recorder, writer).await {
        match record {
            Record::Opened(exchange) => {
                told += 1;
                row = Some(exchange.response_body.stored_as);
                assert_eq!(exchange.redaction.as_ref().unwrap().set.split('@').next(), Some("default"));
            }
            Record::BodyPart { direction: Direction::Response, data, .. } => {
                stored.extend(data);
                let is_sent = sent.starts_with(&stored);
                assert!(is_sent || row == Some(StoredAs::Redacted), "{row:?} at {}", stored.len());
            }
            _ => {}
        }
    }
    assert!(stored.len() > PART && !sent.starts_with(&stored), "it is stored in parts");
    // As it stands, and once more as its body is stored, where that was not certain before.
    assert!((1..=2).contains(&told), "{told}");
}

#[tokio::test]
async fn bytes_that_are_not_those_that_passed_are_never_told_to_be() {
    passes(&json(8 * PART), &[JSON]).await;
    let text = format!("{}password={SECRET}\n", "nothing to be seen here\n".repeat(4 * PART / 24)).repeat(3);
    passes(text.as_bytes(), &[("Content-Type", "text/plain")]).await;
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        if state >> 60 == 0 { '\n' } else { char::from(b'a' + (state >> 40) as u8 % 20) }
    };
    let noise: String = (0..60_000).map(|_| noise()).collect();
    let coding = ("Content-Encoding", "gzip");
    passes(&gzip(noise.as_bytes()), &[("Content-Type", "text/plain"), coding]).await;
}
