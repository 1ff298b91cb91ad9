//! Bodies as HAR has them: decoded, as text where they are text, else in base64.

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::StoreError;
use serde_json::json;

use crate::decode::{Plan, Reading, Scanned, Writer, scan};
use crate::dto::latin1;
use crate::export::har::members::object;
use crate::export::har::{LARGEST_BODY, Source};
use crate::payload::Parts;
use crate::pen::{Base64, Pen};

/// Decoded bytes of a body that are held between looking at it and writing it. A larger one is read twice.
const HELD: u64 = 1 << 20;

/// Writes a response's `content`.
pub(super) async fn content(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), StoreError> {
    let record = &exchange.response_body;
    let media_type = media_type(exchange, Direction::Response);
    if record.stored == 0 {
        pen.begin(&object(json!({"size": record.size, "mimeType": media_type})));
        if record.size > 0 {
            pen.member("comment", &NOT_STORED);
        }
        pen.raw("}");
        return Ok(());
    }
    let parts = Parts::of_body(&source.store, exchange.id, Direction::Response);
    let plan = Plan::of(exchange, Direction::Response, LARGEST_BODY);
    let scanned = scan(&source.decoders, &parts, plan, HELD).await?;
    pen.begin(&object(json!({"size": scanned.size, "mimeType": media_type})));
    if scanned.plan.encoding().is_some() && !scanned.truncated {
        let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        pen.member("compression", &(signed(scanned.size) - signed(record.size)));
    }
    body(source, &parts, &scanned, ("encoding", pen)).await
}

/// Writes a request's `postData`. HAR has no base64 there: `_encoding` says it as `encoding` does for a response.
pub(super) async fn post_data(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), StoreError> {
    let media_type = media_type(exchange, Direction::Request);
    pen.begin(&object(json!({"mimeType": media_type, "params": []})));
    if exchange.request_body.stored == 0 {
        pen.member("text", &"");
        pen.member("comment", &NOT_STORED);
        pen.raw("}");
        return Ok(());
    }
    let parts = Parts::of_body(&source.store, exchange.id, Direction::Request);
    let plan = Plan::of(exchange, Direction::Request, LARGEST_BODY);
    let scanned = scan(&source.decoders, &parts, plan, HELD).await?;
    body(source, &parts, &scanned, ("_encoding", pen)).await
}

const NOT_STORED: &str = "The body is not stored.";

/// Writes `text`, what it is encoded in, what is to be said of it, and the closing brace.
async fn body(
    source: &Source,
    parts: &Parts,
    scanned: &Scanned,
    (encoding, pen): (&str, &mut Pen),
) -> Result<(), StoreError> {
    pen.raw(",\"text\":\"");
    let mut form = Form::of(scanned);
    let mut written = scanned.bytes.len() as u64;
    if scanned.is_held {
        pen.text(&form.push(&scanned.bytes));
    } else {
        let mut reading = Reading::again(&source.decoders, parts.clone(), scanned.plan.clone());
        while let Some(piece) = reading.next().await? {
            written += piece.len() as u64;
            pen.text(&form.push(&piece));
            pen.turn().await;
        }
    }
    pen.text(&form.end(!scanned.truncated));
    pen.raw("\"");
    if scanned.encoding.is_none() {
        pen.member(encoding, &"base64");
    }
    let is_gone = written < scanned.plan.limit();
    if let Some(comment) = comment(scanned, is_gone) {
        pen.member("comment", &comment);
    }
    pen.raw("}");
    pen.turn().await;
    Ok(())
}

fn comment(scanned: &Scanned, is_gone: bool) -> Option<String> {
    if is_gone {
        return Some("The exchange was deleted while this was written: its body ends too early.".to_owned());
    }
    let cut = || match scanned.plan.limit() {
        LARGEST_BODY => {
            format!("Only the first {} MiB are here; dashcam has what else is stored.", LARGEST_BODY >> 20)
        }
        _ => "This is not the whole body.".to_owned(),
    };
    scanned.note.clone().or_else(|| scanned.truncated.then(cut))
}

/// How a body stands in a JSON string.
enum Form {
    Text(Writer),
    Base64(Base64),
}

impl Form {
    fn of(scanned: &Scanned) -> Self {
        scanned.encoding.map_or(Self::Base64(Base64::default()), |encoding| Self::Text(Writer::new(encoding)))
    }

    fn push(&mut self, piece: &[u8]) -> String {
        match self {
            Self::Text(writer) => writer.push(piece, false),
            Self::Base64(base64) => base64.push(piece),
        }
    }

    /// The rest of the text. If it is not `whole`, a character that a cut went through is left out.
    fn end(self, whole: bool) -> String {
        match self {
            Self::Text(mut writer) => writer.push(&[], whole),
            Self::Base64(base64) => base64.end(),
        }
    }
}

/// The Content-Type as it was sent.
fn media_type(exchange: &Exchange, direction: Direction) -> String {
    let named = exchange.headers(direction).and_then(|headers| headers.first("content-type"));
    named.map_or_else(|| "application/octet-stream".to_owned(), latin1)
}
