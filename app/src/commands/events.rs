//! The API's live events, read from pieces of a stream of server-sent events.

use dashcam_web_ui::dto::Missed;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// The event's name: `finished`, `gap`, …
    pub(crate) name: String,
    /// The JSON that tells it.
    pub(crate) data: String,
}

impl Event {
    /// Returns whether the stream ends with it because this was too slow: it is to be opened again.
    pub(crate) fn is_cut_off(&self) -> bool {
        let missed =
            (self.name == "missed").then(|| serde_json::from_str::<Missed>(&self.data).ok()).flatten();
        missed.is_some_and(|missed| missed.ended)
    }
}

/// Puts events together from pieces that may end anywhere.
#[derive(Debug, Default)]
pub(crate) struct Events {
    rest: Vec<u8>,
}

impl Events {
    /// The events that `piece` completes.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<Event> {
        self.rest.extend_from_slice(piece);
        let mut events = Vec::new();
        while let Some(end) = self.rest.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            events.extend(event(&String::from_utf8_lossy(&block)));
        }
        events
    }
}

/// An event of its lines; `None` for comments, which only keep the connection alive.
fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let values = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        values.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>().join("\n")
    };
    let (name, data) = (field("event"), field("data"));
    (!name.is_empty()).then_some(Event { name, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_watcher_that_is_too_slow_is_cut_off() {
        for (name, data, expect) in [
            ("missed", r#"{"ended":true}"#, true),
            ("missed", r#"{"ended":false}"#, false),
            ("missed", "{}", false),
            ("gap", r#"{"ended":true}"#, false),
        ] {
            let event = Event { name: name.to_owned(), data: data.to_owned() };
            assert_eq!(event.is_cut_off(), expect, "{name} {data}");
        }
    }

    #[test]
    fn events_come_whole_from_pieces() {
        let stream =
            b": hello\n\nevent: finished\ndata: {\"id\":1}\n\n:\n\nevent:gap\ndata:{}\n\nevent: half";
        let expect = [("finished", "{\"id\":1}"), ("gap", "{}")]
            .map(|(name, data)| Event { name: name.to_owned(), data: data.to_owned() });
        for size in [1, 3, 7, stream.len()] {
            let mut events = Events::default();
            let found: Vec<_> = stream.chunks(size).flat_map(|piece| events.push(piece)).collect();
            assert_eq!(found, expect, "pieces of {size}");
        }
    }
}
