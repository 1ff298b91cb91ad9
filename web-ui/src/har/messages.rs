//! WebSocket messages as Chrome puts them into a HAR file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Direction, Message, MessageKind};
use serde_json::{Value, json};

/// `_webSocketMessages`, if there are any: text as text, all else in base64, times in unix seconds. What is kept compressed
/// says so in `_coding`.
pub(super) fn web_socket(messages: Vec<Message>) -> Option<Value> {
    // gRPC's are in the bodies as well.
    let messages = messages.into_iter().filter(|message| message.kind != MessageKind::Grpc);
    let messages: Vec<_> = messages.map(message).collect();
    (!messages.is_empty()).then_some(Value::Array(messages))
}

fn message(message: Message) -> Value {
    let data = match (message.kind, String::from_utf8(message.data)) {
        (MessageKind::Text, Ok(text)) if message.coding.is_none() => text,
        (_, Ok(text)) => STANDARD.encode(text),
        (_, Err(bytes)) => STANDARD.encode(bytes.as_bytes()),
    };
    let mut entry = json!({
        "type": match message.direction { Direction::Request => "send", Direction::Response => "receive" },
        "time": seconds(message.at.0),
        "opcode": opcode(message.kind),
        "data": data,
    });
    if let Some(coding) = message.coding {
        entry["_coding"] = json!(coding.as_str());
    }
    entry
}

/// RFC 6455 §11.8.
fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => 1,
        MessageKind::Binary | MessageKind::Grpc => 2,
        MessageKind::Close => 8,
        MessageKind::Ping => 9,
        MessageKind::Pong => 10,
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit a double")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{ExchangeId, MessageCoding, Timestamp};

    use super::*;

    #[test]
    fn what_is_compressed_says_so_and_is_no_text() {
        let of = |coding| Message {
            exchange: ExchangeId(1),
            seq: 0,
            at: Timestamp(1_500_000),
            direction: Direction::Response,
            kind: MessageKind::Text,
            size: 2,
            coding,
            data: b"ab".to_vec(),
        };
        let all = web_socket(vec![of(None), of(Some(MessageCoding::Deflate))]).unwrap();
        let plain = json!({"type": "receive", "time": 1.5, "opcode": 1, "data": "ab"});
        let coded =
            json!({"type": "receive", "time": 1.5, "opcode": 1, "data": "YWI=", "_coding": "deflate"});
        assert_eq!(all, json!([plain, coded]));
    }
}
