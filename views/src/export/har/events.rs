//! Server-sent events as Chrome puts them into a HAR file.

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;
use serde_json::{Value, json};

use super::resource;
use crate::decode::{Plan, Reading, Writer};
use crate::export::format::{LARGEST_BODY, MOST_MESSAGES, Source};
use crate::payload::Parts;
use crate::pen::Pen;

/// The longest event that is written.
const LONGEST: usize = 1 << 20;

/// Writes `_eventSourceMessages` of an event stream. All have the time at which the response began, in unix seconds: when
/// each came is not recorded.
pub(super) async fn write(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    if resource::kind(exchange) != "eventsource" || exchange.response_body.stored == 0 {
        return Ok(());
    }
    let parts = Parts::of_body(&source.reader, exchange.id, Direction::Response);
    let plan = Plan::of(exchange, Direction::Response, LARGEST_BODY);
    let mut reading = Reading::begin(&source.decoders, parts, plan);
    let (mut writer, mut events) = (Writer::new(encoding_rs::UTF_8), Events::default());
    let (time, mut written) = (seconds(exchange), 0);
    pen.raw(",\"_eventSourceMessages\":[");
    while let Some(piece) = reading.next().await? {
        for event in events.push(&writer.push(&piece, false)).into_iter().take(MOST_MESSAGES - written) {
            pen.raw(if written == 0 { "" } else { "," });
            pen.value(&event.json(time));
            pen.turn().await;
            written += 1;
        }
        if written == MOST_MESSAGES || events.is_too_long() {
            break;
        }
    }
    pen.raw("]");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit a double")]
fn seconds(exchange: &Exchange) -> f64 {
    (exchange.started_at.0 + exchange.timings.response_start_us.unwrap_or(0)) as f64 / 1e6
}

/// An event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Event {
    name: String,
    id: String,
    data: String,
}

impl Event {
    fn json(&self, time: f64) -> Value {
        let name = if self.name.is_empty() { "message" } else { &self.name };
        json!({"time": time, "eventName": name, "eventId": self.id, "data": self.data})
    }
}

/// A stream that is taken apart as browsers do it (the HTML standard's "interpreting an event stream").
#[derive(Debug, Default)]
struct Events {
    /// The line that has not ended.
    line: String,
    /// True behind a CR, whose LF belongs to it.
    is_behind_cr: bool,
    event: Event,
}

impl Events {
    /// The events that `text` completes.
    fn push(&mut self, text: &str) -> Vec<Event> {
        let mut events = Vec::new();
        for character in text.chars() {
            match character {
                '\n' if std::mem::take(&mut self.is_behind_cr) => {}
                '\r' | '\n' => {
                    self.is_behind_cr = character == '\r';
                    events.extend(self.end_line());
                }
                character => {
                    self.is_behind_cr = false;
                    self.line.push(character);
                }
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.end_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => value.clone_into(&mut self.event.id),
            "data" => {
                self.event.data.push_str(value);
                self.event.data.push('\n');
            }
            _ => {}
        }
        None
    }

    /// Events without data are none; the id stays for those that follow.
    fn end_event(&mut self) -> Option<Event> {
        let id = self.event.id.clone();
        let mut event = std::mem::replace(&mut self.event, Event { id, ..Event::default() });
        event.data.pop().map(|_| event)
    }

    fn is_too_long(&self) -> bool {
        self.line.len() + self.event.data.len() > LONGEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events() {
        let check = |stream: &str, expect: &[(&str, &str, &str)]| {
            let mut whole = Events::default();
            let found = whole.push(stream);
            let found: Vec<_> =
                found.iter().map(|e| (e.name.as_str(), e.id.as_str(), e.data.as_str())).collect();
            assert_eq!(found, expect, "{stream:?}");
            let mut pieces = Events::default();
            let pieces: usize = stream.chars().map(|one| pieces.push(&one.to_string()).len()).sum();
            assert_eq!(pieces, expect.len(), "{stream:?}");
        };
        check("data: a\n\n", &[("", "", "a")]);
        check(
            "event: x\r\nid: 1\r\ndata: a\r\ndata:b\r\n\r\ndata\r\rdata: c\n\n",
            &[("x", "1", "a\nb"), ("", "1", ""), ("", "1", "c")],
        );
        check(": note\n\nevent: x\n\nretry: 3\ndata:  a\n\ndata: cut", &[("", "", " a")]);
    }
}
