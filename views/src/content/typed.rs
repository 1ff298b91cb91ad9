//! Protocol Buffers by their types: names of fields, enums and numbers as they are meant.

use super::budget::{Budget, DEEPEST};
use super::cursor::{Cursor, zigzag};
use super::descriptors::{Descriptors, FieldType, MessageType};
use super::subject::Subject;
use super::wire::{Value, field};
use super::{hex, protobuf};
use crate::dto::shown::Node;

/// The most numbers of a packed list that are shown.
const MOST_PACKED: usize = 4096;

/// Numbers of types in `descriptor.proto`, and their names.
const KINDS: [&str; 19] = [
    "", "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "group",
    "message", "bytes", "uint32", "enum", "sfixed32", "sfixed64", "sint32", "sint64",
];
const STRING: u64 = 9;
const GROUP: u64 = 10;
const MESSAGE: u64 = 11;
const BYTES: u64 = 12;
const ENUM: u64 = 14;

/// Types of messages, and the one that a body is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'d> {
    descriptors: &'d Descriptors,
    message: &'d MessageType,
}

impl<'d> Typed<'d> {
    /// The type of the messages in a body: the one that was chosen, that of the method, or the one that the media type
    /// names. The budget notes which, and why there is none.
    pub(super) fn of(subject: &'d Subject, budget: &Budget) -> Option<Self> {
        let Some(descriptors) = subject.descriptors.as_deref() else {
            if let Some(name) = &subject.message_type {
                budget.note(format!("There are no descriptors: it is read without {name}."));
            }
            return None;
        };
        let named = || ["messagetype", "proto", "message"].iter().find_map(|name| subject.parameter(name));
        let of_method = || descriptors.of_method(subject.path(), subject.is_response).map(str::to_owned);
        let name = subject.message_type.clone().or_else(of_method).or_else(named)?;
        let message = descriptors.message(&name);
        budget.note(match message {
            Some(_) => format!("Read as {name}."),
            None => format!("The descriptors have no message {name}: it is read without them."),
        });
        Some(Self { descriptors, message: message? })
    }

    /// The fields of a message in `bytes`, and how many bytes behind them are no field.
    pub(super) fn message(self, bytes: &[u8], budget: &Budget) -> (Vec<Node>, usize) {
        let mut cursor = Cursor(bytes);
        let nodes = self.fields(&mut cursor, 0, budget);
        (nodes, cursor.0.len())
    }

    fn fields(self, cursor: &mut Cursor<'_>, depth: usize, budget: &Budget) -> Vec<Node> {
        let mut nodes = Vec::new();
        while let Some((number, value)) = field(cursor) {
            if value == Value::GroupEnd {
                break;
            }
            if depth >= DEEPEST {
                budget.note("Fields deeper than 64 levels are left out.");
                break;
            }
            let known = self.message.fields.get(&number);
            let named = known.map_or(0, |field| field.name.len() + field.type_name.len());
            if !budget.take(64 + named) {
                break;
            }
            let typed = known.and_then(|field| self.node(field, value, (cursor, depth), budget));
            nodes.push(match (typed, known) {
                (Some(node), _) => node,
                // It is not what its type says.
                (None, Some(field)) => {
                    let name = format!("{} ({number})", field.name);
                    protobuf::untyped(name, value, (cursor, depth), budget)
                }
                (None, None) => protobuf::untyped(number.to_string(), value, (cursor, depth), budget),
            });
        }
        nodes
    }

    fn node(
        self,
        field: &FieldType,
        value: Value<'_>,
        (cursor, depth): (&mut Cursor<'_>, usize),
        budget: &Budget,
    ) -> Option<Node> {
        let kind = self.kind(field);
        match (field.kind, value) {
            (MESSAGE, Value::Bytes(bytes)) => {
                let message = self.descriptors.message(&field.type_name)?;
                let mut inner = Cursor(bytes);
                let nodes = Self { message, ..self }.fields(&mut inner, depth + 1, budget);
                // Bytes that do not end as a message are none.
                (inner.is_empty() || budget.is_spent()).then(|| Node::branch(&field.name, &kind, nodes))
            }
            (GROUP, Value::GroupStart) => {
                let message = self.descriptors.message(&field.type_name)?;
                let nodes = Self { message, ..self }.fields(cursor, depth + 1, budget);
                Some(Node::branch(&field.name, &kind, nodes))
            }
            (STRING, Value::Bytes(bytes)) => {
                let text = std::str::from_utf8(bytes).ok()?;
                let text = if budget.take_text(text.len()) { text } else { "…" };
                Some(Node::leaf(&field.name, &kind, text))
            }
            (BYTES, Value::Bytes(bytes)) => Some(Node::leaf(&field.name, &kind, hex::short(bytes))),
            (_, Value::Bytes(bytes)) => {
                Some(Node::leaf(&field.name, &kind, self.packed(field, bytes, budget)?))
            }
            (_, value) => {
                let text = self.scalar(field, value)?;
                budget.take_text(text.len());
                Some(Node::leaf(&field.name, &kind, text))
            }
        }
    }

    /// The type of a field, as `.proto` files have it.
    fn kind(self, field: &FieldType) -> String {
        let name = match field.kind {
            GROUP | MESSAGE | ENUM => field.type_name.as_str(),
            kind => KINDS.get(kind as usize).copied().unwrap_or_default(),
        };
        if field.is_repeated { format!("repeated {name}") } else { name.to_owned() }
    }

    /// A list of numbers in one field.
    fn packed(self, field: &FieldType, bytes: &[u8], budget: &Budget) -> Option<String> {
        let (mut cursor, mut numbers) = (Cursor(bytes), Vec::new());
        while !cursor.is_empty() && numbers.len() < MOST_PACKED && !budget.is_spent() {
            let value = match field.kind {
                1 | 6 | 16 => Value::Fixed64(cursor.u64_le()?),
                2 | 7 | 15 => Value::Fixed32(cursor.u32_le()?),
                _ => Value::Varint(cursor.varint()?),
            };
            let number = self.scalar(field, value)?;
            budget.take_text(number.len() + 2);
            numbers.push(number);
        }
        let more = if cursor.is_empty() { "" } else { ", …" };
        Some(numbers.join(", ") + more)
    }

    /// A number as its type means it; `None` if it has another one on the wire.
    fn scalar(self, field: &FieldType, value: Value<'_>) -> Option<String> {
        Some(match (field.kind, value) {
            (1, Value::Fixed64(value)) => f64::from_bits(value).to_string(),
            (2, Value::Fixed32(value)) => f32::from_bits(value).to_string(),
            (3, Value::Varint(value)) => (value as i64).to_string(),
            (4, Value::Varint(value)) | (6, Value::Fixed64(value)) => value.to_string(),
            (5, Value::Varint(value)) => (value as i32).to_string(),
            (7, Value::Fixed32(value)) => value.to_string(),
            (8, Value::Varint(value)) => (value != 0).to_string(),
            (13, Value::Varint(value)) => (value as u32).to_string(),
            (ENUM, Value::Varint(value)) => {
                match self.descriptors.enum_value(&field.type_name, value as i32) {
                    Some(name) => format!("{name} ({})", value as i32),
                    None => (value as i32).to_string(),
                }
            }
            (15, Value::Fixed32(value)) => (value as i32).to_string(),
            (16, Value::Fixed64(value)) => (value as i64).to_string(),
            (17 | 18, Value::Varint(value)) => zigzag(value).to_string(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::content::descriptors::tests::set;
    use crate::dto::shown::{Shown, Tree};

    fn subject(target: &str, message_type: Option<&str>, bytes: &[u8]) -> Subject {
        Subject {
            is_response: true,
            target: target.to_owned(),
            bytes: bytes.to_vec(),
            descriptors: Some(Arc::new(Descriptors::read(&set()).unwrap())),
            message_type: message_type.map(str::to_owned),
            ..Subject::default()
        }
    }

    fn tree(subject: &Subject) -> (Vec<Node>, String) {
        let budget = Budget::begin();
        match (protobuf::VIEW.show)(subject, &budget) {
            Some(Shown::Tree(Tree { nodes })) => (nodes, budget.into_note().unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    const ORDER: &[u8] =
        b"\x08\x03\x10\x01\x1a\x07\x0a\x01a\x12\x02\x05\x96\x21\0\0\0\0\0\0\xf8\x3f\xa2\x06\x01n";

    #[test]
    fn fields_have_names_and_types() {
        // The packed numbers of the line are cut: the line is read without its type.
        let (nodes, note) = tree(&subject("/shop.Orders/Find", None, ORDER));
        assert_eq!(note, "Read as shop.Order.");
        assert_eq!(nodes[0], Node::leaf("id", "sint64", "-2"));
        assert_eq!(nodes[1], Node::leaf("state", "shop.Order.State", "PAID (1)"));
        let lines = vec![Node::leaf("sku", "string", "a"), Node::leaf("counts (2)", "bytes", "0596")];
        assert_eq!(nodes[2], Node::branch("lines", "repeated shop.Order.Line", lines));
        assert_eq!(nodes[3], Node::leaf("total", "double", "1.5"));
        assert_eq!(nodes[4], Node::leaf("[shop.note]", "string", "n"));
        let whole = b"\x12\x03\x05\x96\x01\x10\x07\x18\x01";
        let (nodes, _) = tree(&subject("/x", Some("shop.Order.Line"), whole));
        assert_eq!(nodes[0], Node::leaf("counts", "repeated int32", "5, 150"));
        assert_eq!(nodes[1], Node::leaf("counts", "repeated int32", "7"));
        assert_eq!(
            nodes[2],
            Node::leaf("3", "varint", "1"),
            "what the type does not have is shown all the same"
        );
    }

    #[test]
    fn a_type_that_is_not_there_is_noted() {
        let (nodes, note) = tree(&subject("/x", Some("shop.None"), b"\x08\x01"));
        assert_eq!(nodes, [Node::leaf("1", "varint", "1")]);
        assert!(note.contains("no message shop.None"), "{note}");
        assert_eq!(tree(&subject("/x", None, b"\x08\x01")).1, "");
        let bare = Subject { descriptors: None, ..subject("/x", Some("shop.Order"), b"\x08\x01") };
        assert_eq!(tree(&bare).1, "There are no descriptors: it is read without shop.Order.");
        let named = [("content-type", "application/x-protobuf; messageType=\"shop.Order\"")];
        let named = Subject { headers: named.into_iter().collect(), ..subject("/x", None, b"\x08\x01") };
        assert_eq!(tree(&named).0, [Node::leaf("id", "sint64", "-1")]);
    }
    #[test]
    fn names_of_types_and_values_count_as_text() {
        // An enum's value with a name of 1000 bytes, as two bytes of a packed list and as a field each time.
        let value = [&b"\x12\xed\x07\x0a\xe8\x07"[..], &[b'v'; 1000], b"\x10\x00"].concat();
        let length = 3 + value.len();
        let of_enum = [&[0x2a, length as u8 & 127 | 128, (length >> 7) as u8], &b"\x0a\x01E"[..], &value];
        let message = b"\x22\x11\x0a\x01M\x12\x0c\x0a\x01f\x18\x01\x20\x03\x28\x0e\x32\x01E";
        let file = [&message[..], &of_enum.concat()].concat();
        let set = [&[0x0a, file.len() as u8 & 127 | 128, (file.len() >> 7) as u8], &file[..]].concat();
        let set = Arc::new(Descriptors::read(&set).unwrap());
        for part in [&b"\x08\x00"[..], b"\x0a\x02\x00\x00"] {
            let bytes = part.repeat(20_000);
            let descriptors = Some(Arc::clone(&set));
            let (nodes, note) = tree(&Subject { descriptors, ..subject("/x", Some("M"), &bytes) });
            let text: usize = nodes.iter().map(|node| node.value.as_ref().unwrap().len()).sum();
            assert!((7 << 20..9 << 20).contains(&text) && note.contains("8 MiB"), "{text} {note}");
        }
    }
}
