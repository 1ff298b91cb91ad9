//! HTTPie, for a POSIX shell.

use dashcam_exchange::Exchange;

use super::SnippetFormat;
use super::request::{Content, Request};
use crate::curl::{escaped, quoted};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "httpie", title: "HTTPie", write };

/// Fields that it adds of its own accord, unless told not to.
const ADDED: [&str; 3] = ["User-Agent", "Accept", "Accept-Encoding"];

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let request = Request::new(exchange, body);
    let from_stdin = matches!(request.body, Content::Bytes(_));
    let stdin = if from_stdin { "" } else { "--ignore-stdin " };
    let method = quoted(request.method.as_bytes());
    let mut parts = vec![format!("http {stdin}{method} {}", quoted(request.url.as_bytes()))];
    for field in &request.fields {
        let name = field.name.as_bytes();
        let item = match field.value.is_empty() {
            true => [name, b";"].concat(),
            false => [name, b": ", &field.value].concat(),
        };
        parts.push(quoted(&item));
    }
    let has_body = !matches!(request.body, Content::None);
    let unwanted = ADDED.into_iter().chain(has_body.then_some("Content-Type"));
    parts.extend(unwanted.filter(|name| !request.has(name)).map(|name| format!("'{name}:'")));
    let mut text = request.comments("#");
    match &request.body {
        Content::Bytes(bytes) => text.push_str(&format!("printf '{}' | ", escaped(bytes))),
        Content::Text(body) => parts.push(format!("--raw {}", quoted(body.as_bytes()))),
        Content::None => {}
    }
    text.push_str(&parts.join(" \\\n  "));
    text.push('\n');
    text
}
