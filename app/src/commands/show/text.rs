//! An exchange for a reader.

use std::fmt::Write as _;

use dashcam_exchange::{
    ConnectionEnd, Direction, Exchange, Headers, Message, MessageCoding, MessageKind, ResponseHead, Scheme,
    State, StoredAs,
};
use dashcam_store::MessagePreview;
use dashcam_views::content::{Readable, message_text};
use dashcam_views::dto::{self, Connection, UpstreamConnection};
use dashcam_views::web_socket;
use jiff::tz::TimeZone;

use super::changes::{Change, changes};
use super::{LARGEST_BODY, connections, redaction};
use crate::row::{duration, size, status_color};
use crate::terminal::{Color, escaped, escaped_lines, paint};

/// The parts of the text.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) exchange: &'a Exchange,
    /// The client's connection.
    pub(super) client: Option<Connection>,
    /// The upstream's.
    pub(super) upstream: Option<UpstreamConnection>,
    /// The request's body and the response's, as far as they are stored.
    pub(super) bodies: [Readable; 2],
    /// The first messages …
    pub(super) messages: &'a [MessagePreview],
    /// … of so many.
    pub(super) message_count: u64,
    /// The comment and the tags that it has.
    pub(super) note: dto::Note,
    /// The snapshots that it belongs to.
    pub(super) snapshots: Vec<String>,
}

impl Page<'_> {
    /// Everything, or only one side.
    #[cfg(test)]
    fn text(&self, sides: &[Direction], is_colored: bool) -> String {
        let side = |side: &Direction| self.head(sides, *side, is_colored) + &self.body(*side, is_colored);
        sides.iter().map(side).collect::<String>() + &self.messages(sides, is_colored)
    }

    /// All that stands before the body of `side`, if `sides` are shown.
    pub(super) fn head(&self, sides: &[Direction], side: Direction, is_colored: bool) -> String {
        let before = match sides {
            [first, _, ..] if *first == side => self.overview(is_colored) + "\n",
            [_] => String::new(),
            _ => "\n".to_owned(),
        };
        before
            + &match side {
                Direction::Request => self.request(is_colored),
                Direction::Response => self.response(is_colored),
            }
    }

    /// The body of `side`, with notes on what is missing.
    pub(super) fn body(&self, side: Direction, is_colored: bool) -> String {
        if !self.has_body(side) {
            return String::new();
        }
        let (record, decoded) = (self.exchange.body(side), self.readable(side));
        let note = |text: &str| note(text, is_colored);
        if record.stored == 0 {
            let is_open = self.exchange.state == State::Open;
            return "\n".to_owned() + &note(redaction::nothing_stored(record, is_open));
        }
        let mut text = "\n".to_owned();
        match decoded.text.as_deref() {
            None => {
                text.push_str(&note(&format!(
                    "{} of what is no text: --body prints it",
                    size(record.stored)
                )));
            }
            Some("") => {}
            Some(body) => {
                text.push_str(&escaped_lines(body));
                if !text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        let rest = self.goes_on(side).then(|| "This is not the whole body: --body prints it.".to_owned());
        text + &self.missing(side, decoded.note.clone().or(rest), is_colored)
    }

    /// Returns whether the body of `side` is a text of which more is stored than is held here.
    pub(super) fn goes_on(&self, side: Direction) -> bool {
        let decoded = self.readable(side);
        decoded.text.is_some() && decoded.truncated && decoded.note.is_none() && decoded.size >= LARGEST_BODY
    }

    /// The charset in which the body of `side` is read.
    pub(super) fn charset(&self, side: Direction) -> &str {
        &self.readable(side).charset
    }

    /// Notes for the end of a body of which something is stored: `decoding`, and what its record says.
    pub(super) fn missing(&self, side: Direction, decoding: Option<String>, is_colored: bool) -> String {
        let record = self.exchange.body(side);
        let mut text = decoding.map(|what| note(&escaped(&what), is_colored)).unwrap_or_default();
        if record.stored_as == StoredAs::Sent && record.stored < record.size {
            let what = format!("{} of {} are stored", size(record.stored), size(record.size));
            text.push_str(&note(&what, is_colored));
        } else if !record.complete {
            let is_open = self.exchange.state == State::Open;
            let what = if is_open { "It goes on." } else { "It broke off here." };
            text.push_str(&note(what, is_colored));
        }
        if let Some(end) = record.end {
            text.push_str(&note(connection_end(end, self.exchange.destination.scheme), is_colored));
        }
        text
    }

    /// A WebSocket has messages.
    fn has_body(&self, side: Direction) -> bool {
        let is_there = side == Direction::Request || self.exchange.response.is_some();
        is_there && self.exchange.body(side).size > 0 && !web_socket::is_open(self.exchange)
    }

    fn readable(&self, side: Direction) -> &Readable {
        match side {
            Direction::Request => &self.bodies[0],
            Direction::Response => &self.bodies[1],
        }
    }

    fn overview(&self, is_colored: bool) -> String {
        let exchange = self.exchange;
        let at = jiff::Timestamp::from_microsecond(exchange.started_at.0).unwrap_or(jiff::Timestamp::MAX);
        let time = |at: jiff::Timestamp, form| at.to_zoned(TimeZone::system()).strftime(form).to_string();
        let mut rows = vec![
            ("exchange", format!("{} {} ({})", exchange.id, exchange.state, exchange.level)),
            ("url", escaped(&exchange.url())),
            ("at", time(at, "%Y-%m-%d %H:%M:%S%.6f %:z")),
        ];
        let until = exchange.keep_until.and_then(|until| jiff::Timestamp::from_microsecond(until.0).ok());
        let until = until.map(|until| format!(", keeps it until {}", time(until, "%Y-%m-%d %H:%M")));
        let rule = exchange.rule.as_deref();
        rows.extend(rule.map(|rule| ("rule", escaped(rule) + &until.unwrap_or_default())));
        rows.extend(exchange.redaction.as_ref().map(|found| ("redacted", redaction::overview(found))));
        rows.extend(connections::client(exchange, self.client.as_ref()));
        rows.extend(exchange.replay_of.map(|id| ("replay of", id.to_string())));
        rows.extend(connections::upstream(exchange, self.upstream.as_ref()));
        rows.push(("timings", self.timings()));
        let failure = exchange.failure.as_ref();
        rows.extend(
            failure.map(|failure| ("failure", paint(&escaped(&failure.to_string()), Color::Red, is_colored))),
        );
        let dto::Note { comment, tags } = &self.note;
        rows.extend((!comment.is_empty()).then(|| ("comment", escaped(comment))));
        let snapshots = escaped(&self.snapshots.join(", "));
        rows.extend((!snapshots.is_empty()).then_some(("snapshots", snapshots)));
        rows.extend((!tags.is_empty()).then(|| ("tags", escaped(&tags.join(", ")))));
        rows.into_iter().map(|(name, value)| format!("{name:<11} {value}\n")).collect()
    }

    fn timings(&self) -> String {
        let timings = &self.exchange.timings;
        let named = [
            ("resolved", timings.resolved_us),
            ("connected", timings.connected_us),
            ("TLS", timings.tls_us),
            ("request sent", timings.request_end_us),
            ("response began", timings.response_start_us),
            ("ended", timings.end_us),
        ];
        let known = named.iter().filter_map(|(name, at)| at.map(|at| format!("{name} {}", duration(at))));
        known.collect::<Vec<_>>().join(", ")
    }

    fn request(&self, is_colored: bool) -> String {
        let head = &self.exchange.request;
        let line = escaped(&format!("{} {} {}", head.method, head.target, head.version));
        let sent = self.exchange.request_sent.as_ref();
        let sent = sent.map(|sent| {
            let authority = sent.authority.as_ref().filter(|name| head.authority.as_ref() != Some(name));
            let authority = authority.map(|name| format!(", :authority {name}")).unwrap_or_default();
            let what = format!("{}{authority}", sent.version);
            changed(&what, (&head.headers, &sent.headers), is_colored)
        });
        let sent = sent.unwrap_or_default();
        let line = paint(&line, Color::Bold, is_colored);
        format!("{line}\n{}{sent}", fields(&head.headers, is_colored))
    }

    fn response(&self, is_colored: bool) -> String {
        let sent = self.exchange.response_sent.as_ref();
        let status =
            |head: &ResponseHead| escaped(&format!("{} {} {}", head.version, head.status, head.reason));
        let Some(head) = &self.exchange.response else {
            let answer = sent.map(|sent| format!("dashcam answered {}\n", status(sent).trim_end()));
            return format!("No response came.\n{}", answer.unwrap_or_default());
        };
        let line = paint(status(head).trim_end(), status_color(head.status), is_colored);
        let sent =
            sent.map(|sent| changed(status(sent).trim_end(), (&head.headers, &sent.headers), is_colored));
        let sent = sent.unwrap_or_default();
        format!("{line}\n{}{sent}", fields(&head.headers, is_colored))
    }

    /// The first messages, where both sides are shown, and what is missing of a WebSocket's.
    pub(super) fn messages(&self, sides: &[Direction], is_colored: bool) -> String {
        let missing: String = sides.iter().map(|side| self.missing_messages(*side, is_colored)).collect();
        if sides.len() < 2 || self.message_count == 0 {
            return missing;
        }
        let mut text = format!("\n{} messages\n", self.message_count);
        for preview in self.messages {
            let message = &preview.message;
            let arrow = if message.direction == Direction::Request { "→" } else { "←" };
            let shown = match (message.kind, message_text(&message.data, preview.is_cut())) {
                _ if message.coding.is_some() => compressed(message),
                (MessageKind::Text | MessageKind::Ping | MessageKind::Pong, Some(text)) => escaped(text),
                _ => size(message.size),
            };
            let seq = message.seq;
            let rest = if preview.is_cut() {
                let note = format!(
                    " [{} of {}: --message {seq} prints it]",
                    size(message.data.len() as u64),
                    size(message.size)
                );
                paint(&note, Color::Dim, is_colored)
            } else {
                String::new()
            };
            let kind = paint(&format!("{arrow} {:<6}", message.kind.as_str()), Color::Dim, is_colored);
            // Writing to a String does not fail.
            let _ = writeln!(text, "{kind} {shown}{rest}");
        }
        if self.message_count > self.messages.len() as u64 {
            text.push_str("… (the page and the API have the rest)\n");
        }
        text + &missing
    }

    /// Says that messages of a WebSocket that went one way are missing, if any are.
    fn missing_messages(&self, side: Direction, is_colored: bool) -> String {
        if !web_socket::is_open(self.exchange) || !self.exchange.body(side).truncated {
            return String::new();
        }
        let sender = if side == Direction::Request { "client" } else { "server" };
        let what = format!(
            "Not all that the {sender} sent is here: some of it could not be read as messages, or was not kept."
        );
        note(&what, is_colored)
    }
}

/// A message that is kept as it passed.
fn compressed(message: &Message) -> String {
    let coding = message.coding.map_or("", MessageCoding::as_str);
    format!("{} of {coding}, as it passed: to inflate it would have taken too much", size(message.size))
}

/// The changes made before a head was passed on as `what`.
fn changed(what: &str, (received, sent): (&Headers, &Headers), is_colored: bool) -> String {
    let mut text = paint(&format!("[passed on as {}", escaped(what)), Color::Dim, is_colored);
    let changes = changes(received, sent);
    if !changes.is_empty() {
        text.push_str(&paint(", with", Color::Dim, is_colored));
    }
    for change in changes {
        let (sign, name, value, color) = match change {
            Change::Removed(name, value) => ('-', name, value, Color::Red),
            Change::Added(name, value) => ('+', name, value, Color::Green),
        };
        let line = format!("{sign} {}: {}", latin1(name), latin1(value));
        text.push('\n');
        text.push_str(&paint(&line, color, is_colored));
    }
    text + &paint("]", Color::Dim, is_colored) + "\n"
}

fn latin1(bytes: &[u8]) -> String {
    escaped(&dto::latin1(bytes))
}

fn fields(headers: &Headers, is_colored: bool) -> String {
    let field =
        |(name, value)| format!("{}: {}\n", paint(&latin1(name), Color::Cyan, is_colored), latin1(value));
    headers.iter().map(field).collect()
}

fn note(text: &str, is_colored: bool) -> String {
    paint(&format!("[{text}]"), Color::Dim, is_colored) + "\n"
}

fn connection_end(end: ConnectionEnd, scheme: Scheme) -> &'static str {
    match (end, scheme) {
        (ConnectionEnd::CloseNotify, _) => "The server ended the connection here, with close_notify.",
        (ConnectionEnd::TcpClose, Scheme::Https) => {
            "The server ended the connection here without close_notify: more may have been sent."
        }
        (ConnectionEnd::TcpClose, Scheme::Http) => "The server ended the connection here.",
    }
}

#[cfg(test)]
mod tests;
