//! Thrift's compact protocol.

use super::{Call, string};
use crate::content::budget::{Budget, DEEPEST};
use crate::content::cursor::{Cursor, zigzag};
use crate::content::hex;
use crate::dto::shown::Node;

const TRUE: u8 = 1;
const FALSE: u8 = 2;

/// The head of a message: its protocol, version and type, its number and its name.
pub(super) fn call(cursor: &mut Cursor<'_>) -> Option<Call> {
    let (protocol, version) = (cursor.u8()?, cursor.u8()?);
    if protocol != 0x82 || version & 0x1f != 1 {
        return None;
    }
    let number = u32::try_from(cursor.varint()?).ok()?;
    let length = cursor.varint()?;
    let name = std::str::from_utf8(cursor.take_long(length)?).ok()?.to_owned();
    Some(Call { name, kind: version >> 5, number })
}

fn type_name(kind: u8) -> &'static str {
    match kind {
        TRUE | FALSE => "bool",
        3 => "byte",
        4 => "i16",
        5 => "i32",
        6 => "i64",
        7 => "double",
        8 => "string",
        9 => "list",
        10 => "set",
        11 => "map",
        12 => "struct",
        13 => "uuid",
        _ => "unknown",
    }
}

/// The fields of a structure, and whether it came to its end.
pub(super) fn fields(cursor: &mut Cursor<'_>, depth: usize, budget: &Budget) -> (Vec<Node>, bool) {
    let (mut nodes, mut last) = (Vec::new(), 0i64);
    if depth >= DEEPEST {
        budget.note("Fields deeper than 64 levels are left out.");
        return (nodes, false);
    }
    loop {
        let Some(head) = cursor.u8() else { return (nodes, false) };
        let kind = head & 15;
        if head == 0 {
            return (nodes, true);
        }
        let id = match head >> 4 {
            0 => cursor.varint().map(zigzag),
            ahead => last.checked_add(i64::from(ahead)),
        };
        let Some(id) = id else { return (nodes, false) };
        last = id;
        let (node, is_whole) = match kind {
            // A field's own type says it.
            TRUE | FALSE if budget.take(16) => {
                (Some(Node::leaf(id.to_string(), "bool", (kind == TRUE).to_string())), true)
            }
            _ => value(id.to_string(), kind, cursor, (depth, budget)),
        };
        nodes.extend(node);
        if !is_whole {
            return (nodes, false);
        }
    }
}

/// A value of a type, and whether it came to its end.
fn value(
    name: String,
    kind: u8,
    cursor: &mut Cursor<'_>,
    (depth, budget): (usize, &Budget),
) -> (Option<Node>, bool) {
    if !budget.take(64) {
        return (None, false);
    }
    if let 9..=12 = kind {
        let (node, is_whole) = container(name, kind, cursor, (depth, budget));
        return (Some(node), is_whole);
    }
    let node = scalar(name, kind, cursor, budget);
    let is_whole = node.is_some();
    (node, is_whole)
}

fn scalar(name: String, kind: u8, cursor: &mut Cursor<'_>, budget: &Budget) -> Option<Node> {
    let value = match kind {
        TRUE | FALSE => (cursor.u8()? == TRUE).to_string(),
        3 => (cursor.u8()? as i8).to_string(),
        4..=6 => zigzag(cursor.varint()?).to_string(),
        7 => f64::from_bits(cursor.u64_le()?).to_string(),
        8 => {
            let length = cursor.varint()?;
            return Some(string(name, cursor.take_long(length)?, budget));
        }
        13 => hex::digits(cursor.take(16)?),
        _ => return None,
    };
    Some(Node::leaf(name, type_name(kind), value))
}

/// How many entries a list or a map has, and their types.
fn size(kind: u8, cursor: &mut Cursor<'_>) -> Option<(u8, u8, u64)> {
    if kind == 11 {
        return match cursor.varint()? {
            0 => Some((0, 0, 0)),
            count => {
                let types = cursor.u8()?;
                Some((types >> 4, types & 15, count))
            }
        };
    }
    let head = cursor.u8()?;
    let count = if head >> 4 == 15 { cursor.varint()? } else { u64::from(head >> 4) };
    Some((0, head & 15, count))
}

fn container(
    name: String,
    kind: u8,
    cursor: &mut Cursor<'_>,
    (depth, budget): (usize, &Budget),
) -> (Node, bool) {
    if kind == 12 {
        let (nodes, is_whole) = fields(cursor, depth + 1, budget);
        return (Node::branch(name, "struct", nodes), is_whole);
    }
    let Some((key, of, count)) = size(kind, cursor) else {
        return (Node::branch(name, type_name(kind), Vec::new()), false);
    };
    let is_map = kind == 11;
    let title = match is_map {
        true => format!("map of {} to {}", type_name(key), type_name(of)),
        false => format!("{} of {}", type_name(kind), type_name(of)),
    };
    let (mut nodes, mut is_whole, within) = (Vec::new(), depth + 1 < DEEPEST, (depth + 1, budget));
    for at in 0..count {
        if !is_whole {
            break;
        }
        let (node, whole) = match is_map {
            false => value(at.to_string(), of, cursor, within),
            true => {
                let (key, has_key) = value("key".to_owned(), key, cursor, within);
                let (found, has_value) =
                    if has_key { value("value".to_owned(), of, cursor, within) } else { (None, false) };
                let pair = key.into_iter().chain(found).collect();
                (Some(Node::branch(at.to_string(), "entry", pair)), has_key && has_value)
            }
        };
        nodes.extend(node);
        is_whole = whole;
    }
    (Node::branch(name, &title, nodes), is_whole)
}
