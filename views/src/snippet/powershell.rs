//! curl for PowerShell: its arguments go in as lines of a config file, since versions of PowerShell differ about quotes in
//! the arguments of programs.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Exchange, is_unsafe_to_show};

use super::SnippetFormat;
use super::request::{Content, Request};
use crate::curl::arguments::arguments;

pub(super) const FORMAT: SnippetFormat =
    SnippetFormat { name: "powershell", title: "curl (PowerShell)", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let mut request = Request::new(exchange, body);
    // curl is told the target as it is.
    request.notes.retain(|note| !note.starts_with("The URL has"));
    let mut text = request.comments("#");
    text.push_str("$OutputEncoding = [Text.UTF8Encoding]::new($false)\n");
    let mut config = String::new();
    let mut fields = Vec::new();
    push(&mut config, "url", request.url.as_bytes());
    for argument in arguments(exchange, !matches!(request.body, Content::None)) {
        let name = match argument.name {
            "-H" => "header",
            "-X" => "request",
            long => long.trim_start_matches('-'),
        };
        match &argument.value {
            None => config.push_str(&format!("{name}\n")),
            Some(value) if name == "header" && !is_plain(value) => {
                fields.extend_from_slice(value);
                fields.push(b'\n');
            }
            Some(value) => push(&mut config, name, value),
        }
    }
    if !fields.is_empty() {
        text.push_str(&file("headers.txt", &fields));
        push(&mut config, "header", b"@headers.txt");
    }
    match &request.body {
        Content::None => {}
        Content::Text(body) if body.starts_with('@') => push(&mut config, "data-raw", body.as_bytes()),
        Content::Text(body) => push(&mut config, "data-binary", body.as_bytes()),
        Content::Bytes(bytes) => {
            text.push_str(&file("body.bin", bytes));
            push(&mut config, "data-binary", b"@body.bin");
        }
    }
    text.push_str(&format!("@'\n{config}'@ | curl.exe --config -\n"));
    text
}

/// A line that writes a file beside the prompt.
fn file(name: &str, contents: &[u8]) -> String {
    let contents = STANDARD.encode(contents);
    format!("[IO.File]::WriteAllBytes(\"$PWD/{name}\", [Convert]::FromBase64String('{contents}'))\n")
}

fn is_plain(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| !text.chars().any(|c| is_unsafe_to_show(c) && c != '\t'))
}

/// Adds a line to curl's config file.
fn push(config: &mut String, name: &str, value: &[u8]) {
    let _ = write!(config, "{name} = \"");
    for character in String::from_utf8_lossy(value).chars() {
        match character {
            '"' => config.push_str("\\\""),
            '\\' => config.push_str("\\\\"),
            '\n' => config.push_str("\\n"),
            '\r' => config.push_str("\\r"),
            '\t' => config.push_str("\\t"),
            other => config.push(other),
        }
    }
    config.push_str("\"\n");
}
