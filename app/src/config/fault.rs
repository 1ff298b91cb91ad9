//! Faults of `config.toml`, with their places.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::path::{Path, PathBuf};

use dashcam_filter::nearest_in_refusal;

/// A fault of `config.toml`: its place, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigFault {
    pub(crate) path: PathBuf,
    /// The place; `None` where the fault is in no single one.
    pub(crate) place: Option<FilePlace>,
    pub(crate) message: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePlace {
    /// From 1.
    pub(crate) line: usize,
    /// Characters, from 1.
    pub(crate) column: usize,
    /// The line's text, which names the key.
    pub(crate) text: String,
}

impl ConfigFault {
    /// A fault of the whole file.
    pub(crate) fn of_file(path: &Path, message: impl Display) -> Self {
        Self { path: path.to_owned(), place: None, message: message.to_string() }
    }

    /// A fault at `span` of `text`.
    pub(crate) fn at(path: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let start = span.map_or(0, |span| text.floor_char_boundary(span.start));
        Self { path: path.to_owned(), place: Some(FilePlace::of(text, start)), message: plain(message) }
    }
}

impl FilePlace {
    fn of(text: &str, start: usize) -> Self {
        let begins = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[..start].matches('\n').count();
        Self {
            line: line + 1,
            column: text[begins..start].chars().count() + 1,
            text: text.lines().nth(line).unwrap_or_default().trim().to_owned(),
        }
    }
}

impl Display for ConfigFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(FilePlace { line, column, text }) = &self.place {
            write!(f, ", line {line}, column {column}, `{text}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ConfigFault {}

/// The parser's words, as a person who edits the file would say them.
fn plain(message: &str) -> String {
    const WORDS: [(&str, &str); 10] = [
        ("unknown field", "unknown key"),
        ("unknown variant", "unknown value"),
        ("duplicate field", "repeated key"),
        ("expected a string", "expected a text in quotes"),
        ("expected a sequence", "expected a list"),
        ("expected a boolean", "expected true or false"),
        ("expected usize", "expected a whole number"),
        ("expected u8", "expected a whole number up to 255"),
        ("expected u16", "expected a whole number up to 65535"),
        ("expected u32", "expected a whole number"),
    ];
    let near = nearest_in_refusal(message).map(|near| format!("; did you mean `{near}`?"));
    // Tables are structs to the parser.
    let message = match message.split_once("expected struct ") {
        Some((before, _)) => format!("{before}expected a table"),
        None => message.replace("expected u64", "expected a whole number"),
    };
    let message = WORDS.iter().fold(message, |message, (of_parser, ours)| message.replace(of_parser, ours));
    message + near.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_line_and_column() {
        let text = "a = 1\n  über = \"x\"\n";
        let fault = ConfigFault::at(Path::new("c.toml"), text, Some(16..19), "expected usize");
        assert_eq!(fault.to_string(), "c.toml, line 2, column 10, `über = \"x\"`: expected a whole number");
        let fault = ConfigFault::at(Path::new("c.toml"), "", None, "x");
        assert_eq!(fault.to_string(), "c.toml, line 1, column 1, ``: x");
        assert_eq!(ConfigFault::of_file(Path::new("c.toml"), "gone").to_string(), "c.toml: gone");
    }

    #[test]
    fn unknown_keys_come_with_the_nearest() {
        let message = plain("unknown field `recrod`, expected one of `record`, `mode`");
        assert_eq!(message, "unknown key `recrod`, expected one of `record`, `mode`; did you mean `record`?");
    }
}
