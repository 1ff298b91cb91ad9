//! The request as it stands on an HTTP/1 wire. Comments stand before it, as in the `.http` files of editors.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Exchange, is_unsafe_to_show};

use super::SnippetFormat;
use super::request::{Content, Request, latin1};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "http", title: "HTTP request", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let mut request = Request::new(exchange, body);
    let target = &exchange.request.target;
    request.notes.retain(|note| !note.starts_with("The URL has"));
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, shown(target.as_bytes()));
    if !request.has("host") {
        let _ = write!(head, "Host: {}\r\n", exchange.destination.authority());
    }
    for field in &request.fields {
        let value = shown(&field.value);
        if value.as_bytes() != field.value {
            request.notes.push(format!("{} has bytes that are no text: \\xNN stands for each.", field.name));
        }
        let _ = write!(head, "{}: {value}\r\n", field.name);
    }
    let (length, text) = match &request.body {
        Content::None => (None, String::new()),
        Content::Text(text) => (Some(text.len()), (*text).to_owned()),
        Content::Bytes(bytes) => {
            request.notes.push("The body is no text: this is its base64.".to_owned());
            (Some(bytes.len()), STANDARD.encode(bytes))
        }
    };
    if let Some(length) = length {
        let _ = write!(head, "Content-Length: {length}\r\n");
    }
    format!("{}{head}\r\n{text}", request.comments("#"))
}

/// Bytes as a text that can be shown.
fn shown(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => latin1(bytes),
    };
    let is_text = std::str::from_utf8(bytes).is_ok();
    text.chars().fold(String::new(), |mut shown, character| {
        if (is_unsafe_to_show(character) && character != '\t') || (!is_text && !character.is_ascii()) {
            let _ = write!(shown, "\\x{:02x}", u32::from(character));
        } else {
            shown.push(character);
        }
        shown
    })
}
