//! Bodies as HAR has them: decoded, as text where they are text, else in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{BodyRecord, Headers};
use serde_json::{Value, json};

use crate::decode::{Decoded, Source};
use crate::dto::latin1;
use crate::har::LARGEST_BODY;
use crate::har::entry::add;

/// A response's `content`.
pub(super) fn content(headers: &Headers, record: &BodyRecord, stored: Vec<u8>) -> Value {
    if stored.is_empty() {
        let mut content = json!({"size": record.size, "mimeType": media_type(headers)});
        add(&mut content, [("comment", (record.size > 0).then(|| json!("The body is not stored.")))]);
        return content;
    }
    let decoded = Source::new(headers, record, LARGEST_BODY).decode(stored);
    let mut content = json!({"size": decoded.size, "mimeType": media_type(headers)});
    let saved =
        i64::try_from(decoded.size).unwrap_or(i64::MAX) - i64::try_from(record.size).unwrap_or(i64::MAX);
    let compressed = decoded.encoding.is_some() && !decoded.truncated;
    let (text, encoding) = text(&decoded);
    add(
        &mut content,
        [
            ("compression", compressed.then(|| json!(saved))),
            ("text", Some(json!(text))),
            ("encoding", encoding.map(|encoding| json!(encoding))),
            ("comment", comment(&decoded)),
        ],
    );
    content
}

/// A request's `postData`. HAR has no base64 there: `_encoding` says it as `encoding` does for a response.
pub(super) fn post_data(headers: &Headers, record: &BodyRecord, stored: Vec<u8>) -> Value {
    let mut data = json!({"mimeType": media_type(headers), "params": []});
    if stored.is_empty() {
        add(&mut data, [("text", Some(json!(""))), ("comment", Some(json!("The body is not stored.")))]);
        return data;
    }
    let decoded = Source::new(headers, record, LARGEST_BODY).decode(stored);
    let (text, encoding) = text(&decoded);
    let encoding = encoding.map(|encoding| json!(encoding));
    add(&mut data, [("text", Some(json!(text))), ("_encoding", encoding), ("comment", comment(&decoded))]);
    data
}

fn text(decoded: &Decoded) -> (String, Option<&'static str>) {
    match decoded.text() {
        (Some(text), _) => (text, None),
        (None, _) => (STANDARD.encode(&decoded.bytes), Some("base64")),
    }
}

fn comment(decoded: &Decoded) -> Option<Value> {
    let cut = || decoded.truncated.then(|| "This is not the whole body.".to_owned());
    decoded.note.clone().or_else(cut).map(Value::String)
}

fn media_type(headers: &Headers) -> String {
    headers.first("content-type").map_or_else(|| "application/octet-stream".to_owned(), latin1)
}
