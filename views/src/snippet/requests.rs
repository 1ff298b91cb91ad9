//! Python's requests.

use std::fmt::Write as _;

use dashcam_exchange::Exchange;

use super::SnippetFormat;
use super::literal::{bytes, python};
use super::request::{Content, Request, latin1};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "requests", title: "Python requests", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let request = Request::new(exchange, body).joined();
    let mut text = request.comments("#");
    text.push_str("import requests\n\nresponse = requests.request(\n");
    let _ = writeln!(text, "    {},\n    {},", python(request.method), python(&request.url));
    if !request.fields.is_empty() {
        text.push_str("    headers={\n");
        for field in &request.fields {
            let (name, value) = (python(&field.name), python(&latin1(&field.value)));
            let _ = writeln!(text, "        {name}: {value},");
        }
        text.push_str("    },\n");
    }
    if let Some(body) = python_body(&request.body) {
        let _ = writeln!(text, "    data={body},");
    }
    text.push_str("    allow_redirects=False,\n)\n");
    text.push_str("print(response.status_code, response.reason)\nprint(response.text)\n");
    text
}

/// A body as bytes in Python.
pub(super) fn python_body(body: &Content<'_>) -> Option<String> {
    match body {
        Content::None => None,
        Content::Text(text) if text.is_ascii() => Some(bytes(text.as_bytes())),
        Content::Text(text) => Some(format!("{}.encode()", python(text))),
        Content::Bytes(all) => Some(bytes(all)),
    }
}
