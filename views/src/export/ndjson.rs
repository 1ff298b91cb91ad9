//! Lines of JSON: each is an exchange as the API shows it, with its bodies and messages.
//!
//! `request_body` and `response_body` have three members more: `text`, or `base64` where a body is no text, both with
//! content codings undone, and a `note` on what is missing. `messages` has the first messages. `secrets` says whether sealed
//! secrets are put back.

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;
use serde_json::{Value, json};

use super::body::Body;
use super::format::{ExportFormat, MOST_MESSAGES, PAGE, PREVIEW, Source};
use super::members::object;
use crate::dto::Message;
use crate::hydrate;
use crate::pen::Pen;

/// For programs that read line by line.
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: "ndjson",
    about: "an exchange a line, as JSON in the API's shape, with its bodies and messages",
    media_type: "application/x-ndjson",
    extension: "ndjson",
    head: |_| String::new(),
    separator: "",
    entry: |source, exchange, pen| Box::pin(write(source, exchange, pen)),
    tail: "",
};

async fn write(source: &Source, exchange: Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    let shape = hydrate::exchange(&source.reader, exchange.clone()).await?;
    let mut members = object(json!(shape));
    let bodies = [("request_body", Direction::Request), ("response_body", Direction::Response)]
        .map(|(name, direction)| (name, direction, object(members.remove(name).unwrap_or_default())));
    members.insert("secrets".to_owned(), json!(source.secrets()));
    pen.begin(&members);
    for (name, direction, facts) in bodies {
        pen.raw(&format!(",\"{name}\":"));
        pen.begin(&facts);
        body(source, &exchange, direction, pen).await?;
        pen.raw("}");
        pen.turn().await;
    }
    messages(source, &exchange, pen).await?;
    pen.raw("}\n");
    Ok(())
}

/// Writes `text`, `base64` and `note`.
async fn body(
    source: &Source,
    exchange: &Exchange,
    direction: Direction,
    pen: &mut Pen,
) -> Result<(), ReadError> {
    if exchange.body(direction).stored == 0 {
        ["text", "base64", "note"].iter().for_each(|name| pen.member(name, &Value::Null));
        return Ok(());
    }
    let body = Body::scan(source, exchange, direction).await?;
    let (given, missing) = if body.is_text() { ("text", "base64") } else { ("base64", "text") };
    pen.member(missing, &Value::Null);
    pen.raw(&format!(",\"{given}\":"));
    let note = body.write(pen).await?;
    pen.member("note", &note);
    Ok(())
}

/// Writes `messages`, each with the beginning of its payload.
async fn messages(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    pen.raw(",\"messages\":[");
    let (mut after, mut written) = (None, 0);
    loop {
        let page = source.reader.message_previews(exchange.id, after, PAGE, PREVIEW).await?;
        after = page.messages.last().map(|last| last.message.seq);
        for mut preview in page.messages.into_iter().take(MOST_MESSAGES - written) {
            source.put_back(exchange, &mut preview.message.data).await?;
            pen.raw(if written == 0 { "" } else { "," });
            pen.value(&Message::from(preview));
            pen.turn().await;
            written += 1;
        }
        if !page.more || written == MOST_MESSAGES {
            break;
        }
    }
    pen.raw("]");
    Ok(())
}
