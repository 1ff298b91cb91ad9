//! A recorded request as a curl command.

pub(crate) mod arguments;

use std::fmt::Write as _;

use dashcam_exchange::{Exchange, is_unsafe_to_show};

use crate::snippet::notes;
use arguments::{Argument, arguments};

/// The largest body that is written into a command.
pub const LARGEST_BODY: u64 = 64 << 10;

/// A command for a POSIX shell that sends `exchange`'s request again. `body` is what is stored of its body,
/// up to [`LARGEST_BODY`]; when that is not the whole of it, the command says so.
#[must_use]
pub fn command(exchange: &Exchange, body: &[u8]) -> String {
    let has_body = has_body(exchange, body);
    let mut parts = vec![format!("curl {}", quoted(exchange.url().as_bytes()))];
    parts.extend(arguments(exchange, has_body).iter().map(written));
    let mut before = String::new();
    if has_body {
        let (made, option) = data(body);
        before = made;
        parts.push(option);
    }
    let command = parts.join(" \\\n  ");
    let mut text = String::new();
    let notes = notes::redacted(exchange, [command.as_bytes(), before.as_bytes()])
        .into_iter()
        .chain(notes::missing(exchange, body));
    notes.for_each(|note| text.push_str(&format!("# {note}\n")));
    text.push_str(&before);
    text.push_str(&command);
    text.push('\n');
    text
}

/// Returns whether a request has a body. An empty one is one if its length was sent: some servers want to see that.
pub(crate) fn has_body(exchange: &Exchange, body: &[u8]) -> bool {
    !body.is_empty() || exchange.request.headers.contains("content-length")
}

/// An argument as it stands in a command line.
fn written(argument: &Argument) -> String {
    match &argument.value {
        Some(value) => format!("{} {}", argument.name, quoted(value)),
        None => argument.name.to_owned(),
    }
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
pub(crate) fn escaped(body: &[u8]) -> String {
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
pub(crate) fn quoted(text: &[u8]) -> String {
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
