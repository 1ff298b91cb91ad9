//! A recorded request as a curl command.

use std::fmt::Write as _;

use dashcam_exchange::{Exchange, RequestHead, Scheme, StoredAs, Version, is_unsafe_to_show};

/// The largest body that is written into a command.
pub const LARGEST_BODY: u64 = 64 << 10;

/// Fields that curl writes itself, or that only concern the recorded connection.
const LEFT_OUT: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
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
    // An empty body is one if its length was sent: some servers want to see that.
    let has_body = !body.is_empty() || head.headers.contains("content-length");
    let mut parts = vec![format!("curl {}", quoted(url.as_bytes()))];
    parts.extend(method(head, has_body));
    parts.extend(url_options(head, &url));
    parts.push(version(exchange).to_owned());
    parts.extend(fields(exchange, has_body));
    if head.headers.contains("accept-encoding") {
        parts.push("--compressed".to_owned());
    }
    let mut before = String::new();
    if has_body {
        let (made, option) = data(body);
        before = made;
        parts.push(option);
    }
    let command = parts.join(" \\\n  ");
    let mut text = String::new();
    let is_redacted = dashcam_redact::placeholders(command.as_bytes()).next().is_some()
        || dashcam_redact::placeholders(before.as_bytes()).next().is_some();
    if is_redacted && let Some(redaction) = &exchange.redaction {
        let _ = writeln!(text, "# Secrets are redacted ({}): put them in before you run it.", redaction.set);
    }
    text.push_str(&missing(exchange, body));
    text.push_str(&before);
    text.push_str(&command);
    text.push('\n');
    text
}

/// Comments on what the command does not send as it was.
fn missing(exchange: &Exchange, body: &[u8]) -> String {
    let mut text = String::new();
    let record = &exchange.request_body;
    match record.stored_as {
        StoredAs::Withheld => text.push_str("# The body is withheld: redaction could not read it.\n"),
        StoredAs::Redacted if (body.len() as u64) < record.stored || record.truncated => {
            let _ = writeln!(text, "# Not the whole body: its first {} bytes are here.", body.len());
        }
        StoredAs::Sent if (body.len() as u64) < record.size => {
            let size = record.size;
            let _ = writeln!(text, "# Not the whole body: {} of its {size} bytes are here.", body.len());
        }
        StoredAs::Redacted | StoredAs::Sent => {}
    }
    text
}

fn method(head: &RequestHead, has_body: bool) -> Option<String> {
    match (head.method.as_str(), has_body) {
        ("GET", false) | ("POST", true) => None,
        ("HEAD", false) => Some("--head".to_owned()),
        (method, _) => Some(format!("-X {}", quoted(method.as_bytes()))),
    }
}

/// The options that keep curl from reading meaning into the URL.
fn url_options(head: &RequestHead, url: &str) -> Vec<String> {
    let mut options = Vec::new();
    if url.contains(['[', ']', '{', '}']) {
        options.push("--globoff".to_owned());
    }
    let target = &head.target;
    if target.contains("/.") || target.to_ascii_lowercase().contains("/%2e") {
        options.push("--path-as-is".to_owned());
    }
    if !passes_as_url(target) {
        options.push(format!("--request-target {}", quoted(target.as_bytes())));
    }
    options
}

/// Returns whether curl sends `target` as it is when it stands in a URL. It leaves out fragments, and its versions differ
/// about empty queries and what should have been percent-encoded.
fn passes_as_url(target: &str) -> bool {
    let is_kept = |byte| {
        matches!(byte, b'!' | b'$'..=b'_' | b'a'..=b'~') && !matches!(byte, b'<' | b'>' | b'\\' | b'^')
    };
    target.starts_with('/') && !target.ends_with('?') && target.bytes().all(is_kept)
}

/// Without TLS nothing negotiates HTTP/2: curl would ask for an upgrade.
fn version(exchange: &Exchange) -> &'static str {
    match (exchange.request.version, exchange.destination.scheme) {
        (Version::Http10, _) => "--http1.0",
        (Version::Http11, _) => "--http1.1",
        (Version::Http2, Scheme::Http) => "--http2-prior-knowledge",
        (Version::Http2, Scheme::Https) => "--http2",
    }
}

fn fields(exchange: &Exchange, has_body: bool) -> Vec<String> {
    let RequestHead { headers, version, authority, .. } = &exchange.request;
    let own_host = exchange.destination.authority();
    // A redacted body is stored without its codings.
    let is_decoded = exchange.request_body.stored_as == StoredAs::Redacted;
    let kept = headers.iter().filter(|(name, value)| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let follows_url = name == "host" && *value == own_host.as_bytes();
        let is_undone = is_decoded && name == "content-encoding";
        !follows_url && !is_undone && !name.starts_with(':') && !LEFT_OUT.contains(&name.as_str())
    });
    let mut options: Vec<_> = kept.map(|(name, value)| field(name, value)).collect();
    let mut unwanted = ADDED_BY_CURL.to_vec();
    if has_body {
        unwanted.push("Content-Type");
    }
    match authority.as_ref().filter(|_| *version == Version::Http2) {
        // curl makes `:authority` of it.
        Some(other) if !headers.contains("host") && *other != own_host => {
            options.push(field(b"Host", other.as_bytes()));
        }
        Some(_) => {}
        None => unwanted.push("Host"),
    }
    let missing = unwanted.into_iter().filter(|name| !headers.contains(name));
    options.extend(missing.map(|name| format!("-H '{name}:'")));
    if headers.has_token("connection", "te") {
        options.push("-H 'Connection: TE'".to_owned());
    }
    options
}

/// curl takes `Name:` for "leave it out" and `Name;` for an empty value.
fn field(name: &[u8], value: &[u8]) -> String {
    let text = if value.is_empty() { [name, b";"].concat() } else { [name, b": ", value].concat() };
    format!("-H {}", quoted(&text))
}

/// The part before the command, and the option for the body. printf writes bytes that no terminal can show.
fn data(body: &[u8]) -> (String, String) {
    let plain = |text: &&str| {
        !text.chars().any(|character| is_unsafe_to_show(character) && !matches!(character, '\n' | '\t'))
    };
    match std::str::from_utf8(body).ok().filter(plain) {
        // --data-binary would read a file.
        Some(text) if text.starts_with('@') => {
            (String::new(), format!("--data-raw {}", quoted(text.as_bytes())))
        }
        Some(text) => (String::new(), format!("--data-binary {}", quoted(text.as_bytes()))),
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

/// A word for a POSIX shell. Bytes that are no UTF-8, and characters that are not shown as they are, but line ends and
/// tabs, are left to printf: pasted into a terminal, they would be commands to it.
fn quoted(text: &[u8]) -> String {
    let mut word = String::from("'");
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => word.push_str(r"'\''"),
                '\n' | '\t' => word.push(character),
                character if is_unsafe_to_show(character) => {
                    push_printf(&mut word, character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                character => word.push(character),
            }
        }
        if !chunk.invalid().is_empty() {
            push_printf(&mut word, chunk.invalid());
        }
    }
    word.push('\'');
    word
}

fn push_printf(word: &mut String, bytes: &[u8]) {
    let _ = write!(word, "'\"$(printf '{}')\"'", escaped(bytes));
}

#[cfg(test)]
mod sent;
#[cfg(test)]
mod tests;
