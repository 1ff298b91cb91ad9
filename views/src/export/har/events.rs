//! Server-sent events as Chrome puts them into a HAR file.

use std::str::Chars;

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;
use serde_json::{Value, json};

use super::resource;
use crate::decode::{Plan, Reading, Writer};
use crate::export::format::{LARGEST_BODY, MOST_MESSAGES, Source};
use crate::payload::Parts;
use crate::pen::Pen;

/// The longest event that is written: its data, and the line that is being read.
const LONGEST: usize = 1 << 20;

/// The longest name or id of an event that is written. An id is repeated with each event that follows.
const LONGEST_NAME: usize = 4 << 10;

/// Writes `_eventSourceMessages` of an event stream, and says so where not all are written. All have the time at which
/// the response began, in unix seconds: when each came is not recorded.
pub(super) async fn write(source: &Source, exchange: &Exchange, pen: &mut Pen) -> Result<(), ReadError> {
    if resource::kind(exchange) != "eventsource" || exchange.response_body.stored == 0 {
        return Ok(());
    }
    let parts = Parts::of_body(&source.reader, exchange.id, Direction::Response)
        .unsealed(source.unsealer_of(exchange));
    let plan = Plan::of(exchange, Direction::Response, LARGEST_BODY);
    messages(Reading::begin(&source.decoders, parts, plan), seconds(exchange), pen).await
}

async fn messages(mut reading: Reading, time: f64, pen: &mut Pen) -> Result<(), ReadError> {
    let (mut writer, mut events) = (Writer::new(encoding_rs::UTF_8), Events::default());
    let mut written = 0;
    pen.raw(",\"_eventSourceMessages\":[");
    let rest = 'all: loop {
        let Some(piece) = reading.next().await? else { break false };
        let text = writer.push(&piece, false);
        let mut unread = text.chars();
        while let Some(event) = events.next(&mut unread) {
            if written == MOST_MESSAGES {
                break 'all true;
            }
            pen.raw(if written == 0 { "" } else { "," });
            pen.value(&event.json(time));
            pen.turn().await;
            written += 1;
        }
        if events.is_too_long() {
            break true;
        }
    };
    pen.raw("]");
    if rest {
        let comment = format!("Only {written} of the events are here; dashcam has what else is stored.");
        pen.member("comment", &comment);
    }
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
    /// The next event that `text` completes. It is read up to the event's end, or all of it if there is none; not beyond
    /// an event that is too long.
    fn next(&mut self, text: &mut Chars<'_>) -> Option<Event> {
        while !self.is_too_long() {
            match text.next()? {
                '\n' if std::mem::take(&mut self.is_behind_cr) => {}
                character @ ('\r' | '\n') => {
                    self.is_behind_cr = character == '\r';
                    if let Some(event) = self.end_line() {
                        return Some(event);
                    }
                }
                character => {
                    self.is_behind_cr = false;
                    self.line.push(character);
                }
            }
        }
        None
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
        let Event { name, id, data } = &self.event;
        self.line.len() + data.len() > LONGEST || name.len() > LONGEST_NAME || id.len() > LONGEST_NAME
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{BodyRecord, Headers};
    use futures_util::TryStreamExt as _;

    use super::*;
    use crate::decode::{Decoders, Decoding};
    use crate::pen::Writing;

    /// All events of a stream that comes in `pieces`.
    fn all<'a>(events: &mut Events, pieces: impl IntoIterator<Item = &'a str>) -> Vec<Event> {
        let mut found = Vec::new();
        for piece in pieces {
            let mut unread = piece.chars();
            found.extend(std::iter::from_fn(|| events.next(&mut unread)));
        }
        found
    }

    #[test]
    fn events() {
        let check = |stream: &str, expect: &[(&str, &str, &str)]| {
            let whole = all(&mut Events::default(), [stream]);
            let found: Vec<_> =
                whole.iter().map(|e| (e.name.as_str(), e.id.as_str(), e.data.as_str())).collect();
            assert_eq!(found, expect, "{stream:?}");
            let pieces = all(&mut Events::default(), stream.split_inclusive(|_| true));
            assert_eq!(pieces, whole, "{stream:?}");
        };
        check("data: a\n\n", &[("", "", "a")]);
        check(
            "event: x\r\nid: 1\r\ndata: a\r\ndata:b\r\n\r\ndata\r\rdata: c\n\n",
            &[("x", "1", "a\nb"), ("", "1", ""), ("", "1", "c")],
        );
        check(": note\n\nevent: x\n\nretry: 3\ndata:  a\n\ndata: cut", &[("", "", " a")]);
    }
    #[test]
    fn what_is_too_long_ends_the_events() {
        let check = |field: &str, length: usize, expect: usize| {
            let mut events = Events::default();
            let stream = format!("data: a\n\n{field}: {}\n{}", "x".repeat(length), "data\n\n".repeat(5461));
            let found = all(&mut events, [stream.as_str()]);
            assert_eq!((found.len(), events.is_too_long()), (expect, expect == 1), "{field} of {length}");
        };
        check("id", LONGEST_NAME, 5462);
        check("id", LONGEST_NAME + 1, 1);
        check("id", LONGEST - 100, 1);
        check("event", LONGEST_NAME, 5462);
        check("event", LONGEST_NAME + 1, 1);
        check("data", LONGEST - 100, 5462);
        check("data", LONGEST + 1, 1);
    }

    /// The messages of `stream`, and the comment.
    async fn written(stream: String) -> (Vec<Value>, Value) {
        let size = stream.len() as u64;
        let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
        let plan = Plan::new(&Headers::default(), &record, LARGEST_BODY);
        let parts = Parts::held(stream.into_bytes());
        let reading = Reading::begin(&Decoders::new(Decoding::default()), parts, plan);
        let writing = Writing::by(|mut pen| async move {
            pen.raw("{\"a\":0");
            messages(reading, 1.5, &mut pen).await?;
            pen.raw("}");
            Ok(pen)
        });
        let pieces: Vec<Vec<u8>> = writing.try_collect().await.unwrap();
        let mut value: Value = serde_json::from_slice(&pieces.concat()).unwrap();
        let Value::Array(messages) = value["_eventSourceMessages"].take() else { panic!("a list: {value}") };
        (messages, value["comment"].take())
    }

    #[tokio::test]
    async fn no_more_than_the_most_are_written() {
        let (messages, comment) = written("data: a\n\n".repeat(MOST_MESSAGES)).await;
        assert_eq!((messages.len(), comment), (MOST_MESSAGES, Value::Null));
        assert_eq!(messages[0], json!({"time": 1.5, "eventName": "message", "eventId": "", "data": "a"}));
        let expect = json!("Only 10000 of the events are here; dashcam has what else is stored.");
        let (messages, comment) = written("data: a\n\n".repeat(MOST_MESSAGES + 1)).await;
        assert_eq!((messages.len(), comment), (MOST_MESSAGES, expect));
        let expect = json!("Only 1 of the events are here; dashcam has what else is stored.");
        let (messages, comment) = written(format!("data\n\nid:{}\ndata\n\n", "x".repeat(1 << 19))).await;
        assert_eq!((messages.len(), comment), (1, expect));
    }
}
