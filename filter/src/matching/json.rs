//! Values at a path of a JSON text, found without holding more of it than one value.

use std::fmt;

use memchr::memmem;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value at the end of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found<'v> {
    Text(&'v str),
    /// A number, `true`, `false` or `null`, as JSON has it.
    Word(&'v str),
    /// An object or an array.
    Container,
}

/// Returns whether one of the values at `path` in `text` is `wanted`. Each part of the path is a key or an index, or `*`
/// for every one. What follows a fault in the text is not looked at.
pub(crate) fn any(text: &[u8], path: &[String], wanted: &dyn Fn(Found<'_>) -> bool) -> bool {
    if !path.iter().all(|key| may_have_key(text, key)) {
        return false;
    }
    let mut found = false;
    let mut reader = serde_json::Deserializer::from_slice(text);
    // An error ends the reading: so does the first value that is wanted.
    let _ = At { path, wanted, found: &mut found }.deserialize(&mut reader);
    found
}

/// Returns whether a JSON text may have a key: that is known much sooner than what it is the key of. A number may be an index.
fn may_have_key(text: &[u8], key: &str) -> bool {
    if key == "*" || key.parse::<usize>().is_ok() {
        return true;
    }
    let quoted = ["\"", key, "\""].concat();
    memmem::find(text, quoted.as_bytes()).is_some() || has_escapes(text, key)
}

/// Returns whether `word` may stand in a JSON text in other characters than its own.
pub(crate) fn has_escapes(text: &[u8], word: &str) -> bool {
    let is_plain = |sign: char| !sign.is_ascii_control() && !matches!(sign, '"' | '\\' | '/');
    // Plain characters have one other form (RFC 8259 §7).
    let escape: &[u8] = if word.chars().all(is_plain) { b"\\u" } else { b"\\" };
    memmem::find(text, escape).is_some()
}

struct At<'s> {
    path: &'s [String],
    wanted: &'s dyn Fn(Found<'_>) -> bool,
    found: &'s mut bool,
}

impl At<'_> {
    fn look<E: serde::de::Error>(self, value: Found<'_>) -> Result<(), E> {
        if self.path.is_empty() && (self.wanted)(value) {
            *self.found = true;
            return Err(E::custom("found"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.look(Found::Word(if value { "true" } else { "false" }))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.look(Found::Word("null"))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.look(Found::Word(&value.to_string()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.look(Found::Word(&value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.look(Found::Word(&value.to_string()))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.look(Found::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((key, path)) = self.path.split_first() else {
            self.look::<A::Error>(Found::Container)?;
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let (wanted, found) = (self.wanted, self.found);
        for index in 0_usize.. {
            let more = if key == "*" || key.parse() == Ok(index) {
                list.next_element_seed(At { path, wanted, found: &mut *found })?.is_some()
            } else {
                list.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                return Ok(());
            }
        }
        Err(A::Error::custom("more elements than numbers"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((key, path)) = self.path.split_first() else {
            self.look::<A::Error>(Found::Container)?;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let (wanted, found) = (self.wanted, self.found);
        while let Some(name) = map.next_key::<String>()? {
            if key == "*" || *key == name {
                map.next_value_seed(At { path, wanted, found: &mut *found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_at_paths() {
        let text =
            br#"{"user": {"id": 42, "name": "Ann", "on": true}, "items": [{"sku": "A-1"}, {"sku": "B-2"}],
            "a.b": null, "f": 1.5, "neg": -3, "user2": {}}"#;
        let has = |path: &str, value: &str| {
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            any(text, &path, &|found| match found {
                Found::Text(text) | Found::Word(text) => text == value,
                Found::Container => value == "{}",
            })
        };
        for (path, value, expect) in [
            ("user/id", "42", true),
            ("user/id", "4", false),
            ("user/name", "Ann", true),
            ("user/on", "true", true),
            ("items/0/sku", "A-1", true),
            ("items/1/sku", "A-1", false),
            ("items/*/sku", "B-2", true),
            ("a.b", "null", true),
            ("f", "1.5", true),
            ("neg", "-3", true),
            ("user", "{}", true),
            ("items", "{}", true),
            ("*/id", "42", true),
            ("none", "42", false),
            ("user/id/x", "42", false),
        ] {
            assert_eq!(has(path, value), expect, "{path} is {value}");
        }
        let escaped = br#"{"\u0061": 1, "b\"c": 2, "d\/e": 3, "f": 4}"#;
        for (key, expect) in [("a", true), ("b\"c", true), ("d/e", true), ("f", true), ("g", false)] {
            assert_eq!(any(escaped, &[key.to_owned()], &|_| true), expect, "{key}");
        }
        assert!(!any(b"{\"a\": ", &["a".to_owned()], &|_| true));
        assert!(any(b"{\"a\": 1, broken", &["a".to_owned()], &|_| true), "before the fault");
    }
}
