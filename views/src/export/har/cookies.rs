//! Cookies, taken apart as HAR wants them.

use dashcam_exchange::{Headers, Timestamp};
use serde_json::{Value, json};

use super::cookie_dates;
use crate::dto::latin1;

/// The cookies of a request.
pub(super) fn sent(headers: &Headers) -> Vec<Value> {
    let fields: Vec<String> = headers.all("cookie").map(latin1).collect();
    let pairs =
        fields.iter().flat_map(|field| field.split(';')).map(pair).filter(|(name, _)| !name.is_empty());
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The cookies that a response sets which came at `at`.
pub(super) fn set(headers: &Headers, at: Timestamp) -> Vec<Value> {
    headers.all("set-cookie").map(|field| cookie(&latin1(field), at)).collect()
}

fn cookie(field: &str, at: Timestamp) -> Value {
    let mut parts = field.split(';');
    let (name, value) = pair(parts.next().unwrap_or_default());
    let attributes: Vec<_> = parts.map(pair).collect();
    // The last one counts (RFC 6265 §5.3).
    let all = |wanted: &'static str| {
        let named = attributes.iter().rev().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| *value)
    };
    let mut cookie = json!({
        "name": name,
        "value": value,
        "httpOnly": all("httponly").next().is_some(),
        "secure": all("secure").next().is_some(),
    });
    let max_age = all("max-age").find_map(|age| cookie_dates::max_age(age, at));
    let expires = max_age.or_else(|| all("expires").find_map(cookie_dates::expires));
    let optional = [
        ("path", all("path").next().map(str::to_owned)),
        ("domain", all("domain").next().map(str::to_owned)),
        ("expires", expires.map(|moment| format!("{moment}Z"))),
        ("sameSite", all("samesite").next().map(str::to_owned)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_goes_before_expires_and_the_last_before_the_first() {
        let check = |attributes: &str, expires: Option<&str>| {
            let cookie = cookie(&format!("a=1; {attributes}"), Timestamp(0));
            assert_eq!(cookie.get("expires").and_then(Value::as_str), expires, "{attributes}");
        };
        check("Path=/", None);
        check("Max-Age=60; Expires=Wed, 21-Oct-26 07:28:00 GMT", Some("1970-01-01T00:01:00Z"));
        check("Expires=Wed, 21-Oct-26 07:28:00 GMT; max-age=x", Some("2026-10-21T07:28:00Z"));
        check("Max-Age=60; Max-Age=120; Max-Age=x", Some("1970-01-01T00:02:00Z"));
        check("Expires=0; Expires=21 Oct 2026 07:28:00", Some("2026-10-21T07:28:00Z"));
    }
}
