//! Fields as JSON, and bytes as text.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Headers;

/// Bytes as text, one character a byte, so that nothing is lost.
pub(super) fn latin1(bytes: &[u8]) -> String {
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
