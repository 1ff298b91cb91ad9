//! Hurl, a file of requests. What it would take for a variable or a comment is escaped.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Exchange, is_unsafe_to_show};

use super::SnippetFormat;
use super::request::{Content, Request, latin1};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "hurl", title: "Hurl", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let mut request = Request::new(exchange, body);
    let odd = request.fields.iter().filter(|field| std::str::from_utf8(&field.value).is_err());
    let odd: Vec<String> =
        odd.map(|field| format!("Hurl writes the value of {} in other bytes.", field.name)).collect();
    request.notes.extend(odd);
    let mut text = request.comments("#");
    let _ = writeln!(text, "{} {}", request.method, escaped(&request.url, '#'));
    for field in &request.fields {
        let value = String::from_utf8(field.value.clone()).unwrap_or_else(|_| latin1(&field.value));
        let _ = writeln!(text, "{}: {}", escaped(&field.name, '#'), escaped(&value, '#'));
    }
    match &request.body {
        Content::None => {}
        Content::Text("") => text.push_str("``\n"),
        // Everything stands there as it is.
        Content::Text(body) if body.ends_with('\n') && !body.contains("```") && !body.contains('\r') => {
            let _ = writeln!(text, "```raw\n{body}```");
        }
        Content::Text(body) => {
            let _ = writeln!(text, "`{}`", escaped(body, '`'));
        }
        Content::Bytes(bytes) => {
            let _ = writeln!(text, "base64,{};", STANDARD.encode(bytes));
        }
    }
    text.push_str("HTTP *\n");
    text
}

/// A text with escapes; `special` is what has a meaning where it stands, besides backslashes and variables.
fn escaped(text: &str, special: char) -> String {
    let mut written = String::new();
    for character in text.chars() {
        match character {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '{' if written.ends_with('{') => written.push_str("\\u{7b}"),
            other if other == special => written.extend(['\\', other]),
            other if is_unsafe_to_show(other) => {
                let _ = write!(written, "\\u{{{:x}}}", u32::from(other));
            }
            other => written.push(other),
        }
    }
    written
}
