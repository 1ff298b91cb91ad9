//! Texts and bytes as literals of programming languages. What would be a command to a terminal, or is not to be seen, is
//! escaped.

use std::fmt::Write as _;

use dashcam_exchange::is_unsafe_to_show;

/// A text in double quotes, with a language's escape for what can't stand there as it is.
fn quoted(text: &str, escape: fn(char) -> String) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            other if is_unsafe_to_show(other) => literal.push_str(&escape(other)),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// `\u{1b}`, as JavaScript, Rust and Hurl write it.
fn braced(character: char) -> String {
    format!("\\u{{{:x}}}", u32::from(character))
}

/// `\u001b` and `\U000e0001`, as Python and Go write it.
fn fixed(character: char) -> String {
    let code = u32::from(character);
    if code > 0xffff { format!("\\U{code:08x}") } else { format!("\\u{code:04x}") }
}

/// A text in JavaScript or Rust.
pub(super) fn with_braces(text: &str) -> String {
    quoted(text, braced)
}

/// A text in Python.
pub(super) fn python(text: &str) -> String {
    quoted(text, fixed)
}

/// Bytes in Go, whose strings may have any.
pub(super) fn go(bytes: &[u8]) -> String {
    let mut literal = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let text = quoted(chunk.valid(), fixed);
        literal.push_str(&text[1..text.len() - 1]);
        push_hex(&mut literal, chunk.invalid());
    }
    literal.push('"');
    literal
}

/// Bytes in Python or Rust, behind the letter b.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut literal = String::from("b\"");
    for byte in bytes {
        match byte {
            b'"' => literal.push_str("\\\""),
            b'\\' => literal.push_str("\\\\"),
            b'\n' => literal.push_str("\\n"),
            b'\r' => literal.push_str("\\r"),
            b'\t' => literal.push_str("\\t"),
            b' '..=b'~' => literal.push(char::from(*byte)),
            other => push_hex(&mut literal, &[*other]),
        }
    }
    literal.push('"');
    literal
}

fn push_hex(literal: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(literal, "\\x{byte:02x}");
    }
}
