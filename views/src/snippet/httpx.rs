//! Python's httpx.

use std::fmt::Write as _;

use dashcam_exchange::{Exchange, Scheme, Version};

use super::SnippetFormat;
use super::literal::{bytes, python};
use super::request::Request;
use super::requests::python_body;

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "httpx", title: "Python httpx", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let request = Request::new(exchange, body);
    let mut text = request.comments("#");
    // Without TLS it would not know that its server speaks it.
    let is_http2 = exchange.request.version == Version::Http2 && exchange.destination.scheme == Scheme::Https;
    let client = if is_http2 {
        text.push_str("# HTTP/2 needs: pip install 'httpx[http2]'\n");
        "httpx.Client(http2=True)"
    } else {
        "httpx.Client()"
    };
    let _ = writeln!(text, "import httpx\n\nwith {client} as client:\n    response = client.request(");
    let _ = writeln!(text, "        {},\n        {},", python(request.method), python(&request.url));
    if !request.fields.is_empty() {
        text.push_str("        headers=[\n");
        for field in &request.fields {
            // It takes texts for ASCII.
            let (name, value) = match std::str::from_utf8(&field.value).ok().filter(|value| value.is_ascii())
            {
                Some(value) => (python(&field.name), python(value)),
                None => (bytes(field.name.as_bytes()), bytes(&field.value)),
            };
            let _ = writeln!(text, "            ({name}, {value}),");
        }
        text.push_str("        ],\n");
    }
    if let Some(body) = python_body(&request.body) {
        let _ = writeln!(text, "        content={body},");
    }
    text.push_str("    )\nprint(response.status_code, response.reason_phrase)\nprint(response.text)\n");
    text
}
