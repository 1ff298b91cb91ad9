//! Protocol Buffers: by their types, where descriptors have them; else the numbers of fields, and what their bytes look like.

use super::budget::{Budget, DEEPEST};
use super::cursor::Cursor;
use super::hex;
use super::subject::Subject;
use super::typed::Typed;
use super::view::{Fit, ViewSpec};
use super::wire::{Value, field};
use crate::dto::shown::{Node, Shown};

/// Shows the fields of a message. Without its type, the contents of a field with a length are guessed: text, a message,
/// numbers, or bytes.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "protobuf", title: "Protobuf", kind: "tree", fits, show };

/// Media types of messages.
pub(super) const TYPES: &[&str] = &[
    "application/protobuf",
    "application/x-protobuf",
    "application/vnd.google.protobuf",
    "*+proto",
    "application/proto",
    "application/x-protobuffer",
    "application/x-google-protobuf",
];
/// The most numbers that are taken for a list of them.
const MOST_PACKED: usize = 256;

fn fits(subject: &Subject) -> Option<Fit> {
    let (bytes, is_named) = (subject.bytes.as_slice(), subject.is(TYPES));
    if is_named {
        return (!bytes.is_empty()).then_some(Fit::Named);
    }
    let looks_so = || subject.is_unnamed() && subject.text.is_none() && bytes.len() > 1;
    (looks_so() && is_message(bytes, subject.truncated)).then_some(Fit::Sniffed)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let (nodes, left) = match Typed::of(subject, budget) {
        Some(typed) => typed.message(&subject.bytes, budget),
        None => {
            let mut cursor = Cursor(&subject.bytes);
            (fields(&mut cursor, 0, budget), cursor.0.len())
        }
    };
    if nodes.is_empty() && !subject.bytes.is_empty() {
        return None;
    }
    if left > 0 && !budget.is_spent() {
        budget.note(format!("The last {left} bytes are no field."));
    }
    Some(Shown::tree(nodes))
}

/// Returns whether bytes are fields from the first to the last, or up to where they are cut.
fn is_message(bytes: &[u8], is_cut: bool) -> bool {
    let (mut cursor, mut groups, mut count) = (Cursor(bytes), Vec::new(), 0usize);
    while let Some((number, value)) = field(&mut cursor) {
        count += 1;
        match value {
            Value::GroupStart if groups.len() >= DEEPEST => return false,
            Value::GroupStart => groups.push(number),
            Value::GroupEnd if groups.pop() != Some(number) => return false,
            _ => {}
        }
    }
    (cursor.is_empty() && groups.is_empty()) || (is_cut && count > 3)
}

/// The fields up to the end of the bytes or of the group that they are in.
fn fields(cursor: &mut Cursor<'_>, depth: usize, budget: &Budget) -> Vec<Node> {
    let mut nodes = Vec::new();
    while let Some((number, value)) = field(cursor) {
        if value == Value::GroupEnd {
            break;
        }
        if depth >= DEEPEST {
            budget.note("Fields deeper than 64 levels are left out.");
            break;
        }
        if !budget.take(64) {
            break;
        }
        nodes.push(untyped(number.to_string(), value, (cursor, depth), budget));
    }
    nodes
}

/// A field of which no type is known.
pub(super) fn untyped(
    name: String,
    value: Value<'_>,
    (cursor, depth): (&mut Cursor<'_>, usize),
    budget: &Budget,
) -> Node {
    match value {
        Value::Varint(value) => Node::leaf(name, "varint", varint(value)),
        Value::Fixed64(value) => Node::leaf(name, "64 bits", fixed64(value)),
        Value::Fixed32(value) => Node::leaf(name, "32 bits", fixed32(value)),
        Value::Bytes(bytes) => sized(name, bytes, depth, budget),
        Value::GroupStart => Node::branch(name, "group", fields(cursor, depth + 1, budget)),
        Value::GroupEnd => Node::branch(name, "group", Vec::new()),
    }
}

/// The fields of a message that stands in another format; `None` where the bytes are none.
pub(super) fn message(bytes: &[u8], depth: usize, budget: &Budget) -> Option<Vec<Node>> {
    is_message(bytes, false).then(|| fields(&mut Cursor(bytes), depth, budget))
}

/// A field with a length, as what it looks like.
fn sized(name: String, bytes: &[u8], depth: usize, budget: &Budget) -> Node {
    let text = std::str::from_utf8(bytes).ok().filter(|text| is_readable(text));
    // Text hardly begins with a control character; most messages do.
    let may_be_message = !bytes.is_empty() && (text.is_none() || bytes[0] < b' ');
    if may_be_message && is_message(bytes, false) {
        return Node::branch(name, "message", fields(&mut Cursor(bytes), depth + 1, budget));
    }
    if let Some(text) = text {
        budget.take_text(text.len());
        return Node::leaf(name, "string", text);
    }
    match packed(bytes) {
        Some(list) => Node::leaf(name, "packed varints?", list),
        None => Node::leaf(name, "bytes", hex::short(bytes)),
    }
}

fn is_readable(text: &str) -> bool {
    !text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

/// The list of numbers that bytes may be: numbers of 32 bits, each as short as it can be.
fn packed(bytes: &[u8]) -> Option<String> {
    let (mut cursor, mut numbers) = (Cursor(bytes), Vec::new());
    while !cursor.is_empty() {
        let before = cursor.0.len();
        let number = cursor.varint()?;
        let length = before - cursor.0.len();
        let shortest = (u64::BITS - number.leading_zeros()).div_ceil(7).max(1) as usize;
        if length != shortest || number > u64::from(u32::MAX) || numbers.len() == MOST_PACKED {
            return None;
        }
        numbers.push(number.to_string());
    }
    (numbers.len() > 1).then(|| numbers.join(", "))
}

fn varint(value: u64) -> String {
    let signed = value as i64;
    if signed < 0 { format!("{value} ({signed})") } else { value.to_string() }
}

fn fixed64(value: u64) -> String {
    let (signed, float) = (value as i64, f64::from_bits(value));
    match is_likely(float) {
        true => format!("{signed} (double {float})"),
        false => signed.to_string(),
    }
}

fn fixed32(value: u32) -> String {
    let (signed, float) = (value as i32, f32::from_bits(value));
    match is_likely(f64::from(float)) {
        true => format!("{signed} (float {float})"),
        false => signed.to_string(),
    }
}

/// Numbers that somebody may have meant.
fn is_likely(float: f64) -> bool {
    float.is_finite() && (1e-9..1e15).contains(&float.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::shown::Tree;

    fn tree(bytes: &[u8]) -> Vec<Node> {
        let subject = Subject { bytes: bytes.to_vec(), ..Subject::default() };
        match show(&subject, &Budget::begin()) {
            Some(Shown::Tree(Tree { nodes })) => nodes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_are_what_they_look_like() {
        let check = |bytes: &[u8], expect: &[Node]| assert_eq!(tree(bytes), expect, "{bytes:?}");
        check(&[0x08, 0x96, 0x01], &[Node::leaf("1", "varint", "150")]);
        check(b"\x12\x07testing", &[Node::leaf("2", "string", "testing")]);
        let inner = vec![Node::leaf("1", "varint", "150")];
        check(&[0x1a, 3, 0x08, 0x96, 0x01], &[Node::branch("3", "message", inner.clone())]);
        check(&[0x1b, 0x08, 0x96, 0x01, 0x1c], &[Node::branch("3", "group", inner)]);
        check(
            &[0x22, 6, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05],
            &[Node::leaf("4", "packed varints?", "3, 270, 86942")],
        );
        check(&[0x22, 2, 0xff, 0xfe], &[Node::leaf("4", "bytes", "fffe")]);
        check(&[0x2d, 0, 0, 0x80, 0x3f], &[Node::leaf("5", "32 bits", "1065353216 (float 1)")]);
        check(
            &[&[0x08][..], &[0xff; 9], &[1]].concat(),
            &[Node::leaf("1", "varint", "18446744073709551615 (-1)")],
        );
        check(
            b"\x0a\x0b\x0a\t123456789",
            &[Node::branch("1", "message", vec![Node::leaf("1", "string", "123456789")])],
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = vec![0x0b; 10_000];
        let (budget, subject) = (Budget::begin(), Subject { bytes: deep, ..Subject::default() });
        assert!(show(&subject, &budget).is_some());
        assert!(budget.into_note().unwrap().contains("64 levels"));
        assert!(!is_message(&subject.bytes, false));
    }
}
