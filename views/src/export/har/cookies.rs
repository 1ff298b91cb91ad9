//! Cookies, taken apart as HAR wants them.

use dashcam_exchange::Headers;
use serde_json::{Value, json};

use crate::dto::latin1;

/// The cookies of a request.
pub(super) fn sent(headers: &Headers) -> Vec<Value> {
    let fields: Vec<String> = headers.all("cookie").map(latin1).collect();
    let pairs =
        fields.iter().flat_map(|field| field.split(';')).map(pair).filter(|(name, _)| !name.is_empty());
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The cookies that a response sets.
pub(super) fn set(headers: &Headers) -> Vec<Value> {
    headers.all("set-cookie").map(|field| cookie(&latin1(field))).collect()
}

fn cookie(field: &str) -> Value {
    let mut parts = field.split(';');
    let (name, value) = pair(parts.next().unwrap_or_default());
    let attributes: Vec<_> = parts.map(pair).collect();
    let attribute = |wanted: &str| {
        attributes
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| (*value).to_owned())
    };
    let expires = attribute("expires").and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
    let mut cookie = json!({
        "name": name,
        "value": value,
        "httpOnly": attribute("httponly").is_some(),
        "secure": attribute("secure").is_some(),
    });
    let optional = [
        ("path", attribute("path")),
        ("domain", attribute("domain")),
        ("expires", expires.map(|date| date.timestamp().to_string())),
        ("sameSite", attribute("samesite")),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            cookie[name] = Value::String(value);
        }
    }
    cookie
}

fn pair(text: &str) -> (&str, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim(), value.trim())
}
