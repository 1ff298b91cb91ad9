//! Apache Thrift, binary and compact, without its schema: numbers of fields, and their types.

mod binary;
mod compact;

use super::budget::Budget;
use super::cursor::Cursor;
use super::hex;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Node, Shown};

/// Shows a call or its answer, or a structure alone.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "thrift", title: "Thrift", kind: "tree", fits, show };

const TYPES: &[&str] = &[
    "application/x-thrift",
    "application/thrift",
    "application/vnd.apache.thrift.binary",
    "application/vnd.apache.thrift.compact",
    "application/vnd.apache.thrift",
    "application/x-thrift-binary",
];

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(TYPES) {
        return (!subject.bytes.is_empty()).then_some(Fit::Named);
    }
    let is_unnamed = subject.is_unnamed() && subject.text.is_none();
    let is_call = || {
        let bytes = unframed(&subject.bytes);
        binary::call(&mut Cursor(bytes)).or_else(|| compact::call(&mut Cursor(bytes))).is_some_and(|call| {
            !call.name.is_empty() && call.name.bytes().all(|byte| byte.is_ascii_graphic())
        })
    };
    (is_unnamed && is_call()).then_some(Fit::Sniffed)
}

/// The head of a call or an answer.
struct Call {
    name: String,
    kind: u8,
    number: u32,
}

/// The bytes behind a frame's length, if that is there.
fn unframed(bytes: &[u8]) -> &[u8] {
    let mut cursor = Cursor(bytes);
    match cursor.u32() {
        Some(length) if length > 0 && length as usize == cursor.0.len() => cursor.0,
        _ => bytes,
    }
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let bytes = unframed(&subject.bytes);
    let (mut nodes, mut cursor) = (Vec::new(), Cursor(bytes));
    let mut ahead = cursor;
    let is_compact = match binary::call(&mut ahead) {
        Some(call) => {
            nodes.push(head(&call, "binary"));
            cursor = ahead;
            false
        }
        None => {
            let mut ahead = cursor;
            match compact::call(&mut ahead) {
                Some(call) => {
                    nodes.push(head(&call, "compact"));
                    cursor = ahead;
                    true
                }
                None => subject.media_type.ends_with("compact"),
            }
        }
    };
    let (fields, is_whole) = match is_compact {
        true => compact::fields(&mut cursor, 0, budget),
        false => binary::fields(&mut cursor, 0, budget),
    };
    if nodes.is_empty() && fields.is_empty() {
        return None;
    }
    nodes.extend(fields);
    if !is_whole && !budget.is_spent() {
        budget.note(format!("{} bytes before the end it is cut, or no Thrift.", cursor.0.len()));
    }
    Some(Shown::tree(nodes))
}

fn head(call: &Call, protocol: &str) -> Node {
    let kind = match call.kind {
        1 => "call",
        2 => "reply",
        3 => "exception",
        4 => "oneway",
        _ => "unknown",
    };
    Node::leaf(call.name.clone(), &format!("{kind}, {protocol}"), format!("number {}", call.number))
}

/// A string or bytes.
fn string(name: String, bytes: &[u8], budget: &Budget) -> Node {
    match std::str::from_utf8(bytes) {
        Ok(text) if budget.take_text(text.len()) => Node::leaf(name, "string", text),
        _ => Node::leaf(name, "bytes", hex::short(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::shown::Tree;

    fn tree(bytes: &[u8]) -> Vec<Node> {
        let subject = Subject { bytes: bytes.to_vec(), ..Subject::default() };
        assert_eq!(fits(&subject), Some(Fit::Sniffed), "{bytes:?}");
        let budget = Budget::begin();
        let shown = show(&subject, &budget);
        assert_eq!(budget.into_note(), None, "{bytes:?}");
        match shown {
            Some(Shown::Tree(Tree { nodes })) => nodes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_binary_call() {
        let bytes = [
            &b"\x80\x01\0\x01\0\0\0\x04ping\0\0\0\x07"[..],
            b"\x08\0\x01\xff\xff\xff\xff",
            b"\x0b\0\x02\0\0\0\x02hi",
            b"\x0f\0\x03\x0a\0\0\0\x01\0\0\0\0\0\0\0\x05",
            b"\x0d\0\x04\x0b\x02\0\0\0\x01\0\0\0\x01k\x01",
            b"\x0c\0\x05\x04\0\x01\x3f\xf8\0\0\0\0\0\0\0",
            b"\0",
        ];
        let expect = [
            Node::leaf("ping", "call, binary", "number 7"),
            Node::leaf("1", "i32", "-1"),
            Node::leaf("2", "string", "hi"),
            Node::branch("3", "list of i64", vec![Node::leaf("0", "i64", "5")]),
            Node::branch(
                "4",
                "map of string to bool",
                vec![Node::branch(
                    "0",
                    "entry",
                    vec![Node::leaf("key", "string", "k"), Node::leaf("value", "bool", "true")],
                )],
            ),
            Node::branch("5", "struct", vec![Node::leaf("1", "double", "1.5")]),
        ];
        assert_eq!(tree(&bytes.concat()), expect);
        let framed = [&(bytes.concat().len() as u32).to_be_bytes()[..], &bytes.concat()].concat();
        assert_eq!(tree(&framed), expect);
    }

    #[test]
    fn a_compact_call() {
        let bytes = [
            &b"\x82\x21\x07\x04ping"[..],
            b"\x15\x01",
            b"\x18\x02hi",
            b"\x19\x16\x0a",
            b"\x1b\x01\x82\x01k\x02",
            b"\x1c\x17\0\0\0\0\0\0\xf8\x3f\0",
            b"\x11\x00",
        ];
        let expect = [
            Node::leaf("ping", "call, compact", "number 7"),
            Node::leaf("1", "i32", "-1"),
            Node::leaf("2", "string", "hi"),
            Node::branch("3", "list of i64", vec![Node::leaf("0", "i64", "5")]),
            Node::branch(
                "4",
                "map of string to bool",
                vec![Node::branch(
                    "0",
                    "entry",
                    vec![Node::leaf("key", "string", "k"), Node::leaf("value", "bool", "false")],
                )],
            ),
            Node::branch("5", "struct", vec![Node::leaf("1", "double", "1.5")]),
            Node::leaf("6", "bool", "true"),
        ];
        assert_eq!(tree(&bytes.concat()), expect);
    }
}
