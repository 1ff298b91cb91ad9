//! One exchange, redacted in memory.

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, Headers, Message, Redaction, Seal, StoredAs, Timestamp,
};
use dashcam_redact::{Body, Memory, MessageContext, Redactor};
use dashcam_store::Rewrite;

use super::findings::{Finding, Findings};
use super::{StoredRedaction, Whole};

/// Finds what is replaced in an exchange, and what is to be stored in its place; `None` if that is what is stored.
pub(super) fn redact(
    by: &StoredRedaction,
    whole: Whole,
    expires_at: Timestamp,
    memory: &mut Memory,
) -> (Vec<Finding>, Option<Rewrite>) {
    let Whole { exchange: before, bodies, messages } = whole;
    let mut exchange = before.clone();
    let mut findings = Findings::default();
    // What was recorded without redaction may have texts that look like placeholders.
    let begin = if before.redaction.is_some() { Redactor::again } else { Redactor::new };
    let mut redactor = begin(&by.set, &by.keys, memory, &before.destination.host);
    redactor.heads(&mut exchange);
    findings.heads(&before, &exchange);
    let mut new_bodies = [None, None];
    for ((body, new), direction) in
        bodies.iter().zip(&mut new_bodies).zip([Direction::Request, Direction::Response])
    {
        let Some(bytes) = body else { continue };
        let headers = headers(&before, direction);
        *new = redacted_body(
            (by, &mut redactor),
            (direction, &headers),
            bytes,
            record(&mut exchange, direction),
        );
        findings.bytes(&format!("{direction} body"), bytes, new.as_deref().unwrap_or(bytes));
    }
    let messages = redacted_messages(&mut redactor, &before, messages, &mut findings);
    let found = redactor.finish();
    let mark = before.redaction.as_ref();
    let set = match (by.marks, mark) {
        (false, Some(mark)) => mark.set.clone(),
        _ => by.set.label().clone(),
    };
    let replaced = mark.map_or(0, |mark| mark.replaced).saturating_add(found.replaced);
    exchange.redaction = Some(Redaction { set, replaced });
    let is_changed = found.replaced > 0 || new_bodies.iter().any(Option::is_some) || !messages.is_empty();
    let findings = findings.finish(u64::from(found.replaced));
    let seals = found.seals.into_iter().map(|(id, sealed)| Seal { id, sealed, expires_at }).collect();
    let rewrite = Rewrite { exchange, bodies: new_bodies, messages, seals };
    (findings, (is_changed || by.marks).then_some(rewrite))
}

/// The headers that describe a body as it is stored.
fn headers(exchange: &Exchange, direction: Direction) -> Headers {
    let mut headers = exchange.headers(direction).cloned().unwrap_or_default();
    if exchange.body(direction).stored_as == StoredAs::Redacted {
        headers.remove("content-encoding");
    }
    headers
}

fn record(exchange: &mut Exchange, direction: Direction) -> &mut BodyRecord {
    match direction {
        Direction::Request => &mut exchange.request_body,
        Direction::Response => &mut exchange.response_body,
    }
}

/// A body without its secrets; `None` if it has none.
fn redacted_body(
    (by, redactor): (&StoredRedaction, &mut Redactor<'_>),
    (direction, headers): (Direction, &Headers),
    bytes: &[u8],
    record: &mut BodyRecord,
) -> Option<Vec<u8>> {
    let mut body = Body::new(&by.set, direction, headers);
    let mut out = body.push(bytes, redactor);
    // Of what was redacted before, nothing half is left.
    let is_cut = !record.is_whole() && record.stored_as == StoredAs::Sent;
    out.extend(body.finish(is_cut, redactor));
    let stored_as = body.stored_as();
    if stored_as == StoredAs::Sent || out == bytes {
        return None;
    }
    record.truncated |= body.is_cut();
    record.stored_as = stored_as;
    Some(out)
}

/// Those of the messages that are others without their secrets.
fn redacted_messages(
    redactor: &mut Redactor<'_>,
    exchange: &Exchange,
    messages: Vec<Message>,
    findings: &mut Findings,
) -> Vec<Message> {
    let mut changed = Vec::new();
    for message in messages {
        let head = exchange.headers(message.direction);
        let context = MessageContext { encoding: head.and_then(|headers| headers.first("grpc-encoding")) };
        let mut redacted = message.clone();
        redactor.message(&mut redacted, &context);
        if redacted != message {
            findings.bytes("messages", &message.data, &redacted.data);
            changed.push(redacted);
        }
    }
    changed
}
