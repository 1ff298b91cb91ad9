//! Output for a terminal: colours only there, and nothing recorded that a terminal would obey.

use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;

use anyhow::{Result, bail};
use dashcam_exchange::is_unsafe_to_show;

/// Returns whether standard output may be coloured.
pub(crate) fn is_colored() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The columns of the terminal that shows standard output; `None` if that goes elsewhere. `COLUMNS` says it first.
pub(crate) fn columns() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
    told.or_else(measured).filter(|columns| *columns > 0).or(Some(80))
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

/// `text` without characters that a terminal obeys or that deceive the eye: they become `\u{1b}` and the like.
pub(crate) fn escaped(text: &str) -> String {
    escape(text, is_unsafe_to_show)
}

/// As [`escaped`], but lines and tabs stay.
pub(crate) fn escaped_lines(text: &str) -> String {
    escape(&text.replace("\r\n", "\n"), |character| is_unsafe_to_show(character) && !is_white(character))
}

/// JSON that means the same, without such characters: they stand within its strings.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe_to_show(character) && !is_white(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn is_white(character: char) -> bool {
    matches!(character, '\n' | '\t')
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

/// The colour that [`paint`] adds at `text`'s beginning, if it is that.
fn color_code(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("\x1b[")?.find('m')?;
    let (code, _) = text.split_at_checked("\x1b[".len() + digits + 1)?;
    (digits <= 2 && code[2..2 + digits].bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// [`escaped_lines`] of a page of ours, whose colours stay: the last line of defence, should something recorded stand in it
/// as it is.
fn shown(page: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    let mut pieces = page.split('\x1b');
    shown.push_str(&escaped_lines(pieces.next().unwrap_or_default()));
    for piece in pieces {
        let piece = format!("\x1b{piece}");
        let code = color_code(&piece).unwrap_or_default();
        shown.push_str(code);
        shown.push_str(&escaped_lines(&piece[code.len()..]));
    }
    shown
}

/// Writes a line to standard output at once.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_line(line: &str) -> Result<()> {
    print(format!("{line}\n"))
}

/// Writes a page to standard output at once, without anything that a terminal would obey but our colours.
///
/// # Errors
/// As [`print_bytes`].
pub(crate) fn print(page: impl AsRef<str>) -> Result<()> {
    print_bytes(shown(page.as_ref()))
}

/// Writes JSON and a line's end to standard output at once.
///
/// # Errors
/// As [`print_bytes`].
pub(crate) fn print_json(json: &str) -> Result<()> {
    print_bytes(escaped_json(json) + "\n")
}

/// Writes to standard output at once, whatever it is.
///
/// # Errors
/// [`OutputClosed`] when nobody reads it any more.
pub(crate) fn print_bytes(bytes: impl AsRef<[u8]>) -> Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let written = out.write_all(bytes.as_ref()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => OutputClosed.into(),
        _ => error.into(),
    })
}

/// Recorded bytes as they are, byte by byte: to a terminal only if it is text that the terminal shows, or if that was
/// asked for twice.
#[derive(Debug)]
pub(crate) struct Raw {
    guards: bool,
    /// The beginning of a character, or of a line's end, whose end comes with the next piece.
    rest: Vec<u8>,
}

impl Raw {
    /// To standard output; `force`: as it is.
    pub(crate) fn new(force: bool) -> Self {
        Self { guards: !force && std::io::stdout().is_terminal(), rest: Vec::new() }
    }

    /// Writes the next piece.
    ///
    /// # Errors
    /// When a terminal would obey it, and as [`print_bytes`].
    pub(crate) fn print(&mut self, piece: &[u8]) -> Result<()> {
        if !self.guards {
            return print_bytes(piece);
        }
        self.rest.extend_from_slice(piece);
        let length = plain_length(&self.rest)?;
        print_bytes(self.rest.drain(..length).collect::<Vec<_>>())
    }

    /// Shows that there was more, if what was printed so far ends in the midst of a character.
    ///
    /// # Errors
    /// As [`print_bytes`].
    pub(crate) fn end(&mut self) -> Result<()> {
        match std::mem::take(&mut self.rest).as_slice() {
            [] => Ok(()),
            [b'\r'] => print_bytes(b"\r\n"),
            _ => print_bytes(char::REPLACEMENT_CHARACTER.to_string()),
        }
    }
}

/// How much of `bytes` is text that a terminal only shows; what follows is the beginning of a character, or of a line's
/// end.
fn plain_length(bytes: &[u8]) -> Result<usize> {
    let (text, length) = match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text), bytes.len()),
        Err(error) if error.error_len().is_none() => {
            (std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(), error.valid_up_to())
        }
        Err(_) => (None, 0),
    };
    let (text, length) = match text.and_then(|text| text.strip_suffix('\r')) {
        Some(line) => (Some(line), length - 1),
        None => (text, length),
    };
    let is_plain =
        |text: &str| !text.replace("\r\n", "\n").chars().any(|c| is_unsafe_to_show(c) && !is_white(c));
    if !text.is_some_and(is_plain) {
        bail!(
            "these bytes are not text, or a terminal would obey them: send them to a file or a program (> FILE, | xxd), or add --force"
        );
    }
    Ok(length)
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
        assert_eq!(escaped("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        // What was escaped is not escaped once more.
        assert_eq!(escaped(&escaped("\u{9b}2J")), "\\u{9b}2J");
    }

    #[test]
    fn json_stays_what_it_means() {
        let value = serde_json::json!({"url": "a\u{9b}\u{202e}\u{e0041}\x7f\n"});
        let json = escaped_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(json.contains(r"a\u009b\u202e\udb40\udc41\u007f\n"), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    }

    #[test]
    fn a_page_keeps_its_colours_and_nothing_else() {
        let page = format!("{}\n\x1b[2Jx\x1b]0;t\x07\u{9b}1m\x1b[38;5;1m\x1b[", paint("ü", Color::Red, true));
        let expect = "\x1b[31mü\x1b[0m\n\\u{1b}[2Jx\\u{1b}]0;t\\u{7}\\u{9b}1m\\u{1b}[38;5;1m\\u{1b}[";
        assert_eq!(shown(&page), expect);
    }

    #[test]
    fn bytes_that_a_terminal_only_shows() {
        let check = |bytes: &[u8]| plain_length(bytes).ok();
        assert_eq!(check("a\r\n\tü".as_bytes()), Some(6));
        assert_eq!(check(b"a\xc3"), Some(1));
        assert_eq!(check(b"a\r"), Some(1));
        assert_eq!(check("\r\u{e4}".as_bytes()), None);
        for bytes in [&b"\x1b[2J"[..], b"a\rb", b"\xff", b"\xc2\x9b", "\u{202e}".as_bytes(), b"\0"] {
            assert_eq!(check(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn colours_are_for_terminals() {
        assert_eq!(paint("x", Color::Red, false), "x");
        assert_eq!(paint("x", Color::Red, true), "\x1b[31mx\x1b[0m");
    }
}
