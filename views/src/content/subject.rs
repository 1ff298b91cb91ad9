//! A body or a message, decoded, and all that its exchange says of it.

use std::sync::Arc;

use dashcam_exchange::{Direction, Exchange, Headers};
use percent_encoding::percent_decode;

use super::descriptors::Descriptors;

/// A body or a message that a view is to show.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    /// True for what the server sent.
    pub(super) is_response: bool,
    /// True for a message, false for a body.
    pub(super) is_message: bool,
    /// Path and query of the request.
    pub(super) target: String,
    /// The media type, in lower case and without parameters; empty if none is named.
    pub(super) media_type: String,
    /// The fields of its own head.
    pub(super) headers: Headers,
    /// The fields of the request's head.
    pub(super) request_headers: Headers,
    /// Its bytes, or the first of them.
    pub(super) bytes: Vec<u8>,
    /// They as text, if they are text.
    pub(super) text: Option<String>,
    /// True if there are more bytes.
    pub(super) truncated: bool,
    /// Types of Protocol Buffers, if somebody has them.
    pub(super) descriptors: Option<Arc<Descriptors>>,
    /// The message that it is, if a reader chose one of theirs.
    pub(super) message_type: Option<String>,
}

impl Subject {
    /// The facts that an exchange has about one of its bodies, without the bytes.
    pub(super) fn of(exchange: &Exchange, direction: Direction) -> Self {
        let headers = exchange.headers(direction).cloned().unwrap_or_default();
        Self {
            is_response: direction == Direction::Response,
            target: exchange.request.target.clone(),
            media_type: media_type(&headers),
            headers,
            request_headers: exchange.request.headers.clone(),
            ..Self::default()
        }
    }

    /// The facts that a head alone tells of its body.
    pub(super) fn of_headers(headers: &Headers) -> Self {
        Self { media_type: media_type(headers), headers: headers.clone(), ..Self::default() }
    }

    /// The path of the request.
    pub(super) fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The value of a parameter of the request's query, if it is there.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs
            .find(|(found, _)| form_decoded(found.as_bytes()) == name)
            .map(|(_, value)| form_decoded(value.as_bytes()))
    }

    /// Returns whether its media type is one of `types`; `text/*` stands for all of a kind, and `*+json` for all with a
    /// suffix.
    pub(super) fn is(&self, types: &[&str]) -> bool {
        types.iter().any(|wanted| match (wanted.strip_suffix('*'), wanted.strip_prefix('*')) {
            (Some(kind), _) => self.media_type.starts_with(kind),
            (_, Some(suffix)) => self.media_type.ends_with(suffix),
            _ => self.media_type == *wanted,
        })
    }

    /// Returns whether nothing says what it is.
    pub(super) fn is_unnamed(&self) -> bool {
        self.is(&[
            "",
            "application/octet-stream",
            "binary/octet-stream",
            "application/x-binary",
            "text/plain",
        ])
    }

    /// The text without white space before it.
    pub(super) fn trimmed(&self) -> &str {
        self.text.as_deref().unwrap_or_default().trim_start()
    }

    /// A parameter of the media type: a charset, a boundary.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        parameter(self.headers.text("content-type")?, name)
    }
}

fn media_type(headers: &Headers) -> String {
    let named = headers.text("content-type").unwrap_or_default();
    named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a field's value, as in `form-data; name="a;b"`.
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (found, after) = after.split_once('=')?;
        let after = after.trim_start();
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = after;
    }
    None
}

/// A quoted string, of which the opening quote is gone, and the text behind it.
fn unquoted(text: &str) -> (String, &str) {
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => {
                // Browsers send paths of Windows with single backslashes.
                if !matches!(character, '"' | '\\') {
                    value.push('\\');
                }
                value.push(character);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return (value, &text[at + 1..]),
            _ => value.push(character),
        }
    }
    (value, "")
}

/// Text of a form or a query, decoded.
pub(super) fn form_decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let check = |value, name, expect: Option<&str>| {
            assert_eq!(parameter(value, name).as_deref(), expect, "{value} {name}");
        };
        check("multipart/form-data; boundary=a", "boundary", Some("a"));
        check(r#"form-data; name="a;b=c"; filename="x\"y""#, "filename", Some("x\"y"));
        check(r#"form-data; name="a;b=c""#, "b", None);
        check(r#"form-data; filename="C:\dir\f""#, "filename", Some(r"C:\dir\f"));
        check("text/plain; Charset = utf-8 ; x", "charset", Some("utf-8"));
        check("text/plain;;;", "charset", None);
        check(r#"a; b="unended"#, "b", Some("unended"));
    }

    #[test]
    fn a_query_has_values() {
        let subject = Subject { target: "/a?b=c%20d+e&f&%62=x#b=z".into(), ..Subject::default() };
        assert_eq!(subject.query("b").as_deref(), Some("c d e"));
        assert_eq!(subject.query("f").as_deref(), Some(""));
        assert_eq!((subject.query("g"), subject.path()), (None, "/a"));
    }

    #[test]
    fn media_types() {
        let subject = |named: &str| Subject { media_type: named.into(), ..Subject::default() };
        assert!(subject("text/html").is(&["application/json", "text/*"]));
        assert!(subject("application/problem+json").is(&["*+json"]));
        assert!(!subject("application/json-seq").is(&["application/json", "*+json", "text/*"]));
        assert!(subject("").is_unnamed() && !subject("image/png").is_unnamed());
    }
}
