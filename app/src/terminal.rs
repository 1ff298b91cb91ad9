//! What goes to a terminal: colours only there, and nothing recorded that a terminal would obey.

use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;

use anyhow::Result;

/// Whether standard output may be coloured.
pub(crate) fn is_colored() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A colour for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    Dim,
    Bold,
    Green,
    Yellow,
    Red,
    Cyan,
}

/// `text` in `color`.
pub(crate) fn paint(text: &str, color: Color, is_colored: bool) -> String {
    let code = match color {
        Color::Dim => 2,
        Color::Bold => 1,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Red => 31,
        Color::Cyan => 36,
    };
    if is_colored { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// `text` without characters that move the cursor or change the terminal: they become `\u{1b}` and the like.
pub(crate) fn escaped(text: &str) -> String {
    escape(text, char::is_control)
}

/// As [`escaped`], but lines and tabs stay.
pub(crate) fn escaped_lines(text: &str) -> String {
    escape(&text.replace("\r\n", "\n"), |character| {
        character.is_control() && !matches!(character, '\n' | '\t')
    })
}

fn escape(text: &str, is_unsafe: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a String does not fail.
            let _ = write!(escaped, "{}", character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Writes a line to standard output at once.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_line(line: &str) -> Result<()> {
    print(format!("{line}\n"))
}

/// Writes to standard output at once.
///
/// # Errors
/// [`OutputClosed`] when nobody reads it any more.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_ref()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => OutputClosed.into(),
        _ => error.into(),
    })
}

/// The reader of our output has left, as `head` does: it has what it wanted, so this is no failure.
#[derive(Debug)]
pub(crate) struct OutputClosed;

impl fmt::Display for OutputClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the output any more")
    }
}

impl std::error::Error for OutputClosed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_recorded_reaches_the_terminal_as_a_command() {
        assert_eq!(escaped("/a\x1b[2Jb\r\n\u{9b}"), "/a\\u{1b}[2Jb\\u{d}\\u{a}\\u{9b}");
        assert_eq!(escaped_lines("a\r\n\tü\x07"), "a\n\tü\\u{7}");
    }

    #[test]
    fn colours_are_for_terminals() {
        assert_eq!(paint("x", Color::Red, false), "x");
        assert_eq!(paint("x", Color::Red, true), "\x1b[31mx\x1b[0m");
    }
}
