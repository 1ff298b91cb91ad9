//! JavaScript's `fetch`, as Node.js, Deno, Bun and browsers have it. Browsers leave out the fields that pages may not set.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::Exchange;

use super::SnippetFormat;
use super::literal::with_braces;
use super::request::{Content, Request, latin1};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "fetch", title: "fetch (JavaScript)", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let mut request = Request::new(exchange, body).joined();
    let body = match &request.body {
        Content::None => None,
        _ if matches!(request.method, "GET" | "HEAD") => {
            request.notes.push(format!("fetch sends no body with {}: it is left out.", request.method));
            None
        }
        // It would add a type to a text.
        Content::Text(text) if request.has("content-type") => Some(with_braces(text)),
        Content::Text(text) => Some(format!("new TextEncoder().encode({})", with_braces(text))),
        Content::Bytes(bytes) => {
            let text = STANDARD.encode(bytes);
            Some(format!("Uint8Array.from(atob(\"{text}\"), (byte) => byte.charCodeAt(0))"))
        }
    };
    let mut text = request.comments("//");
    let _ = writeln!(text, "const response = await fetch({}, {{", with_braces(&request.url));
    let _ = writeln!(text, "  method: {},", with_braces(request.method));
    if !request.fields.is_empty() {
        text.push_str("  headers: [\n");
        for field in &request.fields {
            let (name, value) = (with_braces(&field.name), with_braces(&latin1(&field.value)));
            let _ = writeln!(text, "    [{name}, {value}],");
        }
        text.push_str("  ],\n");
    }
    if let Some(body) = body {
        let _ = writeln!(text, "  body: {body},");
    }
    text.push_str("  redirect: \"manual\",\n});\n");
    text.push_str(
        "console.log(response.status, response.statusText);\nconsole.log(await response.text());\n",
    );
    text
}
