//! Texts in the shape of placeholders that came with the traffic.

use dashcam_exchange::{Direction, Exchange, MessageKind, Record, SealId};
use dashcam_redact::{Keys, Unsealed, placeholders, unseal};

use super::{PART, begin, body, finished, pass, start, stop};

/// The placeholder of another exchange's secret.
const FORGED: &str = "~sealed.token.0123456789abcdef01234567~";

/// All that is sealed in `records`.
fn open(records: &[Record]) -> impl Fn(&SealId) -> Option<Vec<u8>> {
    |id| {
        records.iter().find_map(|record| match record {
            Record::Seal(seal) if seal.id == *id => Keys::new([7; 32]).open(id, &seal.sealed),
            _ => None,
        })
    }
}

fn document(size: usize) -> Vec<u8> {
    let padding = "x".repeat(size / 2);
    format!(r#"{{"a":"{padding}","b":"{FORGED}","c":["{padding}","{FORGED}"]}}"#).into_bytes()
}

fn is_gone(exchange: &Exchange) {
    let shown = format!("{:?}", exchange.without_bodies());
    assert!(!shown.contains("0123456789abcdef01234567"), "{shown}");
}

#[tokio::test]
async fn they_are_sealed_and_come_back_as_they_were_sent() {
    for size in [16, 3 * PART, 200_000] {
        let (recorder, writer) = start();
        let json = document(size);
        pass(&recorder, &json, (&json, &[("Content-Type", "application/json"), ("X-Forged", FORGED)]));
        let records = stop(recorder, writer).await;
        for direction in [Direction::Request, Direction::Response] {
            let stored = body(&records, direction);
            let kinds: Vec<_> = placeholders(&stored).map(|(_, found)| found.kind).collect();
            assert_eq!(kinds, ["placeholder"; 2], "{size} {direction}");
            let (back, unsealed) = unseal(&stored, open(&records));
            assert_eq!((back, unsealed.missing), (json.clone(), 0));
        }
        let exchange = finished(&records);
        is_gone(exchange);
        let mut fields = exchange.response.as_ref().unwrap().headers.clone();
        assert_eq!(Unsealed::fields(&mut fields, open(&records)).missing, 0);
        assert_eq!(fields.first("x-forged").unwrap(), FORGED.as_bytes());
    }
}

#[tokio::test]
async fn targets_and_messages() {
    let (recorder, writer) = start();
    let mut begin = begin();
    begin.request.target = format!("/{FORGED}?password={FORGED}");
    let open = recorder.begin(begin).unwrap();
    let messages = open.messages();
    let mut message = messages.buffer();
    message.push(format!("hello {FORGED}").as_bytes(), 1 << 20);
    messages.message(Direction::Request, MessageKind::Text, 46, message);
    let shown = recorder.find(open.id()).unwrap();
    is_gone(&shown);
    drop((open, messages));
    let records = stop(recorder, writer).await;
    is_gone(finished(&records));
    let data = records.iter().find_map(|record| match record {
        Record::Message(message) => Some(message.data.clone()),
        _ => None,
    });
    assert!(data.unwrap().starts_with(b"hello ~sealed.placeholder."));
}
