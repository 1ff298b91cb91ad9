//! WebSocket messages as Chrome puts them into a HAR file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Direction, Message, MessageKind};
use serde_json::{Value, json};

/// `_webSocketMessages`, if there are any: text as text, all else in base64, times in unix seconds.
pub(super) fn web_socket(messages: Vec<Message>) -> Option<Value> {
    // gRPC's are in the bodies as well.
    let messages = messages.into_iter().filter(|message| message.kind != MessageKind::Grpc);
    let messages: Vec<_> = messages.map(message).collect();
    (!messages.is_empty()).then_some(Value::Array(messages))
}

fn message(message: Message) -> Value {
    let data = match (message.kind, String::from_utf8(message.data)) {
        (MessageKind::Text, Ok(text)) => text,
        (_, Ok(text)) => STANDARD.encode(text),
        (_, Err(bytes)) => STANDARD.encode(bytes.as_bytes()),
    };
    json!({
        "type": match message.direction { Direction::Request => "send", Direction::Response => "receive" },
        "time": seconds(message.at.0),
        "opcode": opcode(message.kind),
        "data": data,
    })
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
