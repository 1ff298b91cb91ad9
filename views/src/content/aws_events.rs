//! Event streams of AWS (`application/vnd.amazon.eventstream`), as Transcribe, Bedrock and S3 Select send them.

use super::budget::Budget;
use super::cursor::Cursor;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use super::{hex, json};
use crate::dto::shown::{Node, Shown};

/// Shows each message with its headers and payload, and says where a checksum is wrong.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "aws-events", title: "AWS event stream", kind: "tree", fits, show };

/// Two lengths and their checksum.
const PRELUDE: usize = 12;

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(&["application/vnd.amazon.eventstream"]) {
        return (!subject.bytes.is_empty()).then_some(Fit::Named);
    }
    let is_sound = || message(&mut Cursor(&subject.bytes)).is_some_and(|found| found.has_right_prelude);
    (subject.is_unnamed() && subject.bytes.len() > PRELUDE && is_sound()).then_some(Fit::Sniffed)
}

/// A message of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'b> {
    headers: &'b [u8],
    /// Its payload.
    pub(super) payload: &'b [u8],
    has_right_prelude: bool,
    has_right_checksum: bool,
}

/// The next message; `None` where it is cut, or is none.
pub(super) fn message<'b>(cursor: &mut Cursor<'b>) -> Option<Message<'b>> {
    let whole = cursor.0;
    let mut ahead = *cursor;
    let (total, headers, prelude) = (ahead.u32()?, ahead.u32()?, ahead.u32()?);
    let rest = u64::from(total).checked_sub(PRELUDE as u64 + 4)?;
    let payload = rest.checked_sub(u64::from(headers))?;
    let found = Message {
        headers: ahead.take_long(u64::from(headers))?,
        payload: ahead.take_long(payload)?,
        has_right_prelude: crc32fast::hash(&whole[..8]) == prelude,
        has_right_checksum: {
            let before = whole.len() - ahead.0.len();
            crc32fast::hash(&whole[..before]) == ahead.u32()?
        },
    };
    *cursor = ahead;
    Some(found)
}

/// Returns whether bytes begin as a message does: with two lengths and their checksum.
pub(super) fn has_right_prelude(bytes: &[u8]) -> bool {
    let (lengths, mut checksum) = (&bytes[..bytes.len().min(8)], Cursor(bytes.get(8..).unwrap_or_default()));
    checksum.u32() == Some(crc32fast::hash(lengths))
}

/// Returns whether a message's whole length is too small for what it is to have.
pub(super) fn has_impossible_lengths(bytes: &[u8]) -> bool {
    let mut lengths = Cursor(bytes);
    let (Some(total), Some(headers)) = (lengths.u32(), lengths.u32()) else { return false };
    u64::from(total) < PRELUDE as u64 + u64::from(headers) + 4
}

impl Message<'_> {
    /// The name of its event, exception or error.
    pub(super) fn named(&self) -> String {
        let headers = self.headers(&Budget::begin());
        named(headers.as_deref()).unwrap_or_else(|| "message".to_owned())
    }

    /// The media type of its payload, if it names one.
    pub(super) fn media_type(&self) -> Option<String> {
        let headers = self.headers(&Budget::begin())?;
        headers.into_iter().find(|header| header.name.as_deref() == Some(":content-type"))?.value
    }

    /// Its headers, with their types, as far as there is room; `None` if they are malformed.
    fn headers(&self, budget: &Budget) -> Option<Vec<Node>> {
        let (mut cursor, mut nodes) = (Cursor(self.headers), Vec::new());
        while let Some(length) = cursor.u8() {
            let name = String::from_utf8_lossy(cursor.take(usize::from(length))?).into_owned();
            let (kind, value) = match cursor.u8()? {
                0 => ("boolean", "true".to_owned()),
                1 => ("boolean", "false".to_owned()),
                2 => ("byte", (cursor.u8()? as i8).to_string()),
                3 => ("16 bits", (cursor.u16()? as i16).to_string()),
                4 => ("32 bits", (cursor.u32()? as i32).to_string()),
                5 => ("64 bits", (cursor.u64()? as i64).to_string()),
                6 => {
                    let length = cursor.u16()?;
                    ("bytes", hex::short(cursor.take(usize::from(length))?))
                }
                7 => {
                    let length = cursor.u16()?;
                    ("string", String::from_utf8_lossy(cursor.take(usize::from(length))?).into_owned())
                }
                8 => {
                    let time = jiff::Timestamp::from_millisecond(cursor.u64()? as i64).ok();
                    ("time", time.map(|time| time.to_string()).unwrap_or_default())
                }
                9 => ("uuid", hex::digits(cursor.take(16)?)),
                _ => return None,
            };
            if !budget.take(32 + name.len() + value.len()) {
                break;
            }
            nodes.push(Node::leaf(name, kind, value));
        }
        Some(nodes)
    }
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let (mut cursor, mut nodes) = (Cursor(&subject.bytes), Vec::new());
    while let Some(found) = message(&mut cursor) {
        if !budget.take(64) {
            return Some(Shown::tree(nodes));
        }
        nodes.push(shown(found, nodes.len() + 1, budget));
    }
    if !cursor.is_empty() {
        budget.note(format!("The last {} bytes are no whole message.", cursor.0.len()));
    }
    (!nodes.is_empty() || subject.truncated).then(|| Shown::tree(nodes))
}

/// The name that headers give the message.
fn named(headers: Option<&[Node]>) -> Option<String> {
    let names = [":event-type", ":exception-type", ":error-code"];
    let named =
        headers?.iter().find(|header| header.name.as_deref().is_some_and(|name| names.contains(&name)));
    named?.value.clone()
}

fn shown(found: Message<'_>, number: usize, budget: &Budget) -> Node {
    let headers = found.headers(budget);
    let named = named(headers.as_deref()).unwrap_or_else(|| "message".to_owned());
    let count = headers.as_ref().map(|headers| headers.len().to_string());
    let mut nodes = vec![match headers {
        Some(headers) => Node::branch("headers", &count.unwrap_or_default(), headers),
        None => Node::leaf("headers", "malformed", hex::short(found.headers)),
    }];
    let size = format!("{} bytes", found.payload.len());
    let value = match std::str::from_utf8(found.payload) {
        Ok(text) if json::is_json(text, false) => json::indented(text, budget),
        Ok(text) if budget.take_text(text.len()) => text.to_owned(),
        _ => hex::short(found.payload),
    };
    nodes.push(Node::leaf("payload", &size, value));
    let right = |is_right| if is_right { "right" } else { "wrong" };
    let checksums =
        format!("prelude {}, message {}", right(found.has_right_prelude), right(found.has_right_checksum));
    nodes.push(Node::leaf("checksums", "CRC-32", checksums));
    Node::branch(format!("{number} {named}"), &size, nodes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dto::shown::Tree;

    /// A message with a header of type string.
    pub(in crate::content) fn framed(event: &str, payload: &[u8]) -> Vec<u8> {
        let headers = [&[11][..], b":event-type", &[7, 0, event.len() as u8], event.as_bytes()].concat();
        let total = (PRELUDE + headers.len() + payload.len() + 4) as u32;
        let mut bytes = [total.to_be_bytes(), (headers.len() as u32).to_be_bytes()].concat();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend(headers);
        bytes.extend(payload);
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    #[test]
    fn messages_have_headers_and_checksums() {
        let mut bytes = framed("chunk", br#"{"a":1}"#);
        bytes.extend(framed("end", b"x"));
        *bytes.last_mut().unwrap() ^= 1;
        bytes.push(7);
        let subject = Subject { bytes, ..Subject::default() };
        assert_eq!(fits(&subject), Some(Fit::Sniffed));
        let budget = Budget::begin();
        let Some(Shown::Tree(Tree { nodes })) = show(&subject, &budget) else { panic!("a tree") };
        let names: Vec<_> = nodes.iter().map(|node| node.name.as_deref().unwrap()).collect();
        assert_eq!(names, ["1 chunk", "2 end"]);
        assert_eq!(nodes[0].nodes[0].nodes, [Node::leaf(":event-type", "string", "chunk")]);
        assert_eq!(nodes[0].nodes[1].value.as_deref(), Some("{\n  \"a\": 1\n}"));
        assert_eq!(nodes[0].nodes[2].value.as_deref(), Some("prelude right, message right"));
        assert_eq!(nodes[1].nodes[2].value.as_deref(), Some("prelude right, message wrong"));
        assert_eq!(budget.into_note().as_deref(), Some("The last 1 bytes are no whole message."));
    }
}
