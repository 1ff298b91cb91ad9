//! Bodies and messages: whole, in parts, coded, and left as they are.

use dashcam_exchange::{Direction, MessageKind, Record, StoredAs};

use super::{JSON, PART, SECRET, begin, body, finished, gzip, json, pass, start, stop};

#[tokio::test]
async fn bodies_of_all_sizes_whole_and_in_parts() {
    for size in [16, 600, 3 * PART, 16 << 10, 1_000_000] {
        let (recorder, writer) = start();
        let document = json(size);
        pass(&recorder, &document, (&document, &[JSON]));
        let records = stop(recorder, writer).await;
        for direction in [Direction::Request, Direction::Response] {
            let stored = String::from_utf8(body(&records, direction)).unwrap();
            let ended = finished(&records).body(direction);
            assert_eq!((ended.size, ended.truncated), (document.len() as u64, false));
            let json: serde_json::Value = serde_json::from_str(&stored).unwrap();
            assert!(
                json["password"].as_str().unwrap().starts_with("~sealed.password."),
                "{size}: {stored:.200}"
            );
            assert_eq!(json["b"].as_str().unwrap().len(), size / 2, "the rest is as it was");
        }
        let redaction = finished(&records).redaction.as_ref().unwrap();
        assert!(redaction.set.starts_with("default@") && redaction.replaced >= 10, "{redaction:?}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_stored_without_their_coding() {
    for size in [16, 64 << 10, 1 << 20] {
        let (recorder, writer) = start();
        let mut document = json(size);
        // Noise, so that it has parts also when it is compressed.
        let noise: Vec<u8> = (0..size as u64).map(|at| b'a' + (at * at % 7 * at % 23) as u8).collect();
        document.splice(1..1, [b"\"n\":\"".as_slice(), &noise, b"\","].concat());
        let coding = ("Content-Encoding", "gzip");
        pass(&recorder, b"{}", (&gzip(&document), &[JSON, coding]));
        let records = stop(recorder, writer).await;
        let stored = body(&records, Direction::Response);
        assert_eq!(finished(&records).response_body.stored_as, StoredAs::Redacted);
        assert!(serde_json::from_slice::<serde_json::Value>(&stored).is_ok(), "{size}");
        assert_eq!(finished(&records).request_body.stored_as, StoredAs::Sent);
    }
}

#[tokio::test]
async fn nothing_found_leaves_bodies_byte_for_byte() {
    let (recorder, writer) = start();
    let noise: Vec<u8> = (0..5 * PART).map(|at| (at * 7 + at / 256) as u8).collect();
    pass(&recorder, b"{ \"a\" : [1,2 ] }", (&noise, &[("Content-Type", "image/png")]));
    let records = stop(recorder, writer).await;
    assert_eq!(body(&records, Direction::Request), b"{ \"a\" : [1,2 ] }");
    assert_eq!(body(&records, Direction::Response), noise);
    assert_eq!(finished(&records).response_body.stored_as, StoredAs::Sent);
}

#[tokio::test]
async fn messages() {
    let (recorder, writer) = start();
    let open = recorder.begin(begin()).unwrap();
    let tap = open.messages();
    for direction in [Direction::Request, Direction::Response] {
        let text = format!(r#"{{"op":"auth","token":"{SECRET}"}}"#);
        let mut message = tap.buffer();
        message.push(text.as_bytes(), 1 << 20);
        tap.message(direction, MessageKind::Text, text.len() as u64, message);
    }
    drop((open, tap));
    let records = stop(recorder, writer).await;
    let messages = records.iter().filter(|record| matches!(record, Record::Message(one) if one.redacted));
    assert_eq!(messages.count(), 2);
    assert!(finished(&records).redaction.as_ref().unwrap().replaced >= 5, "those of messages count");
}
