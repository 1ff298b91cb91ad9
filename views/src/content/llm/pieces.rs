//! The pieces of an answer that is streamed: server-sent events, lines of JSON, or an event stream of AWS.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::content::budget::Budget;
use crate::content::cursor::Cursor;
use crate::content::subject::Subject;
use crate::content::{aws_events, json, sse};

/// The documents that follow each other in an answer; none if there are none.
pub(super) fn of(subject: &Subject, budget: &Budget) -> Option<Vec<Value>> {
    let pieces = match &subject.text {
        None => from_aws(&subject.bytes, budget),
        Some(text) if text.trim_start().starts_with('{') => {
            within(text.lines().filter_map(json::parsed), budget)
        }
        Some(text) => within(sse::events(text).filter_map(|event| json::parsed(&event.data)), budget),
    };
    (!pieces.is_empty()).then_some(pieces)
}

/// The most pieces of an answer.
const MOST: usize = 200_000;

/// As many as there is time for: pieces of a stream are small, and are joined.
fn within(pieces: impl Iterator<Item = Value>, budget: &Budget) -> Vec<Value> {
    pieces.take(MOST).take_while(|_| budget.take_text(1)).collect()
}

/// Bedrock wraps each piece in base64.
fn from_aws(bytes: &[u8], budget: &Budget) -> Vec<Value> {
    let mut cursor = Cursor(bytes);
    let messages = std::iter::from_fn(|| aws_events::message(&mut cursor));
    let documents = messages.filter_map(|message| {
        let outer = json::parsed(std::str::from_utf8(message.payload).ok()?)?;
        let Some(inner) = outer.get("bytes").and_then(Value::as_str) else { return Some(outer) };
        json::parsed(std::str::from_utf8(&STANDARD.decode(inner).ok()?).ok()?)
    });
    within(documents, budget)
}
