//! Header fields exactly as on the wire: order, case, duplicates, bytes and white space are kept.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ordered list of header fields. Names and values lie one after another in a single buffer, so that
/// a head costs two allocations however many fields it has, and holds no read buffer alive.
#[derive(Clone, Default)]
pub struct Headers {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

/// Where a field lies in the buffer: its name, then all that stood behind its colon; the value is what is
/// left of that without the white space around it.
#[derive(Clone, Copy)]
struct Field {
    name: u32,
    rest: u32,
    value: u32,
    value_end: u32,
    end: u32,
}

impl Headers {
    /// An empty list with room for `fields` fields of `bytes` bytes in all.
    #[must_use]
    pub fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), fields: Vec::with_capacity(fields) }
    }

    /// Adds a field at the end. `name` and `value` are kept as they are, without any check; on the wire the
    /// value stands behind a colon and a space.
    pub fn push(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.fields.push(store(&mut self.bytes, name.as_ref(), value.as_ref()));
    }

    /// Adds a field at the end as it came: `rest` is all that stands between its colon and its line's end.
    /// The value is `rest` without the white space around it (RFC 9112 §5.1).
    pub fn push_line(&mut self, name: impl AsRef<[u8]>, rest: impl AsRef<[u8]>) {
        let rest = rest.as_ref();
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\t');
        let before = rest.iter().take_while(|byte| is_white(byte)).count();
        let after = rest[before..].iter().rev().take_while(|byte| is_white(byte)).count();
        self.fields.push(append(&mut self.bytes, name.as_ref(), [rest], (before, after)));
    }

    /// All fields in wire order, each as (name, all that stands between its colon and its line's end).
    pub fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().map(|field| {
            let (name, rest, end) = (field.name as usize, field.rest as usize, field.end as usize);
            (&self.bytes[name..rest], &self.bytes[rest..end])
        })
    }

    /// All names and values one after another, with the white space around values, and perhaps with fields that were
    /// dropped since.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All fields in wire order, as (name, value).
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().map(|field| self.field(*field))
    }

    /// The first value of `name`, whatever its case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The first value of `name` as text; `None` if there is none or it is not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.first(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of `name`, whatever its case, in wire order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Whether a field `name` is there.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Whether `token` is in the comma-separated list that the fields `name` form together (RFC 9110 §5.6.1).
    #[must_use]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.tokens(name).any(|found| found.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The elements of the comma-separated list that the fields `name` form together, without white space.
    pub fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|token| !token.is_empty())
    }

    /// Gives `name` the value `value` in the place of its first field, drops its other fields; adds it at
    /// the end if it was not there.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let Some(at) = self.position(name) else { return self.push(name, value) };
        let wire_name = self.field(self.fields[at]).0.to_vec();
        self.fields[at] = store(&mut self.bytes, &wire_name, value.as_ref());
        let mut index = 0;
        self.retain(|field, _| {
            index += 1;
            index - 1 <= at || !field.eq_ignore_ascii_case(name.as_bytes())
        });
    }

    /// Drops every field `name`; the others stay in their order.
    pub fn remove(&mut self, name: &str) {
        self.retain(|field, _| !field.eq_ignore_ascii_case(name.as_bytes()));
    }

    /// Keeps the fields for which `keep(name, value)` holds, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let bytes = &self.bytes;
        self.fields.retain(|field| {
            let (name, value) = split(bytes, *field);
            keep(name, value)
        });
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The memory that the list holds, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.bytes.capacity() + self.fields.capacity() * size_of::<Field>()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.iter().position(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
    }

    fn field(&self, field: Field) -> (&[u8], &[u8]) {
        split(&self.bytes, field)
    }
}

fn store(bytes: &mut Vec<u8>, name: &[u8], value: &[u8]) -> Field {
    append(bytes, name, [b" ", value], (1, 0))
}

/// Appends a field of which `before` and `after` bytes around the value are white space.
fn append<const N: usize>(
    bytes: &mut Vec<u8>,
    name: &[u8],
    rest: [&[u8]; N],
    (before, after): (usize, usize),
) -> Field {
    let start = bytes.len();
    bytes.extend_from_slice(name);
    let middle = bytes.len();
    for part in rest {
        bytes.extend_from_slice(part);
    }
    let end = bytes.len();
    let offset = |at: usize| u32::try_from(at).expect("heads are limited to far less than 4 GiB");
    Field {
        name: offset(start),
        rest: offset(middle),
        value: offset(middle + before),
        value_end: offset(end - after),
        end: offset(end),
    }
}

fn split(bytes: &[u8], field: Field) -> (&[u8], &[u8]) {
    let (name, rest) = (field.name as usize, field.rest as usize);
    (&bytes[name..rest], &bytes[field.value as usize..field.value_end as usize])
}

/// White space around values makes no difference.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, value)| (latin1(name), latin1(value)))).finish()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }
}

/// Bytes as text, one character a byte, so that nothing is lost.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The bytes of a text made by [`latin1`]; `None` if a character is beyond one byte.
fn from_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

/// Headers are a JSON array of `[name, value]` in wire order, each byte mapped to the character of its number.
impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for (name, value) in self.iter() {
            list.serialize_element(&(latin1(name), latin1(value)))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of [name, value] pairs of characters up to U+00FF")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Headers, A::Error> {
                let mut headers = Headers::default();
                while let Some((name, value)) = list.next_element::<(String, String)>()? {
                    let pair = from_latin1(&name).zip(from_latin1(&value));
                    let (name, value) = pair
                        .ok_or_else(|| serde::de::Error::custom("a header has a character beyond U+00FF"))?;
                    headers.push(name, value);
                }
                Ok(headers)
            }
        }
        deserializer.deserialize_seq(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        [("Host", "a"), ("X-A", "1"), ("accept", "b"), ("x-a", "2")].into_iter().collect()
    }

    #[test]
    fn order_case_and_duplicates_are_kept() {
        let names: Vec<_> = sample().iter().map(|(name, _)| latin1(name)).collect();
        assert_eq!(names, ["Host", "X-A", "accept", "x-a"]);
        assert_eq!(sample().all("X-a").collect::<Vec<_>>(), [b"1", b"2"]);
    }

    #[test]
    fn set_keeps_the_place_and_the_wire_name() {
        let mut headers = sample();
        headers.set("x-A", "3");
        headers.set("New", "4");
        let expect: Headers =
            [("Host", "a"), ("X-A", "3"), ("accept", "b"), ("New", "4")].into_iter().collect();
        assert_eq!(headers, expect);
    }

    #[test]
    fn white_space_is_kept_for_the_wire_only() {
        let mut headers = sample();
        for rest in ["v", "", "  v \t", "\tv w", "   "] {
            headers.push_line("X", rest);
        }
        let lines: Vec<_> = headers.lines().map(|(_, rest)| latin1(rest)).collect();
        assert_eq!(lines, [" a", " 1", " b", " 2", "v", "", "  v \t", "\tv w", "   "]);
        assert_eq!(headers.all("x").collect::<Vec<_>>(), [&b"v"[..], b"", b"v", b"v w", b""]);
        headers.set("x", "new");
        assert_eq!(headers.lines().last().map(|(_, rest)| latin1(rest)).as_deref(), Some(" new"));
    }

    #[test]
    fn tokens_are_split_over_fields() {
        let headers: Headers =
            [("Connection", "close, X-Foo"), ("connection", " ,upgrade")].into_iter().collect();
        assert!(headers.has_token("Connection", "CLOSE") && headers.has_token("connection", "Upgrade"));
        assert!(!headers.has_token("connection", "x-fo"));
    }

    #[test]
    fn json_loses_no_byte() {
        let mut headers = sample();
        headers.push("bytes", (0..=255).collect::<Vec<u8>>());
        let json = serde_json::to_string(&headers).unwrap();
        assert_eq!(serde_json::from_str::<Headers>(&json).unwrap(), headers);
    }
}
