//! Events for live watchers.

use std::sync::Arc;

use crate::{Connection, ExchangeId, Gap, Message, MessageKind, Summary};

/// Bytes that the payload of a message may take in an event.
const PAYLOAD: usize = 1600;
/// Certificates of a connection that an event names.
const CERTIFICATES: usize = 2;
/// Stands where a text was cut.
const MARK: char = '…';

/// An event for those who watch the recording as it grows.
///
/// Many may wait for a watcher that is slow, so each is small: texts and payloads are cut ([`Live::cut`]), and can be
/// had whole from the store.
#[derive(Debug, Clone)]
pub enum Live {
    /// An exchange began.
    Started(Summary),
    /// Its response's head came.
    Responded(Summary),
    /// It ended and is stored, or is about to be.
    Finished(Summary),
    /// It began or came further, for those who ask how it stands once they want to know.
    GoesOn(ExchangeId),
    /// It began, and the rules do not keep it: nothing more is told of it.
    Discarded(ExchangeId),
    /// A message passed inside an open exchange.
    Message(Box<Message>),
    /// A connection failed or closed.
    Connection(Box<Connection>),
    /// Exchanges were not stored.
    Gap(Gap),
}

impl Live {
    /// The most bytes of an event, in memory and as JSON.
    pub const LARGEST: usize = 2048;

    /// The exchange of an event that has its row, and whether it is over.
    #[must_use]
    pub fn row(&self) -> Option<(ExchangeId, bool)> {
        match self {
            Self::Started(row) | Self::Responded(row) => Some((row.id, false)),
            Self::GoesOn(id) => Some((*id, false)),
            Self::Finished(row) => Some((row.id, true)),
            _ => None,
        }
    }

    /// The beginning of `message`; its size tells that there is more.
    #[must_use]
    pub fn message(message: &Message) -> Self {
        let Message { exchange, seq, at, direction, kind, size, coding, redacted, ref data } = *message;
        let data = data[..payload(data, kind)].to_vec();
        Self::Message(Box::new(Message { exchange, seq, at, direction, kind, size, coding, redacted, data }))
    }

    /// `connection`, of which long texts are cut.
    #[must_use]
    pub fn connection(connection: &Connection) -> Self {
        let mut connection = connection.clone();
        cut(&mut connection.client, 64);
        cut(&mut connection.mode, 80);
        connection.listener.as_mut().map(|name| cut(name, 32));
        connection.destination.as_mut().map(|text| cut(text, 200));
        connection.failure.as_mut().map(|failure| cut(&mut failure.message, 300));
        if let Some(program) = &mut connection.program {
            cut(&mut program.name, 32);
            for text in [&mut program.path, &mut program.command, &mut program.cgroup] {
                text.as_mut().map(|text| cut(text, 64));
            }
        }
        if let Some(tls) = &mut connection.tls {
            tls.sni.as_mut().map(|text| cut(text, 160));
            tls.alpn.as_mut().map(|text| cut(text, 32));
            tls.certificates.truncate(CERTIFICATES);
        }
        Self::Connection(Box::new(connection))
    }
}

impl Summary {
    /// The summary as live watchers get it: long texts are cut and end with "…", and [`Summary::is_cut`] says so.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.is_cut |= cut(&mut self.method, 32);
        self.is_cut |= cut(&mut self.destination.host, 128);
        self.is_cut |= cut(&mut self.target, 380);
        let is_long = |rule: &&mut Arc<str>| rule.chars().map(in_json).sum::<usize>() > 64;
        if let Some(rule) = self.rule.as_mut().filter(is_long) {
            let mut name = String::from(&**rule);
            self.is_cut |= cut(&mut name, 64);
            *rule = name.into();
        }
        self.is_cut |= self.content_type.as_mut().is_some_and(|text| cut(text, 100));
        self.is_cut |= self.program.as_mut().is_some_and(|name| cut(name, 32));
        self.is_cut |= self.failure.as_mut().is_some_and(|failure| cut(&mut failure.message, 132));
        self
    }
}

/// Cuts `text` to as much as takes `most` bytes in JSON; whether there was more.
fn cut(text: &mut String, most: usize) -> bool {
    let (mut used, mut end) = (0, 0);
    for (at, char) in text.char_indices() {
        if used + MARK.len_utf8() <= most {
            end = at;
        }
        used += in_json(char);
        if used > most {
            text.truncate(end);
            text.push(MARK);
            text.shrink_to_fit();
            return true;
        }
    }
    false
}

/// How many bytes of `data` fit into an event, as text and in base64.
fn payload(data: &[u8], kind: MessageKind) -> usize {
    let mut used = 0;
    let fits = |byte: &&u8| {
        used += in_json(char::from(**byte)) + 2;
        used <= PAYLOAD
    };
    let mut end = data.iter().take_while(fits).count();
    // Half a character would make it no text.
    while kind == MessageKind::Text && end > 0 && data.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    end
}

/// Bytes that `char` takes in a JSON string.
fn in_json(char: char) -> usize {
    match char {
        '"' | '\\' => 2,
        _ if char < ' ' => 6,
        _ => char.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, ExchangeId, Timestamp};

    #[test]
    fn texts_are_cut_and_marked() {
        for (text, most, expect) in [
            ("", 3, ""),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…"),
            ("äöü", 5, "ä…"),
            ("\"\"\"\"", 7, "\"\"…"),
            ("\u{1}\u{1}", 9, "\u{1}…"),
            ("\u{1}\u{1}", 8, "…"),
        ] {
            let mut cut_text = text.to_owned();
            assert_eq!(
                (cut(&mut cut_text, most), &*cut_text),
                (text != expect, expect),
                "{text:?} in {most}"
            );
            assert!(serde_json::to_string(&cut_text).unwrap().len() - 2 <= most, "{cut_text:?}");
        }
    }

    #[test]
    fn payloads_are_cut_between_characters() {
        let cut = |kind, data: Vec<u8>| {
            let size = data.len() as u64;
            let message = Message {
                exchange: ExchangeId(1),
                seq: 0,
                at: Timestamp(0),
                direction: Direction::Request,
                kind,
                size,
                coding: None,
                redacted: false,
                data,
            };
            match Live::message(&message) {
                Live::Message(message) => message.data,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(cut(MessageKind::Text, b"short".to_vec()), b"short");
        let text = "ü".repeat(1000).into_bytes();
        let kept = cut(MessageKind::Text, [b"x", &*text].concat());
        assert!(std::str::from_utf8(&kept).is_ok() && (300..PAYLOAD).contains(&kept.len()), "{}", kept.len());
        assert_eq!(cut(MessageKind::Binary, vec![0; 5000]).len(), PAYLOAD / 8);
    }
}
