//! A recorded request as a curl command.

use std::fmt::Write as _;

use dashcam_exchange::{Exchange, RequestHead, Version, is_unsafe_to_show};

/// The largest body that is written into a command.
pub const LARGEST_BODY: u64 = 64 << 10;

/// Fields that curl writes itself, or that only concern the recorded connection.
const LEFT_OUT: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that curl adds of its own accord, unless told not to.
const ADDED_BY_CURL: [&str; 2] = ["User-Agent", "Accept"];

/// A command for a POSIX shell that sends `exchange`'s request again. `body` is what is stored of its body,
/// up to [`LARGEST_BODY`]; when that is not the whole of it, the command says so.
#[must_use]
pub fn command(exchange: &Exchange, body: &[u8]) -> String {
    let head = &exchange.request;
    let url = exchange.url();
    let mut parts = vec![format!("curl {}", quoted(&url))];
    parts.extend(method(head, !body.is_empty()));
    parts.extend(url_options(head, &url));
    parts.push(version(head.version).to_owned());
    parts.extend(fields(exchange, !body.is_empty()));
    if head.headers.contains("accept-encoding") {
        parts.push("--compressed".to_owned());
    }
    let mut text = String::new();
    if (body.len() as u64) < exchange.request_body.size {
        let size = exchange.request_body.size;
        let _ = writeln!(text, "# Not the whole body: {} of its {size} bytes are here.", body.len());
    }
    if !body.is_empty() {
        let (before, option) = data(body);
        text.push_str(&before);
        parts.push(option);
    }
    text.push_str(&parts.join(" \\\n  "));
    text.push('\n');
    text
}

fn method(head: &RequestHead, has_body: bool) -> Option<String> {
    match (head.method.as_str(), has_body) {
        ("GET", false) | ("POST", true) => None,
        ("HEAD", false) => Some("--head".to_owned()),
        (method, _) => Some(format!("-X {}", quoted(method))),
    }
}

/// The options that keep curl from reading meaning into the URL.
fn url_options(head: &RequestHead, url: &str) -> Vec<String> {
    let mut options = Vec::new();
    if url.contains(['[', ']', '{', '}']) {
        options.push("--globoff".to_owned());
    }
    if head.target.contains("/.") {
        options.push("--path-as-is".to_owned());
    }
    if !head.target.starts_with('/') {
        options.push(format!("--request-target {}", quoted(&head.target)));
    }
    options
}

fn version(version: Version) -> &'static str {
    match version {
        Version::Http10 => "--http1.0",
        Version::Http11 => "--http1.1",
        Version::Http2 => "--http2",
    }
}

fn fields(exchange: &Exchange, has_body: bool) -> Vec<String> {
    let headers = &exchange.request.headers;
    let own_host = exchange.destination.authority();
    let kept = headers.iter().filter(|(name, value)| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let follows_url = name == "host" && *value == own_host.as_bytes();
        !follows_url && !LEFT_OUT.contains(&name.as_str())
    });
    let mut options: Vec<_> = kept.map(|(name, value)| field(name, value)).collect();
    let mut unwanted = ADDED_BY_CURL.to_vec();
    if has_body {
        unwanted.push("Content-Type");
    }
    let missing = unwanted.into_iter().filter(|name| !headers.contains(name));
    options.extend(missing.map(|name| format!("-H '{name}:'")));
    options
}

/// curl takes `Name:` for "leave it out" and `Name;` for an empty value.
fn field(name: &[u8], value: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let value = String::from_utf8_lossy(value);
    let text = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
    format!("-H {}", quoted(&text))
}

/// The part before the command, and the option for the body. printf writes bytes that no terminal can show.
fn data(body: &[u8]) -> (String, String) {
    let plain = |text: &&str| {
        !text.chars().any(|character| is_unsafe_to_show(character) && !matches!(character, '\n' | '\t'))
    };
    match std::str::from_utf8(body).ok().filter(plain) {
        // --data-binary would read a file.
        Some(text) if text.starts_with('@') => (String::new(), format!("--data-raw {}", quoted(text))),
        Some(text) => (String::new(), format!("--data-binary {}", quoted(text))),
        None => (format!("printf '{}' | ", escaped(body)), "--data-binary @-".to_owned()),
    }
}

/// Bytes as printf's format: octal escapes for all but letters, digits and a few more.
fn escaped(body: &[u8]) -> String {
    body.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'.' | b',' | b'_' | b':' | b'/' | b'=' => {
                text.push(char::from(*byte));
            }
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
        text
    })
}

/// A word for a POSIX shell. Characters that are not shown as they are, but line ends and tabs are left to printf: pasted into a terminal, they
/// would be commands to it.
fn quoted(text: &str) -> String {
    let mut word = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => word.push_str(r"'\''"),
            '\n' | '\t' => word.push(character),
            character if is_unsafe_to_show(character) => {
                let bytes = escaped(character.encode_utf8(&mut [0; 4]).as_bytes());
                let _ = write!(word, "'\"$(printf '{bytes}')\"'");
            }
            character => word.push(character),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests;
