//! Parts of an exported file as the members of JSON objects.

use serde_json::{Map, Value};

/// The members of what `json!` makes of braces, or of a struct.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
