//! A descriptor set, read. Names repeat the scopes that they stand in, so that a small set could become a large one: what it
//! comes to is counted.

use std::collections::HashMap;

use super::{Descriptors, FieldType, Method, NoDescriptors};
use crate::content::cursor::Cursor;
use crate::content::wire::{Value, field};

/// The longest name, with the scopes that it stands in.
const LONGEST_NAME: usize = 1 << 10;
/// The most types, fields, values and methods of a set.
const MOST: usize = 250_000;
/// The most bytes of the whole names of its types and methods, which repeat their scopes.
const MOST_OF_NAMES: usize = 16 << 20;
/// The deepest nesting of types.
const DEEPEST: usize = 32;

/// A set that is being read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) found: Descriptors,
    /// Types, fields, values and methods so far.
    count: usize,
    /// Bytes of whole names so far.
    names: usize,
}

impl Reading {
    /// Counts one more.
    fn count(&mut self) -> Result<(), NoDescriptors> {
        self.count += 1;
        if self.count > MOST { Err(NoDescriptors::TooMany) } else { Ok(()) }
    }

    /// Counts one more with its whole name.
    fn count_name(&mut self, length: usize) -> Result<(), NoDescriptors> {
        self.count()?;
        self.names += length;
        match () {
            () if length > LONGEST_NAME => Err(NoDescriptors::LongName),
            () if self.names > MOST_OF_NAMES => Err(NoDescriptors::TooMany),
            () => Ok(()),
        }
    }

    /// The whole name of something in a scope.
    fn within(&mut self, scope: &str, name: &str) -> Result<String, NoDescriptors> {
        self.count_name(scope.len() + 1 + name.len())?;
        Ok(if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") })
    }

    /// Takes a file's types and methods.
    pub(super) fn file(&mut self, bytes: &[u8]) -> Result<(), NoDescriptors> {
        let (mut name, mut package) = (String::new(), String::new());
        // Fields may come in any order: types need the package.
        each(bytes, |number, value| {
            match (number, value) {
                (1, Value::Bytes(text)) => name = string(text)?,
                (2, Value::Bytes(text)) => package = string(text)?,
                _ => {}
            }
            Ok(())
        })?;
        self.count()?;
        self.found.files.push(name);
        each(bytes, |number, value| match (number, value) {
            (4, Value::Bytes(message)) => self.message_type(message, &package, 0),
            (5, Value::Bytes(of)) => self.enum_type(of, &package),
            (6, Value::Bytes(service)) => self.service(service, &package),
            (7, Value::Bytes(extension)) => self.extension(extension, &package),
            _ => Ok(()),
        })
    }

    fn message_type(&mut self, bytes: &[u8], scope: &str, depth: usize) -> Result<(), NoDescriptors> {
        let name = self.within(scope, &name_of(bytes)?)?;
        if depth > DEEPEST {
            return Err(NoDescriptors::Malformed);
        }
        let mut fields = HashMap::new();
        each(bytes, |number, value| match (number, value) {
            (2, Value::Bytes(of)) => {
                self.count()?;
                let (number, field, _) = field_type(of)?;
                fields.insert(number, field);
                Ok(())
            }
            (3, Value::Bytes(nested)) => self.message_type(nested, &name, depth + 1),
            (4, Value::Bytes(nested)) => self.enum_type(nested, &name),
            (6, Value::Bytes(extension)) => self.extension(extension, &name),
            _ => Ok(()),
        })?;
        self.found.messages.entry(name).or_default().fields.extend(fields);
        Ok(())
    }

    fn enum_type(&mut self, bytes: &[u8], scope: &str) -> Result<(), NoDescriptors> {
        let name = self.within(scope, &name_of(bytes)?)?;
        let mut values = HashMap::new();
        each(bytes, |number, value| {
            if let (2, Value::Bytes(of)) = (number, value) {
                self.count()?;
                let mut number = 0;
                each(of, |field, value| {
                    if let (2, Value::Varint(value)) = (field, value) {
                        number = value as i32;
                    }
                    Ok(())
                })?;
                // Of two names of a number the first is the one that is written.
                values.entry(number).or_insert(name_of(of)?);
            }
            Ok(())
        })?;
        self.found.enums.entry(name).or_default().extend(values);
        Ok(())
    }

    fn service(&mut self, bytes: &[u8], package: &str) -> Result<(), NoDescriptors> {
        let name = self.within(package, &name_of(bytes)?)?;
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
                    Ok(())
                })?;
                self.count_name(name.len() + 1 + method.name.len())?;
                self.found.methods.insert(format!("{name}/{}", method.name), method);
            }
            Ok(())
        })
    }

    /// A field that another message gets here.
    fn extension(&mut self, bytes: &[u8], scope: &str) -> Result<(), NoDescriptors> {
        let (number, field, extendee) = field_type(bytes)?;
        let field = FieldType { name: format!("[{}]", self.within(scope, &field.name)?), ..field };
        self.found.messages.entry(extendee).or_default().fields.insert(number, field);
        Ok(())
    }
}

/// A field's number, itself, and the message that it extends.
fn field_type(bytes: &[u8]) -> Result<(u64, FieldType, String), NoDescriptors> {
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
        Ok(())
    })?;
    Ok((number, found, extendee))
}

/// Reads fields from the first to the last; an error where bytes are none, or `read` can't make anything of one.
pub(super) fn each<'b>(
    bytes: &'b [u8],
    mut read: impl FnMut(u64, Value<'b>) -> Result<(), NoDescriptors>,
) -> Result<(), NoDescriptors> {
    let mut cursor = Cursor(bytes);
    while !cursor.is_empty() {
        let (number, value) = field(&mut cursor).ok_or(NoDescriptors::Malformed)?;
        read(number, value)?;
    }
    Ok(())
}

/// The name that messages, enums, services and values have alike.
fn name_of(bytes: &[u8]) -> Result<String, NoDescriptors> {
    let mut name = None;
    each(bytes, |number, value| {
        if let (1, Value::Bytes(text)) = (number, value) {
            name = Some(string(text)?);
        }
        Ok(())
    })?;
    name.ok_or(NoDescriptors::Malformed)
}

fn string(bytes: &[u8]) -> Result<String, NoDescriptors> {
    if bytes.len() > LONGEST_NAME {
        return Err(NoDescriptors::LongName);
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| NoDescriptors::Malformed)
}

fn type_name(bytes: &[u8]) -> Result<String, NoDescriptors> {
    string(bytes).map(|name| name.strip_prefix('.').map(str::to_owned).unwrap_or(name))
}
