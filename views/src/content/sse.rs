//! Server-sent events, as they stand in a body.

use super::budget::Budget;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Shown, Table};

/// Shows a row for each event.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "events", title: "Events", kind: "table", fits, show };

/// The longest id that is kept.
const LONGEST_ID: usize = 1024;

fn fits(subject: &Subject) -> Option<Fit> {
    let has_text = subject.text.is_some() && !subject.bytes.is_empty();
    (has_text && subject.is(&["text/event-stream"])).then_some(Fit::Named)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let (mut rows, mut more) = (Vec::new(), false);
    for event in events(subject.text.as_deref()?) {
        if !budget.take(event.data.len() + event.name.len() + event.id.len()) {
            more = true;
            break;
        }
        rows.push(vec![event.name, event.id, event.data]);
    }
    let columns = ["event", "id", "data"].map(str::to_owned).to_vec();
    Some(Shown::Table(Table { columns, rows, more }))
}

/// An event.
#[derive(Debug, Default)]
pub(super) struct Event {
    /// Its type; `message` where it names none.
    pub(super) name: String,
    /// Its id; that of the one before where it has none.
    id: String,
    /// Its data, of several lines where it has them.
    pub(super) data: String,
}

/// The events of a stream, the last one also where its empty line is missing.
pub(super) fn events(text: &str) -> impl Iterator<Item = Event> {
    let mut lines = lines(text);
    let mut id = String::new();
    std::iter::from_fn(move || {
        let (mut name, mut data) = (String::new(), None::<String>);
        loop {
            let line = lines.next();
            let is_end = line.is_none();
            let line = line.unwrap_or_default();
            if line.is_empty() {
                if let Some(data) = data.take() {
                    let name = if name.is_empty() { "message".to_owned() } else { name };
                    return Some(Event { name, id: id.clone(), data });
                }
                if is_end {
                    return None;
                }
                name.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                // Every event behind it has it.
                "id" if value.len() <= LONGEST_ID => value.clone_into(&mut id),
                "data" => match &mut data {
                    None => data = Some(value.to_owned()),
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                },
                _ => {}
            }
        }
    })
}

/// Lines that end with CR LF, LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text.strip_prefix('\u{feff}').unwrap_or(text));
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let Some(end) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let after = &text[end..];
        rest = Some(after.strip_prefix("\r\n").unwrap_or(&after[1..]));
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_all_kinds_of_lines() {
        let text =
            ": hi\r\nevent: a\r\nid: 1\r\ndata: x\r\ndata:y\r\n\r\nevent: lost\n\ndata\n\nretry: 5\rdata: z";
        let found: Vec<_> = events(text).map(|event| (event.name, event.id, event.data)).collect();
        let event = |name: &str, id: &str, data: &str| (name.to_owned(), id.to_owned(), data.to_owned());
        assert_eq!(found, [event("a", "1", "x\ny"), event("message", "1", ""), event("message", "1", "z")]);
    }
}
