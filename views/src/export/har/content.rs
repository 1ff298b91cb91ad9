//! Bodies as HAR has them: decoded, as text where they are text, else in base64.

use dashcam_exchange::{BodyRecord, Direction, Exchange, StoredAs};
use dashcam_store::ReadError;
use serde_json::json;

use super::params::params;
use crate::dto::latin1;
use crate::export::body::Body;
use crate::export::format::Source;
use crate::export::members::object;
use crate::pen::Pen;
use crate::web_socket;

/// Writes a response's `content`.
pub(super) async fn content(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    let record = &exchange.response_body;
    let media_type = media_type(exchange, Direction::Response);
    if record.stored == 0 {
        pen.begin(&object(json!({"size": record.size, "mimeType": media_type})));
        if record.size > 0 && !web_socket::is_open(exchange) {
            not_stored(record, pen);
        }
        pen.raw("}");
        return Ok(());
    }
    let body = Body::scan(source, exchange, Direction::Response).await?;
    pen.begin(&object(json!({"size": body.size(), "mimeType": media_type})));
    // The size of a redacted body differs for other reasons.
    let is_coded = body.is_coded() && record.stored_as == StoredAs::Sent;
    if let Some(size) = body.whole_size().filter(|_| is_coded) {
        let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        pen.member("compression", &(signed(size) - signed(record.size)));
    }
    stored_as(record, pen);
    text(&body, None, pen).await
}

/// Writes a request's `postData`: `params` of a form that is held whole. `encoding` is what HAR 1.3 has for base64.
pub(super) async fn post_data(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    let media_type = media_type(exchange, Direction::Request);
    pen.begin(&object(json!({"mimeType": media_type})));
    if exchange.request_body.stored == 0 {
        pen.member("params", &json!([]));
        pen.member("text", &"");
        not_stored(&exchange.request_body, pen);
        pen.raw("}");
        return Ok(());
    }
    let body = Body::scan(source, exchange, Direction::Request).await?;
    let params = body.held().and_then(|body| params(&media_type, body)).unwrap_or_default();
    pen.member("params", &params.list);
    stored_as(&exchange.request_body, pen);
    text(&body, params.comment("params", "text"), pen).await
}

/// Says of a body that it is not stored, and why if that is for the sake of secrets.
fn not_stored(record: &BodyRecord, pen: &mut Pen) {
    if record.stored_as == StoredAs::Withheld {
        pen.member("_stored_as", &record.stored_as.as_str());
        pen.member("comment", &"The body is withheld: redaction could not read it.");
        return;
    }
    pen.member("comment", &"The body is not stored.");
}

/// Says of a body that it is stored otherwise than it passed.
fn stored_as(record: &BodyRecord, pen: &mut Pen) {
    if record.stored_as != StoredAs::Sent {
        pen.member("_stored_as", &record.stored_as.as_str());
    }
}

/// Writes `text`, what it is encoded in, `remark` and what is to be said of the text, and the closing brace.
async fn text(body: &Body<'_>, remark: Option<String>, pen: &mut Pen) -> Result<(), ReadError> {
    pen.raw(",\"text\":");
    let comments: Vec<_> = remark.into_iter().chain(body.write(pen).await?).collect();
    if !body.is_text() {
        pen.member("encoding", &"base64");
    }
    if !comments.is_empty() {
        pen.member("comment", &comments.join(" "));
    }
    pen.raw("}");
    pen.turn().await;
    Ok(())
}

/// The Content-Type as it was sent.
fn media_type(exchange: &Exchange, direction: Direction) -> String {
    let named = exchange.headers(direction).and_then(|headers| headers.first("content-type"));
    named.map_or_else(|| "application/octet-stream".to_owned(), latin1)
}
