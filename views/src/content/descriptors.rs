//! Types of Protocol Buffers as `protoc --descriptor_set_out` writes them: messages, enums, and the methods of services.
//! A set is a message itself, read here without others' help.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::cursor::Cursor;
use super::wire::{Value, field};

/// The deepest nesting of types.
const DEEPEST: usize = 32;

/// The types of a descriptor set. Names are whole, without the dot before them.
#[derive(Debug, Clone, Default)]
pub struct Descriptors {
    files: Vec<String>,
    messages: BTreeMap<String, MessageType>,
    enums: HashMap<String, HashMap<i32, String>>,
    methods: BTreeMap<String, Method>,
}

/// A message's fields, by their numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageType {
    pub(super) fields: HashMap<u64, FieldType>,
}

/// A field.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldType {
    pub(super) name: String,
    /// Its type's number in `descriptor.proto`.
    pub(super) kind: u64,
    /// The message or the enum that it is.
    pub(super) type_name: String,
    pub(super) is_repeated: bool,
}

/// A method's messages.
#[derive(Debug, Clone, Default)]
struct Method {
    name: String,
    input: String,
    output: String,
}

/// Bytes that are no descriptor set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDescriptors;

impl fmt::Display for NoDescriptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "It is no descriptor set with messages in it. \
             `protoc --include_imports --descriptor_set_out=FILE *.proto` writes one.",
        )
    }
}

impl std::error::Error for NoDescriptors {}

impl Descriptors {
    /// The largest set, in bytes.
    pub const LARGEST: usize = 4 << 20;

    /// The name of the file in dashcam's home that has the set for all bodies.
    pub const FILE: &str = "descriptors.binpb";

    /// Reads a `FileDescriptorSet`.
    ///
    /// # Errors
    /// When it is none, or has no messages.
    pub fn read(bytes: &[u8]) -> Result<Self, NoDescriptors> {
        let mut found = Self::default();
        each(bytes, |number, value| match (number, value) {
            (1, Value::Bytes(file)) => found.file(file),
            _ => None,
        })
        .filter(|()| !found.messages.is_empty())
        .ok_or(NoDescriptors)?;
        Ok(found)
    }

    /// The names of the `.proto` files.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The names of all messages, in order.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// The names of all methods, as paths of gRPC have them: `pkg.Service/Method`.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.methods.keys().map(String::as_str)
    }

    /// The message with a name.
    pub(super) fn message(&self, name: &str) -> Option<&MessageType> {
        self.messages.get(name)
    }

    /// The name of an enum's value.
    pub(super) fn enum_value(&self, name: &str, number: i32) -> Option<&str> {
        self.enums.get(name)?.get(&number).map(String::as_str)
    }

    /// The message that a method at `path` takes, or answers: the path's last two segments name it.
    pub(super) fn of_method(&self, path: &str, is_response: bool) -> Option<&str> {
        let (before, method) = path.rsplit_once('/')?;
        let service = before.rsplit('/').next()?;
        let method = self.methods.get(&format!("{service}/{method}"))?;
        Some(if is_response { &method.output } else { &method.input })
    }

    fn file(&mut self, bytes: &[u8]) -> Option<()> {
        let (mut name, mut package) = (String::new(), String::new());
        // Fields may come in any order: types need the package.
        each(bytes, |number, value| {
            match (number, value) {
                (1, Value::Bytes(text)) => name = string(text)?,
                (2, Value::Bytes(text)) => package = string(text)?,
                _ => {}
            }
            Some(())
        })?;
        self.files.push(name);
        each(bytes, |number, value| match (number, value) {
            (4, Value::Bytes(message)) => self.message_type(message, &package, 0),
            (5, Value::Bytes(of)) => self.enum_type(of, &package),
            (6, Value::Bytes(service)) => self.service(service, &package),
            (7, Value::Bytes(extension)) => self.extension(extension, &package),
            _ => Some(()),
        })
    }

    fn message_type(&mut self, bytes: &[u8], scope: &str, depth: usize) -> Option<()> {
        let name = within(scope, &name_of(bytes)?);
        if depth > DEEPEST {
            return None;
        }
        let mut fields = HashMap::new();
        each(bytes, |number, value| match (number, value) {
            (2, Value::Bytes(of)) => {
                let (number, field, _) = field_type(of)?;
                fields.insert(number, field);
                Some(())
            }
            (3, Value::Bytes(nested)) => self.message_type(nested, &name, depth + 1),
            (4, Value::Bytes(nested)) => self.enum_type(nested, &name),
            (6, Value::Bytes(extension)) => self.extension(extension, &name),
            _ => Some(()),
        })?;
        self.messages.entry(name).or_default().fields.extend(fields);
        Some(())
    }

    fn enum_type(&mut self, bytes: &[u8], scope: &str) -> Option<()> {
        let name = within(scope, &name_of(bytes)?);
        let values = self.enums.entry(name).or_default();
        each(bytes, |number, value| {
            if let (2, Value::Bytes(of)) = (number, value) {
                let mut number = 0;
                each(of, |field, value| {
                    if let (2, Value::Varint(value)) = (field, value) {
                        number = value as i32;
                    }
                    Some(())
                })?;
                // Of two names of a number the first is the one that is written.
                values.entry(number).or_insert(name_of(of)?);
            }
            Some(())
        })
    }

    fn service(&mut self, bytes: &[u8], package: &str) -> Option<()> {
        let name = within(package, &name_of(bytes)?);
        each(bytes, |number, value| {
            if let (2, Value::Bytes(of)) = (number, value) {
                let mut method = Method::default();
                each(of, |field, value| {
                    match (field, value) {
                        (1, Value::Bytes(text)) => method.name = string(text)?,
                        (2, Value::Bytes(text)) => method.input = type_name(text)?,
                        (3, Value::Bytes(text)) => method.output = type_name(text)?,
                        _ => {}
                    }
                    Some(())
                })?;
                self.methods.insert(format!("{name}/{}", method.name), method);
            }
            Some(())
        })
    }

    /// A field that another message gets here.
    fn extension(&mut self, bytes: &[u8], scope: &str) -> Option<()> {
        let (number, field, extendee) = field_type(bytes)?;
        let field = FieldType { name: format!("[{}]", within(scope, &field.name)), ..field };
        self.messages.entry(extendee).or_default().fields.insert(number, field);
        Some(())
    }
}

/// A field's number, itself, and the message that it extends.
fn field_type(bytes: &[u8]) -> Option<(u64, FieldType, String)> {
    let (mut number, mut found, mut extendee) = (0, FieldType::default(), String::new());
    each(bytes, |field, value| {
        match (field, value) {
            (1, Value::Bytes(text)) => found.name = string(text)?,
            (2, Value::Bytes(text)) => extendee = type_name(text)?,
            (3, Value::Varint(value)) => number = value,
            (4, Value::Varint(label)) => found.is_repeated = label == 3,
            (5, Value::Varint(kind)) => found.kind = kind,
            (6, Value::Bytes(text)) => found.type_name = type_name(text)?,
            _ => {}
        }
        Some(())
    })?;
    Some((number, found, extendee))
}

/// Reads fields from the first to the last; `None` where bytes are none, or `read` can't make anything of one.
fn each<'b>(bytes: &'b [u8], mut read: impl FnMut(u64, Value<'b>) -> Option<()>) -> Option<()> {
    let mut cursor = Cursor(bytes);
    while !cursor.is_empty() {
        let (number, value) = field(&mut cursor)?;
        read(number, value)?;
    }
    Some(())
}

/// The name that messages, enums, services and values have alike.
fn name_of(bytes: &[u8]) -> Option<String> {
    let mut name = None;
    each(bytes, |number, value| {
        if let (1, Value::Bytes(text)) = (number, value) {
            name = string(text);
        }
        Some(())
    })?;
    name
}

fn string(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

fn type_name(bytes: &[u8]) -> Option<String> {
    string(bytes).map(|name| name.strip_prefix('.').map(str::to_owned).unwrap_or(name))
}

fn within(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

#[cfg(test)]
pub(super) mod tests;
