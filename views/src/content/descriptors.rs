//! Types of Protocol Buffers as `protoc --descriptor_set_out` writes them: messages, enums, and the methods of services.
//! A set is a message itself, read here without others' help.

mod reading;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use self::reading::{Reading, each};
use super::wire::Value;

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

/// Bytes that are no descriptor set to read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDescriptors {
    /// They are none, or have no messages.
    Malformed,
    /// A name in it is too long.
    LongName,
    /// It has too many types, or their names are too long together.
    TooMany,
}

impl fmt::Display for NoDescriptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "It is no descriptor set with messages in it. \
                 `protoc --include_imports --descriptor_set_out=FILE *.proto` writes one."
            }
            Self::LongName => "A name in the descriptor set is longer than 1 KiB with its package.",
            Self::TooMany => {
                "The descriptor set has more than 250,000 types, fields and values, \
                 or more than 16 MiB of names with their packages."
            }
        })
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
    /// When it is none, has no messages, or is too large once its names are whole.
    pub fn read(bytes: &[u8]) -> Result<Self, NoDescriptors> {
        let mut reading = Reading::default();
        each(bytes, |number, value| match (number, value) {
            (1, Value::Bytes(file)) => reading.file(file),
            _ => Err(NoDescriptors::Malformed),
        })?;
        let found = reading.found;
        if found.messages.is_empty() { Err(NoDescriptors::Malformed) } else { Ok(found) }
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
}

#[cfg(test)]
pub(super) mod tests;
