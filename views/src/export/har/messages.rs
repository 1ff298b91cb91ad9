//! WebSocket messages as Chrome puts them into a HAR file.

use dashcam_exchange::{Direction, Exchange, Message, MessageKind};
use dashcam_store::{MessagePreview, ReadError};
use serde_json::{Value, json};

use crate::decode::{Utf8, Writer};
use crate::export::format::{MOST_MESSAGES, PAGE, PREVIEW, Source};
use crate::export::members::object;
use crate::payload::Parts;
use crate::pen::{Base64, Pen};

/// Writes `_webSocketMessages`, if there are any, payloads beyond their beginning read apart: text as text, all else in base64, times in unix seconds. What is kept
/// compressed says so in `_coding`, and what is redacted in `_redacted`.
pub(super) async fn web_socket(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    let (mut after, mut written) = (None, 0);
    let rest = 'all: loop {
        let page = source.reader.message_previews(exchange.id, after, PAGE, PREVIEW).await?;
        after = page.messages.last().map(|last| last.message.seq);
        // gRPC's are in the bodies as well.
        for preview in page.messages.iter().filter(|preview| preview.message.kind != MessageKind::Grpc) {
            if written == MOST_MESSAGES {
                break 'all true;
            }
            pen.raw(if written == 0 { ",\"_webSocketMessages\":[" } else { "," });
            message(source, (exchange, preview), pen).await?;
            pen.turn().await;
            written += 1;
        }
        if !page.more {
            break false;
        }
    };
    if written > 0 {
        pen.raw("]");
    }
    if rest {
        let comment =
            format!("Only the first {MOST_MESSAGES} messages are here; dashcam has what else is stored.");
        pen.member("comment", &comment);
    }
    Ok(())
}

async fn message(
    source: &Source,
    (exchange, preview): (&Exchange, &MessagePreview),
    pen: &mut Pen,
) -> Result<(), ReadError> {
    let message = &preview.message;
    let stored = || match preview.is_cut() {
        true => Parts::of_message(&source.reader, message.exchange, message.seq),
        false => Parts::held(message.data.clone()),
    };
    let parts = || stored().unsealed(source.unsealer_of(exchange));
    let is_text = message.kind == MessageKind::Text && message.coding.is_none() && is_utf8(parts()).await?;
    pen.begin(&object(facts(message)));
    pen.raw(",\"data\":\"");
    let (mut parts, mut text, mut base64) = (parts(), Writer::verbatim(), Base64::default());
    let mut written = 0;
    while let Some(part) = parts.next().await? {
        written += part.len() as u64;
        for piece in part.chunks(PIECE) {
            pen.text(&if is_text { text.push(piece, false) } else { base64.push(piece) });
            pen.turn().await;
        }
    }
    pen.text(&base64.end());
    pen.raw("\"");
    if written < preview.stored && source.unsealer.is_none() {
        pen.member(
            "_comment",
            &"The exchange was deleted while this was written: the message ends too early.",
        );
    }
    pen.raw("}");
    Ok(())
}

/// Bytes that are written at once.
const PIECE: usize = 32 << 10;

async fn is_utf8(mut parts: Parts) -> Result<bool, ReadError> {
    let mut utf8 = Utf8::default();
    while let Some(part) = parts.next().await? {
        utf8.push(&part);
    }
    Ok(utf8.end(false))
}

/// All but its payload.
fn facts(message: &Message) -> Value {
    let mut facts = json!({
        "type": match message.direction { Direction::Request => "send", Direction::Response => "receive" },
        "time": seconds(message.at.0),
        "opcode": opcode(message.kind),
    });
    if let Some(coding) = message.coding {
        facts["_coding"] = json!(coding.as_str());
    }
    if message.redacted {
        facts["_redacted"] = json!(true);
    }
    facts
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
    use dashcam_exchange::{MessageCoding, Timestamp};

    use super::*;

    #[test]
    fn what_is_compressed_says_so() {
        let of = |coding| Message {
            exchange: dashcam_exchange::ExchangeId(1),
            seq: 0,
            at: Timestamp(1_500_000),
            direction: Direction::Response,
            kind: MessageKind::Text,
            size: 2,
            coding,
            redacted: false,
            data: b"ab".to_vec(),
        };
        let plain = json!({"type": "receive", "time": 1.5, "opcode": 1});
        let coded = json!({"type": "receive", "time": 1.5, "opcode": 1, "_coding": "deflate"});
        assert_eq!([facts(&of(None)), facts(&of(Some(MessageCoding::Deflate)))], [plain, coded]);
    }
}
