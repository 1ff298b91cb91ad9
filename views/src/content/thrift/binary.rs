//! Thrift's binary protocol.

use super::{Call, string};
use crate::content::budget::{Budget, DEEPEST};
use crate::content::cursor::Cursor;
use crate::content::hex;
use crate::dto::shown::Node;

/// The head of a message: a version, its type, its name and its number.
pub(super) fn call(cursor: &mut Cursor<'_>) -> Option<Call> {
    let version = cursor.u32()?;
    if version >> 16 != 0x8001 {
        return None;
    }
    let length = cursor.u32()?;
    let name = std::str::from_utf8(cursor.take_long(length.into())?).ok()?.to_owned();
    Some(Call { name, kind: (version & 0xff) as u8, number: cursor.u32()? })
}

/// The name of a type.
fn type_name(kind: u8) -> &'static str {
    match kind {
        2 => "bool",
        3 => "byte",
        4 => "double",
        6 => "i16",
        8 => "i32",
        10 => "i64",
        11 => "string",
        12 => "struct",
        13 => "map",
        14 => "set",
        15 => "list",
        16 => "uuid",
        _ => "unknown",
    }
}

/// The fields of a structure, and whether it came to its end.
pub(super) fn fields(cursor: &mut Cursor<'_>, depth: usize, budget: &Budget) -> (Vec<Node>, bool) {
    let mut nodes = Vec::new();
    if depth >= DEEPEST {
        budget.note("Fields deeper than 64 levels are left out.");
        return (nodes, false);
    }
    loop {
        let Some(kind) = cursor.u8() else { return (nodes, false) };
        if kind == 0 {
            return (nodes, true);
        }
        let Some(id) = cursor.u16() else { return (nodes, false) };
        let (node, is_whole) = value((id as i16).to_string(), kind, cursor, (depth, budget));
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
    if let 12..=15 = kind {
        let (node, is_whole) = container(name, kind, cursor, (depth, budget));
        return (Some(node), is_whole);
    }
    let node = scalar(name, kind, cursor, budget);
    let is_whole = node.is_some();
    (node, is_whole)
}

fn scalar(name: String, kind: u8, cursor: &mut Cursor<'_>, budget: &Budget) -> Option<Node> {
    let value = match kind {
        2 => (cursor.u8()? != 0).to_string(),
        3 => (cursor.u8()? as i8).to_string(),
        4 => f64::from_bits(cursor.u64()?).to_string(),
        6 => (cursor.u16()? as i16).to_string(),
        8 => (cursor.u32()? as i32).to_string(),
        10 => (cursor.u64()? as i64).to_string(),
        11 => {
            let length = cursor.u32()?;
            return Some(string(name, cursor.take_long(length.into())?, budget));
        }
        16 => hex::digits(cursor.take(16)?),
        _ => return None,
    };
    Some(Node::leaf(name, type_name(kind), value))
}

/// The types of a list's or a map's entries, and how many there are.
fn size(is_map: bool, cursor: &mut Cursor<'_>) -> Option<(u8, u8, u32)> {
    let key = if is_map { cursor.u8()? } else { 0 };
    Some((key, cursor.u8()?, cursor.u32()?))
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
    let is_map = kind == 13;
    let Some((key, of, count)) = size(is_map, cursor) else {
        return (Node::branch(name, type_name(kind), Vec::new()), false);
    };
    let title = match is_map {
        true => format!("map of {} to {}", type_name(key), type_name(of)),
        false => format!("{} of {}", type_name(kind), type_name(of)),
    };
    let (mut nodes, mut is_whole) = (Vec::new(), depth + 1 < DEEPEST);
    let within = (depth + 1, budget);
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
