//! An exchange for a reader.

use std::fmt::Write as _;

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, Headers, Message, MessageCoding, MessageKind, ResponseHead,
};
use dashcam_store::MessagePreview;
use dashcam_views::content::{Readable, message_text};
use dashcam_views::dto::{self, Connection, UpstreamConnection};
use jiff::tz::TimeZone;

use super::changes::{Change, changes};
use super::connections;
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
}

impl Page<'_> {
    /// Everything, or only one side.
    pub(super) fn text(&self, sides: &[Direction], is_colored: bool) -> String {
        let mut text = String::new();
        if sides.len() > 1 {
            text.push_str(&self.overview(is_colored));
        }
        for side in sides {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&match side {
                Direction::Request => self.request(is_colored),
                Direction::Response => self.response(is_colored),
            });
        }
        if sides.len() > 1 && self.message_count > 0 {
            text.push_str(&self.messages(is_colored));
        }
        text
    }

    fn overview(&self, is_colored: bool) -> String {
        let exchange = self.exchange;
        let at = jiff::Timestamp::from_microsecond(exchange.started_at.0).unwrap_or(jiff::Timestamp::MAX);
        let at = at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%.6f %:z");
        let mut rows = vec![
            ("exchange", format!("{} {} ({})", exchange.id, exchange.state, exchange.level)),
            ("url", escaped(&exchange.url())),
            ("at", at.to_string()),
        ];
        rows.extend(connections::client(exchange, self.client.as_ref()));
        rows.extend(exchange.replay_of.map(|id| ("replay of", id.to_string())));
        rows.extend(connections::upstream(exchange, self.upstream.as_ref()));
        rows.push(("timings", self.timings()));
        let failure = exchange.failure.as_ref();
        rows.extend(
            failure.map(|failure| ("failure", paint(&escaped(&failure.to_string()), Color::Red, is_colored))),
        );
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
        let (head, [data, _]) = (&self.exchange.request, &self.bodies);
        let line = escaped(&format!("{} {} {}", head.method, head.target, head.version));
        let body = body(&self.exchange.request_body, data, is_colored);
        let sent = self.exchange.request_sent.as_ref();
        let sent = sent.map(|sent| {
            let authority = sent.authority.as_ref().filter(|name| head.authority.as_ref() != Some(name));
            let authority = authority.map(|name| format!(", :authority {name}")).unwrap_or_default();
            let what = format!("{}{authority}", sent.version);
            changed(&what, (&head.headers, &sent.headers), is_colored)
        });
        let sent = sent.unwrap_or_default();
        let line = paint(&line, Color::Bold, is_colored);
        format!("{line}\n{}{sent}{body}", fields(&head.headers, is_colored))
    }

    fn response(&self, is_colored: bool) -> String {
        let sent = self.exchange.response_sent.as_ref();
        let status =
            |head: &ResponseHead| escaped(&format!("{} {} {}", head.version, head.status, head.reason));
        let Some(head) = &self.exchange.response else {
            let answer = sent.map(|sent| format!("dashcam answered {}\n", status(sent).trim_end()));
            return format!("No response came.\n{}", answer.unwrap_or_default());
        };
        let body = body(&self.exchange.response_body, &self.bodies[1], is_colored);
        let line = paint(status(head).trim_end(), status_color(head.status), is_colored);
        let sent =
            sent.map(|sent| changed(status(sent).trim_end(), (&head.headers, &sent.headers), is_colored));
        let sent = sent.unwrap_or_default();
        format!("{line}\n{}{sent}{body}", fields(&head.headers, is_colored))
    }

    fn messages(&self, is_colored: bool) -> String {
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
        text
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

/// A body, with a note on what is missing.
fn body(record: &BodyRecord, decoded: &Readable, is_colored: bool) -> String {
    if record.size == 0 {
        return String::new();
    }
    let note = |note: &str| paint(&format!("[{note}]"), Color::Dim, is_colored) + "\n";
    if record.stored == 0 {
        return "\n".to_owned() + &note("The body is not stored.");
    }
    let mut text = "\n".to_owned();
    match decoded.text.as_deref() {
        None => {
            text.push_str(&note(&format!("{} of what is no text: --body prints it", size(record.stored))));
        }
        Some("") => {}
        Some(body) => {
            text.push_str(&escaped_lines(body));
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    let cut = || decoded.truncated.then(|| "This is not the whole body: --body prints it.".to_owned());
    if let Some(what) = decoded.note.clone().or_else(cut) {
        text.push_str(&note(&escaped(&what)));
    }
    if record.stored < record.size {
        text.push_str(&note(&format!("{} of {} are stored", size(record.stored), size(record.size))));
    }
    text
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Destination, ExchangeId, Message, Scheme, Timestamp, Timings, Version, sample};

    use super::*;

    fn exchange(response_body: &[u8]) -> Exchange {
        Exchange {
            replay_of: Some(ExchangeId(5)),
            started_at: Timestamp(1_795_359_845_123_456),
            destination: Destination::parse(Scheme::Https, "a").unwrap(),
            request: sample::request("GET", "/x", &[("Host", "a"), ("X-Evil", "\x1b[2J")]),
            response: Some(sample::ok(&[("Content-Type", "text/plain")])),
            response_body: sample::body(response_body),
            timings: Timings { end_us: Some(5_000), ..Timings::default() },
            ..sample::exchange(7)
        }
    }

    fn shown(body: &[u8]) -> String {
        show(&exchange(body), body)
    }

    fn show(exchange: &Exchange, body: &[u8]) -> String {
        page(exchange, body).text(&[Direction::Request, Direction::Response], false)
    }

    fn readable(text: Option<String>) -> Readable {
        Readable {
            view: text.as_ref().map(|_| "text"),
            size: text.as_ref().map_or(0, |text| text.len() as u64),
            text,
            charset: "utf-8".to_owned(),
            encoding: None,
            truncated: false,
            note: None,
        }
    }

    fn page<'a>(exchange: &'a Exchange, body: &[u8]) -> Page<'a> {
        let text = std::str::from_utf8(body).ok().filter(|text| !text.contains('\0')).map(str::to_owned);
        let bodies = [readable(Some(String::new())), readable(text)];
        Page { exchange, client: None, upstream: None, bodies, messages: &[], message_count: 0 }
    }

    #[test]
    fn what_is_cut_is_marked() {
        let exchange = exchange(b"abc");
        let mut page = page(&exchange, b"abc");
        page.bodies[1].truncated = true;
        let message = |seq, data: &[u8], stored| MessagePreview {
            message: Message {
                exchange: ExchangeId(7),
                seq,
                at: Timestamp(0),
                direction: Direction::Request,
                kind: MessageKind::Text,
                size: stored,
                coding: None,
                data: data.to_vec(),
            },
            stored,
        };
        let messages = [message(0, b"whole", 5), message(1, b"cut\xc3", 2048)];
        (page.messages, page.message_count) = (&messages, 2);
        let shown = page.text(&[Direction::Request, Direction::Response], false);
        for expect in [
            "abc\n[This is not the whole body: --body prints it.]\n",
            "→ text   whole\n",
            "→ text   cut [4 B of 2.0 KiB: --message 1 prints it]\n",
        ] {
            assert!(shown.contains(expect), "{expect} in\n{shown}");
        }
    }

    #[test]
    fn both_sides_are_shown_safely() {
        let shown = shown(b"hello\x1b]0;x");
        for expect in [
            "exchange    7 complete (full)\n",
            "replay of   5\n",
            "timings     ended 5 ms\n",
            "\nGET /x HTTP/1.1\nHost: a\nX-Evil: \\u{1b}[2J\n",
            "\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello\\u{1b}]0;x\n",
        ] {
            assert!(shown.contains(expect), "{expect} in\n{shown}");
        }
    }

    #[test]
    fn what_was_changed_is_said() {
        let mut exchange = exchange(b"");
        let mut sent = exchange.request.clone();
        sent.version = Version::Http2;
        sent.headers = [("Host", "a"), ("te", "trailers")].into_iter().collect();
        exchange.request_sent = Some(sent);
        let shown_request = show(&exchange, b"");
        let expect =
            "X-Evil: \\u{1b}[2J\n[passed on as HTTP/2, with\n- X-Evil: \\u{1b}[2J\n+ te: trailers]\n";
        assert!(shown_request.contains(expect), "{shown_request}");
        exchange.response_sent = exchange.response.take();
        let refused = show(&exchange, b"");
        assert!(refused.contains("No response came.\ndashcam answered HTTP/1.1 200 OK\n"), "{refused}");
    }

    #[test]
    fn messages_that_are_compressed_are_said_to_be() {
        let message = |coding, data: &[u8]| MessagePreview {
            message: Message {
                exchange: ExchangeId(7),
                seq: 0,
                at: Timestamp(0),
                direction: Direction::Request,
                kind: MessageKind::Text,
                size: data.len() as u64,
                coding,
                data: data.to_vec(),
            },
            stored: data.len() as u64,
        };
        let messages = [message(None, b"plain"), message(Some(MessageCoding::Deflate), b"not plain")];
        let exchange = exchange(b"");
        let mut page = page(&exchange, b"");
        (page.messages, page.message_count) = (&messages, 2);
        let shown = page.text(&[Direction::Request, Direction::Response], false);
        assert!(shown.contains(" plain\n") && shown.contains("9 B of deflate, as it passed"), "{shown}");
        assert!(!shown.contains("not plain"), "{shown}");
    }

    #[test]
    fn what_is_no_text_is_not_printed() {
        assert!(shown(&[0, 1, 2, 0xff, 0xfe, 0]).contains("6 B of what is no text"));
    }
}
