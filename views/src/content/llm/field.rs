//! Fields of JSON documents, as conversations have them.

use serde_json::{Map, Value};

use crate::dto::conversation::{Tool, TurnPart};

/// The most characters of a parameter that is no number or word.
const LONGEST_SETTING: usize = 300;

/// A text.
pub(super) fn text(of: &Value, name: &str) -> Option<String> {
    of.get(name)?.as_str().map(str::to_owned)
}

/// A count.
pub(super) fn count(of: &Value, path: &[&str]) -> Option<u64> {
    path.iter().try_fold(of, |value, name| value.get(name))?.as_u64()
}

/// The entries of a list; none if there is no list.
pub(super) fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as text: a string without its quotes, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Arguments of a call: they are JSON within a string, or JSON.
pub(super) fn arguments(value: Option<&Value>) -> String {
    value.map(plain).unwrap_or_default()
}

/// A part with text; none if that is empty.
pub(super) fn said(text: impl Into<String>) -> Option<TurnPart> {
    let text = text.into();
    (!text.is_empty()).then_some(TurnPart::Text { text })
}

/// A part that is none of those that are known.
pub(super) fn other(value: &Value) -> TurnPart {
    let of = text(value, "type").unwrap_or_else(|| "part".to_owned());
    TurnPart::Other { of, text: value.to_string() }
}

/// An image, a sound or a file in base64.
pub(super) fn embedded(media_type: Option<String>, base64: &str) -> TurnPart {
    TurnPart::Media { media_type, size: Some(decoded_size(base64)), source: None }
}

/// An image, a sound or a file behind a URL, which may hold it itself.
pub(super) fn linked(url: &str) -> TurnPart {
    match url.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, data)) => {
            let media_type = head.split(';').next().filter(|named| !named.is_empty()).map(str::to_owned);
            let size = if head.ends_with(";base64") { decoded_size(data) } else { data.len() as u64 };
            TurnPart::Media { media_type, size: Some(size), source: None }
        }
        None => TurnPart::Media { media_type: None, size: None, source: Some(url.to_owned()) },
    }
}

fn decoded_size(base64: &str) -> u64 {
    (base64.trim_end_matches('=').len() as u64) * 3 / 4
}

/// A tool, of which `of` has the name, the description, and under `parameters` a schema.
pub(super) fn tool(of: &Value, parameters: &str) -> Tool {
    Tool {
        name: text(of, "name").or_else(|| text(of, "type")).unwrap_or_default(),
        description: text(of, "description"),
        parameters: of.get(parameters).map(Value::to_string),
    }
}

/// The parameters of a call, but for those that are shown elsewhere.
pub(super) fn settings(of: Option<&Value>, shown: &[&str]) -> Vec<(String, String)> {
    let empty = Map::new();
    let members = of.and_then(Value::as_object).unwrap_or(&empty).iter();
    let members = members.filter(|(name, value)| !shown.contains(&name.as_str()) && !value.is_null());
    let members = members.map(|(name, value)| (name.clone(), plain(value)));
    members.filter(|(_, value)| value.len() <= LONGEST_SETTING).collect()
}

/// The error of an answer.
pub(super) fn error(of: &Value) -> Option<String> {
    let error = of.get("error").filter(|error| !error.is_null())?;
    let message = text(error, "message").unwrap_or_else(|| plain(error));
    let kind = text(error, "type").or_else(|| text(error, "status"));
    Some(match kind {
        Some(kind) => format!("{kind}: {message}"),
        None => message,
    })
}

/// Appends text to a member, which is a string.
pub(super) fn append(to: &mut Value, name: &str, more: &str) {
    match to.get_mut(name) {
        Some(Value::String(text)) => text.push_str(more),
        _ => to[name] = more.into(),
    }
}

/// The entry of a list at an index, which grows up to there; none for an index that no stream has.
pub(super) fn entry(list: &mut Vec<Value>, index: u64) -> Option<&mut Value> {
    const MOST: usize = 1000;
    let index = usize::try_from(index).ok().filter(|index| *index < MOST)?;
    while list.len() <= index {
        list.push(Value::Object(Map::new()));
    }
    list.get_mut(index).filter(|entry| entry.is_object())
}
